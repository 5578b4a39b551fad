"""The network runtime in a forked child: sessions of its own, and an end.

The threads of a session stay in the process that opened it, and taking it down without them crashes. So a child leaves
its parent's session alone, to the very end, and opens its own when a network is first run in it.

The runtime itself has a thread from 1.32 on (telemetry, unless ORT_DISABLE_TELEMETRY is set), for which its destructor
waits: a child that has it from its parent would never end. So a child ends before destructors of libraries are run.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from semcodec.errors import MissingExtraError
from semcodec.forks import import_together, tell_after_fork

if TYPE_CHECKING:
    import onnxruntime


class UnforkedSession:
    """An `onnxruntime.InferenceSession`, as far as it is used here: one to each process."""

    def __init__(self, open_one: Callable[[], onnxruntime.InferenceSession]) -> None:
        self._open = open_one
        self._session: onnxruntime.InferenceSession | None = open_one()
        tell_after_fork(self)

    def run(self, outputs: Sequence[str] | None, inputs: Mapping[str, Any]) -> list[Any]:
        return list(self._here().run(outputs, inputs))

    def get_outputs(self) -> Sequence[Any]:
        return list(self._here().get_outputs())

    def after_fork(self) -> None:
        if self._session is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))  # never taken down: see above
            self._session = None

    def _here(self) -> onnxruntime.InferenceSession:
        session = self._session
        if session is None:
            session = self._session = self._open()
        return session


class _Ending:
    """Python has flushed its files and run its own handlers (`atexit`) by then; the exit status is kept."""

    def after_fork(self) -> None:
        library = ctypes.CDLL(None)
        if hasattr(library, "on_exit"):  # (the C library of GNU)
            library.on_exit(library._exit, None)


_ending = _Ending()


def import_runtime() -> None:
    """Imports onnxruntime, which whoever needs no network does without (a tenth of a second, 20 MB; installed 80).

    Raises `MissingExtraError`.
    """
    tell_after_fork(_ending)
    try:
        import_together("onnxruntime")
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"networks need '{error.name}', which is not installed: pip install onnxruntime (base pictures are shown "
            "without it by --no-restore, restore=False)"
        ) from error

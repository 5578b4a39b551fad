"""ONNX Runtime sessions, opened one way everywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from semcodec.errors import WeightsError
from semcodec.nets.unforked import UnforkedSession, import_runtime

# How the runtime, and the platform's C++ library, say that there is no memory. There is no class of exceptions for it.
_NO_MEMORY = ("bad_alloc", "bad allocation", "allocate memory", "out of memory", "pthread_create failed")


class Session:
    """A network that is ready to run. Calls are safe from several threads."""

    def __init__(self, session: UnforkedSession) -> None:
        self._session = session
        self.output_names = [str(output.name) for output in session.get_outputs()]

    def run(self, outputs: Sequence[str] | None, inputs: Mapping[str, Any]) -> list[Any]:
        """The outputs that are named (None: all). Raises MemoryError where the runtime has none left."""
        try:
            return list(self._session.run(outputs, inputs))
        except Exception as error:  # the runtime's own exception classes have no common base
            if _is_no_memory(error):
                raise MemoryError("there is not enough memory for the networks") from error
            raise


def default_threads() -> int:
    """One for each core where the process is kept to some of them (taskset, a container); 0 where it is not: then the
    runtime counts physical cores. It would count them all in either case, and threads without a core wait in turns."""
    if not hasattr(os, "sched_getaffinity"):
        return 0
    num_cores = len(os.sched_getaffinity(0))
    return num_cores if num_cores < (os.cpu_count() or 1) else 0


def open_session(
    model: bytes | Path, *, threads: int | None = None, initializers: Mapping[str, Any] | None = None
) -> Session:
    """A CPU session. `threads`: None takes every core that this process may run on. `initializers`: arrays by name, of
    a model that stores these elsewhere.

    Raises `WeightsError`, or MemoryError where there is none left.
    """
    import_runtime()
    import onnxruntime

    content = model if isinstance(model, bytes) else os.fspath(model)
    try:
        # (without a fallback, which would be the same again, and is printed on stdout)
        return Session(
            UnforkedSession(
                lambda: onnxruntime.InferenceSession(
                    content, _options(threads, initializers), providers=["CPUExecutionProvider"], enable_fallback=0
                )
            )
        )
    except Exception as error:  # (as above)
        if _is_no_memory(error):
            raise MemoryError("there is not enough memory for the networks") from error
        named = "a network" if isinstance(model, bytes) else model
        raise WeightsError(f"{named} cannot be opened by onnxruntime {onnxruntime.__version__}: {error}") from error


def _options(threads: int | None, initializers: Mapping[str, Any] | None) -> Any:
    """The runtime reads the arrays where they lie: who has the options keeps them."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is raised: in coloured lines on stderr it is of no use to anybody
    options.enable_cpu_mem_arena = False  # pictures come in all sizes: the arena would keep the largest one's memory
    options.intra_op_num_threads = threads or default_threads()
    # Waiting threads sleep: spinning ones took half of the other process's core in a batch of two.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if initializers:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in initializers.values()]
        options.add_external_initializers(list(initializers), values)
    return options


def _is_no_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or any(word in str(error) for word in _NO_MEMORY)

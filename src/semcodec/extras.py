"""Optional packages are asked for here, by the name of the extra that installs them."""

from __future__ import annotations

import importlib

from semcodec.errors import MissingExtraError

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import Any


def require(module: str, *, extra: str) -> Any:
    """The imported module, or a `MissingExtraError` with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as exc:
        # (of `fsspec.core` it is fsspec that is not there)
        missing = exc.name if isinstance(exc, ModuleNotFoundError) and exc.name else module
        raise MissingExtraError(
            f"'{missing}' is needed here. Install it with: pip install 'semcodec[{extra}]'"
        ) from exc

"""Optional packages are asked for here, by the name of the extra that installs them."""

from __future__ import annotations

import importlib
from typing import Any

from semcodec.errors import MissingExtraError


def require(module: str, *, extra: str = "bench") -> Any:
    """The imported module, or a MissingExtraError with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as exc:
        raise MissingExtraError(f"'{module}' is needed here. Install it with: pip install 'semcodec[{extra}]'") from exc

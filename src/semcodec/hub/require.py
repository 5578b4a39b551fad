"""The extra's packages are asked for here: one sentence, with the command, where one is missing."""

from __future__ import annotations

import importlib
from typing import Any

from semcodec.errors import MissingExtraError


def require(module: str) -> Any:
    """The imported module. Raises `MissingExtraError` with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            missing = f"'{module}' needs '{error.name}', which is not installed"
        else:
            missing = f"'{module}' is not installed"
        raise MissingExtraError(
            f"{missing}; foundation models need the extra: pip install 'semcodec[hub]' (torch first, "
            "from the index for your device: https://pytorch.org/get-started)"
        ) from error

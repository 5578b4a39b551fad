"""The runner as a module: it is a script that stands beside its files, not part of a package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def runner(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance_runner", root / "conformance" / "run.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

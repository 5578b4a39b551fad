"""Pixels: what two machines may differ by is stated, and one thread and two do not differ by more."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


@pytest.fixture(scope="module")
def numerics(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("numerics", root / "scripts" / "numerics.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_states_the_tolerance_that_is_held(numerics: ModuleType, root: Path) -> None:
    stated = re.search(r"\*\*at most (\d+) of 255\*\*", (root / "docs" / "numerics.md").read_text("utf-8"))
    assert stated is not None and int(stated[1]) == numerics.MOST_LEVELS


def test_one_thread_and_two_paint_the_same_within_the_tolerance(
    numerics: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(tmp_path / f"{threads}.npz") for threads in (1, 2)]
    for threads, path in zip((1, 2), paths, strict=True):
        assert numerics.main(["paint", path, "--threads", str(threads)]) == 0
    assert numerics.main(["compare", *paths]) == 0
    assert re.match(r"pixels: [012] of 255 at most, ", capsys.readouterr().out)
    with np.load(paths[0]) as first:
        spoilt = {name: first[name].copy() for name in first}
    spoilt["pixels/odd"][3, 4, 1] ^= 128
    np.savez(paths[1], **spoilt)
    assert numerics.main(["compare", *paths]) == 1
    assert capsys.readouterr().out.startswith("pixels: 128 of 255 at most, 0.0004 % of ")

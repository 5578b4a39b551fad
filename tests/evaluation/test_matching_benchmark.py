"""`benchmarks/matching.py`: its page shows the committed results, and the nearest original is the first."""

from __future__ import annotations

import json
import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


@pytest.fixture(scope="module")
def bench(root: Path) -> ModuleType:
    spec = util.spec_from_file_location("matching_benchmark", root / "benchmarks" / "matching.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_the_committed_results(bench: ModuleType) -> None:
    results = json.loads(bench.RESULTS_PATH.read_text("utf-8"))
    assert f"{bench.BEGINS}{bench.table(results)}{bench.ENDS}" in bench.PAGE.read_text("utf-8")


def test_a_query_counts_where_its_own_original_is_among_the_first(bench: ModuleType) -> None:
    there_GD = np.eye(7)
    asked_QD = np.stack([there_GD[0], there_GD[3] + 2 * there_GD[5], sum(there_GD[1:6])])
    found = bench.recalls(asked_QD, there_GD, [0, 3, 6])
    assert found["recall@1"]["mean"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["recall@5"]["mean"] == pytest.approx(2 / 3, abs=1e-4)


def test_a_map_matches_itself_and_an_empty_one_nothing(bench: ModuleType) -> None:
    map_HW = np.zeros((40, 40), np.uint8)
    map_HW[10] = 255
    vector = bench.vector_of(map_HW)
    assert vector @ vector == pytest.approx(1)
    assert vector @ bench.vector_of(np.zeros((40, 40), np.uint8)) == 0

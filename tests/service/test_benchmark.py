"""The page tells what was measured, and what was measured keeps what the page promises."""

from __future__ import annotations

import json
import sys
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def benchmark(root: Path) -> ModuleType:
    spec = util.spec_from_file_location("service_benchmark", root / "benchmarks" / "service.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules["service_benchmark"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def results(benchmark: ModuleType) -> dict[str, Any]:
    return json.loads(benchmark.RESULTS.read_text())


def test_the_tables_of_the_page_are_those_of_the_committed_results(
    benchmark: ModuleType, results: dict[str, Any], root: Path
):
    table = benchmark.page_tables(results)
    assert f"{benchmark.BEGIN}{table}{benchmark.END}" in (root / "docs" / "service.md").read_text("utf-8")


def test_nothing_that_was_sent_was_answered_with_500_or_not_at_all(results: dict[str, Any]):
    assert set(results["hostile"]["statuses"]) <= {"200", "413", "415", "422"}
    assert results["hostile"]["answers_afterwards"]
    assert results["hostile"]["slowest_s"] < 60
    assert set(results["soak"]["statuses"]) == {"200"}
    for row in results["load"]:
        assert set(row["1 client"]["statuses"]) == {"200"}, row


def test_memory_does_not_grow(results: dict[str, Any]):
    held = results["soak"]["held_MB"]
    assert max(held[-5:]) < 1.05 * max(held[2:10])
    assert results["soak"]["held_after_MB"] < 1.05 * max(held)

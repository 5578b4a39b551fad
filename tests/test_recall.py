"""The table of recall in the documentation is that of the committed results, and a better one would show in it."""

from __future__ import annotations

import json
from importlib import util
from pathlib import Path

import pytest

import semcodec
from semcodec.types import Words


@pytest.fixture(scope="module")
def bench(root: Path):
    spec = util.spec_from_file_location("recall", root / "benchmarks" / "recall.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_in_the_page_is_that_of_the_committed_results(bench, root: Path) -> None:
    results = json.loads((root / "benchmarks" / "results" / "recall.json").read_text())
    page = (root / "docs" / "search.md").read_text()
    assert page.split(bench.BEGINS)[1].split(bench.ENDS)[0] == bench.table(results)


def test_a_picture_is_found_by_its_words_and_not_by_those_of_others(bench) -> None:
    said = {"beach": "Two dogs run on a beach.", "kitchen": "A man cooks.", "street": "A red bus."}
    files = {name: bench.file_of_words(Words(text, "en")) for name, text in said.items()}
    queries = {"beach": ["dogs by the sea", "a blue bus"], "kitchen": ["men cooking", "a man"], "street": ["a giraffe"]}
    found = bench.recalls({**files, "street": None}, queries)
    assert found["files_with_words"] == 2
    assert found["recall@1"]["mean"] == pytest.approx((0.5 + 1 + 0) / 3, abs=1e-4)
    assert found["recall@1"]["low"] <= found["recall@1"]["mean"] <= found["recall@1"]["high"]


def test_a_file_of_words_alone_can_be_read(bench) -> None:
    assert semcodec.read_words(bench.file_of_words(Words("A dog.", "en"))) == Words("A dog.", "en")

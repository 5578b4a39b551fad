"""`benchmarks/words_kept.py`: its page shows the committed results, and says of how many pictures where some lack."""

from __future__ import annotations

import json
import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def bench(root: Path) -> ModuleType:
    spec = util.spec_from_file_location("words_kept_benchmark", root / "benchmarks" / "words_kept.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_in_the_page_is_that_of_the_committed_results(bench: ModuleType, root: Path) -> None:
    results = json.loads((root / "benchmarks" / "results" / "words_kept.json").read_text())
    page = (root / "docs" / "words.md").read_text()
    assert page.split(bench.BEGINS)[1].split(bench.ENDS)[0] == bench.table(results)


def test_a_codec_without_files_of_all_pictures_is_compared_where_it_has_some(bench: ModuleType) -> None:
    ours = {f"kodim{at:02}": 0.5 for at in range(1, 5)}
    shares = {"340": {"semcodec": ours, "VVC": {"kodim01": 0.25, "kodim02": 0.25}}, "1000": {"semcodec": ours}}
    *_, first, second = bench.table({"shares": shares}).splitlines()
    assert first == "| 340 | 0.50 | 0.25 (+0.25 to +0.25; 2) |"
    assert second == "| 1,000 | 0.50 | no files |"

"""`benchmarks/shares.py`: its page shows the committed results; what is shared equally stays within its share."""

from __future__ import annotations

import json
import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

from semcodec.layers.text.encode import pack_words
from semcodec.types import Words


@pytest.fixture(scope="module")
def bench(root: Path) -> ModuleType:
    spec = util.spec_from_file_location("shares_benchmark", root / "benchmarks" / "shares.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_the_committed_results(bench: ModuleType) -> None:
    results = json.loads(bench.RESULTS_PATH.read_text("utf-8"))
    assert f"{bench.BEGINS}{bench.table(results)}{bench.ENDS}" in bench.PAGE.read_text("utf-8")
    assert set(results["steps"]) == {name for name, (_, before) in bench.STEPS.items() if before is not None}


def test_captions_have_their_share_and_the_first_is_said_in_any_case(bench: ModuleType) -> None:
    captions = ["A dog runs on the beach.", "A brown dog in the sand.", "The dog plays near the sea."]
    costs = [len(pack_words(Words(" ".join(captions[:count]), "en")).payload) for count in (1, 2, 3)]
    assert bench.said_within(captions, costs[1]) == " ".join(captions[:2])
    assert bench.said_within(captions, costs[2]) == " ".join(captions)
    assert bench.said_within(captions, 1) == captions[0]


def test_boxes_become_regions_that_can_be_sent(bench: ModuleType) -> None:
    whole, corner = bench.regions_of(
        [{"label": "sea", "xywh": [0.0, 0.0, 1.0, 1.0]}, {"label": "dog", "xywh": [0.99, 0.5, 0.01, 0.25]}]
    ).items
    assert (whole.x, whole.y, whole.w, whole.h, whole.phrase) == (0, 0, 63, 63, "sea")
    assert (corner.x + corner.w, corner.y, corner.h) == (63, 32, 16)


def test_differences_are_of_the_same_pictures(bench: ModuleType) -> None:
    values = [
        {"a": dict.fromkeys(("bytes", *bench.MEASURES), at + 1.0), "b": dict.fromkeys(("bytes", *bench.MEASURES), at)}
        for at in (0.0, 5.0, 9.0)
    ]
    found = bench.differences(values, "a", "b")
    assert found["lpips"] == {"mean": 1.0, "low": 1.0, "high": 1.0}

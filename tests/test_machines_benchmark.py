"""`benchmarks/machines.py`: what counts in its means, and that its page shows the committed results."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib import util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from semcodec.evaluation.measures.detection import Found
from semcodec.evaluation.results import Line


@pytest.fixture(scope="module")
def bench(root: Path) -> ModuleType:
    spec = util.spec_from_file_location("machines_benchmark", root / "benchmarks" / "machines.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def found(num: int) -> Found:
    boxes = np.array([[20 * at, 0, 20 * at + 10, 10] for at in range(num)], np.float32).reshape(-1, 4)
    return Found(boxes, np.full(num, 0.9, np.float32), np.zeros(num, np.intp))


def seen(label: int, *, things: int, faces: int) -> dict[str, object]:
    lines = np.zeros((20, 30), bool)
    lines[10] = True
    return {
        "mobilenet": label,
        "efficientnet": label,
        "things": found(things),
        "faces": found(faces),
        "outlines": lines,
    }


def rows_of(bench: ModuleType) -> list:
    """Three pictures: all is kept; a thing and a face are lost; a face is invented."""
    pairs = [
        (seen(1, things=2, faces=1), seen(1, things=2, faces=1)),
        (seen(1, things=1, faces=1), seen(2, things=2, faces=2)),
        (seen(3, things=0, faces=1), seen(3, things=0, faces=0)),
    ]
    return [
        bench.Row(str(at), str(at), "webp", "s", 10, 100, "j", bench.compared(told, there))
        for at, (told, there) in enumerate(pairs)
    ]


def test_each_measure_counts_the_pictures_that_have_it(bench: ModuleType) -> None:
    rows = rows_of(bench)
    means = {name: bench.mean_of(rows, name) for name in bench.MEASURES}
    assert means["mobilenet"]["mean"] == pytest.approx(2 / 3, abs=1e-4) and means["mobilenet"]["of"] == 3
    assert means["things"]["mean"] == pytest.approx(6 / 7, abs=1e-4) and means["things"]["of"] == 2
    assert means["faces"]["mean"] == pytest.approx(2 / 3, abs=1e-4) and means["faces"]["of"] == 2
    assert means["no_face"] is None  # of one picture
    assert means["outlines"]["mean"] == 1 and means["outlines_layer"] is None
    assert rows[2].values["no_face"] == 0


def test_gains_are_over_the_pictures_that_both_have(bench: ModuleType) -> None:
    theirs = rows_of(bench)
    ours = [replace(row, codec="semcodec", values={**row.values, "mobilenet": 1.0}) for row in theirs[:2]]
    gained = bench.gains([*ours, *theirs], ("webp",), 10)["webp"]
    assert gained["mobilenet"] == {"mean": 0.5, "low": 0.0, "high": 1.0, "of": 2}
    assert gained["things"]["mean"] == 0 and gained["things"]["of"] == 2
    assert "words" not in gained, "nobody was asked"
    assert bench.gain_text({"mean": 0.12, "low": 0.01, "high": 0.2, "of": 9}) == "**+12** (+1 to +20)"
    assert bench.gain_text({"mean": 0.12, "low": -0.01, "high": 0.2, "of": 9}) == "+12 (-1 to +20)"


def test_the_pages_show_the_committed_results(bench: ModuleType) -> None:
    page, results = bench.PAGE.read_text("utf-8"), json.loads(bench.RESULTS_PATH.read_text("utf-8"))
    assert f"{bench.BEGINS}{bench.table(results)}{bench.ENDS}" in page
    short = bench.gains_table(results, bench.README_BUDGETS)
    assert f"{bench.BEGINS}{short}{bench.ENDS}" in bench.README.read_text("utf-8")
    assert set(results["budgets"]) == {str(budget) for budget in bench.BUDGETS}


def test_of_the_files_of_a_size_the_nearest_is_coded_again(bench: ModuleType) -> None:
    far, near, blind = (
        Line("vvc", "one", "a" * 64, "s", (20, 40), quality=quality, num_bytes=300, values=values)
        for quality, values in ((30, {"lpips": 0.5}), (28, {"lpips": 0.4}), (26, {"psnr_db": 20.0}))
    )
    assert bench.nearest_lines([far, near, blind]) == {("vvc", "a" * 64, 20): near, ("vvc", "a" * 64, 40): near}

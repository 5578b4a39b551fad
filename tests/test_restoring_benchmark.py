"""`benchmarks/restoring.py`: what is measured anew, the rates, and that its page shows the committed results."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

from semcodec.evaluation.kept_rows import kept_rows
from semcodec.evaluation.sets import Picture

PICTURES = [Picture(name, Path(f"{name}.png"), 64 * name[-1]) for name in ("kodim01", "kodim02", "kodim03")]


@pytest.fixture(scope="module")
def bench(root: Path) -> ModuleType:
    spec = util.spec_from_file_location("restoring_benchmark", root / "benchmarks" / "restoring.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows_of(bench: ModuleType, saved: float) -> list:
    """A restored picture is as good as a decoded one of that share fewer bytes."""
    rows = []
    for picture in PICTURES:
        for at, quality in enumerate(bench.QUALITIES["jpeg"]):
            for restorer in ("", "abc"):
                num_bytes = 1000 * 2**at
                rate = num_bytes if not restorer else num_bytes / (1 - saved)
                values = dict.fromkeys(bench.MEASURES, 100 / rate) | {"psnr_db": rate / 1000}
                settings = bench.PEERS["jpeg"]().settings
                rows.append(
                    bench.Row(picture.name, picture.sha256, "jpeg", settings, quality, num_bytes, restorer, "j", values)
                )
    return rows


def test_the_tables_in_the_page_are_those_of_the_committed_results(bench: ModuleType, root: Path) -> None:
    results = json.loads((root / "benchmarks" / "results" / "restoring.json").read_text())
    page = (root / "docs" / "restoring.md").read_text()
    assert page.split(bench.BEGINS)[1].split(bench.ENDS)[0] == bench.table(results)


@pytest.mark.parametrize("saved", [0.2, 0.5, -0.25])
def test_the_rate_is_the_share_of_bytes_that_restoring_saves(bench: ModuleType, saved: float) -> None:
    found = bench.summary(rows_of(bench, saved), ["jpeg"], "abc")["jpeg"]
    for rate in found["bd_rate"].values():
        assert rate["pictures"] == 3
        # (cubics through few points of a curve are a few per cent off)
        assert rate["mean"] == pytest.approx(-100 * saved, abs=4)
    plain, restored = found["points"][0]["lpips"]
    assert (plain > restored) == (saved > 0)
    results = {"restorer": "r", "pictures": 3, "pixels": 100_000, "codecs": {"jpeg": found}}
    assert f"| JPEG | {found['bd_rate']['lpips']['mean']:+.0f} (" in bench.table(results)


def test_curves_without_values_in_common_have_no_rate(bench: ModuleType) -> None:
    rows = [
        replace(row, values={name: value + 50 for name, value in row.values.items()}) if row.restorer else row
        for row in rows_of(bench, 0.5)
        if row.quality < 12
    ]
    assert bench.bd_rates(rows, "lpips", "abc") == {"pictures": 0}


def test_with_another_restorer_only_what_is_restored_is_measured_again(bench: ModuleType, tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    lines = [json.dumps(asdict(row)) for row in rows_of(bench, 0.5)]
    kept.write_text("\n".join([*lines, lines[0][:50]]))
    rows = kept_rows(kept, bench.Row)
    assert len(rows) == len(lines)
    assert not list(bench.tasks_for(PICTURES, ["jpeg"], "abc", "j", rows))
    tasks = list(bench.tasks_for(PICTURES, ["jpeg"], "def", "j", rows))
    assert [task.picture for task in tasks] == PICTURES
    assert all({told for _, told in task.wanted} == {"def"} and len(task.wanted) == 7 for task in tasks)
    everything = list(bench.tasks_for(PICTURES, ["jpeg"], "abc", "other judges", rows))
    assert sum(len(task.wanted) for task in everything) == 2 * 7 * 3

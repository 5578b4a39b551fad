"""The committed results of clips are whole, are of the committed set and judge, and hold what is aimed at."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.report.extract import differences_markdown, table_markdown
from semcodec.evaluation.results import read_lines
from semcodec.evaluation.summary import OURS, read_summary

PIXELS = {"davis-dog": 854 * 480 * 48, "davis-drift-straight": 854 * 480 * 48}


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "benchmarks" / "results" / "video"


def test_every_codec_has_every_clip_and_budget(folder: Path, root: Path):
    manifest = json.loads((root / "benchmarks" / "manifests" / "clips-val.json").read_text())
    wanted = {entry["sha256"] for entry in manifest["files"]}
    summary = read_summary(folder)
    assert {clip["sha256"] for clip in summary.about["pictures"]} == wanted
    assert summary.budgets == (5, 10, 20)
    for codec, lines in summary.lines.items():
        for budget in summary.budgets:
            assert {line.picture_sha256 for line in lines if budget in line.budgets} == wanted, (codec, budget)


def test_no_file_is_larger_than_its_budget_and_bpp_counts_all_frames(folder: Path):
    for line in read_lines(folder / "results.jsonl"):
        pixels = PIXELS[line.picture]
        assert line.num_bytes <= min(line.budgets) * pixels // 8000
        assert line.bpp == pytest.approx(8 * line.num_bytes / pixels, abs=1e-6)


def test_the_tables_are_made_from_these_results(folder: Path):
    summary = read_summary(folder)
    assert (folder / "table.md").read_text("utf-8") == table_markdown(summary, summary.measures)
    assert (folder / "differences.md").read_text("utf-8") == differences_markdown(summary, summary.measures)


def test_the_second_network_is_the_committed_one(folder: Path, root: Path):
    sha256 = hashlib.sha256((root / "benchmarks" / "judges" / "judge2.safetensors").read_bytes()).hexdigest()
    assert json.loads((folder / "run.json").read_text())["weights"]["judge2"]["sha256"] == sha256


@pytest.mark.parametrize(("name", "most"), [("lpips", 0.8), ("judge2_distance", 0.95)])
@pytest.mark.parametrize("budget", [5, 10])
def test_semcodec_is_that_much_nearer_than_the_peers(folder: Path, name: str, most: float, budget: int):
    summary, measure = read_summary(folder), find_measure(name)
    ours, *theirs = (summary.mean(codec, measure, budget) for codec in (OURS, *summary.classical))
    distances = {codec: mean.value for codec, mean in zip(summary.classical, theirs, strict=True) if mean is not None}
    assert ours is not None and {"svtav1", "vvc"} <= distances.keys()
    assert ours.value <= most * min(distances.values())

"""The committed results are whole, and are those of the committed judge."""

from __future__ import annotations

import hashlib
import json
import zipfile
from importlib import util

import pytest

from semcodec.evaluation.marks import between_marks
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.results import read_lines
from semcodec.evaluation.summary import OURS, read_summary


@pytest.fixture(scope="module")
def folder(root):
    return root / "benchmarks" / "results" / "kodak"


def test_every_codec_has_every_picture_and_budget(folder, root):
    manifest = json.loads((root / "benchmarks" / "manifests" / "kodak.json").read_text())
    wanted = {entry["sha256"] for entry in manifest["files"]}
    summary = read_summary(folder)
    assert {picture["sha256"] for picture in summary.about["pictures"]} == wanted
    assert summary.budgets == (100, 340, 1000, 2000, 4000, 6000)
    for codec, lines in summary.lines.items():
        for budget in summary.budgets:
            assert {line.picture_sha256 for line in lines if budget in line.budgets} == wanted, (codec, budget)


def test_no_file_is_larger_than_its_budget_and_bpp_counts_all_bytes(folder):
    for line in read_lines(folder / "results.jsonl"):
        assert line.num_bytes <= min(line.budgets)
        assert line.bpp == pytest.approx(8 * line.num_bytes / (768 * 512), abs=1e-6)


def test_the_readme_shows_these_results(root):
    spec = util.spec_from_file_location("readme_tables", root / "benchmarks" / "readme_tables.py")
    tables = util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    page = (root / "README.md").read_text("utf-8")
    assert between_marks(page, tables.BEGIN, tables.END, tables.from_results(root / "benchmarks" / "results")) == page


def test_every_shown_file_is_kept_with_the_size_that_its_line_says(folder):
    with zipfile.ZipFile(folder / "files.zip") as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    shown = {line.file_name: line.num_bytes for line in read_lines(folder / "results.jsonl") if line.shown}
    assert shown == sizes


def test_the_second_network_is_the_committed_one(folder, root):
    sha256 = hashlib.sha256((root / "benchmarks" / "judges" / "judge2.safetensors").read_bytes()).hexdigest()
    assert json.loads((folder / "run.json").read_text())["weights"]["judge2"]["sha256"] == sha256


def test_the_table_and_the_page_are_made_from_these_results(folder):
    summary = read_summary(folder)
    assert OURS in summary.titles
    measure = find_measure("judge2_distance")
    mean = summary.mean(OURS, measure, 1000)
    assert mean is not None
    assert f"{mean.value:.4f}" in (folder / "table.md").read_text()
    assert f"{mean.value:.4f}" in (folder / "report.html").read_text()

"""The command from end to end: pictures in, results and a page out."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from PIL import Image

from semcodec.cli.app import run
from semcodec.evaluation.bench import BenchOptions, make_plan
from semcodec.evaluation.results import read_lines


@pytest.fixture
def two_photos(tmp_path, photo_path, other_photo_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for path in (photo_path, other_photo_path):
        Image.open(path).resize((288, 192)).save(folder / path.name)
    return folder


def test_the_command_measures_semcodec_beside_a_peer_and_leaves_a_page(two_photos, tmp_path, capsys):
    out = tmp_path / "out"
    command = [
        "bench",
        str(two_photos),
        "--out",
        str(out),
        "--peers",
        "webp",
        "--budgets",
        "340,1000",
        "--no-vmaf",
        "-j",
        "1",
    ]
    assert run(command) == 0
    lines = read_lines(out / "results.jsonl")
    assert {line.codec for line in lines} == {"semcodec", "webp"}
    assert {budget for line in lines if line.codec == "semcodec" for budget in line.budgets} == {340, 1000}
    page = (out / "report.html").read_text()
    assert "semcodec beside its peers" in page
    assert "second network&#x27;s distance: not measured" in page
    assert ElementTree.parse(out / "curves" / "psnr_db.svg").getroot().tag.endswith("svg")
    assert "| **semcodec** |" in (out / "table.md").read_text()
    captured = capsys.readouterr()
    assert "report.html: written" in captured.err
    assert captured.out == ""
    (out / "report.html").unlink()
    assert run([*command, "--report-only"]) == 0
    assert (out / "report.html").read_text() == page


def test_times_go_to_a_file_of_their_own(two_photos, tmp_path):
    out = tmp_path / "out"
    assert run(["bench", str(two_photos), "--out", str(out), "--times", "--budgets", "340", "--first", "1"]) == 0
    assert [path.name for path in out.iterdir()] == ["timings.json"]
    times = json.loads((out / "timings.json").read_text())
    numbers = times["by_budget"]["340"]
    assert numbers["encode_ms"] > 0
    assert numbers["decode_ms"] > 0
    assert numbers["peak_encode_and_decode_bytes"] >= 2**25
    assert times["environment"]["python"]


def test_budgets_may_be_bits_per_pixel(two_photos, tmp_path):
    out = tmp_path / "out"
    command = ["bench", str(two_photos), "--out", str(out), "--peers", "webp", "--no-vmaf", "-j", "1", "--bpp", "0.05"]
    assert run(command) == 0
    assert all(line.bpp <= 0.05 for line in read_lines(out / "results.jsonl"))
    assert "0.05 bpp" in (out / "report.html").read_text()
    assert "[" in (out / "differences.md").read_text()


def test_quick_is_six_pictures_three_budgets_and_no_vvc(two_photos, tmp_path):
    plan = make_plan(BenchOptions(folder=two_photos, out=tmp_path, quick=True))
    assert plan.budgets == (340, 1000, 4000)
    assert "vvc" not in plan.settings()
    assert len(plan.pictures.pictures) <= 6


@pytest.mark.parametrize(
    ("arguments", "sentence", "code"),
    [
        (["--peers", "bpg"], "'bpg' is no peer", 1),
        (["--budgets", "many"], "--budgets takes whole numbers", 2),
        (["--bpp", "0.0005"], "--bpp takes numbers such as 0.02,0.04", 2),
        (["--bpp", "0.02", "--budgets", "340"], "--bpp stands in place of --budgets", 2),
        (["--mobilenet", "nothing.safetensors", "--peers", "webp"], "nothing.safetensors: no such weight file", 1),
    ],
)
def test_wrong_wishes_end_in_one_sentence(two_photos, tmp_path, capsys, arguments, sentence, code):
    assert run(["bench", str(two_photos), "--out", str(tmp_path / "out"), *arguments]) == code
    assert sentence in capsys.readouterr().err.replace("\n", " ")


def test_a_folder_that_is_absent_is_named(tmp_path, capsys):
    assert run(["bench", str(tmp_path / "nowhere")]) == 1
    assert "nowhere: no such folder of pictures" in capsys.readouterr().err

"""`--report` and `--label`: what arrived and what was made of it, for programs and in the picture itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import semcodec


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    target = photo.with_suffix(".semc")
    asked = ("--bytes", 400, "--picture", "tokens", "--caption", "Two macaws.", "--language", "en")
    assert semcodec_command("encode", photo, target, *asked).code == 0
    return target


def told(document: bytes | str) -> list[dict[str, Any]]:
    """What each file of a report says."""
    report = json.loads(document)
    assert report["semcodec_report"] == 1
    files: list[dict[str, Any]] = report["files"]
    return files


def test_a_report_on_stdout_is_one_document_and_says_what_python_says(
    semcodec_command: Callable, coded: Path, tmp_path: Path, embedded_restorer: str
) -> None:
    ended = semcodec_command("decode", coded, tmp_path / "a.png", "--report", "json")
    (one,) = told(ended.out)
    painting = semcodec.paint(coded.read_bytes())
    assert ended.code == 0 and one == {
        "file": str(coded), "output": str(tmp_path / "a.png"), "error": None, "roi": None, **painting.report(),
    }  # fmt: skip
    assert one["bytes"] == coded.stat().st_size and one["packets"] is None and one["is_whole"]
    assert one["words"] == {"text": "Two macaws.", "language": "en", "origin": "human"}
    assert one["restorer"] == embedded_restorer and sum(one["shares"].values()) == pytest.approx(1)


def test_the_mask_is_the_one_of_python_block_by_block(semcodec_command: Callable, coded: Path, tmp_path: Path) -> None:
    semcodec_command("decode", coded, tmp_path / "a.png", "--no-restore", "--report", tmp_path / "a.json")
    (one,) = told((tmp_path / "a.json").read_bytes())
    mask, parts_RK = one["mask"], semcodec.paint(
        coded.read_bytes(), options=semcodec.PaintOptions(restore=False)
    ).provenance.parts_RK  # fmt: skip
    letters = "".join(letter * int(length) for length, letter in re.findall(r"(\d+)([a-z])", mask["runs"]))
    names = [mask["letters"][letter] for letter in letters]
    expected = [("sent", "restored", "invented", "missing")[part] for part in parts_RK.ravel()]
    assert names == expected and len(set(names)) > 1
    assert (mask["rows"], mask["columns"]) == parts_RK.shape
    assert mask["columns"] * mask["block_px"][0] >= one["width_px"] > (mask["columns"] - 1) * mask["block_px"][0]
    assert mask["rows"] * mask["block_px"][1] >= one["height_px"] > (mask["rows"] - 1) * mask["block_px"][1]


def test_a_run_over_many_files_tells_of_those_that_failed_too(
    semcodec_command: Callable, coded: Path, tmp_path: Path
) -> None:
    broken, out = tmp_path / "broken.semc", tmp_path / "out"
    broken.write_bytes(b"not one")
    cut = tmp_path / "cut.semc"
    cut.write_bytes(coded.read_bytes()[:-150])
    ended = semcodec_command("decode", coded, broken, cut, out, "--report", tmp_path / "r.json")
    files = {Path(file["file"]).name: file for file in told((tmp_path / "r.json").read_bytes())}
    assert ended.code == 1 and set(files) == {"photo.semc", "broken.semc", "cut.semc"}
    assert "broken.semc" in files["broken.semc"]["error"] and files["broken.semc"]["output"] is None
    assert files["cut.semc"]["label"] == f"{cut.stat().st_size} bytes received, the file is cut short"
    assert not files["cut.semc"]["is_whole"] and len(files["cut.semc"]["warnings"]) == 1
    assert files["photo.semc"]["is_whole"] and not files["photo.semc"]["warnings"]


@pytest.mark.usefixtures("embedded_restorer")
def test_packets_that_are_missing_are_told_and_labelled(
    semcodec_command: Callable, coded: Path, tmp_path: Path
) -> None:
    semcodec_command("split", coded, tmp_path / "sent", "--mtu", 100)
    packets = sorted((tmp_path / "sent").iterdir())
    packets[2].unlink()
    used = sum(packet.stat().st_size for packet in packets if packet.exists())
    ended = semcodec_command("join", tmp_path / "sent", tmp_path / "a.png", "--label", "--report", "json")
    (one,) = told(ended.out)
    assert ended.code == 3 and not one["is_whole"] and one["bytes"] == used
    assert one["packets"] == {"received": len(packets) - 1, "all": len(packets), "missing": [[2, 2]]}
    assert one["label"] == f"{used} bytes received, 1 of {len(packets)} packets missing, texture restored"
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (one["output_width_px"], one["output_height_px"])
        assert picture.width == one["width_px"] and picture.height > one["height_px"]
        assert one["label"] in picture.info["XML:com.adobe.xmp"]


def test_a_band_leaves_the_picture_above_as_it_is(semcodec_command: Callable, coded: Path, tmp_path: Path) -> None:
    picture_HWC = semcodec.decode(coded.read_bytes())
    assert semcodec_command("decode", coded, tmp_path / "a.png", "--label").code == 0
    with Image.open(tmp_path / "a.png") as picture:
        shown_HWC = np.asarray(picture)
    assert np.array_equal(shown_HWC[: picture_HWC.shape[0]], picture_HWC)
    assert np.array_equal(shown_HWC, semcodec.decode(coded.read_bytes(), label=True))
    *_, last_HWC = semcodec.decode_progressive(iter([coded.read_bytes()]), label=True)
    assert np.array_equal(last_HWC, shown_HWC)


def test_what_is_not_ours_is_not_written_over_and_a_report_is(
    semcodec_command: Callable, coded: Path, tmp_path: Path
) -> None:
    theirs, ours = tmp_path / "package.json", tmp_path / "report.json"
    theirs.write_text('{"name": "theirs"}')
    ended = semcodec_command("decode", coded, tmp_path / "a.png", "--report", theirs)
    assert ended.code == 1 and "was not written by semcodec" in ended.err and "theirs" in theirs.read_text()
    assert not (tmp_path / "a.png").exists()
    for _ in range(2):
        assert semcodec_command("decode", coded, tmp_path / "a.png", "--report", ours).code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-", "--report", "json"), "stdout already"),
        (("a.png", "--report", "report.txt"), "ends in .json"),
        (("a.png", "--report", "xml"), "ends in .json"),
    ],
)
def test_a_report_that_has_no_place_is_wrong_usage(
    semcodec_command: Callable, coded: Path, arguments: tuple[str, ...], says: str
) -> None:
    ended = semcodec_command("decode", coded, *arguments)
    assert ended.code == 2 and says in " ".join(ended.err.split())


def test_a_file_that_is_joined_has_no_picture_to_label(semcodec_command: Callable, coded: Path, tmp_path: Path) -> None:
    semcodec_command("split", coded, tmp_path / "sent", "--mtu", 100)
    for flag in (("--label",), ("--report", "json")):
        ended = semcodec_command("join", tmp_path / "sent", tmp_path / "a.semc", *flag)
        assert ended.code == 2 and not (tmp_path / "a.semc").exists()


def test_every_key_is_described(coded: Path, root: Path) -> None:
    page = (root / "docs" / "report.md").read_text("utf-8")
    report = semcodec.paint(coded.read_bytes()).report()
    assert [key for key in (*report, *report["mask"], *report["shares"]) if f"`{key}`" not in page] == []
    assert json.loads(json.dumps(report)) == report

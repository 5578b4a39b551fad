"""`semcodec encode` and the words of the embedded describer; `semcodec describe`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec import Words
from semcodec.ids import Origin
from semcodec.models import default_models, models_by_default

pytestmark = pytest.mark.usefixtures("debug_describer")
MACHINES = Words("A red cap on the wall.", "en", Origin.MACHINE)


@pytest.fixture
def album(tmp_path: Path, red_HWC: np.ndarray, grey_HWC: np.ndarray) -> Path:
    """A picture that the describer is sure of, and one that it is not."""
    folder = tmp_path / "album"
    folder.mkdir()
    Image.fromarray(red_HWC).save(folder / "red.png")
    Image.fromarray(grey_HWC).save(folder / "grey.png")
    return folder


def words_in(path: Path) -> Words | None:
    return semcodec.read_words(path.read_bytes())


def test_pictures_are_described_where_the_describer_is_sure_and_the_guess_is_told(
    semcodec_command: Callable, album: Path
):
    ended = semcodec_command("encode", album / "red.png", "--bytes", 300)
    assert (ended.code, ended.out) == (0, b"")
    assert ended.err.endswith(' bpp, words 6, guessed: "A red cap on the wall."\n') and ended.err.count("\n") == 1
    assert words_in(album / "red.semc") == MACHINES
    ended = semcodec_command("encode", album / "grey.png", "--bytes", 300)
    assert (ended.code, ended.out) == (0, b"")
    assert ended.err.endswith(" bpp\n") and ended.err.count("\n") == 1
    assert words_in(album / "grey.semc") is None


def test_verbose_tells_what_was_said_and_why_it_stayed_out(semcodec_command: Callable, album: Path):
    ended = semcodec_command("encode", album, "--bytes", 300, "-v")
    told = {line.split(" -> ")[0].split("/")[-1]: line for line in ended.err.splitlines() if " -> " in line}
    assert told["red.png"].endswith('; described: "A red cap on the wall." (100% sure)')
    assert "; not described: " in told["grey.png"] and told["grey.png"].endswith("sure, wanted 75%)")


def test_a_caption_overrides_and_no_caption_drops(semcodec_command: Callable, album: Path):
    assert semcodec_command("encode", album / "red.png", "--bytes", 300, "--caption", "grandma's").code == 0
    assert words_in(album / "red.semc") == Words("grandma's")
    assert semcodec_command("encode", album / "red.png", "--no-caption", "--bytes", 300, "--overwrite").code == 0
    assert words_in(album / "red.semc") is None
    with Image.open(album / "red.png") as picture:
        assert (album / "red.semc").read_bytes() == semcodec.encode(picture, bytes=300).data


def test_regions_are_added_if_asked_for(semcodec_command: Callable, album: Path):
    assert semcodec_command("encode", album / "red.png", "--bytes", 300, "--regions").code == 0
    scene = semcodec.read((album / "red.semc").read_bytes()).scene
    assert scene.words == MACHINES
    assert scene.regions is not None and [region.phrase for region in scene.regions.items] == ["wall", "cap"]
    ended = semcodec_command(
        "encode", album / "red.png", "--bytes", 30, "--regions", "--no-caption", "--overwrite", "-v"
    )
    assert (
        ended.err.splitlines()[0] == f"semcodec: {album / 'red.png'}: no regions: beside the picture there is no room"
    )


def test_a_tiny_file_keeps_its_bytes_for_the_picture(semcodec_command: Callable, album: Path):
    ended = semcodec_command("encode", album / "red.png", "--bytes", 40, "-v")
    assert "; not described: the shortest words take more than 1/8 of 40 bytes" in ended.err
    assert words_in(album / "red.semc") is None


def test_a_describer_of_ones_own_is_a_folder(
    semcodec_command: Callable, album: Path, debug_package: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    folder = debug_package["words.json"].parent
    ended = semcodec_command("encode", album, "--bytes", 300, "--describer", folder, "--task", "keywords")
    assert words_in(album / "red.semc") == Words("red, cap", "en", Origin.MACHINE)
    assert words_in(album / "grey.semc") is None
    assert "grey.png: the describer said nothing" in ended.err


def test_its_words_are_found_and_given_as_a_guess(semcodec_command: Callable, album: Path):
    database = album / "words.sqlite"
    assert semcodec_command("encode", album, "--bytes", 300).code == 0
    assert semcodec_command("index", album, "--db", database).code == 0
    found = semcodec_command("search", "caps on walls", "--db", database)
    assert found.out.decode().endswith('red.semc: "A red cap on the wall." (en, by a machine)\n')
    assert semcodec_command("info", "--alt", album / "red.semc").out == b"May show: A red cap on the wall.\n"


def test_describe_tells_how_sure_it_is_and_writes_nothing(semcodec_command: Callable, album: Path):
    ended = semcodec_command("describe", album / "red.png", album / "grey.png", "--keywords", "--regions")
    assert (ended.code, ended.err) == (0, "")
    red, grey = ended.out.decode().split(f"{album / 'grey.png'}\n")
    assert red.splitlines() == [
        str(album / "red.png"),
        '  caption  "A red cap on the wall." (100% sure)',
        '  keywords "red, cap" (100% sure)',
        '  region   "cap", 62% to 100% across, 14% to 64% down (100% sure)',
        '  region   "wall", 0% to 98% across, 2% to 98% down (100% sure)',
    ]
    assert "% sure: too little for a file, which takes 90%)" in grey.splitlines()[0]
    assert sorted(path.name for path in album.iterdir()) == ["grey.png", "red.png"]


def test_describe_answers_in_json(semcodec_command: Callable, album: Path):
    one = json.loads(semcodec_command("describe", album / "red.png", "--json").out)
    assert one["caption"] == {
        "text": MACHINES.text,
        "language": "en",
        "confidence": 1.0,
        "threshold": 0.9,
        "is_sure": True,
    }
    assert one["keywords"] is None and one["regions"] == [] and one["error"] is None
    ended = semcodec_command("describe", "--json", "--regions", album / "grey.png", album / "absent.png")
    grey, absent = json.loads(ended.out)
    assert ended.code == 1 and "absent.png" in absent["error"] and "absent.png" in ended.err
    assert grey["keywords"]["text"] == "red, cap" and not grey["keywords"]["is_sure"]
    assert grey["regions"][1]["phrase"] == "wall" and grey["regions"][1]["is_sure"]
    assert not grey["regions"][0]["is_sure"] and not grey["caption"]["is_sure"]


def test_a_picture_comes_through_stdin(semcodec_command: Callable, album: Path):
    ended = semcodec_command("describe", "-", stdin=(album / "red.png").read_bytes())
    assert "A red cap on the wall." in ended.out.decode()


def test_words_of_a_describer_move_no_terminal(
    semcodec_command: Callable, album: Path, debug_package: dict[str, Path], tmp_path: Path
):
    facts = json.loads(debug_package["words.json"].read_text())
    facts["vocabulary"][facts["vocabulary"].index(" cap")] = " \x1b[2Jcap\u202e"
    package = tmp_path / "hostile"
    package.mkdir()
    for name, path in debug_package.items():
        (package / name).write_bytes(path.read_bytes() if name != "words.json" else json.dumps(facts).encode())
    assert semcodec_command("encode", album / "red.png", "--bytes", 300, "--describer", package, "-v").code == 0
    shown = [
        semcodec_command("info", "--alt", album / "red.semc").out.decode(),
        semcodec_command("info", album / "red.semc").out.decode(),
    ]
    assert all("\\u{001B}[2Jcap\\u{202E}" in text and "\x1b" not in text for text in shown)


@pytest.mark.parametrize("arguments", [("--caption", "x"), ("--describer", "words-debug")])
def test_no_caption_and_what_gives_one_exclude_each_other(semcodec_command: Callable, album: Path, arguments: tuple):
    assert semcodec_command("encode", album / "red.png", "--no-caption", *arguments).code == 2


def test_a_describer_that_is_damaged_is_named_and_no_caption_does_without(
    semcodec_command: Callable, album: Path, debug_package: dict[str, Path], tmp_path: Path
):
    for name, path in debug_package.items():
        (tmp_path / name).write_bytes(path.read_bytes() if name != "words.onnx" else b"damaged")
    with models_by_default(default_models().but(describer=str(tmp_path))):
        ended = semcodec_command("encode", album / "red.png", "--bytes", 300)
        assert ended.code == 1 and "words.onnx" in ended.err and ended.err.count("\n") == 1
        assert semcodec_command("encode", album / "red.png", "--bytes", 300, "--no-caption").code == 0


def test_a_build_without_a_describer_encodes_without_words(semcodec_command: Callable, album: Path):
    with models_by_default(default_models().but(describer=None)):
        assert semcodec_command("encode", album / "red.png", "--bytes", 300).code == 0
    assert words_in(album / "red.semc") is None

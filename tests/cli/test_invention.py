"""`encode --profile text`, and `decode` with --invent, --fast, --seed and --roi."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec

pytestmark = pytest.mark.usefixtures("embedded_generator")
WHOLLY, PARTLY = "digitalsourcetype/trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"


@pytest.fixture
def words(semcodec_command: Callable, photo: Path) -> Path:
    """A file of words alone."""
    target = photo.with_name("words.semc")
    assert semcodec_command("encode", photo, target, "--profile", "text", "--caption", "a red dog").code == 0
    return target


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    assert semcodec_command("encode", photo, "--bytes", 200, "--caption", "a red dog").code == 0
    return photo.with_suffix(".semc")


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_words_there_and_an_impression_back(semcodec_command: Callable, words: Path, tmp_path: Path):
    assert words.stat().st_size < 20
    ended = semcodec_command("info", words)
    assert '"a red dog"' in ended.out.decode() and "to be painted from its words alone" in ended.out.decode()
    ended = semcodec_command("decode", words, tmp_path / "out.png", "-v")
    assert ended.code == 0
    assert "320x240; painted by tiny-1 from its words alone" in ended.err
    assert np.array_equal(pixels(tmp_path / "out.png"), semcodec.decode(words.read_bytes()))
    with Image.open(tmp_path / "out.png") as picture:
        assert WHOLLY in picture.info["xmp"].decode() and "all that it shows is invented" in picture.info["Comment"]


@pytest.mark.usefixtures("debug_describer")
def test_the_describer_finds_the_words_and_says_where_it_guesses(
    semcodec_command: Callable, photo: Path, grey_HWC: np.ndarray
):
    Image.fromarray(grey_HWC).save(photo)
    ended = semcodec_command("encode", photo, "--profile", "text")
    assert ended.code == 0
    assert "the words are a guess" in ended.err
    assert semcodec.info(photo.with_suffix(".semc").read_bytes()).profile == "text"


def test_seeds_and_steps_paint_otherwise(semcodec_command: Callable, words: Path, tmp_path: Path):
    found = []
    for number, flags in enumerate([(), ("--seed", 0), ("--seed", 1), ("--fast",), ("--invent",)]):
        assert semcodec_command("decode", words, tmp_path / f"{number}.png", *flags).code == 0
        found.append(pixels(tmp_path / f"{number}.png"))
    by_default, seed_0, seed_1, fast, told = found
    assert np.array_equal(by_default, seed_0) and np.array_equal(by_default, told)
    assert (by_default != seed_1).any() and (by_default != fast).any()


def test_invention_can_be_forbidden(semcodec_command: Callable, words: Path, tmp_path: Path):
    ended = semcodec_command("decode", words, tmp_path / "out.png", "--no-invent")
    assert ended.code == 1
    assert "no picture data; its words can be read" in ended.err
    assert not (tmp_path / "out.png").exists()


def test_what_was_not_sent_is_invented_where_that_is_asked_for(semcodec_command: Callable, coded: Path, tmp_path: Path):
    filled = semcodec_command("decode", coded, tmp_path / "filled.png", "-v")
    invented = semcodec_command("decode", coded, tmp_path / "invented.png", "--invent", "-v")
    assert filled.code == invented.code == 0
    assert "sent of the blocks at stride 128 all" in filled.err and "drawn" not in filled.err
    assert "painted by tiny-1" in invented.err and "(others drawn)" in invented.err
    assert (pixels(tmp_path / "filled.png") != pixels(tmp_path / "invented.png")).any()
    with Image.open(tmp_path / "invented.png") as picture:
        assert PARTLY in picture.info["xmp"].decode() and "tiny-1" in picture.info["Comment"]


def test_a_region_alone(semcodec_command: Callable, coded: Path, tmp_path: Path):
    assert semcodec_command("decode", coded, tmp_path / "whole.png").code == 0
    ended = semcodec_command("decode", coded, tmp_path / "part.png", "--roi", "40,30,100,80", "-v")
    assert ended.code == 0
    assert "100x80 of 320x240" in ended.err
    whole, part = pixels(tmp_path / "whole.png").astype(int), pixels(tmp_path / "part.png")
    assert part.shape == (80, 100, 3) and np.abs(part - whole[30:110, 40:140]).max() <= 1
    outside = semcodec_command("decode", coded, tmp_path / "x.png", "--roi", "400,0,9,9")
    assert outside.code == 1
    assert "the region 400,0,9,9 lies outside the picture of 320x240" in outside.err


def test_many_files_at_once(semcodec_command: Callable, words: Path, coded: Path, tmp_path: Path):
    ended = semcodec_command("decode", words, coded, tmp_path / "out", "--jobs", 2)
    assert ended.code == 0, ended.err
    assert np.array_equal(pixels(tmp_path / "out" / "words.png"), semcodec.decode(words.read_bytes()))
    assert np.array_equal(pixels(tmp_path / "out" / "photo.png"), semcodec.decode(coded.read_bytes()))


def test_a_generator_of_a_folder_paints(semcodec_command: Callable, coded: Path, tiny_generator: Path, tmp_path: Path):
    assert semcodec_command("decode", coded, tmp_path / "a.png", "--invent").code == 0
    assert semcodec_command("decode", coded, tmp_path / "b.png", "--painter", tiny_generator).code == 0
    assert np.array_equal(pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png"))


def test_words_alone_are_indexed_and_found(semcodec_command: Callable, words: Path, tmp_path: Path):
    assert semcodec_command("index", tmp_path, "--db", tmp_path / "words.db").code == 0
    found = semcodec_command("search", "--db", tmp_path / "words.db", "dog")
    assert "words.semc" in found.out.decode()


class Trickle(io.RawIOBase):
    """A stream of which 16 bytes arrive at a time."""

    def __init__(self, data: bytes):
        self.left = data

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:
        piece, self.left = self.left[:16], self.left[16:]
        into[: len(piece)] = piece
        return len(piece)


def test_a_picture_is_written_anew_as_its_file_arrives(
    semcodec_command: Callable, coded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from semcodec.cli import decode

    written = []
    write_output = decode.write_output

    def watched(path: str, data: bytes) -> None:
        written.append(data)
        write_output(path, data)

    monkeypatch.setattr(decode, "write_output", watched)
    monkeypatch.chdir(tmp_path)
    data = coded.read_bytes()
    ended = semcodec_command(
        "decode", "-", "shown.png", "--progressive", "--quiet", stdin=io.BufferedReader(Trickle(data))
    )
    assert (ended.code, ended.err) == (0, "")
    # (the last picture is written once more where nothing but the end of the stream came behind it)
    assert len(written) >= 3 and len(set(written)) >= len(written) - 1
    assert np.array_equal(pixels(tmp_path / "shown.png"), semcodec.decode(data))
    written.clear()
    ended = semcodec_command("decode", coded, "shown.png", "--progressive", "--overwrite", "--quiet")
    assert (ended.code, len(written)) == (0, 1), "what is all there is painted once"
    ended = semcodec_command("decode", "-", "shown.png", "--progressive", stdin=data[:-60])
    assert ended.code == 3
    assert "ends inside the token stream" in ended.err

"""`encode --structure` and `semcodec structure`."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    coded = photo.with_suffix(".semc")
    ended = semcodec_command("encode", photo, coded, "--bytes", 500, "--structure", 120, "--caption", "a photo")
    assert ended.code == 0, ended.err
    return coded


def test_outlines_come_out_as_a_grey_picture(semcodec_command: Callable, coded: Path) -> None:
    shown = coded.with_name("outlines.png")
    ended = semcodec_command("structure", coded, shown)
    assert (ended.code, "outlines, 320x240" in ended.err) == (0, True)
    pixels = np.asarray(Image.open(shown))
    assert np.array_equal(pixels[..., 0], semcodec.decode_structure(coded)) and (pixels[..., 0] == pixels[..., 1]).all()
    assert semcodec_command("structure", coded, shown).code == 1  # (nothing is written over unasked)
    assert semcodec_command("structure", coded, shown, "--overwrite", "--quiet").err == ""
    printed = semcodec_command("structure", "-", "-", stdin=coded.read_bytes())
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(printed.out))), pixels)


def test_info_and_scene_tell_of_it(semcodec_command: Callable, coded: Path) -> None:
    told = semcodec_command("info", coded).out.decode()
    assert "structure " in told and "on outlines, finer with each byte" in told
    about = json.loads(semcodec_command("info", coded, "--json").out)
    assert "outlines" in [prefix["gives"] for prefix in about["prefixes"]]
    scene = json.loads(semcodec_command("scene", coded).out)
    assert scene["structure"]["family"] == 1 and len(scene["structure"]["scales"]) == 2


def test_a_file_that_ends_early_shows_what_it_has(semcodec_command: Callable, coded: Path) -> None:
    cut = coded.with_name("cut.semc")
    cut.write_bytes(coded.read_bytes()[:70])
    ended = semcodec_command("structure", cut, cut.with_suffix(".png"))
    assert ended.code == 3 and "these are the outlines of its good part" in ended.err
    assert cut.with_suffix(".png").exists()


def test_a_file_without_outlines_is_one_sentence(semcodec_command: Callable, photo: Path) -> None:
    plain = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, plain, "--bytes", 300, "--no-caption").code == 0
    ended = semcodec_command("structure", plain, "-")
    assert ended.code == 1 and "has no outlines" in ended.err and not ended.out

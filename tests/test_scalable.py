"""The profile of three layers: words, outlines, picture, in this order, each of them of use without the next."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import semcodec
from semcodec.cli.app import app
from semcodec.errors import DamagedInputWarning, WeightsError
from semcodec.models import Models, ModelSettings
from semcodec.rate.shares import LEAST_OUTLINES, MOST_OUTLINES, OF_PROFILE
from semcodec.types import Encoded

SHARES = OF_PROFILE["scalable"]
CAPTION = "Two macaws."


@cache
def encoded(photo: Path) -> Encoded:
    return semcodec.encode(photo, profile="scalable", bytes=900, caption=CAPTION, language="en")


def names(data: bytes) -> list[str]:
    return [layer.name for layer in semcodec.info(data).layers]


def test_its_layers_stand_in_this_order_and_fill_the_bytes(photo_path: Path) -> None:
    found = encoded(photo_path)
    assert names(found.data) == ["text", "structure", "tokens"]
    assert 850 <= len(found.data) <= 900
    assert found.bytes_by_layer["structure"] <= SHARES.outline_bytes(900) <= 45


def test_words_and_outlines_cost_under_a_tenth_of_the_picture_alone(photo_path: Path) -> None:
    whole = encoded(photo_path).data
    alone = semcodec.cut(whole, layers=["signal"])
    assert np.array_equal(semcodec.decode(alone), semcodec.decode(whole, layers=["signal"]))
    assert len(whole) < 1.1 * len(alone)


def test_every_prefix_gives_what_stands_before_its_end(photo_path: Path) -> None:
    whole = encoded(photo_path).data
    ladder = semcodec.info(whole).prefixes
    assert [prefix.gives for prefix in ladder] == ["words", "outlines", "soft picture"]
    with pytest.warns(DamagedInputWarning):
        outlines_HW = semcodec.decode_structure(whole[: ladder[2].num_bytes - 1])
    assert outlines_HW.any()
    shorter = semcodec.cut(whole, bytes=60)
    assert names(shorter)[:1] == ["text"] and len(shorter) <= 60


@pytest.mark.parametrize(("num_bytes", "wanted"), [(100, 0), (320, 40), (1000, 47), (4000, 197), (90_000, 400)])
def test_outlines_have_a_twentieth_within_what_tells_something(num_bytes: int, wanted: int) -> None:
    assert SHARES.outline_bytes(num_bytes) == wanted
    assert wanted == 0 or LEAST_OUTLINES <= wanted <= MOST_OUTLINES


def test_too_few_bytes_for_outlines_are_said_and_the_rest_is_sent(photo_path: Path) -> None:
    small = semcodec.encode(photo_path, profile="scalable", bytes=150, caption=CAPTION)
    assert names(small.data) == ["text", "tokens"]
    assert any("no outlines" in note for note in small.notes)


def test_outlines_that_are_asked_for_and_a_base_are_had(photo_path: Path) -> None:
    asked = semcodec.encode(photo_path, profile="scalable", bytes=900, caption=CAPTION, structure=150, picture="base")
    assert names(asked.data) == ["text", "structure", "base"]
    assert 140 <= asked.bytes_by_layer["structure"] <= 150


def test_bits_per_pixel_are_for_all_layers(photo_path: Path) -> None:
    found = semcodec.encode(photo_path, profile="scalable", bpp=0.02, caption=CAPTION)
    size = semcodec.info(found.data).size
    assert 8 * len(found.data) <= 0.02 * size.width_px * size.height_px


def test_without_words_the_describer_is_asked(photo_path: Path) -> None:
    found = semcodec.encode(photo_path, profile="scalable", bytes=600)
    assert found.described
    with pytest.raises(WeightsError):
        semcodec.encode(photo_path, profile="scalable", bytes=600, models=Models(ModelSettings(describer=None)))


def test_a_picture_below_a_token_has_a_grid_of_colours() -> None:
    tiny = semcodec.encode(np.full((20, 20, 3), 90, np.uint8), profile="scalable", bytes=120, caption="grey")
    assert names(tiny.data) == ["text", "pixels"]


def test_the_command_line_has_it_and_refuses_what_contradicts(photo_path: Path, tmp_path: Path) -> None:
    target = tmp_path / "photo.semc"
    asked = ["encode", str(photo_path), str(target), "--profile", "scalable", "--bytes", "500", "--caption", CAPTION]
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert names(target.read_bytes()) == ["text", "structure", "tokens"]
    refused = CliRunner().invoke(app, ["encode", str(photo_path), "--profile", "scalable", "--no-caption"])
    assert refused.exit_code == 2 and "begins with words" in " ".join(refused.output.split())

"""`profile="structure"`: words and outlines are all that is sent, under 0.02 bits per pixel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import semcodec
from semcodec.cli.app import app
from semcodec.errors import BudgetError, CaptionError
from semcodec.metadata.provenance import provenance
from semcodec.models import default_models
from semcodec.options import PaintOptions
from semcodec.rate.budget import MOST_OUTLINED_BPP, most_outlined_bytes
from semcodec.rate.impression import OUTLINES_UNASKED
from semcodec.types import Encoded, Region, Regions, Scene, Size

CAPTION = "Two macaws."


class Silent:
    """A describer that finds no words."""

    def extract(self, _: np.ndarray, scene: Scene) -> Scene:
        return scene


@cache
def encoded(photo: Path, num_bytes: int | None = None, effort: int = 5) -> Encoded:
    return semcodec.encode(photo, profile="structure", bytes=num_bytes, caption=CAPTION, language="en", effort=effort)


def test_words_and_outlines_are_all_there_is_and_the_painting_follows_them(photo_path: Path) -> None:
    found = encoded(photo_path)
    assert list(found.bytes_by_layer) == ["text", "structure"]
    assert found.bytes_by_layer["structure"] <= OUTLINES_UNASKED and found.notes == ()
    assert semcodec.info(found.data).profile == "structure"
    painting = semcodec.paint(found.data)
    assert "from its words and outlines" in painting.provenance.parts
    assert "from its words and outlines" in painting.provenance.sentence
    alone = semcodec.paint(found.data, options=PaintOptions(layers=["semantic"]))
    assert "from its words alone" in alone.provenance.parts
    assert (alone.image_HWC != painting.image_HWC).any()


@pytest.mark.parametrize("num_bytes", [60, 120, 300])
def test_a_ceiling_is_filled_with_outlines(photo_path: Path, num_bytes: int) -> None:
    found = encoded(photo_path, num_bytes)
    assert 0.9 * num_bytes - 4 <= len(found.data) <= num_bytes
    assert list(found.bytes_by_layer) == ["text", "structure"]


def test_more_than_it_may_have_is_said_in_a_sentence() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (160, 240, 3), dtype=np.uint8)
    most = most_outlined_bytes(Size(240, 160))
    assert most == int(MOST_OUTLINED_BPP * 240 * 160 / 8)
    found = semcodec.encode(noise, profile="structure", bytes=most + 1, caption=CAPTION)
    assert len(found.data) <= most
    (note,) = found.notes
    assert "0.02 bits per pixel" in note and "scalable" in note
    assert not semcodec.encode(noise, profile="structure", bytes=most, caption=CAPTION).notes
    with pytest.raises(BudgetError, match=r"profile structure ends at 0\.02"):
        semcodec.encode(noise, profile="structure", caption="x7 Qq! " * 40)


def test_where_outlines_have_no_room_words_are_sent_and_it_is_said(photo_path: Path) -> None:
    words = encoded(photo_path, 40)
    assert list(words.bytes_by_layer) == ["text"]
    assert any("no outlines" in note for note in words.notes)
    with pytest.raises(BudgetError, match="12 bytes are too few: the least for these words is") as caught:
        encoded(photo_path, 12)
    assert caught.value.least_bytes == len(words.data)


def test_boxes_come_on_top_unless_bytes_are_named(photo_path: Path) -> None:
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + b" " * 3000 + b"</x:xmpmeta>"
    boxed = semcodec.encode(photo_path, profile="structure", caption=CAPTION, language="en", boxed=True, xmp=xmp)
    assert boxed.bytes_by_layer["structure"] == encoded(photo_path).bytes_by_layer["structure"]
    assert boxed.bytes_by_layer["xmp"] > 0


def test_regions_and_sizes_of_outlines_that_are_given_are_kept(photo_path: Path) -> None:
    regions = Regions((Region(3, 4, 20, 20, "a macaw"),), "en")
    found = semcodec.encode(
        photo_path, profile="structure", caption=CAPTION, language="en", regions=regions, structure=150
    )
    assert list(found.bytes_by_layer) == ["text", "regions", "structure"]
    assert 120 <= found.bytes_by_layer["structure"] <= 150


@pytest.mark.usefixtures("debug_describer")
def test_without_a_caption_the_describer_is_asked_in_fewer_words_if_need_be(red_HWC: np.ndarray) -> None:
    found = semcodec.encode(red_HWC, profile="structure", regions=True)
    assert found.described and semcodec.read_words(found.data) is not None
    with pytest.raises(CaptionError, match="has no words"):
        semcodec.encode(red_HWC, profile="structure", describer=Silent())


def test_with_more_effort_the_nearest_of_a_few_seeds_is_named(photo_path: Path) -> None:
    seen: list[np.ndarray] = []

    def distance(_: np.ndarray, painted_HWC: np.ndarray) -> float:
        """The third that is painted is nearest."""
        seen.append(painted_HWC)
        return 0.0 if len(seen) > 2 and np.array_equal(painted_HWC, seen[2]) else 1.0

    found = semcodec.encode(
        photo_path, profile="structure", bytes=100, caption=CAPTION, language="en", effort=7, distance=distance
    )
    hint = semcodec.info(found.data).painter
    assert hint is not None and (hint.name, hint.seed, hint.num_tries) == (default_models().name_of("generator"), 2, 4)
    assert len(found.data) <= 100
    assert np.array_equal(semcodec.decode(found.data), seen[2])
    plain = semcodec.encode(
        photo_path, profile="structure", bytes=100, caption=CAPTION, language="en", effort=7, distance=lambda *_: 0.0
    )
    assert plain.data == encoded(photo_path, 100).data, "what names no nearer seed is not worth its bytes"


def test_its_words_alone_are_left_of_a_cut_file(photo_path: Path) -> None:
    whole = encoded(photo_path, 300).data
    assert semcodec.info(semcodec.cut(whole, layers=["semantic"])).profile == "text"
    shorter = semcodec.cut(whole, bytes=100)
    assert len(shorter) <= 100 and semcodec.info(shorter).profile == "structure"


def test_other_painters_are_not_said_to_follow_outlines(photo_path: Path) -> None:
    scene = semcodec.read(encoded(photo_path).data)

    class Plain:
        name = "plain"

    assert not provenance(scene, Plain()).along_outlines  # type: ignore[arg-type]


def test_the_command_line_has_it_and_refuses_what_contradicts(photo_path: Path, tmp_path: Path) -> None:
    target = tmp_path / "photo.semc"
    asked = ["encode", str(photo_path), str(target), "--profile", "structure", "--caption", CAPTION]
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert semcodec.info(target.read_bytes()).profile == "structure"
    for flags in (["--no-caption"], ["--picture", "base"]):
        refused = CliRunner().invoke(app, ["encode", str(photo_path), "--profile", "structure", *flags])
        assert refused.exit_code == 2 and "--profile structure" in " ".join(refused.output.split())

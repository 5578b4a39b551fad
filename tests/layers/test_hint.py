"""The painter hint: its bytes, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import semcodec
from semcodec.container.encode import write_file
from semcodec.ids import PAINTERS, LayerId
from semcodec.layers.hint import MAX_NAME_CHARS, as_name, is_name
from semcodec.layers.hint.decode import unpack
from semcodec.layers.hint.encode import pack_hint
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import FileHeader, PainterHint, Scene, Section, Size

SIZE = Size(9, 9)
HEADER = FileHeader(SIZE)
WORDS = Section(LayerId.TEXT, 1, b"")


def unpacked(section: Section) -> PainterHint | None:
    hint, problem = unpack(section, HEADER, Scene(SIZE), DEFAULT_LIMITS)
    assert (hint is None) == (problem is not None)
    return hint


def test_a_known_painter_costs_5_bytes_with_8_tries():
    section = pack_hint(PainterHint("stabilityai/sd-turbo", "1a2b3c4d5e6f", 5, 8))
    assert (section.layer, section.model) == (15, 2)
    assert section.payload == b"\x1a\x2b\x3c\x43\xa0"
    #                          revision 1a2b3c4, 3 seed bits; 101 and zero bits


def test_another_painter_is_spelled_out():
    section = pack_hint(PainterHint("me/mine"))
    assert (section.model, section.payload) == (0, b"\0\0\0\0me/mine")


NAMES = st.text("abcXYZ019._/-", min_size=1, max_size=MAX_NAME_CHARS) | st.sampled_from(PAINTERS[1:])


@given(NAMES, st.text("0123456789abcdef", min_size=7, max_size=7), st.integers(0, 15), st.data())
def test_what_is_packed_is_unpacked(name: str, revision: str, seed_bits: int, data: st.DataObject):
    seed = data.draw(st.integers(0, (1 << seed_bits) - 1))
    hint = PainterHint(name, "" if revision == "0000000" else revision, seed, 1 << seed_bits)
    assert unpacked(pack_hint(hint)) == hint


def test_a_number_of_tries_is_rounded_up_to_a_power_of_two():
    assert unpacked(pack_hint(PainterHint("me/mine", "", 4, 5))) == PainterHint("me/mine", "", 4, 8)


@pytest.mark.parametrize(
    "hint",
    [
        PainterHint(""),
        PainterHint("a name with spaces"),
        PainterHint("x" * (MAX_NAME_CHARS + 1)),
        PainterHint("me/mine", seed=2, num_tries=2),
        PainterHint("me/mine", num_tries=(1 << 15) + 1),
        PainterHint("me/mine", num_tries=0),
    ],
)
def test_a_hint_that_cannot_be_written_is_refused(hint: PainterHint):
    with pytest.raises(ValueError, match=r"cannot stand in a file|tries can be written"):
        pack_hint(hint)


GOOD = pack_hint(PainterHint("me/mine", "1a2b3c4", 5, 8))
KNOWN = pack_hint(PainterHint("stabilityai/sd-turbo", "1a2b3c4", 5, 8))


@pytest.mark.parametrize(
    "section",
    [
        replace(GOOD, payload=b""),
        replace(GOOD, payload=GOOD.payload[:3]),
        replace(GOOD, payload=GOOD.payload[:5]),
        replace(GOOD, payload=GOOD.payload + b" "),
        replace(GOOD, payload=GOOD.payload + b"\xff"),
        replace(GOOD, payload=GOOD.payload + b"x" * MAX_NAME_CHARS),
        replace(GOOD, payload=GOOD.payload[:5] + b"stabilityai/sd-turbo"),
        replace(GOOD, open_end=True),
        replace(KNOWN, payload=KNOWN.payload[:4]),
        replace(KNOWN, payload=KNOWN.payload[:4] + b"\xa1"),
        replace(KNOWN, payload=KNOWN.payload + b"x"),
    ],
    ids=range(11),
)
def test_a_damaged_hint_is_no_hint_and_a_problem(section: Section):
    assert unpacked(section) is None


def test_a_painter_that_this_build_does_not_know_yet_is_neither_hint_nor_problem():
    assert unpack(replace(KNOWN, model=255), HEADER, Scene(SIZE), DEFAULT_LIMITS) == (None, None)


@given(st.binary(max_size=12), st.integers(0, 255))
def test_any_bytes_give_a_hint_that_writes_itself_or_none(payload: bytes, model: int):
    hint, _ = unpack(Section(LayerId.PAINTER, model, payload), HEADER, Scene(SIZE), DEFAULT_LIMITS)
    if hint is not None:
        assert pack_hint(hint) == Section(LayerId.PAINTER, model, payload)


@given(st.text(max_size=120))
def test_every_name_can_be_made_one_that_can_stand_in_a_hint(text: str):
    assert is_name(as_name(text))


def test_a_damaged_hint_leaves_the_picture_of_the_file():
    reading = semcodec.read(write_file(HEADER, [replace(GOOD, payload=b"\0"), Section(LayerId.TOKENS, 250, b"?")]))
    assert "painter hint at offset" in str(reading.problems[0])
    assert reading.scene.painter is None


@pytest.mark.parametrize(
    ("name", "revision", "expected"),
    [
        ("me/mine", "1a2b3c4d5e", True),
        ("me/mine", "9a2b3c4d5e", False),
        ("me/mine", "", False),
        ("me/other", "1a2b3c4d5e", False),
    ],
)
def test_a_hint_means_one_painter_at_one_revision(name: str, revision: str, expected: bool):
    assert PainterHint("me/mine", "1a2b3c4").means(name, revision) is expected
    assert PainterHint("me/mine").means("me/mine", revision)

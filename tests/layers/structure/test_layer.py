"""The structure layer: canvases, round trips, prefixes, strangers' bytes."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.container.encode import write_file
from semcodec.errors import DamagedError, TruncatedError, UnknownFamilyError
from semcodec.file.cutting import cut
from semcodec.file.packets import join, split
from semcodec.file.reading import read
from semcodec.ids import LayerId
from semcodec.layers.structure import MAX_SIDE_PX, canvas_of
from semcodec.layers.structure.decode import unpack
from semcodec.layers.structure.encode import pack_structure
from semcodec.layers.structure.family import find_structure_family
from semcodec.layers.text.encode import pack_words
from semcodec.layers.tokens.context import middle
from semcodec.layers.tokens.grid import grids
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import MISSING, FileHeader, Scene, Section, Size, TokenPyramid, Words

SIZE = Size(700, 500)
WORDS = pack_words(Words("A dog runs on a beach.", "en"))


def outlines(size: Size = SIZE, seed: int = 0) -> TokenPyramid:
    family, canvas, rng = find_structure_family(1), canvas_of(size), np.random.default_rng(seed)
    digits = []
    for grid, levels in zip(grids(canvas, family.strides, family.blocks), family.levels, strict=True):
        shape = (grid.num_rows, grid.num_cols, len(levels))
        drawn = (rng.random(shape) * np.array(levels)).astype(np.uint8)
        digits.append(np.where(rng.random(shape) < 0.2, drawn, [middle(n) for n in levels]).astype(np.uint8))
    return TokenPyramid(1, canvas, tuple(digits))


def packed(pyramid: TokenPyramid) -> Section:
    section = pack_structure(pyramid)
    assert section is not None
    return section


def unpacked(section: Section, size: Size = SIZE, step: int = 0) -> tuple[TokenPyramid | None, Exception | None]:
    return unpack(section, FileHeader(size, step), Scene(size), DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("size", "canvas"),
    [
        (Size(768, 512), Size(512, 341)),
        (Size(512, 512), Size(512, 512)),
        (Size(513, 100), Size(512, 100)),
        (Size(4000, 3000), Size(512, 384)),
        (Size(40000, 2), Size(512, 1)),
        (Size(1, 1), Size(1, 1)),
    ],
)
def test_the_canvas_is_the_picture_within_512_pixels(size: Size, canvas: Size) -> None:
    assert canvas_of(size) == canvas


@given(st.integers(1, 1 << 22), st.integers(1, 1 << 22))
def test_a_canvas_is_never_empty_nor_too_large(width_px: int, height_px: int) -> None:
    canvas = canvas_of(Size(width_px, height_px))
    assert 1 <= min(canvas.width_px, canvas.height_px)
    assert max(canvas.width_px, canvas.height_px) == min(MAX_SIDE_PX, max(width_px, height_px))


def test_digits_come_back_whatever_the_step_of_the_header_is() -> None:
    pyramid = outlines()
    for step in (0, 17):
        found, problem = unpacked(packed(pyramid), step=step)
        assert problem is None and found is not None and found.working == canvas_of(SIZE)
        assert all(np.array_equal(a, b) for a, b in zip(found.digits, pyramid.digits, strict=True))


def test_any_prefix_gives_tokens_of_the_whole_and_the_coarse_ones_first() -> None:
    pyramid, section = outlines(), packed(outlines())
    shares = []
    for length in range(0, len(section.payload), 7):
        found, problem = unpacked(replace(section, payload=section.payload[:length], cut_short=True))
        assert found is not None and isinstance(problem, TruncatedError)
        there = [digits[..., 0] != MISSING for digits in found.digits]
        for at, mine, theirs in zip(there, found.digits, pyramid.digits, strict=True):
            assert np.array_equal(mine[at], theirs[at])
        shares.append([at.mean() for at in there])
        assert there[0].all() or not there[1].any()
    assert shares == sorted(shares) and shares[-1][1] > 0.5


def test_a_family_of_a_newer_writer_is_passed_over_and_named_when_it_is_asked_for() -> None:
    assert unpacked(replace(packed(outlines()), model=99)) == (None, None)
    with pytest.raises(UnknownFamilyError, match=r"structure family 99.*the picture does not need them"):
        find_structure_family(99)


def test_damage_is_told_and_costs_nothing_else() -> None:
    section = packed(outlines())
    payload = bytearray(section.payload)
    payload[len(payload) // 2] ^= 4
    header = FileHeader(SIZE)
    reading = read(write_file(header, [WORDS, replace(section, payload=bytes(payload))]))
    (problem,) = reading.problems
    assert isinstance(problem, DamagedError) and "stream of outlines" in str(problem)
    assert reading.scene.words is not None and reading.scene.structure is not None


def test_strangers_bytes_never_raise() -> None:
    rng = random.Random(0)
    for _ in range(60):
        section = Section(LayerId.STRUCTURE, 1, rng.randbytes(rng.randrange(200)))
        found, _ = unpacked(section, Size(rng.randrange(1, 3000), rng.randrange(1, 3000)))
        assert found is not None


def test_a_file_of_words_and_outlines_is_cut_to_coarser_outlines() -> None:
    whole = write_file(FileHeader(SIZE), [WORDS, packed(outlines())])
    for num_bytes in (len(whole) - 1, 200, 60):
        shorter = cut(whole, bytes=num_bytes)
        reading = read(shorter)
        assert len(shorter) <= num_bytes and not reading.problems and reading.scene.words is not None
        assert reading.scene.structure is not None and (reading.scene.structure.digits[0] != MISSING).any()
    alone = read(cut(whole, bytes=len(WORDS.payload) + 10)).scene
    assert alone.words is not None and alone.structure is None


def test_outlines_are_joined_as_far_as_their_packets_arrived() -> None:
    whole = write_file(FileHeader(SIZE), [WORDS, packed(outlines())])
    packets = split(whole, mtu=60)
    assert join(packets).data == whole
    scene = join(packets[:4]).reading.scene
    assert scene.words is not None and scene.structure is not None
    assert (scene.structure.digits[0] != MISSING).any() and (scene.structure.digits[1] == MISSING).any()

"""The pixel stream: what goes in comes out, every prefix is the same picture with fewer cells, damage shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.entropy.tables import TOTAL
from semcodec.errors import DamagedError, TruncatedError, UnknownFamilyError
from semcodec.ids import PIXEL_CODING, LayerId
from semcodec.layers.catalog import unpack_layers
from semcodec.layers.pixels.decode import unpack_pixels
from semcodec.layers.pixels.encode import pack_pixels
from semcodec.layers.pixels.stream import MAX_CELLS, NUM_LEVELS, colour_value, order
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import FileHeader, PixelGrid, Section, Size

# Payloads to the byte. They never change: files with them are out there.
GOLDEN = [
    ([[[20, 200, 20]]], 256, "fc814143a0"),
    ([[[255, 0, 0], [0, 128, 255], [255, 255, 255]]], 256, "f00ff00ffff2ffff7ffae0"),
    ([[[250, 10, 10], [0, 0, 0]], [[0, 0, 0], [250, 10, 10]]], 12, "713a593a40c7"),
]


def noise(width_px: int, height_px: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3)).astype(np.uint8)


def unpacked(payload: bytes, size: Size, **how: object) -> tuple[PixelGrid | None, Exception | None]:
    section = Section(LayerId.PIXELS, PIXEL_CODING, payload, offset=9, **how)  # type: ignore[arg-type]
    return unpack_pixels(section, FileHeader(size))


@given(
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    num_levels=st.sampled_from(NUM_LEVELS),
    few_colours=st.booleans(),
    seed=st.integers(0, 99),
)
def test_every_grid_comes_back_within_half_a_level(
    size: tuple[int, int], num_levels: int, few_colours: bool, seed: int
) -> None:
    colours = noise(*size, seed) // (128 if few_colours else 1) * (255 if few_colours else 1)
    payload = pack_pixels(colours, num_levels)
    assert payload is not None
    grid, problem = unpacked(payload, Size(*size))
    assert problem is None and grid is not None
    assert grid.num_levels == num_levels and grid.known_RK.all()
    off = np.abs(grid.colours_RKC.astype(int) - colours).max()
    assert off <= 255 / (2 * (num_levels - 1)) + 0.5
    assert num_levels != 256 or off == 0
    assert pack_pixels(grid.colours_RKC, num_levels) == payload, "what was rounded once is not rounded again"


@pytest.mark.parametrize(("colours", "num_levels", "payload_hex"), GOLDEN)
def test_golden_payloads_are_written_and_read(colours: list, num_levels: int, payload_hex: str) -> None:
    array = np.array(colours, dtype=np.uint8)
    assert (pack_pixels(array, num_levels) or b"").hex() == payload_hex
    grid, problem = unpacked(bytes.fromhex(payload_hex), Size(array.shape[1], array.shape[0]))
    assert problem is None and grid is not None
    assert pack_pixels(grid.colours_RKC, num_levels) == bytes.fromhex(payload_hex)


def test_every_level_has_a_value_of_its_own_and_the_ends_are_black_and_white() -> None:
    for num_levels in NUM_LEVELS:
        values = [colour_value(level, num_levels) for level in range(num_levels)]
        assert values == sorted(set(values)) and (values[0], values[-1]) == (0, 255)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 7), (8, 8), (5, 13), (300, 3)])
def test_every_cell_comes_once_and_behind_its_neighbours(size: tuple[int, int]) -> None:
    seen = {0}
    for at, one, other in order(*size):
        assert at not in seen and {one, other} <= seen
        seen.add(at)
    assert seen == set(range(size[0] * size[1]))


def test_every_prefix_gives_the_first_cells_and_never_an_invented_one() -> None:
    whole_payload, size = pack_pixels(noise(9, 5), 64), Size(9, 5)
    assert whole_payload is not None
    whole, _ = unpacked(whole_payload, size)
    assert whole is not None
    come = [0, *(at for at, _, _ in order(9, 5))]
    num_before = 0
    for length in range(len(whole_payload)):
        grid, problem = unpacked(whole_payload[:length], size)
        assert isinstance(problem, TruncatedError) and problem.offset == 9 + length
        assert unpacked(whole_payload[:length], size, open_end=True)[1] is None
        known = np.zeros(45, bool) if grid is None else grid.known_RK.ravel()
        num_known = int(known.sum())
        assert known[come[:num_known]].all(), "cells come from coarse to fine"
        if grid is not None:
            assert (grid.colours_RKC[grid.known_RK] == whole.colours_RKC[grid.known_RK]).all()
        assert num_known >= num_before
        num_before = num_known
    assert num_before >= 44


def test_flipped_bits_and_appended_bytes_are_found() -> None:
    colours = noise(16, 16)
    payload, size = pack_pixels(colours, 256), Size(16, 16)
    assert payload is not None and len(payload) > 500
    assert isinstance(unpacked(payload + b"\0", size)[1], DamagedError)
    num_missed = 0
    for at in range(0, len(payload), 23):
        changed = bytearray(payload)
        changed[at] ^= 1 << at % 8
        num_missed += unpacked(bytes(changed), size)[1] is None
    assert num_missed == 0


def test_damage_in_a_long_stream_costs_what_follows_it() -> None:
    colours = noise(16, 16)
    payload = bytearray(pack_pixels(colours, 256) or b"")
    payload[-80] ^= 16
    grid, problem = unpacked(bytes(payload), Size(16, 16))
    assert isinstance(problem, DamagedError) and grid is not None
    known = [0, *(at for at, _, _ in order(16, 16))][:100]
    assert (grid.colours_RKC.reshape(-1, 3)[known] == colours.reshape(-1, 3)[known]).all()


def test_a_grid_above_the_most_cells_and_an_unknown_coding_are_refused() -> None:
    assert unpacked(b"abc", Size(MAX_CELLS, 1))[0] is not None
    grid, problem = unpacked(b"abc", Size(MAX_CELLS + 1, 1))
    assert grid is None and isinstance(problem, DamagedError)
    section = Section(LayerId.PIXELS, 77, b"abc", offset=12)
    grid, problem = unpack_pixels(section, FileHeader(Size(2, 2)))
    assert grid is None and isinstance(problem, UnknownFamilyError) and problem.offset == 12


def test_a_stream_that_would_be_too_long_is_given_up() -> None:
    whole = pack_pixels(noise(8, 8), 256)
    assert whole is not None
    assert pack_pixels(noise(8, 8), 256, max_bytes=len(whole)) == whole
    assert pack_pixels(noise(8, 8), 256, max_bytes=len(whole) - 1) is None
    assert pack_pixels(noise(8, 8), 256, max_bytes=3) is None


def test_counts_stay_in_bounds_over_the_largest_flat_grid() -> None:
    flat = np.full((128, 128, 3), 7, dtype=np.uint8)
    payload = pack_pixels(flat, 256)
    assert payload is not None and len(payload) < 64 < TOTAL
    grid, problem = unpacked(payload, Size(128, 128))
    assert problem is None and grid is not None and (grid.colours_RKC == flat).all()


def test_it_is_a_layer_of_a_scene() -> None:
    header = FileHeader(Size(7, 5))
    grid = PixelGrid(256, noise(7, 5), np.ones((5, 7), dtype=np.bool_))
    section = Section(LayerId.PIXELS, PIXEL_CODING, pack_pixels(grid.colours_RKC, 256) or b"")
    scene, problems = unpack_layers([section], header, DEFAULT_LIMITS)
    assert not problems and scene.pixels is not None
    assert (scene.pixels.colours_RKC == grid.colours_RKC).all()

"""Key frames stand where interpolation fails, and get the bytes that help most."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.clips.choice import Piece, chosen_in_piece
from semcodec.clips.sharing import coarse, shared
from semcodec.interpolators.plain import Fade, Hold
from semcodec.pictures.luma import luma_of

RNG = np.random.default_rng(11)
SCENES = [RNG.integers(0, 256, (56, 64, 3), dtype=np.uint8) for _ in range(4)]


def piece(levels: list[int], interpolator: Fade | Hold | None = None) -> Piece:
    """Of frames that show the scenes of these numbers."""
    lumas = [luma_of(SCENES[level]) for level in levels]
    return chosen_in_piece(range(len(levels)), lumas, interpolator or Fade(), num_nodes=24)


def test_one_key_frame_shows_what_is_there_for_longest():
    frames, _ = piece([0, 0, 1, 1, 1, 1, 1, 1, 1, 2]).sets[0]
    assert 2 <= frames[0] <= 8


def test_key_frames_stand_on_both_sides_of_a_change():
    levels = [0] * 9 + [1] * 3
    sets = piece(levels).sets
    frames, wrong = sets[-1]
    assert wrong == pytest.approx(0, abs=1e-6)
    assert {levels[frame] for frame in frames} == {0, 1}
    assert len(sets) <= 4, "where nothing happens nothing more is sent"


def test_more_key_frames_are_never_worse():
    wrong = [error for _, error in piece([0, 0, 1, 2, 2, 3, 3, 3, 0, 1]).sets]
    assert wrong == sorted(wrong, reverse=True)
    assert len(wrong) > 3


def test_the_choice_is_the_best_of_all():
    from itertools import combinations

    levels = [0, 0, 0, 1, 1, 2, 2, 2]
    found = piece(levels, Hold())
    lumas = [luma_of(SCENES[level]) for level in levels]

    def wrong_of(keys: tuple[int, ...]) -> float:
        """By the same costs: of each pair of neighbours, and of the ends."""
        pairs = chosen_in_piece(range(len(levels)), lumas, Hold(), num_nodes=24)
        return next((error for frames, error in pairs.sets if frames == keys), np.inf)

    for frames, error in found.sets:
        assert error <= min(wrong_of(keys) for keys in combinations(range(len(levels)), len(frames))) + 1e-9


def test_a_clip_of_one_frame_has_one_key_frame():
    assert [frames for frames, _ in piece([0]).sets] == [(0,)]


def pieces_of(*errors: tuple[float, ...]) -> list[Piece]:
    made, first = [], 0
    for sums in errors:
        sets = tuple((tuple(first + 3 * at for at in range(n + 1)), error) for n, error in enumerate(sums))
        made.append(Piece(first, first + 29, sets, 10.0))
        first += 30
    return made


QUIET, LIVELY = (1.0, 0.5, 0.4), (20.0, 14.0, 9.0, 5.0, 3.0, 2.0, 1.5, 1.2)


@pytest.mark.parametrize("num_bytes", [1, 90, 300, 1000, 4000, 20_000])
def test_shares_are_never_more_than_there_is(num_bytes: int):
    shares = shared(pieces_of(QUIET, LIVELY), num_bytes, 400_000)
    assert sum(share.num_bytes for share in shares) <= num_bytes
    assert len(shares) >= 1
    assert [share.frame for share in shares] == sorted(share.frame for share in shares)


def test_more_bytes_buy_more_key_frames_where_most_happens():
    counts = [len(shared(pieces_of(QUIET, LIVELY), num, 400_000)) for num in (100, 500, 2000, 20_000)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    in_lively = [share for share in shared(pieces_of(QUIET, LIVELY), 20_000, 400_000) if share.frame >= 30]
    assert len(in_lively) > 4


def test_a_still_is_finer_with_each_byte():
    wrong = [coarse(num_bytes, 400_000) for num_bytes in (10, 100, 1000, 10_000, 100_000)]
    assert wrong == sorted(wrong, reverse=True)
    assert all(0 < one < 1 for one in wrong)

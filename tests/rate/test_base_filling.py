"""A base picture fills the bytes that there are, whatever is between libaom's quantisers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.rate import base_filling
from semcodec.rate.base_filling import ABOUT, COARSEST, USUAL, Coded, Filler, Fineness
from semcodec.types import BasePicture, Size

ROOMS = range(320, 1300, 90)


@pytest.fixture(scope="module")
def photo_HWC(photo_path: Path) -> np.ndarray:
    with Image.open(photo_path) as whole:
        return np.asarray(whole.convert("RGB").resize((144, 96)))


def filled(photo_HWC: np.ndarray, rooms: range) -> list[float]:
    """Share of each."""
    shares = []
    for room in rooms:
        coded = Filler(photo_HWC, 8, room).full(Fineness(58))
        assert coded.fits == (len(coded.base.frame) <= room)
        shares.append(len(coded.base.frame) / room)
    return shares


def test_at_least_95_percent_of_any_number_of_bytes_is_used_and_never_more_than_all(photo_HWC: np.ndarray) -> None:
    shares = filled(photo_HWC, ROOMS)
    assert 0.95 <= min(shares) and max(shares) <= 1


def test_quantisers_alone_would_leave_more(photo_HWC: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_filling, "WAYS", {base_filling.USUAL: 0.0})
    monkeypatch.setattr(base_filling, "_OTHERWISE", ())
    assert min(filled(photo_HWC, ROOMS)) < 0.95


def test_where_nothing_fits_the_smallest_comes_back_and_says_so(photo_HWC: np.ndarray) -> None:
    for coded in (Filler(photo_HWC, 8, 20).full(Fineness(50)), Filler(photo_HWC, 8, 20).about(Fineness(50))):
        assert coded.is_too_much and not coded.fits and coded.fineness.quantiser == COARSEST


def test_more_bytes_than_the_finest_takes_give_the_finest(photo_HWC: np.ndarray) -> None:
    coded = Filler(photo_HWC, 8, 1_000_000).full(Fineness(30))
    assert coded.fits and coded.fineness.quantiser == 0


def test_about_as_many_bytes_are_found_in_few_tries(photo_HWC: np.ndarray) -> None:
    for room in ROOMS:
        filler = Filler(photo_HWC, 8, room)
        assert ABOUT[0] <= filler.about(Fineness(58)).excess <= ABOUT[1]
        assert len(filler.made) <= 5


def test_a_guess_that_moves_says_more_bytes_for_more() -> None:
    assert Fineness(50).moved(0) == Fineness(50)
    assert Fineness(50).moved(0.16) == Fineness(48) and Fineness(50).moved(-0.16) == Fineness(52)
    for log_bytes in (0.03, 0.05, -0.03):
        moved = Fineness(50).moved(log_bytes)
        assert moved.way != USUAL and moved.log_bytes - Fineness(50).log_bytes == pytest.approx(log_bytes, abs=0.01)
    assert Fineness(50).moved(-9).quantiser == COARSEST and Fineness(50).moved(9).quantiser == 0


@pytest.mark.parametrize("bytes_of", [lambda q, s: 5000 - 60 * q, lambda q, s: 4 ** (8 - q / 8), lambda q, s: 900])
def test_the_search_ends_whatever_the_bytes_do(bytes_of: Callable[[int, int], float]) -> None:
    class Told(Filler):
        def _coded(self, fineness: Fineness, speed: int, tools: Mapping[str, str] | None = None) -> Coded:
            frame = bytes(round(bytes_of(fineness.quantiser, fineness.way[0])))
            return Coded(BasePicture(Size(64, 64), 0, frame), fineness, math.log(len(frame) / self.room))

    for room in (10, 100, 899, 901, 4000, 100_000):
        filler = Told(np.zeros((64, 64, 3), np.uint8), 8, room)
        filler.full(Fineness(58))
        assert len(filler.made) <= 10

"""The network between key frames, on one of random weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from semcodec.contracts import Interpolator
from semcodec.errors import WeightsError
from semcodec.interpolators.network import NetworkInterpolator
from semcodec.models import Models, ModelSettings
from semcodec.nets.interpolator import InterpolatorNets
from semcodec.zoo.catalog import package_at

if TYPE_CHECKING:
    from semcodec.types import Pixels

RNG = np.random.default_rng(7)
FIRST, LAST = RNG.integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)


def test_a_network_that_is_named_is_the_interpolator(debug_interpolator: Path) -> None:
    interpolator = Models(ModelSettings(interpolator=str(debug_interpolator))).interpolator()
    assert isinstance(interpolator, Interpolator) and interpolator.name == debug_interpolator.name
    pictures = list(interpolator.between(FIRST, LAST, [0.25, 0.75]))
    assert [picture.shape for picture in pictures] == [FIRST.shape] * 2


def test_without_a_network_what_lies_between_is_motion_compensated() -> None:
    assert Models(ModelSettings(interpolator=None)).interpolator(0.01).name == "motion"


def test_what_is_no_interpolator_is_refused(debug_restorer: Path) -> None:
    with pytest.raises(WeightsError, match="no interpolator of this name"):
        Models(ModelSettings(interpolator=str(debug_restorer))).interpolator()


def test_it_is_tuned_to_the_bits_of_the_key_frames(debug_interpolator: Path) -> None:
    models = Models(ModelSettings(interpolator=str(debug_interpolator)))
    tuned, plain, unknown = (
        next(iter(models.interpolator(bits).between(FIRST, LAST, [0.5]))) for bits in (0.005, 0.5, None)
    )
    assert np.array_equal(plain, unknown) and not np.array_equal(plain, tuned)


def test_frames_that_are_too_large_for_it_are_made_smaller_meanwhile(debug_interpolator: Path) -> None:
    seen = []

    class Small(InterpolatorNets):
        def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Sequence[float]) -> Iterator[Pixels]:
            seen.append((first_HWC.shape, last_HWC.shape))
            return super().between(first_HWC, last_HWC, times)

    nets = Small(package_at(debug_interpolator).files, threads=1)
    nets.about = replace(nets.about, max_pixels=FIRST.shape[0] * FIRST.shape[1] // 4)
    (picture,) = NetworkInterpolator(nets, name="small").between(FIRST, LAST, [0.5])
    assert picture.shape == FIRST.shape and seen == [((20, 25, 3), (20, 25, 3))]

"""The network between key frames, on one of random weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from semcodec.contracts import Interpolator
from semcodec.errors import WeightsError
from semcodec.interpolators.network import NetworkInterpolator
from semcodec.interpolators.plain import Fade
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


@pytest.fixture(scope="module")
def shipped() -> Models:
    """With the network that is embedded."""
    return Models(ModelSettings(threads=1))


def test_the_embedded_network_follows_what_moves(shipped: Models, photo_path: Path) -> None:
    with Image.open(photo_path) as photo:
        first, truth, last = (np.asarray(photo.convert("RGB").crop((x, 90, x + 192, 218))) for x in (200, 206, 212))
    network = shipped.interpolator()
    (moved,), (again,), (faded,) = (
        list(each.between(first, last, [0.5])) for each in (network, Models(shipped.settings).interpolator(), Fade())
    )
    assert network.name == shipped.name_of("interpolator") == "interpolator-1"
    assert np.array_equal(moved, again)
    assert 4 * np.square(moved - truth.astype(float)).mean() < np.square(faded - truth.astype(float)).mean()


def test_the_embedded_network_has_an_adapter_for_whatever_key_frames_of_clips_have(shipped: Models) -> None:
    package = shipped.package("interpolator")
    assert package is not None
    about = InterpolatorNets(package.files).about
    edges = [(adapter.least_bpp, adapter.most_bpp) for adapter in about.adapters]
    assert edges[0][0] == 0 and all(left[1] == right[0] for left, right in zip(edges, edges[1:], strict=False))
    told = [about.adapter_for(bits) for bits in (0.001, 0.005, 0.015, 0.1, 1.0, None)]
    assert [adapter and adapter.file for adapter in told] == [
        "tuned-1.npz", "tuned-1.npz", "tuned-2.npz", "tuned-3.npz", None, None,
    ]  # fmt: skip


def test_adapters_are_a_twelfth_of_the_network_or_less(shipped: Models) -> None:
    package = shipped.package("interpolator")
    assert package is not None
    num = package.row["num_parameters"]
    sizes = {entry["file"].split("/")[1]: entry["bytes"] for entry in package.row["files"]}
    graphs = sizes["pair.onnx"] + sizes["at.onnx"]
    assert num["adapter"] < num["network"] / 12
    assert all(12 * size < graphs for name, size in sizes.items() if name.startswith("tuned"))

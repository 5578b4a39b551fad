"""The interpolator's graphs at run time, on one of random weights: sizes, times, adapters, facts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.errors import WeightsError
from semcodec.nets.interpolator import InterpolatorNets
from semcodec.zoo.catalog import package_at


@pytest.fixture(scope="module")
def nets(debug_interpolator: Path) -> InterpolatorNets:
    return InterpolatorNets(package_at(debug_interpolator).files, threads=1)


@pytest.fixture(scope="module")
def frames(photo_path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Two views of a photograph, 5 px apart."""
    photo = np.asarray(Image.open(photo_path).convert("RGB"))
    return photo[100:170, 200:290], photo[100:170, 205:295]


@pytest.mark.parametrize("size", [(1, 1), (7, 40), (32, 64), (33, 65)])
def test_frames_of_any_size_have_frames_of_that_size_between_them(
    nets: InterpolatorNets, frames: tuple[np.ndarray, np.ndarray], size: tuple[int, int]
) -> None:
    first, last = (frame[: size[0], : size[1]] for frame in frames)
    (between,) = nets.between(first, last, [0.5])
    assert between.shape == first.shape and between.dtype == np.uint8


def test_each_time_has_its_own_frame_and_no_other_time_changes_it(
    nets: InterpolatorNets, frames: tuple[np.ndarray, np.ndarray]
) -> None:
    early, late = nets.between(*frames, [0.2, 0.8])
    (alone,) = nets.between(*frames, [0.8])
    assert not np.array_equal(early, late)
    assert np.array_equal(alone, late)


def test_nothing_is_run_before_a_frame_is_asked_for(debug_interpolator: Path) -> None:
    files = package_at(debug_interpolator).files
    lazy = InterpolatorNets({name: path for name, path in files.items() if name == "about.json"})
    lazy.between(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8), [0.5])


def test_an_adapter_is_taken_for_the_bits_that_it_was_trained_for(
    nets: InterpolatorNets, frames: tuple[np.ndarray, np.ndarray]
) -> None:
    adapter = nets.about.adapter_for(0.005)
    assert adapter is not None and adapter.file == "tuned-1.npz"
    assert nets.about.adapter_for(0.01) is nets.about.adapter_for(None) is None
    (plain,), (tuned,), (again,) = (
        n.between(*frames, [0.5]) for n in (nets, nets.adapted(adapter), nets.adapted(None))
    )
    assert not np.array_equal(plain, tuned)
    assert np.array_equal(plain, again)


def test_an_adapter_of_another_network_is_refused(debug_interpolator: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(debug_interpolator, tmp_path / "other")
    frame = np.zeros((8, 8, 3), np.uint8)
    with np.load(folder / "tuned-1.npz") as file:
        matrices = {name: file[name] for name in file.files}
    for damaged in ({name: value[:-1] for name, value in matrices.items()}, {}):
        np.savez(folder / "tuned-1.npz", **damaged)
        nets = InterpolatorNets(package_at(folder).files)
        with pytest.raises(WeightsError, match="adapter"):
            next(nets.adapted(nets.about.adapters[0]).between(frame, frame, [0.5]))


def test_facts_that_are_none_are_refused(debug_interpolator: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(debug_interpolator, tmp_path / "other")
    facts = json.loads((folder / "about.json").read_text())
    del facts["adapted"]["at"]
    (folder / "about.json").write_text(json.dumps(facts))
    with pytest.raises(WeightsError, match="no facts of an interpolator"):
        InterpolatorNets(package_at(folder).files)

"""The restorer's graphs at run time, on one of random weights: tiles, sizes, facts."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.errors import WeightsError
from semcodec.nets.restorer import RestorerNets
from semcodec.zoo.catalog import package_at

TOLD = (-1.0, -0.5)


@pytest.fixture(scope="module")
def nets(debug_restorer: Path) -> RestorerNets:
    return RestorerNets(package_at(debug_restorer).files, threads=1)


@pytest.fixture(scope="module")
def image_HWC(photo_path: Path) -> np.ndarray:
    return np.asarray(Image.open(photo_path).convert("RGB").crop((200, 100, 539, 351)))


def test_tiles_give_what_the_whole_gives(nets: RestorerNets, image_HWC: np.ndarray) -> None:
    whole = nets.restore(image_HWC, TOLD)
    for tile_px, body_tile_px in ((64, 128), (128, 64), (512, 96), (48, 512)):
        assert np.array_equal(nets.restore(image_HWC, TOLD, tile_px=tile_px, body_tile_px=body_tile_px), whole)


def test_with_margins_that_are_too_narrow_tiles_would_differ(
    nets: RestorerNets, image_HWC: np.ndarray, debug_restorer: Path, tmp_path: Path
) -> None:
    whole = nets.restore(image_HWC, TOLD)
    for graph in ("head", "body", "tail"):
        files = package_at(shutil.copytree(debug_restorer, tmp_path / graph)).files
        facts = json.loads(files["about.json"].read_text())
        facts["margins_px"][graph] = 0
        if graph == "tail":  # (the head's margin stands beside it)
            facts["margins_px"]["head"] = 0
        files["about.json"].write_text(json.dumps(facts))
        narrow = RestorerNets(files, threads=1)
        assert not np.array_equal(narrow.restore(image_HWC, TOLD, tile_px=64, body_tile_px=64), whole), graph


@pytest.mark.parametrize("size", [(1, 1), (7, 40), (16, 16), (33, 65)])
def test_any_size_is_restored(nets: RestorerNets, image_HWC: np.ndarray, size: tuple[int, int]) -> None:
    part = image_HWC[: size[0], : size[1]]
    restored = nets.restore(part, TOLD)
    assert restored.shape == part.shape and restored.dtype == np.uint8
    assert not np.array_equal(restored, part)


def test_what_it_is_told_matters(nets: RestorerNets, image_HWC: np.ndarray) -> None:
    part = image_HWC[:64, :64]
    restored = [nets.restore(part, told) for told in ((-1.0, -1.4), (-1.0, 0.3), (2.0, 0.3))]
    assert not np.array_equal(restored[0], restored[1]) and not np.array_equal(restored[1], restored[2])


def test_of_what_is_told_it_takes_as_much_as_it_knows(nets: RestorerNets, image_HWC: np.ndarray) -> None:
    part = image_HWC[:64, :64]
    assert nets.about.num_conditions == 2
    assert np.array_equal(nets.restore(part, (0.0, 1.2, 1.0, 0.0)), nets.restore(part, (0.0, 1.2)))


@pytest.mark.parametrize("facts", ["", "[]", "{}", '{"multiple": 16, "bits_per_pixel": [1]}'])
def test_facts_that_are_none_are_refused(debug_restorer: Path, tmp_path: Path, facts: str) -> None:
    files = package_at(shutil.copytree(debug_restorer, tmp_path / "other")).files
    files["about.json"].write_text(facts)
    with pytest.raises(WeightsError, match=r"about\.json: holds no facts of a restorer"):
        RestorerNets(files)


def test_of_pictures_that_are_much_enlarged_it_is_told_that_they_are_finer(nets: RestorerNets) -> None:
    careful = replace(nets.about, caution=(1.5, 0.2), num_conditions=3)
    assert careful.told((1.0, 0.5)) == [1.0, 0.5, 0.0]
    assert careful.told((2.5, 0.5)) == pytest.approx([2.5, 0.7, 0.0])
    assert careful.told((-1.0, 0.5)) == [-1.0, 0.5, 0.0]  # from tokens
    assert replace(careful, caution=(0.0, 0.0)).told((2.5, 0.5, 1.0, 1.0)) == [2.5, 0.5, 1.0]


def test_of_pictures_of_few_tokens_it_is_told_that_they_are_finer(nets: RestorerNets) -> None:
    careful = replace(nets.about, caution_tokens=(-0.4, 0.5))
    assert careful.told((-1.0, -1.2))[:2] == pytest.approx([-1.0, -0.8])
    assert careful.told((-1.0, -0.4))[:2] == [-1.0, -0.4]
    assert careful.told((-1.0, 0.3))[:2] == [-1.0, 0.3] and careful.told((1.0, -1.2))[:2] == [1.0, -1.2]

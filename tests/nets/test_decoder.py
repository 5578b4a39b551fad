"""A decoder at run time: any subset of the tokens, in whole and in part; how far its facts say that it sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcodec.errors import WeightsError
from semcodec.ids import FamilyId
from semcodec.layers.tokens.family import find_family
from semcodec.nets.decoder import FINE, DecoderNets
from semcodec.nets.graphs import Graphs
from semcodec.types import MISSING, Size
from semcodec.zoo.catalog import shipped

FAMILY = find_family(FamilyId.NANO_1)


@pytest.fixture(scope="module")
def nets() -> DecoderNets:
    return DecoderNets(shipped().find("decoder", family=FAMILY.id).files, FAMILY, threads=1)


def half_there(working: Size) -> list[np.ndarray]:
    rng, digits = np.random.default_rng(2), []
    for stride, levels in zip(FAMILY.strides, FAMILY.levels, strict=True):
        rows, cols, middle = -(-working.height_px // stride), -(-working.width_px // stride), np.array(levels) // 2
        mine = rng.integers(middle - 1, middle + 2, (rows, cols, len(levels))).astype(np.uint8)
        mine[rng.random((rows, cols)) < 0.5] = MISSING
        digits.append(mine)
    return digits


def test_a_pyramid_without_any_token_paints_something_flat(nets: DecoderNets) -> None:
    digits = [np.full_like(scale, MISSING) for scale in half_there(Size(256, 256))]
    assert nets.decode(digits, Size(256, 256)).std() < 40


@pytest.mark.parametrize("tile_px", [256, 1024])
def test_a_region_has_the_pixels_of_the_whole(nets: DecoderNets, tile_px: int) -> None:
    working = Size(1300, 400)
    digits = half_there(working)
    whole = nets.decode(digits, working)
    for left, top, width, height in ((0, 0, 100, 90), (960, 233, 130, 41), (1299, 399, 1, 1), (500, 0, 7, 400)):
        part = nets.decode(digits, working, region=(left, top, width, height), tile_px=tile_px)
        theirs = whole[top : top + height, left : left + width]
        assert part.shape == theirs.shape and np.abs(part.astype(int) - theirs).max() <= 1


def test_no_token_is_felt_farther_away_than_it_is_said_to_reach(nets: DecoderNets) -> None:
    working = Size(3072, 128)
    digits = half_there(working)
    before = nets.decode(digits, working)
    for scale, stride in enumerate(FAMILY.strides):
        col = working.width_px // stride // 2
        changed = [scale_digits.copy() for scale_digits in digits]
        changed[scale][:, col] = np.where(changed[scale][:, col] == MISSING, 0, MISSING)
        touched = np.flatnonzero((nets.decode(changed, working) != before).any(axis=(0, 2)))
        assert len(touched), f"a token of stride {stride} shows"
        far = max(col * stride - touched.min(), touched.max() + 1 - (col + 1) * stride)
        assert far <= nets.reach_px(stride), stride


def test_the_fine_graph_sees_as_far_as_its_facts_say(nets: DecoderNets) -> None:
    graphs = Graphs(shipped().find("decoder", family=FAMILY.id).files, threads=1)
    stride, col = nets.about.fine_stride, 20
    rng = np.random.default_rng(3)
    features = rng.normal(0, 1, (1, 320, 3, 2 * col)).astype(np.float32)
    changed = features.copy()
    changed[..., col] += 1000
    before, after = (graphs.run(FINE, features=given)[0][0] for given in (features, changed))
    touched = np.flatnonzero((before != after).any(axis=(0, 2)))
    far = max(col * stride - touched.min(), touched.max() + 1 - (col + 1) * stride)
    assert far == nets.about.reach_px <= nets.about.margin_px


def test_facts_that_are_none_are_refused(tmp_path: Path) -> None:
    files = dict(shipped().find("decoder", family=FAMILY.id).files)
    for facts in ("", "[]", '{"decoder": {}}', '{"encoder": {"fine_stride": 8}}'):
        (tmp_path / "about.json").write_text(facts)
        with pytest.raises(WeightsError, match=r"about\.json: holds no facts of a decoder"):
            DecoderNets({**files, "about.json": tmp_path / "about.json"}, FAMILY)

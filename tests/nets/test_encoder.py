"""An encoder at run time, with the predictor in its loop; how far its facts say that it sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.errors import WeightsError
from semcodec.ids import FamilyId
from semcodec.layers.tokens.family import find_family
from semcodec.nets.encoder import EncoderNets
from semcodec.nets.graphs import Graphs
from semcodec.types import Size
from semcodec.zoo.catalog import shipped

FAMILY = find_family(FamilyId.NANO_1)
FILES, PREDICTOR = (shipped().find(purpose, family=FAMILY.id).files for purpose in ("encoder", "predictor"))


@pytest.fixture(scope="module")
def nets() -> EncoderNets:
    return EncoderNets(FILES, PREDICTOR, FAMILY, threads=1)


def test_tiled_and_whole_encodes_and_decodes_agree(nets: EncoderNets, photo_path: Path) -> None:
    image_HWC = np.asarray(Image.open(photo_path).convert("RGB").resize((1100, 701)))
    whole, tiled = nets.encode(image_HWC, tile_px=4096), nets.encode(image_HWC, tile_px=512)
    assert all(np.mean(a != b) < 0.001 for a, b in zip(whole, tiled, strict=True))
    size = Size(1100, 701)
    one, many = (nets.predictor.decode(whole, size, tile_px=tile_px) for tile_px in (4096, 512))
    assert np.abs(one.astype(int) - many).max() <= 1


def test_digits_stay_within_their_levels_and_only_where_the_picture_is(nets: EncoderNets, photo_path: Path) -> None:
    image_HWC = np.asarray(Image.open(photo_path).convert("RGB").resize((200, 90)))
    for digits, levels, stride in zip(nets.encode(image_HWC), FAMILY.levels, FAMILY.strides, strict=True):
        assert digits.shape == (-(-90 // stride), -(-200 // stride), len(levels))
        assert (digits.reshape(-1, len(levels)).max(0) < np.array(levels)).all()


def test_reconstructions_come_nearer_with_every_scale(nets: EncoderNets, photo_path: Path) -> None:
    image_HWC = np.asarray(Image.open(photo_path).convert("RGB").resize((256, 128)))
    made: dict[int, np.ndarray] = {}
    nets.encode(image_HWC, reconstructions=made)
    errors = [float(np.square(made[scales] - image_HWC.astype(float)).mean()) for scales in sorted(made)]
    assert len(errors) == 3 and errors == sorted(errors, reverse=True)


def test_the_fine_graph_sees_as_far_as_its_facts_say(nets: EncoderNets) -> None:
    graphs = Graphs(FILES, threads=1)
    stride, side = nets.about.fine_stride, 160
    image = np.random.default_rng(3).integers(0, 256, (1, 16, side, 3), dtype=np.uint8)
    reach = []
    for col in range(side // 2, side // 2 + stride):
        changed = image.copy()
        changed[:, :, col] = 255 - changed[:, :, col]
        before, after = (graphs.run("encoder-fine", image=given)[0] for given in (image, changed))
        felt = np.flatnonzero((before != after).any(axis=(0, 1, 2)))
        reach += [col + 1 - (felt.max() + 1) * stride, felt.min() * stride - col]
        reach += [felt.max() * stride - col, col + 1 - (felt.min() + 1) * stride]
    assert max(reach) == nets.about.reach_px <= nets.about.margin_px


def test_facts_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "about.json").write_text('{"decoder": {}}')
    with pytest.raises(WeightsError, match=r"about\.json: holds no facts of an encoder"):
        EncoderNets({**FILES, "about.json": tmp_path / "about.json"}, PREDICTOR, FAMILY)

"""The significance head's recipe: from pictures to a graph, in seconds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from semcodec import api
from semcodec.nets.significance import SignificanceNet
from semcodec_train import significance
from semcodec_train.perceptual import DEPTHS, feature_distance
from semcodec_train.recipes import significance_debug
from semcodec_train.significance_targets import Worth, block_worths, gain_of_pixels, load_worths, write_worths

RECIPE = significance_debug()


class TinyJudge(nn.Module):
    """Features at as many depths as the judge has, of a random convolution each."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.layers = nn.ModuleDict({str(depth): nn.Conv2d(3, 4, 3, padding=1) for depth in DEPTHS})

    def forward(self, image_NCHW: torch.Tensor) -> dict[int, torch.Tensor]:
        return {depth: self.layers[str(depth)](image_NCHW) for depth in DEPTHS}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory, photo_path: Path, other_photo_path: Path) -> list[Path]:
    folder = tmp_path_factory.mktemp("photos")
    for path in (photo_path, other_photo_path):
        with Image.open(path) as photo:
            photo.resize((384, 256)).save(folder / path.name)
    return sorted(folder.iterdir())


def test_the_gains_of_all_pixels_are_what_the_distance_loses(photos: list[Path]) -> None:
    original = np.asarray(Image.open(photos[0]).convert("RGB"))[:64, :96]
    before, after = (np.clip(original.astype(int) + more, 0, 255).astype(np.uint8) for more in (30, 10))
    judge = TinyJudge()

    def distance(image_HWC: np.ndarray) -> float:
        features = [
            judge(torch.from_numpy(x.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1) for x in (original, image_HWC)
        ]
        return float(feature_distance(*features).detach())

    gain = gain_of_pixels(judge, original, before, after, num_points=32)
    assert gain.shape == (64, 96)
    assert gain.sum() == pytest.approx(distance(before) - distance(after), rel=0.02)


def test_targets_have_a_number_for_every_block_and_are_judged_every_nth_time(
    photos: list[Path], tmp_path: Path
) -> None:
    write_worths(photos, RECIPE, TinyJudge(), tmp_path, num_pictures=4)
    images, worths = load_worths(tmp_path)
    assert images.shape == (4, RECIPE.crop_px, RECIPE.crop_px, 3)
    assert [worth.stride for worth in worths] == sorted(RECIPE.strides, reverse=True)
    for worth in worths:
        side = RECIPE.crop_px // worth.block_px
        assert worth.gain.shape == worth.structure.shape == worth.bits.shape == (4, side, side)
        judged = [not bool(gain.isnan().any()) for gain in worth.gain]
        assert judged == [at % RECIPE.judged_every == 0 for at in range(4)]
        assert (worth.bits > 0).all()
    before = (tmp_path / "0000.npz").stat().st_mtime_ns
    write_worths(photos, RECIPE, TinyJudge(), tmp_path, num_pictures=4)
    assert (tmp_path / "0000.npz").stat().st_mtime_ns == before


def made_worths(num: int, rng: np.random.Generator) -> tuple[torch.Tensor, list[Worth]]:
    """Pictures of flat and striped blocks, in which stripes are worth something."""
    size = RECIPE.crop_px
    striped = rng.integers(0, 2, (num, size // 32, size // 32))
    stripes = np.tile(np.arange(size) % 8 < 4, (size, 1)) * 120
    mask = striped.repeat(32, 1).repeat(32, 2)
    images = (60 + mask * stripes).astype(np.uint8)[..., None].repeat(3, 3)
    ones = torch.ones(striped.shape)
    worth = torch.from_numpy(striped).float() * 2 + 0.1
    return torch.from_numpy(images), [Worth(16, 32, torch.full(striped.shape, torch.nan), worth, ones, 50 * ones)]


def test_training_learns_what_blocks_are_worth() -> None:
    rng = np.random.default_rng(0)
    recipe = replace(RECIPE, num_steps=60, batch=8)
    told: list[str] = []
    _, said = significance.train(recipe, made_worths(24, rng), made_worths(8, rng), log=told.append)
    order = said["16.structure"]
    assert order["model"] > 0.9 * order["best"] and order["correlation"] > 0.8
    assert json.loads(told[-1])["step"] == 60


def test_a_block_s_worth_is_its_cells_mean_times_a_power_of_its_activity() -> None:
    cells = torch.rand(2, 16, 16) + 0.1
    ones = torch.ones(2, 4, 4)
    worth = Worth(16, 32, ones, ones, 4 * ones, 7 * ones)
    said = significance.worth_per_bit(cells, worth, RECIPE)
    expected = cells[0, :4, :4].mean() * 4**RECIPE.power / (7 + RECIPE.flag_bits)
    assert said[0, 0, 0] == pytest.approx(float(expected), rel=1e-5)


def test_the_graph_says_what_the_model_says_and_gets_its_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = significance.Significance(RECIPE)
    image = torch.randint(0, 256, (1, 72, 136, 3), dtype=torch.uint8)
    graph = significance.export_significance(model, image, tmp_path / "zoo" / "weights" / "x")
    with torch.no_grad():
        wanted = model(image)[0].numpy()
    assert np.abs(SignificanceNet(graph)(image[0].numpy()) - wanted).max() < 0.05 * wanted.max()
    (tmp_path / "zoo" / "models.json").write_text("{}")
    monkeypatch.setattr(significance.semcodec, "__file__", str(tmp_path / "__init__.py"))
    significance.add_to_models("x", model, graph, {"licence": "Apache-2.0"})
    entry = json.loads((tmp_path / "zoo" / "models.json").read_text())["x"]
    assert entry["kind"] == "significance" and entry["files"][0]["bytes"] == graph.stat().st_size


def test_worths_of_a_real_picture_are_those_of_the_shipped_family(photos: list[Path]) -> None:
    nets, family = api._family(api.DEFAULT_FAMILY)
    image = np.asarray(Image.open(photos[0]).convert("RGB"))[:128, :128]
    found = block_worths(image, nets, family, None, RECIPE)
    assert np.isnan(found["16.gain"]).all() and (found["8.structure"] != 0).any()

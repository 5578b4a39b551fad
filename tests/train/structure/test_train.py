"""Structure tokens: a transform, networks that correct it, prices, tables, graphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from semcodec.layers.tokens.family import parse_family
from semcodec_train.common.run import Sources
from semcodec_train.judges.efficientnet import EfficientNetLite
from semcodec_train.outliner.model import Outliner
from semcodec_train.structure.export import export_graphs, load_codec
from semcodec_train.structure.model import StructureCodec, outline_loss
from semcodec_train.structure.recipes import structure_debug
from semcodec_train.structure.tables import BLOCKS, count_structure, digits_of
from semcodec_train.structure.train import WEIGHTS, train
from semcodec_train.structure.transform import fit_transform
from semcodec_train.tokenizer.model import digit_values


def ridges(num: int = 12) -> torch.Tensor:
    """Soft lines of all directions, 0..1."""
    rng = np.random.default_rng(0)
    rows, cols = np.mgrid[:32, :32]
    maps = []
    for _ in range(num):
        angle, place = rng.uniform(0, np.pi), rng.uniform(8, 24)
        away = (rows - place) * np.cos(angle) + (cols - 16) * np.sin(angle)
        maps.append(np.exp(-(away**2) / 3))
    return torch.tensor(np.stack(maps), dtype=torch.float32)[:, None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maps")
    for at, map_HW in enumerate((ridges()[:, 0] * 255).byte().numpy()):
        Image.fromarray(map_HW).save(folder / f"{at}.png")
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("structure")
    train(structure_debug(), [folder], out, sources=Sources(), log=lambda line: None)
    return out / WEIGHTS


def test_the_transform_alone_tells_where_lines_are() -> None:
    recipe, maps = structure_debug(), ridges()
    codec = StructureCodec(recipe.spec, recipe.widths)
    fit_transform(codec.transform, maps)
    digits = codec.digits(maps, torch.ones(len(maps), 1))
    tokens = [digit_values(d, levels) for d, levels in zip(digits, recipe.spec.levels, strict=True)]
    with torch.no_grad():
        told = outline_loss(codec(tokens), maps, 2.0)
        nothing = outline_loss(torch.full_like(maps, -1.5), maps, 2.0)
    assert told < 0.8 * nothing


def test_fewer_digits_say_something_the_less_may_be_spent() -> None:
    recipe, maps = structure_debug(), ridges()
    codec = StructureCodec(recipe.spec, recipe.widths)
    fit_transform(codec.transform, maps)
    said = []
    for spend in (0.0, 0.5, 1.0):
        digits = codec.digits(maps, torch.full((len(maps), 1), spend))
        middles = [torch.tensor(levels).view(1, -1, 1, 1) // 2 for levels in recipe.spec.levels]
        assert all(bool((d <= 2 * m).all()) for d, m in zip(digits, middles, strict=True))
        said.append(sum(int((d != m).sum()) for d, m in zip(digits, middles, strict=True)))
    assert 0 <= said[0] < said[1] < said[2]


def test_a_decoder_that_is_trained_again_keeps_what_digits_mean(trained: Path, folder: Path, tmp_path: Path) -> None:
    train(structure_debug(), [folder], tmp_path, trained, sources=Sources(), log=lambda line: None)
    before, after = (torch.load(path, weights_only=True) for path in (trained, tmp_path / WEIGHTS))
    kept = [name for name in before if name.startswith("transform.")]
    assert kept and all(torch.equal(before[name], after[name]) for name in kept)


def test_tables_are_counted_for_all_that_may_be_spent(trained: Path) -> None:
    codec = load_codec(trained)
    maps = [(map_HW * 255).byte().numpy() for map_HW in ridges()[:, 0]]
    family = parse_family(count_structure(digits_of(codec, maps), codec.spec, "outlines-debug"), 1)
    assert (family.strides, family.levels, family.blocks) == (codec.spec.strides, codec.spec.levels, BLOCKS)


def test_graphs_do_what_the_networks_do(trained: Path, picture_network: Path, tmp_path: Path) -> None:
    outliner = Outliner(EfficientNetLite(picture_network), width=4).eval()
    image_HWC = (ridges()[0, 0] * 255).byte().repeat(2, 2)[:, :, None].expand(-1, -1, 3).contiguous()
    paths = export_graphs(outliner, load_codec(trained), image_HWC, tmp_path)  # (raises where they do not)
    assert set(paths) == {"outliner", "structure-encoder", "structure-decoder"}
    assert all(path.stat().st_size < 2_000_000 for path in paths.values())

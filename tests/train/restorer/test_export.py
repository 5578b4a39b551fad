"""The restorer as it is trained and exported: sizes read from weights, margins as wide as it sees, parity."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from semcodec.nets.restorer import RestorerNets
from semcodec.zoo.catalog import package_at
from semcodec_train.restorer.export import export_restorer, pairs_in
from semcodec_train.restorer.model import Restorer, RestorerSize
from semcodec_train.restorer.recipes import RECIPES, restorer_debug


@pytest.fixture(scope="module")
def model() -> Restorer:
    torch.manual_seed(5)
    size = restorer_debug().size
    return Restorer(size.widths, size.blocks, size.half, size.last).eval()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, photo_path: Path) -> Path:
    """Pairs as `restorer.data` writes them: an original, and two pictures decoded from it."""
    found, photo = tmp_path_factory.mktemp("pairs"), Image.open(photo_path).convert("RGB").crop((100, 50, 260, 160))
    pictures = [(photo, {}), (photo.resize((80, 55)), {"source": "base", "condition": [1.0, 0.5]})]
    pictures.append((photo, {"source": "tokens", "condition": [-1.0, -0.3]}))
    at, lines = 0, []
    with (found / "pixels.bin").open("wb") as pixels:
        for picture, facts in pictures:
            lines.append(json.dumps({"at": at, "size": picture.size, **facts}))
            at += pixels.write(picture.tobytes())
    (found / "index.jsonl").write_text("\n".join(lines) + "\n")
    return found


def test_a_networks_size_is_read_from_its_weights(model: Restorer) -> None:
    weights = {name: values.half() for name, values in model.state_dict().items()}
    again = Restorer.with_weights(weights)
    assert again.size == model.size == restorer_debug().size
    deeper = RestorerSize((4, 6, 8), (2, 1, 3), 4, 2)
    larger = Restorer(deeper.widths, deeper.blocks, deeper.half, deeper.last)
    assert RestorerSize.of(larger.state_dict()) == deeper


def test_what_a_shallower_network_knows_is_where_a_deeper_one_begins(model: Restorer) -> None:
    deeper = Restorer((4, 6, 8), (1, 2, 3), 4, 2).eval()
    deeper.begin_from(model.state_dict())
    image, told = torch.rand(1, 3, 32, 48) * 2 - 1, torch.tensor([[-1.0, 0.2]])
    assert torch.allclose(deeper(image, told), model(image, told), atol=1e-6)
    with pytest.raises(ValueError, match="another or a larger network"):
        model.begin_from(deeper.state_dict())


def test_what_a_network_was_not_told_counts_for_nothing_at_first(model: Restorer) -> None:
    told_more = Restorer((4, 6, 8), (1, 1, 1), 4, 2, conditions=4).eval()
    told_more.begin_from(model.state_dict())
    image, told = torch.rand(1, 3, 32, 48) * 2 - 1, torch.tensor([[-1.0, 0.2, 1.0, -3.0]])
    assert torch.allclose(told_more(image, told), model(image, told[:, :2]), atol=1e-6)
    with pytest.raises(ValueError, match="another or a larger network"):
        model.begin_from(told_more.state_dict())


def test_a_wider_network_does_at_first_what_the_narrower_one_does(model: Restorer) -> None:
    wider = Restorer((6, 9, 8), (2, 1, 2), 7, 3, conditions=4).eval()
    image, told = torch.rand(1, 3, 32, 48) * 2 - 1, torch.tensor([[-1.0, 0.2, 1.0, -3.0]])
    wanted = model(image, told[:, :2])
    assert not torch.allclose(wider(image, told), wanted, atol=1e-3)
    wider.begin_from(model.state_dict())
    assert torch.allclose(wider(image, told), wanted, atol=1e-6)
    # What is new can learn: it is not zero throughout.
    wider(image, told).square().mean().backward()
    assert wider.fin.weight.grad is not None and (wider.fin.weight.grad[:, 2:] != 0).any()
    with pytest.raises(ValueError, match="another or a larger network"):
        model.begin_from(wider.state_dict())


def test_a_package_says_how_many_numbers_it_is_told(tmp_path: Path, photo_path: Path) -> None:
    torch.manual_seed(5)
    model = Restorer((4, 6, 8), (1, 1, 1), 4, 2, conditions=4).eval()
    again = Restorer.with_weights(model.state_dict())
    export_restorer(again, tmp_path)
    nets = RestorerNets(package_at(tmp_path).files, threads=1)
    assert nets.about.num_conditions == again.num_conditions == 4
    part = np.asarray(Image.open(photo_path).convert("RGB").crop((100, 50, 164, 98)))
    two = nets.restore(part, (0.0, 1.0))
    assert np.array_equal(two, nets.restore(part, (0.0, 1.0, 0.0, 0.0)))
    assert not np.array_equal(two, nets.restore(part, (0.0, 1.0, 9.0, 0.0)))


@pytest.mark.parametrize("blocks", [(1, 1, 1), (2, 1, 2)])
def test_no_pixel_depends_on_any_beyond_the_margins(blocks: tuple[int, int, int]) -> None:
    torch.manual_seed(1)
    model = Restorer((4, 4, 4), blocks, 4, 2).double()
    reach = sum(model.size.margins_px().values())
    image = torch.rand(1, 3, 16, 32 + 4 * reach // 16 * 16, dtype=torch.double, requires_grad=True)
    at = image.shape[3] // 2 // 16 * 16 + 5
    model(image, torch.zeros(1, 2, dtype=torch.double))[0, :, :, at].sum().backward()
    assert image.grad is not None
    felt = image.grad.abs().sum(dim=(0, 1, 2)).nonzero().flatten()
    assert at - reach <= felt.min() < at - reach // 2 and at + reach // 2 < felt.max() <= at + reach


@pytest.mark.parametrize("calibrated", [False, True])
def test_the_package_gives_what_pytorch_gives(model: Restorer, folder: Path, tmp_path: Path, calibrated: bool) -> None:
    pairs = pairs_in([folder], num=2)
    assert [image_HWC.shape for image_HWC, _ in pairs] == [(96, 160, 3)] * 2
    assert [told for _, told in pairs] == [(1.0, 0.5), (-1.0, -0.3)]
    export_restorer(model, tmp_path, pairs if calibrated else ())
    nets = RestorerNets(package_at(tmp_path).files, threads=1)
    for image_HWC, told in pairs:
        image = torch.from_numpy(image_HWC).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.no_grad():
            wanted = (model(image, torch.tensor([told])) + 1) * 127.5
        off = nets.restore(image_HWC, told) - wanted[0].clamp(0, 255).permute(1, 2, 0).numpy()
        assert np.abs(off).mean() < 1.5
    # (integers are in the graphs where there was something to calibrate them with)
    assert (b"QuantizeLinear" in (tmp_path / "body.onnx").read_bytes()) == calibrated


def test_a_package_that_is_too_large_is_refused(
    model: Restorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("semcodec_train.restorer.export.MAX_PACKAGE_BYTES", 10_000)
    with pytest.raises(ValueError, match="a restorer's package may have 10000"):
        export_restorer(model, tmp_path)


def test_every_recipe_has_a_size_whose_margins_are_whole_multiples() -> None:
    assert {"restorer_debug", "restorer_nano"} <= set(RECIPES)
    assert all(make().size.margins_px()["body"] % 16 == 0 for make in RECIPES.values())

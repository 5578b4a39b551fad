"""The restorer's training: pairs by the product's own code, what a picture is judged by, a few steps of the loop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

import semcodec
from semcodec.painters.told import base_told, tokens_told
from semcodec.pictures import encoded_base
from semcodec.rate.base import SPEEDS
from semcodec_train.judges.mobilenet import DEPTHS
from semcodec_train.restorer.data import bases_of, tokens_of, write_pairs
from semcodec_train.restorer.losses import ProjectedDiscriminator, lattice_energy, shifted_and_rescaled
from semcodec_train.restorer.model import BITS_PER_PIXEL, Restorer
from semcodec_train.restorer.pairs import PairStream
from semcodec_train.restorer.recipes import restorer_debug
from semcodec_train.restorer.train import Growth, train


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads that share a busy core wait for each other: tiny steps then take ten times as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def original(photo_path: Path) -> Image.Image:
    with Image.open(photo_path) as photo:
        return photo.convert("RGB").resize((240, 192), box=(100, 50, 580, 434))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory, original: Image.Image) -> Path:
    """A folder of folders of pairs."""
    folder = tmp_path_factory.mktemp("pairs")
    for source in ("base", "tokens"):
        assert write_pairs([original], source, folder / source, seed=3) > 2
    return folder


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny stand-ins for the fixed networks, with random weights."""
    folder, rng = tmp_path_factory.mktemp("networks"), torch.Generator().manual_seed(0)

    def kernel(out: int, channels: int, side: int) -> torch.Tensor:
        return torch.randn(out, channels, side, side, generator=rng) * (2 / channels / side**2) ** 0.5

    layers, weights = [], {}
    for at in range(DEPTHS[-1] + 1):
        layers.append({"op": "conv", "index": at, "kernel": 1, "stride": 2 if at in (0, 3, 10) else 1, "relu6": False})
        weights |= {f"{at}.weight": kernel(4, 4 if at else 3, 1), f"{at}.bias": torch.zeros(4)}
    save_file(weights, folder / "mobilenet_v2.safetensors", {"layers": json.dumps(layers)})

    spec = [[32, 32, 4, 3, 1], *([4, 8, 4, 3, 2],) * 4]
    weights = {"stem.weight": kernel(32, 3, 3), "stem.bias": torch.zeros(32)}
    for at, (channels, middle, out, side, _) in enumerate(spec):
        shapes = {"depth": (middle, 1, side), "project": (out, middle, 1)}
        if middle != channels:
            shapes["expand"] = (middle, channels, 1)
        for name, shape in shapes.items():
            weights |= {
                f"blocks.{at}.{name}.weight": kernel(*shape),
                f"blocks.{at}.{name}.bias": torch.zeros(shape[0]),
            }
    weights |= {"head.weight": kernel(6, 4, 1), "head.bias": torch.zeros(6)}
    weights |= {"fc.weight": torch.zeros(5, 6), "fc.bias": torch.zeros(5)}
    save_file(weights, folder / "efficientnet_lite2.safetensors", {"spec": json.dumps(spec)})

    weights, channels = {}, 3
    for at, (name, side) in enumerate(
        (("slice1.0", 11), ("slice2.3", 5), ("slice3.6", 3), ("slice4.8", 3), ("slice5.10", 3))
    ):
        weights |= {f"net.{name}.weight": kernel(4, channels, side), f"net.{name}.bias": torch.zeros(4)}
        weights[f"lin{at}.model.1.weight"] = torch.full((1, 4, 1, 1), 0.25)
        channels = 4
    save_file(weights, folder / "lpips_alex.safetensors")
    return folder


def test_bases_of_a_photograph_are_coded_and_told_as_by_the_product(
    original: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def told(base: semcodec.types.BasePicture, size: semcodec.types.Size) -> tuple[float, float]:
        seen.append(base_told(base, size))
        return seen[-1]

    monkeypatch.setattr("semcodec_train.restorer.data.base_told", told)
    speeds = []

    def encoded(*args: Any, quality: int, speed: int) -> semcodec.types.BasePicture:
        speeds.append(speed)
        return encoded_base(*args, quality=quality, speed=speed)

    monkeypatch.setattr("semcodec_train.restorer.data.encoded_base", encoded)
    found = list(bases_of(original, np.random.default_rng(0), 5))
    assert [pair.condition for pair in found] == seen
    assert speeds == [SPEEDS[0][1]] * 5  # that of the pictures which the product keeps, of this size
    for pair in found:
        width = pair.image_hwC.shape[1]
        assert 16 <= width <= 240 and abs(pair.condition[0] - np.log2(240 / width)) < 0.1


def test_a_damaged_file_of_tokens_is_told_by_what_arrived(original: Image.Image) -> None:
    found = list(tokens_of(original, np.random.default_rng(1), 4))
    whole, damaged = found[::2], found[1::2]
    assert len(found) == 8
    for pair, less in zip(whole, damaged, strict=True):
        assert pair.condition[0] == less.condition[0] == -1
        assert less.condition[1] <= pair.condition[1] <= 0.35
        assert less.image_hwC.shape == pair.image_hwC.shape
    assert any(not np.array_equal(less.image_hwC, pair.image_hwC) for pair, less in zip(whole, damaged, strict=True))
    assert any(less.condition[1] < pair.condition[1] for pair, less in zip(whole, damaged, strict=True))


def test_a_whole_file_of_tokens_is_told_as_the_product_tells_it(original: Image.Image) -> None:
    rng = np.random.default_rng(7)
    (pair, *_) = tokens_of(original, rng, 1)
    size = semcodec.types.Size(*original.size)
    low, high = (np.log(bpp * size.width_px * size.height_px / 8) for bpp in BITS_PER_PIXEL)
    num_bytes = round(np.exp(np.random.default_rng(7).uniform(low, high)))
    scene = semcodec.read(semcodec.encode(original, bytes=num_bytes, picture="tokens").data).scene
    assert pair.condition == tokens_told(scene, size, BITS_PER_PIXEL)
    assert np.array_equal(pair.image_hwC, semcodec.render(scene, size=scene.tokens.working, restore=False))  # type: ignore[union-attr]


def test_crops_of_both_pictures_show_the_same_place(tmp_path: Path, original: Image.Image) -> None:
    pictures = [(original, {}), (original.resize((120, 96)), {"source": "base", "condition": [1.0, 0.5]})]
    (tmp_path / "pixels.bin").write_bytes(b"".join(picture.tobytes() for picture, _ in pictures))
    starts = [0, 240 * 192 * 3]
    rows = [{"at": at, "size": picture.size, **facts} for at, (picture, facts) in zip(starts, pictures, strict=True)]
    (tmp_path / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    batch = PairStream(tmp_path, crop_px=96, batch=6, tokens_share=0.5, seed=0).draw()
    assert batch.original.shape == batch.enlarged.shape == (6, 3, 96, 96)
    assert batch.condition.tolist() == [[1.0, 0.5]] * 6
    a, b = batch.original.float(), batch.enlarged.float()
    in_step = (a - b).abs().mean((1, 2, 3))
    for moved in (a.roll(3, 3), a.roll(3, 2), a.flip(3)):
        assert (in_step < 0.8 * (moved - b).abs().mean((1, 2, 3))).all()


def test_folders_that_appear_are_taken_up_and_none_is_an_error(tmp_path: Path, pairs: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"restorer\.data makes some"):
        PairStream(tmp_path / "*", crop_px=96, batch=1, tokens_share=0, seed=0)
    (tmp_path / "first").symlink_to(pairs / "base")
    stream = PairStream(tmp_path / "*", crop_px=96, batch=1, tokens_share=0, seed=0)
    before = stream.sha256()
    (tmp_path / "second").symlink_to(pairs / "tokens")
    stream.look_again()
    assert stream.num_pairs["tokens"] > 0 and stream.sha256() != before


def test_a_lattice_is_seen_and_grain_is_not() -> None:
    rng = torch.Generator().manual_seed(0)
    grain = torch.randn(1, 3, 192, 192, generator=rng) * 0.02
    for period in (2, 4, 8, 16):
        lattice = torch.zeros(1, 3, 192, 192)
        lattice[..., ::period, ::period] = 0.01 * period
        with_it, without = lattice_energy(grain + lattice), lattice_energy(grain)
        assert with_it > 1.5 * without
        # (the same energy, in places that do not repeat)
        scattered = lattice.flatten()[torch.randperm(lattice.numel(), generator=rng)].view_as(lattice)
        assert lattice_energy(lattice) > 10 * lattice_energy(scattered)


def test_what_is_shifted_and_rescaled_stays_in_step() -> None:
    image, rng = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(1)), torch.Generator().manual_seed(2)
    sides = set()
    for _ in range(8):
        a, b = shifted_and_rescaled((image, 2 * image), rng)
        assert torch.allclose(2 * a, b, atol=1e-5)
        sides.add(a.shape[-1])
    assert 88 in sides and len(sides) > 2 and all(0.6 * 88 - 1 <= side <= 1.15 * 88 for side in sides)


def test_the_discriminator_learns_what_can_be_told_apart() -> None:
    torch.manual_seed(0)
    net, rng = ProjectedDiscriminator([6, 8], width=16), torch.Generator().manual_seed(3)
    optimiser = torch.optim.AdamW(net.heads.parameters(), lr=2e-3, betas=(0.0, 0.99))

    def maps(first: float) -> list[torch.Tensor]:
        found = [torch.randn(4, c, side, side, generator=rng) for c, side in ((6, 16), (8, 8))]
        for x in found:
            x[:, 0] += first
        return found

    losses, shares = [], []
    for _ in range(30):
        loss, right = net.loss(maps(2.0), maps(-2.0))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        shares.append(right)
    assert losses[-1] < 0.6 * losses[0] and shares[-1] > 0.9
    assert net.fooled(maps(2.0)) < net.fooled(maps(-2.0))


def test_a_training_runs_goes_on_and_says_what_it_was_made_with(pairs: Path, networks: Path, tmp_path: Path) -> None:
    recipe, lines = replace(restorer_debug(), minutes=0.02), []
    train(recipe, pairs / "*", networks, tmp_path / "first", log=lines.append)
    weights = load_file(tmp_path / "first" / "restorer.safetensors")
    assert Restorer.with_weights(weights).size == recipe.size
    assert all(value.isfinite().all() and value.dtype == torch.float16 for value in weights.values())
    first = json.loads((tmp_path / "first" / "run.json").read_text())
    assert first["recipe"] == "semcodec_train.restorer.recipes.restorer_debug"
    assert first["settings"]["size"]["widths"] == [4, 6, 8] and first["parents"] == {}
    assert first["crops"] == 2 * first["steps"] > 0 and first["seconds"] >= 1
    assert len(first["data"]["pairs"]) == 64
    wanted = {"pixels", "coarse", "lattice", "lpips", "mobilenet", "efficientnet", "adversary", "discerned", "norm"}
    assert wanted <= set(first["losses"]) and set(first["pairs"]) == {"base", "tokens"}

    # Given more minutes it goes on; the one that is done says the same again.
    train(recipe, pairs / "*", networks, tmp_path / "first", log=lines.append)
    assert lines[-2] == f"resumed at step {first['steps']}"
    assert json.loads((tmp_path / "first" / "run.json").read_text())["losses"] == first["losses"]
    train(
        replace(recipe, minutes=(first["seconds"] + 1.5) / 60),
        pairs / "*",
        networks,
        tmp_path / "first",
        log=lines.append,
    )
    assert json.loads((tmp_path / "first" / "run.json").read_text())["steps"] > first["steps"]

    init = tmp_path / "first" / "restorer.safetensors"
    train(
        replace(recipe, minutes=0.005, adversary=0.0),
        pairs / "*",
        networks,
        tmp_path / "second",
        init,
        log=lines.append,
    )
    second = json.loads((tmp_path / "second" / "run.json").read_text())
    assert second["parents"]["init"]["sha256"] == hashlib.sha256(init.read_bytes()).hexdigest()
    assert second["parents"]["init"]["run"]["steps"] > first["steps"] and "adversary" not in second["losses"]


def test_features_that_grow_without_end_are_held() -> None:
    model = Restorer((4, 6, 8), (1, 1, 1), 4, 2)
    growth, image, condition = Growth(model), torch.zeros(1, 3, 32, 32), torch.zeros(1, 2)
    model(image, condition)
    assert growth.beyond() == 0
    torch.nn.init.constant_(model.d2.bias, 100.0)  # what goes into the stack at stride 16
    model(image, condition)
    beyond = growth.beyond()
    beyond.backward()
    assert beyond > 1000 and model.d2.bias.grad is not None and (model.d2.bias.grad > 0).any()

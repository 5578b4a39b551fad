"""LoRA for painters: pairs, the line that is trained on, a run that learns, stops, goes on, and is loaded."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import semcodec
from semcodec.errors import ModelError
from semcodec_train.lora.denoisers import Diffusion, Flow
from semcodec_train.lora.pairs import PairStream, load_pairs_photos
from semcodec_train.lora.recipes import painter_lora, painter_lora_debug
from semcodec_train.lora.train import CHECKPOINT, train

os.environ["HF_HUB_OFFLINE"] = "1"

WEIGHTS = "pytorch_lora_weights.safetensors"
RECIPE = replace(painter_lora_debug(), num_steps=12, log_every=4, save_every=6)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    from semcodec_train.lora.tiny_painters import PIPELINES

    folder = tmp_path_factory.mktemp("painters")

    def build(name: str) -> Path:
        path = folder / name
        return path if path.exists() else PIPELINES[name](path)

    return build


@pytest.fixture(scope="module")
def photos(root: Path) -> list:
    return load_pairs_photos(root / "examples")


def opened(folder: Path):
    from semcodec.hub.painters.pipeline import PainterOptions, open_pipeline

    return open_pipeline(str(folder), PainterOptions(device="cpu", dtype="float32"))


def run(recipe, folder: Path, photos: list, out: Path, **options: int) -> list[dict]:
    lines: list[str] = []
    train(recipe, opened(folder), photos, out, log=lines.append, **options)
    return [json.loads(line) if line.startswith("{") else {"said": line} for line in lines]


def test_pairs_are_what_the_codec_makes_of_a_photo_and_follow_from_their_number(photos: list):
    stream = PairStream(photos, RECIPE)
    pairs, again, other = stream.batch(3), stream.batch(3), stream.batch(4)
    assert pairs.original.shape == pairs.known.shape == (2, 3, 128, 128)
    assert float(pairs.original.min()) >= -1 and float(pairs.original.max()) <= 1
    assert torch.equal(pairs.known, again.known)
    assert not torch.equal(pairs.original, other.original)
    assert not torch.equal(pairs.original, PairStream(photos, RECIPE, process=1).batch(3).original)
    error = (pairs.original - pairs.known).abs().mean(dim=(1, 2, 3))
    assert ((error > 0.01) & (error < 0.5)).all(), "the codec's picture is like the original, and is not it"
    assert ((pairs.strength >= 0.2) & (pairs.strength <= 0.9)).all()


def test_words_beside_a_photo_are_given_as_often_as_the_recipe_says(tmp_path: Path, photo_path: Path):
    (tmp_path / "photo.png").write_bytes(photo_path.read_bytes())
    (tmp_path / "photo.txt").write_text("two\nmacaws ")
    photos = load_pairs_photos(tmp_path)
    assert photos[0].words == "two macaws"
    assert PairStream(photos, replace(RECIPE, words=1.0)).batch(0).words == ["two macaws"] * 2
    assert PairStream(photos, replace(RECIPE, words=0.0)).batch(0).words == ["", ""]


def test_a_folder_without_pictures_is_refused(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="no pictures"):
        load_pairs_photos(tmp_path)


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "flow"])
def test_the_line_begins_where_decoding_does_and_leads_to_the_original(kind: str):
    """At the level of decoding the input is the noised known picture; everywhere the target gives the original."""
    from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler

    schedule: Diffusion | Flow
    if kind == "flow":
        schedule = Flow(FlowMatchEulerDiscreteScheduler(shift=3.0))
    else:
        schedule = Diffusion(DDIMScheduler(prediction_type=kind))
    rng = torch.Generator().manual_seed(0)
    original, known, noise = (torch.randn(2, 4, 3, 3, generator=rng) for _ in range(3))
    start = schedule.level(torch.tensor([0.4, 0.8]))
    seen_as_noise = noise + (known - original) * start.signal / start.noise
    at_start = start.signal * original + start.noise * seen_as_noise
    torch.testing.assert_close(at_start, start.signal * known + start.noise * noise)
    level = schedule.level(torch.tensor([0.2, 0.5]))
    noised = level.signal * original + level.noise * seen_as_noise
    target = schedule.target(original, seen_as_noise, level)
    recovered = {
        "epsilon": lambda: (noised - level.noise * target) / level.signal,
        "v_prediction": lambda: level.signal * noised - level.noise * target,
        "flow": lambda: noised - level.noise * target,
    }[kind]()
    torch.testing.assert_close(recovered, original, rtol=1e-3, atol=1e-3)


def test_the_debug_recipe_learns_stops_goes_on_and_is_loaded(tiny, photos: list, tmp_path: Path, photo_path: Path):
    folder = tiny("stable-diffusion")
    straight = run(RECIPE, folder, photos, tmp_path / "straight")
    probes = [line["probe"] for line in straight if "probe" in line]
    assert probes[-1] < 0.85 * probes[0], probes
    first = run(RECIPE, folder, photos, tmp_path / "stopped", num_steps=6)
    second = run(RECIPE, folder, photos, tmp_path / "stopped")
    assert second[0] == {"said": "resumed at step 6"}
    assert [line["probe"] for line in (*first, *second) if "probe" in line] == pytest.approx(probes, rel=1e-3)
    once, twice = (load_file(tmp_path / run_ / WEIGHTS) for run_ in ("straight", "stopped"))
    assert once.keys() == twice.keys()
    for name in once:
        torch.testing.assert_close(once[name], twice[name], rtol=1e-3, atol=1e-5)
    assert sorted(path.name for path in (tmp_path / "straight").iterdir()) == sorted([CHECKPOINT, WEIGHTS, "run.json"])
    told = json.loads((tmp_path / "stopped" / "run.json").read_text())
    assert (told["steps"], told["crops"]) == (12, 24) and told["losses"]["probe"] == second[-1]["probe"]
    scene = semcodec.read(semcodec.encode(np.zeros((64, 64, 3), np.uint8), bytes=60).data).scene
    options = {"device": "cpu", "steps": 3, "strength": 0.7}
    plain = semcodec.open_painter(str(folder), **options).render(scene)
    tuned = semcodec.open_painter(str(folder), loras=[str(tmp_path / "straight")], **options).render(scene)
    assert not np.array_equal(plain, tuned)


@pytest.mark.parametrize("family", ["stable-diffusion-xl", "stable-diffusion-3"])
def test_other_families_learn_through_the_same_loop(tiny, photos: list, tmp_path: Path, family: str):
    targets = ("to_q", "to_k", "to_v", "to_out.0", "proj_out", "conv_out")
    recipe = replace(RECIPE, targets=targets, num_steps=8)
    probes = [line["probe"] for line in run(recipe, tiny(family), photos, tmp_path) if "probe" in line]
    assert probes[-1] < probes[0], probes
    assert (tmp_path / WEIGHTS).exists()


def test_a_family_that_cannot_be_trained_is_a_sentence(tiny, photos: list, tmp_path: Path):
    with pytest.raises(ModelError, match=r"SANA cannot be trained here; families that can: Stable Diffusion 1\.x"):
        run(RECIPE, tiny("sana"), photos, tmp_path)


def test_a_checkpoint_of_another_recipe_is_refused(tiny, photos: list, tmp_path: Path):
    run(replace(RECIPE, targets=("to_q",)), tiny("stable-diffusion"), photos, tmp_path, num_steps=1)
    with pytest.raises(ModelError, match="checkpoint of another recipe"):
        run(replace(RECIPE, targets=("to_v",)), tiny("stable-diffusion"), photos, tmp_path, num_steps=1)


def test_the_debug_recipe_is_the_real_one_made_small():
    real, debug = painter_lora(), painter_lora_debug()
    assert debug.num_steps * debug.batch < real.num_steps
    assert set(real.targets) <= set(debug.targets)

"""Every training's step stands on one device, without a GPU to see it: PyTorch's `meta` device has shapes and no
numbers, and whatever mixes it with the processor's memory fails as it would on a GPU.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec.layers.tokens.family import find_family
from semcodec_train.common.loop import Average
from semcodec_train.common.optim import MuonAdam, clip
from semcodec_train.describer.data import Vocabulary
from semcodec_train.describer.language import batch_of, optimiser_of
from semcodec_train.describer.model import Describer, concept_loss, word_loss
from semcodec_train.describer.recipes import describer_debug
from semcodec_train.describer.self_critical import self_critical_loss
from semcodec_train.describer.writing import CaptionGrammar, beam_search
from semcodec_train.generator.data import Batch
from semcodec_train.generator.model import AnchoredDiffusion
from semcodec_train.generator.recipes import anchored_debug
from semcodec_train.generator.train import split_parameters, train_step
from semcodec_train.judges.efficientnet import EfficientNetLite
from semcodec_train.judges.judge2 import Judge2, measure_top1
from semcodec_train.judges.mobilenet import DEPTHS
from semcodec_train.judges.recipes import judge2_debug
from semcodec_train.restorer.losses import ProjectedDiscriminator, lattice_energy, shifted_and_rescaled, unit_distance
from semcodec_train.restorer.model import Restorer
from semcodec_train.restorer.recipes import restorer_debug
from semcodec_train.tokenizer import train as tokenizer_train
from semcodec_train.tokenizer.adversary import FEATURE_CHANNELS, Adversary
from semcodec_train.tokenizer.model import Tokenizer
from semcodec_train.tokenizer.rate import RateModel, RateWeights
from semcodec_train.tokenizer.recipes import tokenizer_debug
from semcodec_train.tokenizer.transform import fit_residues

META = "meta"


@pytest.fixture(autouse=True)
def numbers_made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A number that is asked for is 1; autocast, which this device has not, is nothing."""
    for name, made_up in (("__bool__", True), ("__float__", 1.0), ("__int__", 1), ("item", 1.0)):
        real = getattr(Tensor, name)
        monkeypatch.setattr(Tensor, name, lambda x, real=real, made_up=made_up: made_up if x.is_meta else real(x))
    for name in ("cpu", "tolist"):
        real = getattr(Tensor, name)
        monkeypatch.setattr(
            Tensor, name, lambda x, real=real: real(torch.ones(x.shape, dtype=x.dtype) if x.is_meta else x)
        )
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: contextlib.nullcontext())
    yield


class Looks(nn.Module):
    """Features where the judge has them."""

    def forward(self, image: Tensor, last: int | None = None) -> dict[int, Tensor]:
        strides = (2, 4, 8, 16, 16, 32)
        found = {
            depth: F.avg_pool2d(image, stride).mean(1, keepdim=True).expand(-1, channels, -1, -1)
            for depth, stride, channels in zip(DEPTHS, strides, FEATURE_CHANNELS, strict=True)
        }
        return found | {DEPTHS[-1] + 1: image.mean((2, 3), keepdim=True)}


def test_what_mixes_devices_fails() -> None:
    with pytest.raises(RuntimeError, match="meta"):
        torch.ones(3, device=META) + torch.ones(3)


def test_a_step_of_the_tokenizer_stands_on_one_device() -> None:
    recipe = tokenizer_debug()
    model, rate = Tokenizer(recipe.spec, recipe.widths).to(META), RateModel(recipe.spec).to(META)
    losses = tokenizer_train.Losses(Looks(), rate, RateWeights((1.0, 1.0)), Adversary(**recipe.adversary).to(META))  # type: ignore[arg-type]
    stage = replace(recipe.stages[1], perceptual=1.0, recognition=0.1, usage=0.1, half_judge=0.0)
    crops, rng = torch.zeros(2, 3, 128, 128, dtype=torch.uint8, device=META), torch.Generator().manual_seed(0)
    step = tokenizer_train.train_step(model, losses, crops, stage, rng)
    kernels, others = tokenizer_train.split_parameters(model)
    MuonAdam(kernels, [*others, *rate.parameters()], muon_lr=0.1, adam_lr=0.1, clip_at=1.0).step(step.loss, 0.5)
    assert step.afterwards()["discerned"].is_meta
    Average(model).take(model, 0.9)
    fit_residues(model, [crops.float()])


def test_a_step_of_the_generator_stands_on_one_device() -> None:
    family, recipe = find_family(1), anchored_debug()
    model = AnchoredDiffusion(5, family.levels, recipe.size).to(META)
    grids = [torch.zeros(2, 2 << at, 3 << at, len(ls), dtype=torch.uint8) for at, ls in enumerate(family.levels)]
    batch = Batch(tuple(grids), torch.zeros(2, 1, 32, 48), ("a b", "c")).to(META)
    loss, _ = train_step(model, batch, {"a": 2, "b": 3}, recipe, torch.Generator().manual_seed(0))
    kernels, others = split_parameters(model)
    MuonAdam(kernels, others, muon_lr=0.1, adam_lr=0.1, clip_at=1.0).step(loss, 0.5)


def test_the_describer_learns_and_writes_on_one_device(picture_network: Path) -> None:
    recipe, vocabulary = describer_debug(), Vocabulary([",", "a", "b", "c"], 2)
    seeing = EfficientNetLite(picture_network)
    concepts = {"concepts": ("a", "b", "c"), "usual": (0.1, 0.2, 0.3)}
    model = Describer(seeing, recipe.writer, num_tokens=len(vocabulary), image_px=64, **concepts).to(META)
    memory, writer = model.memory, model.writer
    words = vocabulary.ids(["a", "b"])
    batch = batch_of([3, 3], [6, 6], [words, words[:1]], 20).to(META)
    features = model.see(torch.zeros(2, 3, 64, 64, device=META))
    seen = torch.cat([memory.of_places(features), memory.of_concepts(torch.zeros(2, 3, device=META))], 1)
    loss = word_loss(writer(batch.tokens[:, :-1], seen), batch.tokens, batch.counts, 0.05)
    loss = loss + concept_loss(memory.concept_logits(features), *torch.zeros(2, 2, 3, device=META))
    optimiser_of([writer, memory], muon_lr=0.1, adam_lr=0.1, kernel_decay=0.01).step(loss, 0.5)
    rates = torch.tensor([6, 6, 7, 7])
    doubts = torch.zeros(2, len(vocabulary), device=META)
    grammar = CaptionGrammar(vocabulary, doubts)
    loss, _ = self_critical_loss(
        writer, seen.detach(), rates.to(META), lambda m, tokens: 1.0, grammar, n=2, num_samples=0, max_words=4,
        rng=torch.Generator().manual_seed(0),
    )  # fmt: skip
    loss.backward()
    beam_search(writer, seen.detach(), rates[:2], grammar, beam=2, max_words=4)


def test_a_step_of_the_restorer_stands_on_one_device() -> None:
    size = restorer_debug().size
    model = Restorer(size.widths, size.blocks, size.half, size.last).to(META)
    image = torch.zeros(2, 3, 96, 96, device=META)
    restored = model(image, torch.zeros(2, 2, device=META))
    a, b = shifted_and_rescaled((restored, image), torch.Generator().manual_seed(1))
    maps = [[F.avg_pool2d(x, stride) for stride in (4, 8)] for x in (a, b)]
    adversary = ProjectedDiscriminator([3, 3]).to(META)
    loss = lattice_energy(restored - image).mean() + unit_distance(*maps).mean() + adversary.fooled(maps[0])
    loss.backward()
    clip(model.parameters(), 1.0)
    adversary.loss(maps[1], [x.detach() for x in maps[0]])[0].backward()


def test_the_second_judge_is_measured_on_its_device() -> None:
    model = Judge2(judge2_debug(), 2).to(META)
    measure_top1(model, torch.zeros(3, 3, 64, 64, dtype=torch.uint8), torch.zeros(3, dtype=torch.long))

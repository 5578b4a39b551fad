"""A trained describer to its package: `image.onnx`, `memory.onnx`, `next.onnx` and `words.json`, each graph checked
against PyTorch.

Kernels of convolutions and of linear maps are stored as 8-bit integers with a scale per output, the rest as float16;
all are widened when the session opens.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from semcodec_train.common.graphs import KERNELS_AND_MATRICES, check_parity, store_compactly, traced
from semcodec_train.describer.model import Describer, Writer

MAX_PACKAGE_BYTES = 16_000_000
# Of the outputs' spread. Where two concepts are nearly as likely, rounding may change their order, and places differ.
_Job = tuple[str, nn.Module, tuple[Tensor, ...], list[str], list[str], dict[str, dict[int, str]]]
PARITY = {"image.onnx": 0.15, "memory.onnx": 0.03, "next.onnx": 0.03}


class ImageGraph(nn.Module):
    """image_NCHW (1, 3, S, S), RGB in -1..1 -> features_NPC: the memory, and behind it, in as many places as they need,
    the logits of concepts and the chances of the picture network's classes.
    """

    def __init__(self, model: Describer) -> None:
        super().__init__()
        self.model = model

    def forward(self, image_NCHW: Tensor) -> Tensor:
        memory, width = self.model.memory, self.model.memory.size.width
        seen = self.model.see(image_NCHW)
        logits = memory.concept_logits(seen)
        told = torch.cat([logits, seen.classes.softmax(-1)], 1)
        told = torch.cat([told, told.new_zeros(1, -told.shape[1] % width)], 1).unflatten(1, (-1, width))
        return torch.cat([memory.of_places(seen), memory.of_concepts(logits), told], 1)


def num_places_of(model: Describer) -> int:
    """Of the memory."""
    return model.memory.where.shape[0] + model.memory.size.concepts_seen


def num_places_read_by_words(model: Describer) -> int:
    """Of the memory, and those that the logits of concepts need."""
    return num_places_of(model) + -(-len(model.concept_names) // model.memory.size.width)


class MemoryGraph(nn.Module):
    """features (1, P, C), the places of `ImageGraph` that words are made of -> keys and values (layers, 1, heads, P, c)
    that the words of this picture look at, and doubts (1, V).
    """

    def __init__(self, model: Describer, concept_tokens: Sequence[int]) -> None:
        super().__init__()
        self.model, self.num_places = model, num_places_of(model)
        # (of each token, where its doubt is; one behind the last is none)
        which = torch.full((len(model.writer.bias),), len(concept_tokens))
        which[list(concept_tokens)] = torch.arange(len(concept_tokens))
        self.num_concepts = len(concept_tokens)
        self.register_buffer("which", which)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits = features[:, self.num_places :].flatten(1)[:, : self.num_concepts]
        doubts = torch.cat([self.model.doubts(logits), torch.zeros_like(logits[:, :1])], 1).index_select(1, self.which)
        seen = self.model.writer.begin(features[:, : self.num_places]).seen
        return torch.stack([keys for keys, _ in seen]), torch.stack([values for _, values in seen]), doubts


class NextGraph(nn.Module):
    """tokens (M, S), behind those whose own keys and values (layers, M, heads, T, c) are given, and what `MemoryGraph`
    gave -> logits (M, V) of the token behind them, doubts included; own keys and values with those of the new tokens.
    """

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self.writer = writer

    def forward(
        self, tokens: Tensor, own_keys: Tensor, own_values: Tensor, keys: Tensor, values: Tensor, doubts: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        logits, own = self.writer.gone_on(tokens, own_keys, own_values, keys, values)
        return logits + doubts, torch.stack([key for key, _ in own]), torch.stack([value for _, value in own])


def export_describer(
    model: Describer, concept_tokens: Sequence[int], about: dict[str, Any], out: Path
) -> dict[str, Path]:
    """Writes the four files. `about` is the content of words.json. Raises `ValueError` if ONNX Runtime disagrees with
    PyTorch by more than rounding, or if the files are larger than a package may be.
    """
    model = model.eval()
    size_px = about["image_px"]
    rng = torch.Generator().manual_seed(0)
    coarse = torch.rand((1, 3, 12, 12), generator=rng)
    image = torch.nn.functional.interpolate(coarse, size=(size_px, size_px), mode="bicubic").clamp(0, 1) * 2 - 1
    graph = ImageGraph(model).eval()
    with torch.no_grad():
        features = graph(image)
    out.mkdir(parents=True, exist_ok=True)
    paths = {name: out / name for name in ("image.onnx", "memory.onnx", "next.onnx", "words.json")}
    seen = ("keys", "values", "doubts")
    memory, following = MemoryGraph(model, concept_tokens).eval(), NextGraph(model.writer).eval()
    with torch.no_grad():
        memorised = memory(features[:, : about["places"]])
        begun = torch.randint(0, len(about["vocabulary"]), (2, 3), generator=rng)
        nothing = memorised[0][:, :, :, :0].expand(-1, 2, -1, -1, -1)
        _, *own = following(begun, nothing, nothing, *memorised)
    tokens = torch.randint(0, len(about["vocabulary"]), (2, 2), generator=rng)
    before, after = {1: "sequences", 3: "before"}, {1: "sequences", 3: "after"}
    jobs: tuple[_Job, ...] = (
        ("image.onnx", graph, (image,), ["image_NCHW"], ["features_NPC"], {}),
        ("memory.onnx", memory, (features[:, : about["places"]],), ["features"], [*seen], {}),
        (
            "next.onnx",
            following,
            (tokens, *own, *memorised),
            ["tokens", "own_keys", "own_values", *seen],
            ["logits", "new_keys", "new_values"],
            {
                "tokens": {0: "sequences", 1: "tokens"},
                "own_keys": before,
                "own_values": before,
                "logits": {0: "sequences"},
                "new_keys": after,
                "new_values": after,
            },
        ),
    )
    for name, module, inputs, input_names, output_names, axes in jobs:
        paths[name].write_bytes(_graph(module, inputs, input_names, output_names, axes))
        check_parity(name, paths[name], module, dict(zip(input_names, inputs, strict=True)), mean=PARITY[name])
    write_about(about, paths["words.json"])
    num_bytes = sum(path.stat().st_size for path in paths.values())
    if num_bytes > MAX_PACKAGE_BYTES:
        raise ValueError(f"{out}: {num_bytes} bytes, a describer's package may have {MAX_PACKAGE_BYTES}")
    return paths


def write_about(about: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(about, ensure_ascii=False, indent=0) + "\n", "utf-8")


def _graph(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    input_names: list[str],
    output_names: list[str],
    axes: dict[str, dict[int, str]],
) -> bytes:
    model = traced(module, inputs, input_names, output_names, axes)
    store_compactly(model, in_int8=KERNELS_AND_MATRICES)
    onnx.checker.check_model(model)
    return model.SerializeToString()

"""A trained describer to its package: `image.onnx`, `words.onnx` and `words.json`, each graph checked against PyTorch.

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
from semcodec_train.describer.model import Describer

MAX_PACKAGE_BYTES = 16_000_000
# Of the outputs' spread. Where two concepts are nearly as likely, rounding may change their order, and places differ.
PARITY = {"image.onnx": 0.15, "words.onnx": 0.03}


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


class WordsGraph(nn.Module):
    """tokens_NT, the places of `ImageGraph` that words are made of, features_NPC -> logits_NTV, doubts included."""

    def __init__(self, model: Describer, concept_tokens: Sequence[int]) -> None:
        super().__init__()
        self.model, self.num_places = model, num_places_of(model)
        # (of each token, where its doubt is; one behind the last is none)
        which = torch.full((len(model.writer.bias),), len(concept_tokens))
        which[list(concept_tokens)] = torch.arange(len(concept_tokens))
        self.num_concepts = len(concept_tokens)
        self.register_buffer("which", which)

    def forward(self, tokens_NT: Tensor, features_NPC: Tensor) -> Tensor:
        logits = features_NPC[:, self.num_places :].flatten(1)[:, : self.num_concepts]
        doubts = torch.cat([self.model.doubts(logits), torch.zeros_like(logits[:, :1])], 1).index_select(1, self.which)
        return self.model.writer(tokens_NT, features_NPC[:, : self.num_places]) + doubts[:, None]


def export_describer(
    model: Describer, concept_tokens: Sequence[int], about: dict[str, Any], out: Path
) -> dict[str, Path]:
    """Writes the three files. `about` is the content of words.json. Raises `ValueError` if ONNX Runtime disagrees with
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
    tokens = torch.randint(0, len(about["vocabulary"]), (2, 5), generator=rng)
    out.mkdir(parents=True, exist_ok=True)
    paths = {name: out / name for name in ("image.onnx", "words.onnx", "words.json")}
    jobs = (
        ("image.onnx", graph, (image,), ["image_NCHW"], ["features_NPC"], {}),
        (
            "words.onnx",
            WordsGraph(model, concept_tokens).eval(),
            (tokens, features[:, : about["places"]].expand(2, -1, -1).contiguous()),
            ["tokens_NT", "features_NPC"],
            ["logits_NTV"],
            {"tokens_NT": {0: "sequences", 1: "tokens"}, "features_NPC": {0: "sequences"}},
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

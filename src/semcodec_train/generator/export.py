"""A trained generator to its package: `words.onnx`, a graph per scale and `about.json`, each checked against PyTorch.

    python -m semcodec_train.generator.export --weights generator.pt --choices choices.json --out FOLDER
    python -m semcodec_train.generator.export ... --name anchored-nano-1 --facts facts.json      # into semcodec itself

`choices` is what about.json holds beside the network's own facts: steps, temperatures, guidance, windows, how far down
is invented. Scales are stored as the describer is: 8-bit kernels and matrices, float16 for the rest, float32
arithmetic.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from semcodec_train.common.graphs import KERNELS, KERNELS_AND_MATRICES, check_parity, store_compactly, traced
from semcodec_train.common.release import add_row, carry_run, folder_and_facts, release_arguments
from semcodec_train.generator.model import AnchoredDiffusion, Scale, Trained, load_generator
from semcodec_train.tokenizer.model import MISSING

MAX_PACKAGE_BYTES = 24_000_000
FREE = {
    "digits_NRKD": {0: "N", 1: "R", 2: "K"},
    "state_NCRK": {0: "N", 2: "R", 3: "K"},
    "edges_N2RK": {0: "N", 2: "R", 3: "K"},
    "memory_NLC": {0: "N", 1: "L"},
    "there_NL": {0: "N", 1: "L"},
    "tokens_NL": {0: "N", 1: "L"},
    "logits_NVRK": {0: "N", 2: "R", 3: "K"},
    "below_NCRK": {0: "N", 2: "R2", 3: "K2"},
}


class ScaleGraph(nn.Module):
    """(digits, state where there is one, edges, memory, there) -> (logits, below where there is one)."""

    def __init__(self, scale: Scale, *, has_state: bool) -> None:
        super().__init__()
        self.scale, self.has_state = scale, has_state

    def forward(self, digits_NRKD: Tensor, *rest: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        state = rest[0] if self.has_state else None
        edges, memory, there = rest[-3:]
        logits: Tensor = self.scale(digits_NRKD, state, edges, memory, there)
        return (logits, self.scale.below(digits_NRKD, state)) if self.scale.has_below else logits


def export_generator(trained: Trained, choices: dict[str, Any], out: Path) -> dict[str, Path]:
    """Writes the package. Raises `ValueError` if ONNX Runtime and PyTorch differ by more than rounding, or if the files
    are larger than a package may be.
    """
    model = trained.model.eval()
    rng = torch.Generator().manual_seed(0)
    out.mkdir(parents=True, exist_ok=True)
    paths = {}

    def write(name: str, module: nn.Module, inputs: dict[str, Tensor], outputs: list[str]) -> list[Tensor]:
        paths[name] = out / name
        axes = {axis: FREE[axis] for axis in (*inputs, *outputs)}
        graph = traced(module.eval(), tuple(inputs.values()), list(inputs), outputs, axes)
        # A scale that does not listen is given the words, too: all scales are called alike.
        taken = {value.name for value in graph.graph.input}
        for key in [key for key in inputs if key not in taken]:
            free = [axes[key].get(at, length) for at, length in enumerate(inputs[key].shape)]
            graph.graph.input.append(helper.make_tensor_value_info(key, TensorProto.FLOAT, free))
        # The words' matrices stay in float16: with 8 bits their features were off by 4 % of their spread.
        store_compactly(graph, in_int8=KERNELS if name == "words.onnx" else KERNELS_AND_MATRICES)
        onnx.checker.check_model(graph)
        paths[name].write_bytes(graph.SerializeToString())
        return check_parity(name, paths[name], module, inputs)

    tokens = torch.randint(2, len(trained.words), (2, 5), generator=rng)
    (memory,) = write("words.onnx", model.words, {"tokens_NL": tokens}, ["memory_NLC"])
    there = torch.tensor([[1.0] * 5, [1.0] * 3 + [0.0] * 2])
    shared = {"memory_NLC": memory, "there_NL": there}
    state = None
    for at, (stride, scale) in enumerate(zip(trained.strides, model.scales, strict=True)):
        rows, cols = 2 * 2**at, 3 * 2**at
        digits = likely_digits(scale, model.levels[at], (2, rows, cols), rng)
        digits[:, rows // 2 :] = MISSING
        inputs = {"digits_NRKD": digits} | ({} if state is None else {"state_NCRK": state})
        inputs |= {"edges_N2RK": torch.rand((2, model.size.parts[at] ** 2 + 1, rows, cols), generator=rng), **shared}
        graph = ScaleGraph(scale, has_state=state is not None)
        outputs = ["logits_NVRK", "below_NCRK"] if scale.has_below else ["logits_NVRK"]
        found = write(f"scale-{stride}.onnx", graph, inputs, outputs)
        state = found[1] if scale.has_below else None
    paths["about.json"] = out / "about.json"
    about = {
        "kind": "generator",
        "family": trained.family,
        "strides": trained.strides,
        "levels": model.levels,
        "max_words": model.size.max_words,
        "parts": {str(stride): count for stride, count in zip(trained.strides, model.size.parts, strict=True)},
        **choices,
        "vocabulary": trained.words,
    }
    paths["about.json"].write_text(json.dumps(about, ensure_ascii=False, indent=0) + "\n", "utf-8")
    num_bytes = sum(path.stat().st_size for path in paths.values())
    if num_bytes > MAX_PACKAGE_BYTES:
        raise ValueError(f"{out}: {num_bytes} bytes, a generator's package may have {MAX_PACKAGE_BYTES}")
    return paths


def likely_digits(scale: Scale, levels: tuple[int, ...], shape: tuple[int, int, int], rng: torch.Generator) -> Tensor:
    """(*shape, D) uint8, as frequent as the head's bias says: random digits would take the network off its ground."""
    per_digit = scale.head.bias.detach().split(list(levels))
    drawn = [
        torch.multinomial(bias.softmax(0), int(np.prod(shape)), replacement=True, generator=rng).view(shape)
        for bias in per_digit
    ]
    return torch.stack(drawn, dim=-1).to(torch.uint8)


def num_parameters(model: AnchoredDiffusion) -> dict[str, int]:
    return {
        "words": sum(parameter.numel() for parameter in model.words.parameters()),
        "scales": sum(parameter.numel() for parameter in model.scales.parameters()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--choices", type=Path, required=True, help="JSON")
    release_arguments(parser)
    args = parser.parse_args()
    trained = load_generator(args.weights)
    folder, facts = folder_and_facts(args)
    paths = list(export_generator(trained, json.loads(args.choices.read_text("utf-8")), folder).values())
    paths += carry_run(args.weights, folder)
    if facts is not None:
        size = {"num_parameters": num_parameters(trained.model)}
        add_row(args.name, "generator", paths, size | facts, serves=(trained.family,))
    print(f"{sum(path.stat().st_size for path in paths)} bytes in {len(paths)} files")


if __name__ == "__main__":
    main()

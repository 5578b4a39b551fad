"""Low-rank adapters of the interpolator (Hu et al., LoRA, arXiv 2106.09685): a convolution's weight, as a matrix of
(outputs, everything else), plus the product of two matrices of a few columns and rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils import parametrize

from semcodec_train.interpolator.model import Interpolator

RANK = 3  # 4 % of the network's weights
LEAST_WEIGHTS = 4096  # of what is adapted

Low = tuple[Tensor, Tensor]  # (outputs, rank), (rank, everything else)


def adapted_names(weights: Mapping[str, Any]) -> list[str]:
    """Of convolutions that are worth it: those of at least `LEAST_WEIGHTS`. `weights`: tensors, or shapes."""
    shapes = {name: tuple(getattr(value, "shape", value)) for name, value in weights.items()}
    return [name for name, shape in shapes.items() if len(shape) == 4 and math.prod(shape) >= LEAST_WEIGHTS]


class Added(nn.Module):
    """What is added to a weight: nothing at first."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        num = weight[0].numel()
        self.up = nn.Parameter(torch.zeros(len(weight), rank))
        self.down = nn.Parameter(torch.randn(rank, num) * num**-0.5)

    def forward(self, weight: Tensor) -> Tensor:
        return weight + (self.up @ self.down).view_as(weight)


def adapt(model: Interpolator, rank: int = RANK) -> list[nn.Parameter]:
    """Freezes the network and adds matrices to its weights; returns those, which are to be trained."""
    model.requires_grad_(False)
    trained: list[nn.Parameter] = []
    for name in adapted_names(dict(model.named_parameters())):
        at, _, weight = name.rpartition(".")
        module = model.get_submodule(at)
        added = Added(getattr(module, weight), rank).to(getattr(module, weight).device)
        parametrize.register_parametrization(module, weight, added)
        trained += list(added.parameters())
    return trained


def low_of(model: Interpolator) -> dict[str, Low]:
    """The matrices of an adapted network, by the names of the weights."""
    found = {}
    for name, module in model.named_modules():
        if isinstance(module, Added):  # NAME.parametrizations.weight.0
            found[name.replace(".parametrizations", "").rsplit(".", 1)[0]] = (module.up, module.down)
    return found


def write_low(path: Path, low: Mapping[str, Low]) -> None:
    """In 16 bits."""
    parts = {f"{name}_up": up for name, (up, _) in low.items()} | {
        f"{name}_down": down for name, (_, down) in low.items()
    }
    save_file({name: part.detach().half().cpu().contiguous() for name, part in parts.items()}, str(path))


def read_low(path: Path) -> dict[str, Low]:
    """What `write_low` wrote."""
    values = load_file(str(path))
    names: Iterable[str] = {name.rsplit("_", 1)[0] for name in values}
    return {name: (values[f"{name}_up"].float(), values[f"{name}_down"].float()) for name in names}


def weakened(low: Mapping[str, Low], strength: float) -> dict[str, Low]:
    """What changes that many times as much."""
    return {name: (strength * up, down) for name, (up, down) in low.items()}

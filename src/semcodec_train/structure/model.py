"""Structure tokens: maps of outlines to small integer digits, and a decoder from any subset of them to a map.

Shapes: N = maps; C = channels; H, W = cells of a map, which lies at stride 2 of its canvas; R, K = token rows, columns;
D = digits of a token. Strides are of the canvas.

A digit is a coefficient of a block transform (fitted in `transform.py`): of the map at stride 32, and at stride 16 of
what that one lacks. What is nearer to 0 than a dead zone becomes 0; how wide it is follows from how much may be spent,
so that one transform serves every budget, and the decoder needs not know. A network draws the map from the linear
sketch that the digits give, and repairs what quantisation broke. There is no statistic over the map.

Why no network chooses the digits: with random kernels in place of the transform nothing had been learned when bits got
their price, and nothing was after (650 steps); nor was anything gained by networks that correct the transform in 400
steps, which was all that could be had.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec_train.tokenizer.model import Up, blocks

MAP_STRIDE = 2
SHARPNESS = 8.0  # a sketch of 0 and 1 becomes logits of -3 and 5
WIDEST_ZONE = 3.0  # of a dead zone beyond the half step that rounding has, in steps: where nothing may be spent


@dataclass(frozen=True, slots=True)
class StructureSpec:
    """The token format: one stride and one tuple of levels per scale, coarse to fine. All levels are odd: the middle
    one says "nothing to add".
    """

    strides: tuple[int, ...] = (32, 16)
    levels: tuple[tuple[int, ...], ...] = ((9, 7, 7, 7, 5, 5, 5, 5), (7, 7, 5, 5, 5, 5, 3, 3))


@dataclass(frozen=True, slots=True)
class StructureWidths:
    """Channels of the decoder at strides 4, 8, and 16 and 32; residual blocks at strides 4, 8, 16, 32."""

    at4: int = 32
    at8: int = 64
    deep: int = 112
    blocks: tuple[int, int, int, int] = (2, 2, 2, 2)


class Transform(nn.Module):
    """The block transforms and their inverses, with the quantiser's step divided out of the first."""

    def __init__(self, spec: StructureSpec) -> None:
        super().__init__()
        self.spec = spec
        sides = [stride // MAP_STRIDE for stride in spec.strides]
        self.analysis, self.synthesis = nn.ModuleList(), nn.ModuleList()
        for side, levels in zip(sides, spec.levels, strict=True):
            self.analysis.append(nn.Conv2d(1, len(levels), side, side, bias=False))
            self.synthesis.append(nn.ConvTranspose2d(len(levels), 1, side, side, bias=False))

    def steps_of(self, scale: int, map_N1HW: Tensor, spend_N1: Tensor) -> Tensor:
        """A map's whole steps at one scale, (N, D, R, K): rounded, but for the dead zone."""
        x = self.analysis[scale](map_N1HW)
        zone = (WIDEST_ZONE * (1 - spend_N1).square())[:, :, None, None]
        whole = x.sign() * torch.floor(F.relu(x.abs() - zone) + 0.5)
        most = torch.tensor(self.spec.levels[scale], device=x.device).view(1, -1, 1, 1) // 2
        return torch.maximum(torch.minimum(whole, most), -most)

    def sketch(self, values: list[Tensor]) -> Tensor:
        """Values (`tokenizer.model.digit_values`) of the first scales to a map, (N, 1, H, W)."""
        parts = [
            inverse(value * torch.tensor(levels, dtype=value.dtype, device=value.device).view(1, -1, 1, 1) / 2)
            for inverse, value, levels in zip(self.synthesis, values, self.spec.levels, strict=False)
        ]
        return torch.stack(parts).sum(0)


class StructureCodec(nn.Module):
    """Per scale (N, D + 1, R, K) values and mask (`tokenizer.model.digit_values`) to logits of the map."""

    def __init__(self, spec: StructureSpec | None = None, widths: StructureWidths | None = None) -> None:
        super().__init__()
        self.spec, self.widths = spec or StructureSpec(), widths or StructureWidths()
        self.transform = Transform(self.spec).requires_grad_(False)
        n4, n8, n16, n32 = self.widths.blocks
        at4, at8, deep = self.widths.at4, self.widths.at8, self.widths.deep
        self.embed = nn.ModuleList(nn.Conv2d(len(levels) + 1, deep, 1) for levels in self.spec.levels)
        self.think32 = blocks(deep, n32)
        self.up16 = Up(deep, deep)
        self.think16 = blocks(deep, n16)
        self.up4 = nn.Sequential(Up(deep, at8), blocks(at8, n8), Up(at8, at4))
        self.see4 = nn.Conv2d(4, at4, 1)
        self.think4 = blocks(at4, n4)
        self.draw = Up(at4, 1, kernel=3)
        nn.init.normal_(self.draw[0].weight, std=0.01)
        nn.init.zeros_(self.draw[0].bias)

    def forward(self, tokens: list[Tensor]) -> Tensor:
        sketch = self.transform.sketch([x[:, :-1] for x in tokens])
        state = self.think32(self.embed[0](tokens[0]))
        state = self.think16(self.up16(state) + self.embed[1](tokens[1]))
        state = self.up4(state) + self.see4(F.pixel_unshuffle(sketch, 2))
        return self.draw(self.think4(state)) + SHARPNESS * sketch - 3.0

    @torch.no_grad()
    def digits(self, map_N1HW: Tensor, spend_N1: Tensor) -> list[Tensor]:
        """(N, D, R, K) uint8 per scale. `spend`: 0..1, how much may be spent."""
        found, values = [], list[Tensor]()
        for scale, levels in enumerate(self.spec.levels):
            lacking = map_N1HW - self.transform.sketch(values) if values else map_N1HW
            steps = self.transform.steps_of(scale, lacking, spend_N1)
            count = torch.tensor(levels, device=steps.device).view(1, -1, 1, 1)
            values.append(2 * steps / count)
            found.append((steps + count // 2).to(torch.uint8))
        return found


def outline_loss(logits_N1HW: Tensor, wanted_N1HW: Tensor, outlines: float) -> Tensor:
    """Mean cross-entropy of a cell, where an outline counts `1 + outlines` times."""
    return F.binary_cross_entropy_with_logits(logits_N1HW, wanted_N1HW, weight=1 + outlines * wanted_N1HW)

"""Structure tokens: an encoder of outline maps to small integer digits, a decoder from any subset of them to a map.

Shapes: N = maps; C = channels; H, W = cells of a map, which lies at stride 2 of its canvas; R, K = token rows, columns;
D = digits of a token. Strides are of the canvas.

As in the token pyramid, a digit is a coefficient of a block transform (fitted in `transform.py`), of the map at stride
32 and of what that one lacks at stride 16; networks correct what is coded, and what is drawn of it. With random kernels
in its place nothing had been learned when bits got their price, and nothing was after (650 steps). Digits are rounded
to the nearest integer: while that is learned, noise as wide as a step stands for it where bits are counted (Balle et
al., arXiv 1802.01436). The encoder is told how much may be spent, so that one pair of networks serves every budget (as
Cui et al., 2021, arXiv 2003.02012); the decoder needs not know. There is no statistic over the map.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec_train.tokenizer.model import Residual, Up, blocks

MAP_STRIDE = 2
SHARPNESS = 8.0  # a sketch of 0 and 1 becomes logits of -3 and 5


@dataclass(frozen=True, slots=True)
class StructureSpec:
    """The token format: one stride and one tuple of levels per scale, coarse to fine. All levels are odd: the middle
    one says "nothing to add".
    """

    strides: tuple[int, ...] = (32, 16)
    levels: tuple[tuple[int, ...], ...] = ((9, 7, 7, 7, 5, 5, 5, 5), (7, 7, 5, 5, 5, 5, 3, 3))


@dataclass(frozen=True, slots=True)
class StructureWidths:
    """Channels at strides 4, 8, and 16 and 32; residual blocks of encoder and decoder at strides 4, 8, 16, 32."""

    at4: int = 32
    at8: int = 64
    deep: int = 112
    encoder_blocks: tuple[int, int, int, int] = (1, 1, 1, 1)
    decoder_blocks: tuple[int, int, int, int] = (2, 2, 2, 2)


def rounded(x_NDRK: Tensor, levels: tuple[int, ...]) -> Tensor:
    """Values as `tokenizer.model.digit_values` has them, of the digits nearest to x; a straight-through gradient."""
    count = torch.tensor(levels, dtype=torch.float32, device=x_NDRK.device).view(1, -1, 1, 1)
    most = (count - 1) / 2
    x = torch.maximum(torch.minimum(x_NDRK.float(), most), -most)
    return 2 * (x + (x.round() - x).detach()) / count


def with_noise(x_NDRK: Tensor, levels: tuple[int, ...]) -> Tensor:
    """The same with noise for the rounding."""
    count = torch.tensor(levels, dtype=torch.float32, device=x_NDRK.device).view(1, -1, 1, 1)
    return 2 * (x_NDRK.float() + torch.rand_like(x_NDRK, dtype=torch.float32) - 0.5) / count


class _Told(nn.Module):
    """A stage that is told how much may be spent, by a gain and an offset of each channel."""

    def __init__(self, stage: nn.Module, channels: int) -> None:
        super().__init__()
        self.stage = stage
        self.tell = nn.Sequential(nn.Linear(1, 32), nn.SiLU(), nn.Linear(32, 2 * channels))
        nn.init.zeros_(self.tell[2].weight)  # type: ignore[arg-type]
        nn.init.zeros_(self.tell[2].bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, spend_N1: Tensor) -> Tensor:
        gain, offset = self.tell(2 * spend_N1 - 1)[:, :, None, None].chunk(2, dim=1)
        return self.stage(x) * (1 + gain) + offset  # type: ignore[no-any-return]


class Synthesis(nn.Module):
    """Values per scale to a first, linear sketch of the map: the inverse transforms, added up."""

    def __init__(self, spec: StructureSpec) -> None:
        super().__init__()
        self.kernels = nn.ModuleList(
            nn.ConvTranspose2d(len(levels), 1, stride // MAP_STRIDE, stride // MAP_STRIDE, bias=False)
            for levels, stride in zip(spec.levels, spec.strides, strict=True)
        )

    def forward(self, values: list[Tensor]) -> Tensor:
        parts = [kernel(value) for kernel, value in zip(self.kernels, values, strict=False)]
        return torch.stack(parts).sum(0)


class Encoder(nn.Module):
    """(map 0..1, spend 0..1) to activations per scale: a block transform, which a network corrects."""

    def __init__(self, spec: StructureSpec, widths: StructureWidths) -> None:
        super().__init__()
        self.spec = spec
        n4, n8, n16, n32 = widths.encoder_blocks
        at4, at8, deep = widths.at4, widths.at8, widths.deep

        def down(cin: int, cout: int, count: int, kernel: int = 1) -> nn.Module:
            stage = nn.Sequential(
                nn.PixelUnshuffle(2), nn.Conv2d(4 * cin, cout, kernel, padding=kernel // 2), blocks(cout, count)
            )
            return _Told(stage, cout)

        self.climb = nn.ModuleList(
            [down(1, at4, n4, 3), down(at4, at8, n8), down(at8, deep, n16), down(deep, deep, n32)]
        )
        self.merge = nn.ModuleList([Residual(deep), nn.Sequential(nn.Conv2d(2 * deep, deep, 1), Residual(deep))])
        self.to_digits = nn.ModuleList(nn.Conv2d(deep, len(levels), 1) for levels in spec.levels)
        self.from_digits = nn.Sequential(nn.Conv2d(len(spec.levels[0]), deep, 1), Up(deep, deep))
        self.analysis = nn.ModuleList(
            nn.Conv2d(1, len(levels), stride // MAP_STRIDE, stride // MAP_STRIDE, bias=False)
            for levels, stride in zip(spec.levels, spec.strides, strict=True)
        )
        # What is nearer to 0 than this becomes 0: much where little may be spent.
        self.hold = nn.ModuleList(nn.Linear(1, len(levels)) for levels in spec.levels)
        for hold, said in zip(self.hold, self.to_digits, strict=True):
            nn.init.constant_(hold.weight, -1.0)  # type: ignore[arg-type]
            nn.init.constant_(hold.bias, -1.3)  # type: ignore[arg-type]
            nn.init.normal_(said.weight, std=0.01)  # type: ignore[arg-type]
            nn.init.zeros_(said.bias)  # type: ignore[arg-type]

    def forward(self, map_N1HW: Tensor, spend_N1: Tensor, synthesis: Synthesis) -> list[Tensor]:
        features = [map_N1HW]
        for stage in self.climb:
            features.append(stage(features[-1], spend_N1))
        coarse = self._said(0, map_N1HW, self.merge[0](features[-1]), spend_N1)
        value = rounded(coarse, self.spec.levels[0])
        lacking = map_N1HW - synthesis([value])
        seen = torch.cat([features[-2], self.from_digits(value)], 1)
        return [coarse, self._said(1, lacking, self.merge[1](seen), spend_N1)]

    def _said(self, scale: int, map_N1HW: Tensor, seen: Tensor, spend_N1: Tensor) -> Tensor:
        x = (self.analysis[scale](map_N1HW) + self.to_digits[scale](seen)).float()
        held = F.softplus(self.hold[scale](2 * spend_N1 - 1)).float()[:, :, None, None]
        return x.sign() * F.relu(x.abs() - held)


class Decoder(nn.Module):
    """Per scale (N, D + 1, R, K) values and mask (`tokenizer.model.digit_values`) to logits of the map."""

    def __init__(self, spec: StructureSpec, widths: StructureWidths) -> None:
        super().__init__()
        n4, n8, n16, n32 = widths.decoder_blocks
        at4, at8, deep = widths.at4, widths.at8, widths.deep
        self.embed = nn.ModuleList(nn.Conv2d(len(levels) + 1, deep, 1) for levels in spec.levels)
        self.think32 = blocks(deep, n32)
        self.up16 = Up(deep, deep)
        self.think16 = blocks(deep, n16)
        self.up4 = nn.Sequential(Up(deep, at8), blocks(at8, n8), Up(at8, at4))
        self.synthesis = Synthesis(spec)
        self.see4 = nn.Conv2d(4, at4, 1)
        self.think4 = blocks(at4, n4)
        self.draw = Up(at4, 1, kernel=3)
        nn.init.normal_(self.draw[0].weight, std=0.01)  # type: ignore[arg-type]
        nn.init.zeros_(self.draw[0].bias)  # type: ignore[arg-type]

    def forward(self, tokens: list[Tensor]) -> Tensor:
        sketch = self.synthesis([x[:, :-1] for x in tokens])
        state = self.think32(self.embed[0](tokens[0]))
        state = self.think16(self.up16(state) + self.embed[1](tokens[1]))
        state = self.up4(state) + self.see4(F.pixel_unshuffle(sketch, 2))
        return self.draw(self.think4(state)) + SHARPNESS * sketch - 3.0  # type: ignore[no-any-return]


class StructureCodec(nn.Module):
    def __init__(self, spec: StructureSpec | None = None, widths: StructureWidths | None = None) -> None:
        super().__init__()
        self.spec, self.widths = spec or StructureSpec(), widths or StructureWidths()
        self.encoder, self.decoder = Encoder(self.spec, self.widths), Decoder(self.spec, self.widths)

    @torch.no_grad()
    def digits(self, map_N1HW: Tensor, spend_N1: Tensor) -> list[Tensor]:
        """(N, D, R, K) uint8 per scale."""
        found = []
        for x, levels in zip(self.encoder(map_N1HW, spend_N1, self.decoder.synthesis), self.spec.levels, strict=True):
            most = torch.tensor(levels, device=x.device).view(1, -1, 1, 1) // 2
            found.append((torch.maximum(torch.minimum(x.round(), most), -most) + most).to(torch.uint8))
        return found


def outline_loss(logits_N1HW: Tensor, wanted_N1HW: Tensor, outlines: float) -> Tensor:
    """(N,) cross-entropy a cell, where an outline counts `1 + outlines` times."""
    weight = 1 + outlines * wanted_N1HW
    return F.binary_cross_entropy_with_logits(logits_N1HW, wanted_N1HW, weight=weight, reduction="none").mean((1, 2, 3))

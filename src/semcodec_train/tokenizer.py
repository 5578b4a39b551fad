"""The token pyramid: an encoder to small integer digits, and a decoder that paints from any subset of them.

Shapes: N = pictures; C = channels; H, W = pixels; R, K = token rows, columns; D = digits of a token.

1. `Encoder.fine` maps pixels to features at stride 8 with a small receptive field (so that large pictures can be
   tiled); `Encoder.coarse` climbs to stride 128 and comes down again, quantising at each scale what the coarser ones
   left over.
2. Quantisation is finite scalar (FSQ; Mentzer et al., arXiv 2309.15505): a digit with L levels is tanh cut into L
   equal bins. L is odd: the bin around 0 says "nothing to add", and is what costs least (`rate.py`).
3. `Decoder.coarse` turns digits at all scales (and the mask of those that are there) into features at stride 8,
   `Decoder.fine` turns these into pixels, again with a small receptive field.
4. There is no statistic over the picture anywhere (no batch, group or instance norm, no global attention): a token grid
   can be painted whole or in overlapping tiles with the same result.

Pictures are padded to multiples of 128 by repeating their edge; tokens wholly outside the picture are never sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MISSING = 255  # in a digit array: this token was not sent


@dataclass(frozen=True, slots=True)
class PyramidSpec:
    """The token format: one stride and one tuple of levels per scale, coarse to fine."""

    strides: tuple[int, ...] = (128, 64, 32, 16, 8)
    levels: tuple[tuple[int, ...], ...] = ((9,) * 8, (9,) * 10, (9,) * 12, (7,) * 16, (5,) * 12)


FEW_DIGITS_SPEC = PyramidSpec(levels=((9,) * 5, (9,) * 5, (9,) * 5, (7,) * 5, (5,) * 4))
DRAFT_SPEC = PyramidSpec(levels=((8, 8, 8, 8), (8, 8, 8, 8), (8, 8, 8, 8), (8, 5, 5, 5), (5, 5, 5)))


@dataclass(frozen=True, slots=True)
class Widths:
    """Channels and residual blocks; `deep` serves strides 16 to 128."""

    deep: int = 160
    at8: int = 128
    at4: int = 64
    encoder_blocks: tuple[int, ...] = (1, 1, 1, 2)  # strides 128, 64, 32, 16
    decoder_blocks: tuple[int, ...] = (2, 2, 3, 4)
    encoder_blocks_8_4: tuple[int, int] = (1, 1)
    decoder_blocks_8_4: tuple[int, int] = (2, 2)


class Residual(nn.Module):
    """x + conv(lrelu(conv(x))). Plain 3x3 kernels: on CPUs bf16 depthwise layers were 2-4 times slower per step."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.normal_(self.second.weight, std=0.2 * (channels * 9) ** -0.5)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.leaky_relu(self.first(x), 0.1))


def blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(Residual(channels) for _ in range(count)))


class Up(nn.Sequential):
    """Twice the resolution by sub-pixel rearrangement (PixelShuffle)."""

    def __init__(self, cin: int, cout: int, factor: int = 2, kernel: int = 1) -> None:
        super().__init__(nn.Conv2d(cin, cout * factor**2, kernel, padding=kernel // 2), nn.PixelShuffle(factor))


def quantise(x_NDRK: Tensor, levels: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Unbounded activations to (values in -1..1 with a straight-through gradient, digits 0..L-1)."""
    count = torch.tensor(levels, dtype=torch.float32, device=x_NDRK.device).view(1, -1, 1, 1)
    bounded = torch.tanh(x_NDRK.float())
    digits = torch.clamp(torch.floor((bounded + 1) * 0.5 * count), min=torch.zeros_like(count), max=count - 1)
    values = (2 * digits + 1) / count - 1
    return bounded + (values - bounded).detach(), digits


def digit_values(digits_NDRK: Tensor, levels: tuple[int, ...]) -> Tensor:
    """Digits (MISSING where not sent) to the decoder's input: D values in -1..1, 0 where missing, and the mask."""
    count = torch.tensor(levels, dtype=torch.float32, device=digits_NDRK.device).view(1, -1, 1, 1)
    digits = digits_NDRK.float()
    sent = (digits < MISSING).float()
    values = ((2 * digits + 1) / count - 1) * sent
    return torch.cat([values, sent[:, :1]], dim=1)


class Encoder(nn.Module):
    def __init__(self, spec: PyramidSpec, widths: Widths) -> None:
        super().__init__()
        self.spec = spec
        at8, at4, deep = widths.at8, widths.at4, widths.deep
        n8, n4 = widths.encoder_blocks_8_4
        self.fine = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48, at4, 3, padding=1),
            blocks(at4, n4),
            nn.PixelUnshuffle(2),
            nn.Conv2d(at4 * 4, at8, 1),
            blocks(at8, n8),
        )
        channels = [deep, deep, deep, deep, at8]  # per scale, coarse to fine
        self.climb = nn.ModuleList()  # stride 8 -> 16 -> 32 -> 64 -> 128
        for scale in (3, 2, 1, 0):
            self.climb.append(
                nn.Sequential(
                    nn.PixelUnshuffle(2),
                    nn.Conv2d(channels[scale + 1] * 4, channels[scale], 1),
                    blocks(channels[scale], widths.encoder_blocks[scale]),
                )
            )
        self.merge = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c if s == 0 else 2 * c, c, 1), Residual(c)) for s, c in enumerate(channels)
        )
        self.to_digits = nn.ModuleList(nn.Conv2d(c, len(spec.levels[s]), 1) for s, c in enumerate(channels))
        self.from_digits = nn.ModuleList(nn.Conv2d(len(spec.levels[s]), c, 1) for s, c in enumerate(channels[:-1]))
        self.descend = nn.ModuleList(Up(c, channels[s + 1]) for s, c in enumerate(channels[:-1]))

    def coarse(self, at8_NCRK: Tensor) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """Features at stride 8 to (values, digits, activations before tanh), one of each per scale."""
        features = [at8_NCRK]
        for step in self.climb:
            features.append(step(features[-1]))
        features.reverse()
        values, digits, activations = [], [], []
        state = None
        for scale, merge in enumerate(self.merge):
            given = features[scale] if state is None else torch.cat([features[scale], state], dim=1)
            merged = merge(given)
            activation = self.to_digits[scale](merged).float()
            value, digit = quantise(activation, self.spec.levels[scale])
            values.append(value)
            digits.append(digit)
            activations.append(activation)
            if scale < len(self.descend):
                known = self.from_digits[scale](value)
                state = self.descend[scale](known if state is None else known + state)
        return values, digits, activations

    def forward(self, image_NCHW: Tensor) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        return self.coarse(self.fine(image_NCHW))


class Decoder(nn.Module):
    def __init__(self, spec: PyramidSpec, widths: Widths) -> None:
        super().__init__()
        self.spec = spec
        at8, at4, deep = widths.at8, widths.at4, widths.deep
        n8, n4 = widths.decoder_blocks_8_4
        channels = [deep, deep, deep, deep, at8]
        self.embed = nn.ModuleList(nn.Conv2d(len(spec.levels[s]) + 1, c, 1) for s, c in enumerate(channels))
        self.think = nn.ModuleList(blocks(deep, n) for n in widths.decoder_blocks)
        self.descend = nn.ModuleList(Up(c, channels[s + 1]) for s, c in enumerate(channels[:-1]))
        self.fine = nn.Sequential(
            blocks(at8, n8),
            Up(at8, at4),
            blocks(at4, n4),
            Up(at4, 3, factor=4, kernel=3),
        )

    def coarse(self, tokens: list[Tensor]) -> Tensor:
        """Per scale (N, D + 1, R, K) values and mask (see `digit_values`) to features at stride 8."""
        state = self.think[0](self.embed[0](tokens[0]))
        for scale in range(1, len(tokens)):
            state = self.descend[scale - 1](state) + self.embed[scale](tokens[scale])
            if scale < len(self.think):
                state = self.think[scale](state)
        return state

    def forward(self, tokens: list[Tensor]) -> Tensor:
        """-> RGB in about -1..1, not clipped."""
        return self.fine(self.coarse(tokens))


@dataclass(frozen=True, slots=True)
class LossWeights:
    l1: float = 1.0
    perceptual: float = 1.0
    usage: float = 0.02


@dataclass(slots=True)
class Losses:
    total: Tensor
    parts: dict[str, float] = field(default_factory=dict)


class Tokenizer(nn.Module):
    def __init__(self, spec: PyramidSpec | None = None, widths: Widths | None = None) -> None:
        super().__init__()
        self.spec, self.widths = spec or PyramidSpec(), widths or Widths()
        self.encoder, self.decoder = Encoder(self.spec, self.widths), Decoder(self.spec, self.widths)

    def forward(self, image_NCHW: Tensor, masks: list[Tensor]) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Picture and the masks of sent tokens -> (painted picture, values, activations)."""
        values, _, activations = self.encoder(image_NCHW)
        tokens = [torch.cat([v * m, m], dim=1) for v, m in zip(values, masks, strict=True)]
        return self.decoder(tokens), values, activations


def sample_masks(
    num: int,
    rows_128: int,
    cols_128: int,
    num_scales: int,
    generator: torch.Generator,
    *,
    full: float = 0.2,
    last_scale: tuple[float, ...] | None = None,
) -> list[Tensor]:
    """What was received, drawn at random: per scale (N, 1, R, K) of 0 and 1, a token only below a sent parent.

    A picture has everything (probability `full`), or all scales down to a random one (their chances: `last_scale`) of
    which a random part of the blocks is there, or (one in four of the rest) a random part of every scale.
    """

    def rand(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator)

    everything = rand(num) < full
    anywhere = rand(num) < 0.25
    chances = torch.tensor(last_scale or (1.0,) * num_scales)
    last = torch.multinomial(chances, num, replacement=True, generator=generator)
    masks: list[Tensor] = []
    for scale in range(num_scales):
        rows, cols = rows_128 << scale, cols_128 << scale
        block = 1 << int(torch.randint(0, 3, (1,), generator=generator))  # 1, 2 or 4 tokens
        draws = rand(num, 1, -(-rows // block), -(-cols // block))
        draws = draws.repeat_interleave(block, 2).repeat_interleave(block, 3)[:, :, :rows, :cols]
        share = rand(num).view(-1, 1, 1, 1)
        prefix_share = torch.where(
            (scale < last).view(-1, 1, 1, 1), 1.0, torch.where((scale == last).view(-1, 1, 1, 1), share, 0.0)
        )
        wanted = torch.where(anywhere.view(-1, 1, 1, 1), share.sqrt(), prefix_share)
        wanted = torch.where(everything.view(-1, 1, 1, 1), 1.0, wanted)
        mask = (draws < wanted).float()
        if masks:
            mask = mask * masks[-1].repeat_interleave(2, 2).repeat_interleave(2, 3)
        masks.append(mask)
    return masks


def usage_loss(activations: list[Tensor]) -> Tensor:
    """Keeps every digit's levels in use: mean 0 and the standard deviation 0.907 that makes tanh uniform (logistic)."""
    total = torch.zeros((), device=activations[0].device)
    for a in activations:
        mean = a.mean(dim=(0, 2, 3))
        std = (a.var(dim=(0, 2, 3)) + 1e-6).sqrt()
        total = total + (mean.square() + (std / 0.907).log().square()).mean()
    return total / len(activations)

"""The token pyramid: an encoder to small integer digits, and a decoder that paints from any subset of them.

Shapes: N = pictures; C = channels; H, W = pixels; R, K = token rows, columns; D = digits of a token.

1. Learned scales (strides 128 and 64). `Encoder.fine` maps pixels to features at stride 8 with a small receptive field
   (so that large pictures can be tiled); `Encoder.coarse` climbs to stride 128 and comes down again. Quantisation is
   finite scalar (FSQ; Mentzer et al., arXiv 2309.15505): a digit with L levels is tanh cut into L equal bins. L is odd:
   the bin around 0 says "nothing to add", and is what costs least (`rate.py`).
2. Residual scales (strides 32, 16, 8), in a closed loop: the decoder paints what was said so far, and a token is the
   quantised block transform of what the painting still lacks (`Residues`; the transform is fitted in `transform.py`).
   So the encoder knows exactly what is missing, and few of many digits differ from 0.
3. `Decoder.coarse` turns digits at all scales (and the mask of those that are there) into features at stride 8, with
   the inverse transform of the residual scales beside them; `Decoder.fine` adds both up to pixels, again with a small
   receptive field, and repairs what quantisation broke.
4. There is no statistic over the picture anywhere (no batch, group or instance norm, no global attention): a token grid
   can be painted whole or in overlapping tiles with the same result.

Pictures are padded to multiples of 128 by repeating their edge; tokens wholly outside the picture are never sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MISSING = 255  # in a digit array: this token was not sent


@dataclass(frozen=True, slots=True)
class PyramidSpec:
    """The token format: one stride and one tuple of levels per scale, coarse to fine."""

    strides: tuple[int, ...] = (128, 64, 32, 16, 8)
    levels: tuple[tuple[int, ...], ...] = (
        (9,) * 6,
        (9,) * 6,
        (9,) * 8 + (7,) * 8 + (5,) * 8,
        (9,) * 8 + (7,) * 8 + (5,) * 8,
        (9,) * 8 + (7,) * 12,
    )
    num_learned: int = 2  # the coarsest scales, whose digits a network chooses; the others code residues
    steps: tuple[float, ...] = (6.0, 2.6, 1.2)  # of the quantiser, per residual scale; RGB in -1..1

    def __post_init__(self) -> None:
        if self.num_learned + len(self.steps) != len(self.strides):
            raise ValueError("every scale is learned or has a quantiser step")

    @property
    def learned_levels(self) -> tuple[tuple[int, ...], ...]:
        return self.levels[: self.num_learned]


def all_learned(*levels: tuple[int, ...]) -> PyramidSpec:
    """Without residual scales, as the first tokenizers were."""
    return PyramidSpec(levels=levels, num_learned=len(levels), steps=())


FEW_DIGITS_SPEC = all_learned((9,) * 5, (9,) * 5, (9,) * 5, (7,) * 5, (5,) * 4)
MANY_DIGITS_SPEC = all_learned((9,) * 8, (9,) * 10, (9,) * 12, (7,) * 16, (5,) * 12)
DRAFT_SPEC = all_learned((8, 8, 8, 8), (8, 8, 8, 8), (8, 8, 8, 8), (8, 5, 5, 5), (5, 5, 5))


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


class Residues(nn.Module):
    """The block transform of each residual scale. Its kernels have the quantiser's step divided out, and are not
    trained by gradients.
    """

    # Digits are rounded down a little more often than up. On six Kodak pictures at 2,000 bytes, both distances: 1.228
    # and 0.673 with 0.25, 1.228 and 0.670 with 1/3, 1.224 and 0.666 with 0.42.
    ROUNDING = 0.45

    def __init__(self, spec: PyramidSpec) -> None:
        super().__init__()
        self.levels = spec.levels[spec.num_learned :]
        self.analysis = nn.ModuleList(
            nn.Conv2d(3, len(levels), stride, stride, bias=False)
            for levels, stride in zip(self.levels, spec.strides[spec.num_learned :], strict=True)
        ).requires_grad_(False)

    def forward(self, residue_NCHW: Tensor, at: int) -> tuple[Tensor, Tensor]:
        """What the painting lacks -> (values in -1..1, digits) of residual scale `at`."""
        levels = self.levels[at]
        count = torch.tensor(levels, dtype=torch.float32, device=residue_NCHW.device).view(1, -1, 1, 1)
        steps = self.analysis[at](residue_NCHW).float()
        whole = torch.sign(steps) * torch.floor(steps.abs() + self.ROUNDING)
        middle = (count - 1) / 2
        digits = torch.minimum(torch.maximum(whole + middle, torch.zeros_like(count)), count - 1)
        return (2 * digits + 1) / count - 1, digits


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
        learned = list(zip(channels, spec.learned_levels, strict=False))
        self.merge = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c if s == 0 else 2 * c, c, 1), Residual(c)) for s, (c, _) in enumerate(learned)
        )
        self.to_digits = nn.ModuleList(nn.Conv2d(c, len(levels), 1) for c, levels in learned)
        self.from_digits = nn.ModuleList(nn.Conv2d(len(levels), c, 1) for c, levels in learned[:-1])
        self.descend = nn.ModuleList(Up(c, channels[s + 1]) for s, (c, _) in enumerate(learned[:-1]))
        self.residues = Residues(spec)

    def coarse(self, at8_NCRK: Tensor) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """Features at stride 8 to (values, digits, activations before tanh), one of each per learned scale."""
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


RESIDUE_CHANNELS = 3 * 8 * 8  # pixels of a residue, folded at stride 8


class Synthesis(nn.Module):
    """Values of the residual scales to pixels, folded at stride 8: the inverse transforms, added up."""

    def __init__(self, spec: PyramidSpec) -> None:
        super().__init__()
        self.factors = [stride // 8 for stride in spec.strides[spec.num_learned :]]
        self.kernels = nn.ModuleList(
            nn.Conv2d(len(levels), RESIDUE_CHANNELS * factor**2, 1, bias=False)
            for levels, factor in zip(spec.levels[spec.num_learned :], self.factors, strict=True)
        )

    def forward(self, state_NCRK: Tensor, values: list[Tensor]) -> Tensor:
        """Per residual scale (N, D, R, K), 0 where missing -> (N, 192, H / 8, W / 8), after the state's channels."""
        residue = state_NCRK.new_zeros(len(state_NCRK), RESIDUE_CHANNELS, *state_NCRK.shape[2:])
        for kernel, value, factor in zip(self.kernels, values, self.factors, strict=True):
            residue = residue + F.pixel_shuffle(kernel(value), factor)
        return torch.cat([state_NCRK, residue], dim=1)


class Painter(nn.Module):
    """Features and folded residues at stride 8 -> pixels. The residues are seen by the network at strides 8 and 4, and
    added to what it paints.
    """

    def __init__(self, at8: int, at4: int, num_blocks: tuple[int, int]) -> None:
        super().__init__()
        self.see8 = nn.Conv2d(RESIDUE_CHANNELS, at8, 1)
        self.think8 = blocks(at8, num_blocks[0])
        self.up4 = Up(at8, at4)
        self.see4 = nn.Conv2d(RESIDUE_CHANNELS // 4, at4, 1)
        self.think4 = blocks(at4, num_blocks[1])
        self.paint = Up(at4, 3, factor=4, kernel=3)
        for see in (self.see8, self.see4):
            nn.init.zeros_(see.weight)
            nn.init.zeros_(see.bias)

    def forward(self, features_NCRK: Tensor) -> Tensor:
        state, residue = features_NCRK[:, :-RESIDUE_CHANNELS], features_NCRK[:, -RESIDUE_CHANNELS:]
        state = self.up4(self.think8(state + self.see8(residue)))
        state = self.think4(state + self.see4(F.pixel_shuffle(residue, 2)))
        return self.paint(state) + F.pixel_shuffle(residue, 8)


class Decoder(nn.Module):
    def __init__(self, spec: PyramidSpec, widths: Widths) -> None:
        super().__init__()
        self.spec = spec
        at8, at4, deep = widths.at8, widths.at4, widths.deep
        channels = [deep, deep, deep, deep, at8]
        self.embed = nn.ModuleList(nn.Conv2d(len(spec.levels[s]) + 1, c, 1) for s, c in enumerate(channels))
        self.think = nn.ModuleList(blocks(deep, n) for n in widths.decoder_blocks)
        self.descend = nn.ModuleList(Up(c, channels[s + 1]) for s, c in enumerate(channels[:-1]))
        self.synthesis = Synthesis(spec)
        self.fine = Painter(at8, at4, widths.decoder_blocks_8_4)

    def coarse(self, tokens: list[Tensor]) -> Tensor:
        """Per scale (N, D + 1, R, K) values and mask (see `digit_values`) to features and residues at stride 8."""
        state = self.think[0](self.embed[0](tokens[0]))
        for scale in range(1, len(tokens)):
            state = self.descend[scale - 1](state) + self.embed[scale](tokens[scale])
            if scale < len(self.think):
                state = self.think[scale](state)
        return self.synthesis(state, [t[:, :-1] for t in tokens[self.spec.num_learned :]])

    def forward(self, tokens: list[Tensor]) -> Tensor:
        """-> RGB in about -1..1, not clipped."""
        return self.fine(self.coarse(tokens))


class Tokenizer(nn.Module):
    def __init__(self, spec: PyramidSpec | None = None, widths: Widths | None = None) -> None:
        super().__init__()
        self.spec, self.widths = spec or PyramidSpec(), widths or Widths()
        self.encoder, self.decoder = Encoder(self.spec, self.widths), Decoder(self.spec, self.widths)

    def forward(
        self, image_NCHW: Tensor, masks: list[Tensor], inside_N1HW: Tensor | None = None
    ) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Picture and the masks of sent tokens -> (painted picture, values, activations of the learned scales).

        Values of scales of which nothing is sent are zeros. `inside`: 1 where the picture is, 0 in its padding.
        """
        learned, _, activations = self.encoder(image_NCHW)
        values, _ = self.residual_values(image_NCHW, learned, masks, inside_N1HW)
        tokens = [torch.cat([v * m, m], dim=1) for v, m in zip(values, masks, strict=True)]
        return self.decoder(tokens), values, activations

    @torch.no_grad()
    def digits(self, image_NCHW: Tensor, inside_N1HW: Tensor | None = None) -> list[Tensor]:
        """Every digit of every scale, (N, D, R, K) float."""
        values, digits, _ = self.encoder(image_NCHW)
        everything = [
            image_NCHW.new_ones(image_NCHW.shape[0], 1, image_NCHW.shape[2] // s, image_NCHW.shape[3] // s)
            for s in self.spec.strides
        ]
        return digits + self.residual_values(image_NCHW, values, everything, inside_N1HW)[1]

    def residual_values(
        self, image_NCHW: Tensor, learned: list[Tensor], masks: list[Tensor], inside_N1HW: Tensor | None
    ) -> tuple[list[Tensor], list[Tensor]]:
        """(values of all scales, digits of the residual ones), each scale coding what a painting of all coarser tokens
        lacks; no gradient passes through the painting.
        """
        first, values, digits = self.spec.num_learned, list(learned), []
        for scale in range(first, len(self.spec.strides)):
            shape = (len(image_NCHW), len(self.spec.levels[scale]), *masks[scale].shape[2:])
            values.append(image_NCHW.new_zeros(shape))
        with torch.no_grad():
            for scale in range(first, len(self.spec.strides)):
                if not any(bool(mask.any()) for mask in masks[scale:]):
                    break
                tokens = []
                for s, (value, stride) in enumerate(zip(values, self.spec.strides, strict=True)):
                    sent = value.new_full(masks[s].shape, float(s < scale))
                    if inside_N1HW is not None:
                        sent = sent * F.max_pool2d(inside_N1HW, stride)
                    tokens.append(torch.cat([value.detach() * sent, sent], dim=1))
                residue = image_NCHW - self.decoder(tokens).float().clamp(-1, 1)
                if inside_N1HW is not None:
                    residue = residue * inside_N1HW
                values[scale], found = self.encoder.residues(residue, scale - first)
                digits.append(found)
        return values, digits


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

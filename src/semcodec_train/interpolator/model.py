"""The interpolator: two frames and a time between them in, the frame of that time out.

Shapes: N = pairs of frames; C = channels; H, W = pixels, multiples of `MULTIPLE`. Flows are in pixels.

1. `pair`, once for two frames: features at strides 2 to 32; motion from each frame to the other, coarse to fine, from
   correlations of features (Sun et al., PWC-Net, CVPR 2018).
2. `at`, for each time: both motions are carried to that time (softmax splatting) and refined at strides 8 and 4 by what
   the frames show there; both frames are read along them and blended; a U-Net at strides 4 and 8 adds what is left.

No layer takes a statistic over the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec_train.interpolator.warping import best_offset, carried, correlation, filled, offsets, warp

MULTIPLE = 32  # the coarsest stride
STRIDES = (32, 16, 8)  # at which motion between the frames is found
# Of the choice of the offset at which features are most alike, at first: how decided it is, how many cells are near.
SHARPNESS, NEAR = 12.0, 1.0
FLOW_UNIT = 16.0  # px: what networks are told of flows is divided by this


@dataclass(frozen=True, slots=True)
class InterpolatorSize:
    """`features`: channels at strides 2, 4, 8, 16, 32; `matched`: of them what is correlated, within `radii` cells at
    strides 32, 16 and 8; `flow`: channels that find motion; `widths`, `blocks`: channels and residual blocks at strides
    4 and 8 for each time (`blocks`: motion at 4, at 8, picture at 4, at 8); `half`, `last`: channels at strides 2, 1.
    """

    features: tuple[int, int, int, int, int] = (24, 32, 64, 96, 112)
    matched: int = 32
    radii: tuple[int, int, int] = (6, 4, 3)
    flow: int = 80
    widths: tuple[int, int] = (56, 104)
    blocks: tuple[int, int, int, int] = (2, 2, 3, 3)
    half: int = 32
    last: int = 16


class Pair(NamedTuple):
    """What is known of two frames: features at strides 4 and 8 (of the first, then of the last: 2N); motion and its
    importance at stride 8 (first to last, then last to first: 2N).
    """

    fine: Tensor
    coarse: Tensor
    motion: Tensor
    weight: Tensor


class Residual(nn.Module):
    """(N, C, H, W) -> the same shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(channels, channels, 3, 1, 1)
        self.b = nn.Conv2d(channels, channels, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = x + self.b(F.relu(self.a(x)))
        return found


def conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.ReLU())


def stack(channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*[Residual(channels) for _ in range(blocks)])


def doubled(flow: Tensor) -> Tensor:
    """A map at twice as many rows and columns (flows in pixels stay what they are)."""
    return F.interpolate(flow, scale_factor=2.0, mode="bilinear", align_corners=False)


class Motion(nn.Module):
    """Motion at one stride, from that at the coarser one."""

    def __init__(self, size: InterpolatorSize, features: int, radius: int, stride: int, *, first: bool) -> None:
        super().__init__()
        self.radius, self.stride = radius, stride
        self.match = nn.Conv2d(features, size.matched, 1)
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS))
        self.likely = nn.Parameter(-0.5 * (offsets(radius) / NEAR).square().sum(0)[None, :, None, None])
        before = 0 if first else 3 + size.flow
        seen = (2 * radius + 1) ** 2 + 2 + size.matched + before
        self.body = nn.Sequential(conv(seen, size.flow), Residual(size.flow), nn.ReLU(), conv(size.flow, size.flow))
        self.out = nn.Conv2d(size.flow, 3, 3, 1, 1)

    def forward(self, features: Tensor, before: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor]:
        """Features of both frames (2N) and what was found at the coarser stride -> motion and log importance
        (2N, 3, H, W), what else is to be known (2N, C, H, W).
        """
        mine = self.match(features)
        mine = mine * torch.rsqrt(mine.square().mean(1, keepdim=True) + 1e-4)
        theirs = torch.cat(mine.chunk(2)[::-1])
        if before is None:
            alike = correlation(mine, theirs, self.radius)
            best = best_offset(alike * self.sharpness + self.likely, self.radius)
            found = self.body(torch.cat([alike, best, mine], 1))
            return self._told(found, best), found
        flow, known = (doubled(x) for x in before)
        alike = correlation(mine, warp(theirs, flow[:, :2] / self.stride), self.radius)
        best = best_offset(alike * self.sharpness + self.likely, self.radius)
        told = torch.cat([flow[:, :2] / FLOW_UNIT, flow[:, 2:]], 1)
        found = self.body(torch.cat([alike, best, mine, told, known], 1))
        return flow + self._told(found, best), found

    def _told(self, found: Tensor, best: Tensor) -> Tensor:
        told: Tensor = self.out(found).float()  # (half the bits tell 170 px to the nearest pixel only)
        return torch.cat([(told[:, :2] + best) * self.stride, told[:, 2:]], 1)


class Interpolator(nn.Module):
    """first, last (N, 3, H, W) in -1..1 and time (N, 1) in 0..1 -> (N, 3, H, W) in about -1..1."""

    def __init__(self, size: InterpolatorSize | None = None) -> None:
        super().__init__()
        self.size = size = size or InterpolatorSize()
        two, four, eight, sixteen, thirty_two = size.features
        fine, coarse = size.widths
        self.e2 = conv(3, two, 2)
        self.e4 = nn.Sequential(conv(two, four, 2), Residual(four))
        self.e8 = nn.Sequential(conv(four, eight, 2), Residual(eight))
        self.e16 = nn.Sequential(conv(eight, sixteen, 2), Residual(sixteen))
        self.e32 = nn.Sequential(conv(sixteen, thirty_two, 2), Residual(thirty_two))
        of = zip(STRIDES, (thirty_two, sixteen, eight), size.radii, strict=True)
        self.motions = nn.ModuleList(
            Motion(size, features, radius, stride, first=stride == STRIDES[0]) for stride, features, radius in of
        )
        self.m8_in, self.m8 = conv(2 * eight + 4 + 2 + 1, coarse), stack(coarse, size.blocks[1])
        self.m8_out = nn.Conv2d(coarse, 4, 3, 1, 1)
        self.m8_up = nn.Conv2d(coarse, 4 * fine // 2, 1)
        self.m4_in, self.m4 = conv(2 * four + fine // 2 + 4 + 1, fine), stack(fine, size.blocks[0])
        self.m4_out = nn.Conv2d(fine, 4 + 16, 3, 1, 1)
        self.r4_in, self.r4 = conv(3 * 3 * 16 + fine + 2 * four, fine), stack(fine, 1)
        self.r8_in, self.r8 = nn.Conv2d(fine, coarse, 2, 2), stack(coarse, size.blocks[3])
        self.r8_up = nn.Conv2d(coarse, 4 * fine, 1)
        self.r4_end = stack(fine, size.blocks[2] - 1)
        self.up = nn.Conv2d(fine, 4 * size.half, 3, 1, 1)
        self.out = nn.Conv2d(size.half, 4 * size.last, 3, 1, 1)
        self.fin = nn.Conv2d(size.last, 3, 3, 1, 1)
        for small in (self.fin, self.m8_out, self.m4_out, *(motion.out for motion in self.motions)):
            assert isinstance(small.weight, nn.Parameter)
            nn.init.normal_(small.weight, std=1e-3)
            nn.init.zeros_(small.bias)

    @classmethod
    def with_weights(cls, weights: Mapping[str, Tensor], size: InterpolatorSize) -> Interpolator:
        model = cls(size)
        model.load_state_dict({name: values.float() for name, values in weights.items()})
        return model

    def forward(self, first: Tensor, last: Tensor, time: Tensor) -> Tensor:
        frame: Tensor = self.at(first, last, self.pair(first, last)[0], time)[0]
        return frame

    def pair(self, first: Tensor, last: Tensor) -> tuple[Pair, list[Tensor]]:
        """What is known of two frames, and the motion at strides 32, 16 and 8."""
        fine = self.e4(self.e2(torch.cat([first, last])))
        coarse = self.e8(fine)
        sixteen = self.e16(coarse)
        found, flows = None, []
        for motion, features in zip(self.motions, (self.e32(sixteen), sixteen, coarse), strict=True):
            found = motion(features, found)
            flows.append(found[0])
        weight = torch.sigmoid(flows[-1][:, 2:]) + 0.01
        return Pair(fine, coarse, flows[-1][:, :2], weight), [flow[:, :2] for flow in flows]

    def at(self, first: Tensor, last: Tensor, pair: Pair, time: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """The frame at a time; what it was before the U-Net; and the flows from that time to the first and the last
        frame (N, 4, H, W), at strides 8 (carried), 8 and 4.
        """
        t = time[:, :, None, None]
        forth, back = pair.motion.chunk(2)
        first_weight, last_weight = pair.weight.chunk(2)
        of_first = carried(forth, first_weight * (1 - t), forth * (t / 8))
        of_last = carried(-back, last_weight * t, back * ((1 - t) / 8))
        here = filled(of_first + of_last)
        flow = torch.cat([here * -t, here * (1 - t)], 1)
        flows = [flow]
        apart = (filled(of_first) - filled(of_last)) / FLOW_UNIT
        there = torch.cat([of_first[:, 2:], of_last[:, 2:]], 1).clamp(max=2.0)
        a8, b8 = pair.coarse.chunk(2)
        seen = [warp(a8, flow[:, :2] / 8), warp(b8, flow[:, 2:] / 8), here / FLOW_UNIT, apart, there]
        x = self.m8(self.m8_in(torch.cat([*seen, t.expand_as(there[:, :1])], 1)))
        flow = flow + 8 * self.m8_out(x).float()
        flows.append(flow)
        flow = doubled(flow)
        a4, b4 = pair.fine.chunk(2)
        x = F.pixel_shuffle(self.m8_up(x), 2)
        seen = [warp(a4, flow[:, :2] / 4), warp(b4, flow[:, 2:] / 4), flow / FLOW_UNIT]
        known = self.m4(self.m4_in(torch.cat([*seen, x, t.expand_as(flow[:, :1])], 1)))
        told = self.m4_out(known).float()
        flow = flow + 4 * told[:, :4]
        flows.append(flow)
        whole = F.interpolate(flow, scale_factor=4.0, mode="bilinear", align_corners=False)
        a, b = warp(first, whole[:, :2]), warp(last, whole[:, 2:])
        share = torch.sigmoid(F.pixel_shuffle(told[:, 4:], 4) + torch.log((1 - t) / t))
        merged = b + share * (a - b)
        seen = [warp(a4, flow[:, :2] / 4), warp(b4, flow[:, 2:] / 4), known]
        pixels = [F.pixel_unshuffle(x, 4) for x in (merged, a, b)]
        x = self.r4(self.r4_in(torch.cat([*seen, *pixels], 1)))
        x = x + F.pixel_shuffle(self.r8_up(self.r8(self.r8_in(x))), 2)
        x = F.relu(F.pixel_shuffle(self.up(self.r4_end(x)), 2))
        x = F.relu(F.pixel_shuffle(self.out(x), 2))
        return merged + self.fin(x).float(), merged, flows

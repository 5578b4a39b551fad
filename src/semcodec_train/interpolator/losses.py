"""What a frame between two others is judged by: pixels, edges, LPIPS; and motion, where it is known.

Shapes: N = frames; H, W = pixels. Frames are RGB in -1..1, motion is in px.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from semcodec_train.interpolator.model import FLOW_UNIT
from semcodec_train.interpolator.warping import warp

PAIR_STRIDES, TIME_STRIDES = (32, 16, 8), (8, 8, 4)
PAIR_SHARES, TIME_SHARES = (0.5, 0.7, 1.0), (0.3, 0.6, 1.0)


def charbonnier(difference: Tensor) -> Tensor:
    """(N,) mean of a smooth absolute value."""
    return torch.sqrt(difference.float().square() + 1e-5).mean((1, 2, 3))


def edge_distance(a: Tensor, b: Tensor) -> Tensor:
    """(N,) mean absolute difference of neighbours' differences, at three sizes of the pictures."""
    total = torch.zeros(len(a), device=a.device)
    for _ in range(3):
        for axis in (2, 3):
            total = total + (torch.diff(a, dim=axis) - torch.diff(b, dim=axis)).abs().mean((1, 2, 3))
        a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
    return total / 3


def read_at(flow_N2HW: Tensor, stride: int) -> Tensor:
    """Motion at the middle of each cell of that many pixels."""
    return flow_N2HW[:, :, stride // 2 :: stride, stride // 2 :: stride]


def motion_error(found: Sequence[Tensor], known: Tensor, strides: Sequence[int], shares: Sequence[float]) -> Tensor:
    """(N,) how far motion is off at several strides, in `FLOW_UNIT`s."""
    total = torch.zeros(len(known), device=known.device)
    for flow, stride, share in zip(found, strides, shares, strict=True):
        off = (flow - read_at(known, stride)).square().sum(1)
        total = total + share * torch.sqrt(off + 0.01).mean((1, 2)) / FLOW_UNIT
    return total / sum(shares)


def unlike(first: Tensor, last: Tensor, flows: Sequence[Tensor]) -> Tensor:
    """(N,) how unlike the frames are along the motion that was found between them (strides 32, 16, 8: first to last,
    then last to first), at a quarter of their size. The one judge of motion of clips.
    """
    a = F.avg_pool2d(torch.cat([first, last]), 4)
    b = torch.cat(a.chunk(2)[::-1])
    total = torch.zeros(len(first), device=first.device)
    for flow, share in zip(flows, PAIR_SHARES, strict=True):
        fine = F.interpolate(flow, size=a.shape[2:], mode="bilinear", align_corners=False)
        difference = charbonnier(warp(b, fine / 4) - a)
        total = total + share * sum(difference.chunk(2))
    return total / (2 * sum(PAIR_SHARES))

"""Pictures and features moved along flows: read from where a flow points, and flows carried to another time.

Shapes: N = pictures; C = channels; H, W = cells. A flow is (N, 2, H, W): how many cells right and down.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

BOXES = (5, 17)  # cells: how far around a hole its motion is looked for
FAINT = (0.02, 0.0005)  # what is found so far counts, beside what was carried to the cell itself


def cells_of(like: Tensor) -> tuple[Tensor, Tensor]:
    """Columns (1, 1, W) and rows (1, H, 1) of a map, numbered from 0."""
    height, width = like.shape[2], like.shape[3]
    cols = torch.arange(width, device=like.device, dtype=torch.float32)[None, None, :]
    rows = torch.arange(height, device=like.device, dtype=torch.float32)[None, :, None]
    return cols, rows


def warp(map_NCHW: Tensor, flow_N2HW: Tensor) -> Tensor:
    """What stands in a map where the flow points: (N, C, H, W), bilinear, the edge repeated."""
    cols, rows = cells_of(map_NCHW)
    height, width = map_NCHW.shape[2], map_NCHW.shape[3]
    x = (flow_N2HW[:, 0] + cols) * (2.0 / (width - 1)) - 1.0
    y = (flow_N2HW[:, 1] + rows) * (2.0 / (height - 1)) - 1.0
    grid = torch.stack([x, y], 3)
    found = F.grid_sample(map_NCHW.float(), grid, mode="bilinear", padding_mode="border", align_corners=True)
    return found.to(map_NCHW.dtype)


def carried(velocity_N2HW: Tensor, weight_N1HW: Tensor, path: Tensor) -> Tensor:
    """Motion carried to another time: (N, 3, H, W), sums of weighted motion, and of weights, by where `path` leads.

    Each cell is laid onto the four cells around its place in proportion (Niklaus and Liu, Softmax Splatting for Video
    Frame Interpolation, CVPR 2020); beyond the edge nothing is laid.
    """
    num, _, height, width = velocity_N2HW.shape
    cols, rows = cells_of(velocity_N2HW)
    x, y = (path[:, 0] + cols).flatten(1), (path[:, 1] + rows).flatten(1)
    left, top = torch.floor(x), torch.floor(y)
    laid = torch.cat([velocity_N2HW * weight_N1HW, weight_N1HW], 1).flatten(2)
    found = torch.zeros_like(laid)
    for right in (0, 1):
        for below in (0, 1):
            col, row = left + right, top + below
            share = (1 - torch.abs(x - col)) * (1 - torch.abs(y - row))
            inside = ((col >= 0) & (col <= width - 1) & (row >= 0) & (row <= height - 1)).to(share.dtype)
            at = (row.clamp(0, height - 1) * width + col.clamp(0, width - 1)).long()
            found = found.scatter_add(2, at[:, None].expand(-1, 3, -1), laid * (share * inside)[:, None])
    return found.view(num, 3, height, width)


def filled(sums_N3HW: Tensor) -> Tensor:
    """Mean motion (N, 2, H, W) of what `carried` found; where it found little, what is around counts."""
    for box, share in zip(BOXES, FAINT, strict=True):
        sums_N3HW = sums_N3HW + share * F.avg_pool2d(sums_N3HW, box, 1, box // 2)
    return sums_N3HW[:, :2] / (sums_N3HW[:, 2:] + 1e-6)


def correlation(first_NCHW: Tensor, last_NCHW: Tensor, radius: int) -> Tensor:
    """(N, (2 radius + 1)^2, H, W): how like the features of `first` those of `last` are, at all offsets up to
    `radius` cells: 1 where both are the same and their mean square is 1, and -1 beyond the edge.
    """
    side, channels, height, width = 2 * radius + 1, *first_NCHW.shape[1:]
    inside = torch.full_like(first_NCHW[:, :1], channels**0.5)
    first = torch.cat([first_NCHW, inside], 1)
    padded = F.pad(torch.cat([last_NCHW, inside], 1), (radius, radius, radius, radius))
    products = [
        (first * padded[:, :, row : row + height, col : col + width]).sum(1)
        for row in range(side)
        for col in range(side)
    ]
    return torch.stack(products, 1) / channels - 1


def offsets(radius: int) -> Tensor:
    """(2, (2 radius + 1)^2): columns and rows of the offsets of `correlation`, in their order."""
    line = torch.arange(-radius, radius + 1, dtype=torch.float32)
    return torch.stack([line.repeat(2 * radius + 1), line.repeat_interleave(2 * radius + 1)])


def best_offset(alike: Tensor, radius: int) -> Tensor:
    """(N, 2, H, W): the mean of the offsets of `correlation`, each as likely as e to what is told of it. Features
    of random weights give some of the motion so: without it nothing was learned in 200 steps.
    """
    likely = torch.softmax(alike.float(), 1)
    both = offsets(radius).to(alike.device)[:, None, :, None, None]
    return torch.stack([(likely * offset).sum(1) for offset in both], 1)

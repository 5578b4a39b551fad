"""Where things were in another picture: blocks are looked for, and pictures are read along what was found.

Shapes: H, W = pixels; C = channels; R, K = rows, columns of blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from semcodec.pictures.luma import LEAST_SIDE_PX, halved, shrunk_to

if TYPE_CHECKING:
    from semcodec.pictures.luma import Luma

    Floats = np.ndarray[Any, np.dtype[np.float32]]

REACH_PX = 7
_BLOCK_PX = 8
_THE_SAME = 0.25  # levels: what stands still does not move by parts of a pixel
_DEAR = 0.15  # levels, for the root of a vector's length: where nothing is to be seen, nothing moves
_COARSEST_PX, _FINEST_PX = 3_000, 150_000  # of the pictures in which far motion is looked for
_FINER_REACH_PX = 2  # about what the coarser pictures say


def motion(frame_HW: Luma, before_HW: Luma, *, reach: int = REACH_PX) -> tuple[Floats, Floats]:
    """Where each block of a frame was in the one before it: (R, K) pixels down and right from where it is now.

    Of all whole vectors within `reach` the block, together with its neighbours, differs least; to parts of a pixel by
    the parabola through the three costs on each axis.
    """
    height, width = frame_HW.shape
    below, beside = -height % _BLOCK_PX, -width % _BLOCK_PX
    frame_HW = np.pad(frame_HW, ((0, below), (0, beside)), mode="edge")
    height, width = frame_HW.shape
    before_HW = np.pad(before_HW, ((reach, reach + below), (reach, reach + beside)), mode="edge")
    num = 2 * reach + 1
    blocks = (height // _BLOCK_PX, width // _BLOCK_PX)
    costs = np.empty((num, num, *blocks), np.float32)
    for down in range(num):
        moved_NHW = sliding_window_view(before_HW[down : down + height], width, axis=1).transpose(1, 0, 2)
        apart_NHW = np.abs(frame_HW - moved_NHW)
        of_rows = apart_NHW.reshape(num, blocks[0], _BLOCK_PX, width).sum(axis=2)  # (rows first: four times as fast)
        costs[down] = of_rows.reshape(num, *blocks, _BLOCK_PX).sum(axis=3)
    costs *= np.float32(1 / _BLOCK_PX**2)
    away = np.abs(np.arange(num) - reach)
    lengths = (away[:, None] + away).astype(np.float32) ** np.float32(0.5)
    costs = (costs + _means_of_nine(costs)) / 2 + np.float32(_DEAR) * lengths[..., None, None]
    at = costs.reshape(num * num, *blocks).argmin(axis=0)
    downs, rights = at // num, at % num
    rows, cols = np.indices(blocks)

    def beyond(step_down: int, step_right: int) -> Floats:
        down, right = (np.clip(downs + step_down, 0, num - 1), np.clip(rights + step_right, 0, num - 1))
        found: Floats = costs[down, right, rows, cols]
        return found

    least = beyond(0, 0)
    down_RK = downs - reach + _vertex(beyond(-1, 0), least, beyond(1, 0))
    right_RK = rights - reach + _vertex(beyond(0, -1), least, beyond(0, 1))
    return down_RK.astype(np.float32), right_RK.astype(np.float32)


def far_motion(frame_HW: Luma, other_HW: Luma) -> tuple[Floats, Floats]:
    """Where each pixel of a frame is in another: (H, W) pixels down and right from where it is now.

    Coarse to fine: in small pictures of both within `REACH_PX`, which is about 110 pixels of 854x480, then in larger
    ones about that.
    """
    levels = [[shrunk_to(image_HW, _FINEST_PX) for image_HW in (frame_HW, other_HW)]]
    while levels[-1][0].size > _COARSEST_PX and min(levels[-1][0].shape) >= 2 * LEAST_SIDE_PX:
        levels.append([halved(image_HW) for image_HW in levels[-1]])
    down = right = np.zeros((1, 1), np.float32)
    for number, (small_HW, other_small_HW) in enumerate(reversed(levels)):
        height, width = small_HW.shape
        scale = (height / down.shape[0], width / down.shape[1])
        down, right = enlarged(down * scale[0], height, width), enlarged(right * scale[1], height, width)
        moved_HW = read_at(other_small_HW[..., None], down, right)[..., 0] if number else other_small_HW
        further = motion(small_HW, moved_HW, reach=_FINER_REACH_PX if number else REACH_PX)
        down, right = (
            way + enlarged(more_RK, height, width) for way, more_RK in zip((down, right), further, strict=True)
        )
    height, width = frame_HW.shape
    scale = (height / down.shape[0], width / down.shape[1])
    return enlarged(down * scale[0], height, width), enlarged(right * scale[1], height, width)


def read_at(image_HWC: Floats, down_HW: Floats, right_HW: Floats) -> Floats:
    """What an image shows so many pixels further down and right of each pixel; its edge goes on outside."""
    height, width = image_HWC.shape[:2]
    row = np.clip(np.arange(height, dtype=np.float32)[:, None] + down_HW, 0, height - 1)
    col = np.clip(np.arange(width, dtype=np.float32) + right_HW, 0, width - 1)
    top, left = row.astype(np.int32), col.astype(np.int32)
    down, right = (row - top).astype(np.float32), (col - left).astype(np.float32)
    up, back = 1 - down, 1 - right
    at = top * np.int32(width) + left
    beside = at + (left < width - 1)
    to_below = (top < height - 1) * np.int32(width)
    read_HWC = np.empty(image_HWC.shape, np.float32)
    for channel in range(image_HWC.shape[2]):  # (plane by plane, flat: a third to half of the time of all at once)
        plane = image_HWC[..., channel].ravel()
        upper = plane.take(at) * back + plane.take(beside) * right
        lower = plane.take(at + to_below) * back + plane.take(beside + to_below) * right
        np.add(upper * up, lower * down, out=read_HWC[..., channel])
    return read_HWC


def enlarged(field_RK: Floats, height: int, width: int) -> Floats:
    return np.asarray(Image.fromarray(field_RK).resize((width, height), Image.Resampling.BILINEAR))


def _vertex(before: Floats, least: Floats, after: Floats) -> Floats:
    """Of the parabola through three costs, at most half a step away; 0 where there is none, or nothing differs."""
    bend = before - 2 * least + after
    parts = np.clip((before - after) / (2 * np.maximum(bend, 1e-6)), -0.5, 0.5)
    vertex: Floats = np.where((bend > 1e-6) & (least > _THE_SAME), parts, 0)
    return vertex


def _means_of_nine(costs: Floats) -> Floats:
    """Of each block and those around it: the last two axes are rows and columns of blocks."""
    rows, cols = costs.shape[2:]
    padded = np.pad(costs, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    of_three = padded[:, :, :rows] + padded[:, :, 1 : rows + 1] + padded[:, :, 2:]
    nine: Floats = of_three[..., :cols] + of_three[..., 1 : cols + 1] + of_three[..., 2:]
    return nine / np.float32(9)

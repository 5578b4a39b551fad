"""Batches of crops of clips: a first and a last frame some frames apart, and one between them.

Shapes: N = samples; T = frames; H, W = pixels; S = pixels of a side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

THUMB_PX = 16  # what motion is measured in: means of squares of as many pixels


class Triple(NamedTuple):
    """Frames (N, 3, S, S) in -1..1 and the time (N, 1) of the middle one."""

    first: Tensor
    middle: Tensor
    last: Tensor
    time: Tensor


class ClipCrops:
    """An endless supply; `clips` are (T, 3, H, W) uint8 on their device, `distances` the least and most frames between
    first and last.

    Spans in which much changes are drawn more often, and crops where it changes: in most of many clips nothing moves.
    Spans of which half of all pixels change as much as different pictures do are taken for cuts and never drawn.
    """

    def __init__(self, clips: Sequence[Tensor], *, distances: tuple[int, int], seed: int) -> None:
        self._clips, self._distances = clips, distances
        self._rng = np.random.default_rng(seed)
        self._thumbs = [_thumbs(clip) for clip in clips]
        longest = [len(clip) - 1 for clip in clips]
        # A long clip is drawn more often than a short one, but not as much more often as it is longer.
        chances = np.sqrt([float(max(0, most)) * (most >= distances[0]) for most in longest])
        self._chances = chances / chances.sum()

    def get(self, num: int, side_px: int) -> Triple:
        """A batch on the clips' device; clips that are smaller than the crop are left out."""
        frames: tuple[list[Tensor], ...] = ([], [], [])
        times = []
        while len(times) < num:
            at = int(self._rng.choice(len(self._clips), p=self._chances))
            clip = self._clips[at]
            if min(clip.shape[2:]) < side_px:
                continue
            found = self._span(at)
            if found is None:
                continue
            first, middle, last, change = found
            top, left = self._place(change, clip.shape[2:], side_px)
            flip = self._rng.random() < 0.5
            if self._rng.random() < 0.5:
                first, last = last, first
            for number, crops in zip((first, middle, last), frames, strict=True):
                crop = clip[number, :, top : top + side_px, left : left + side_px]
                crops.append(crop.flip(2) if flip else crop)
            times.append((middle - first) / (last - first))
        first_, middle_, last_ = (torch.stack(crops).float() / 127.5 - 1 for crops in frames)
        return Triple(first_, middle_, last_, torch.tensor(times, device=first_.device, dtype=torch.float32)[:, None])

    def _span(self, at: int) -> tuple[int, int, int, np.ndarray] | None:
        """Frames of a span, and how much changes where; None where too little does this time."""
        thumbs, rng = self._thumbs[at], self._rng
        low, high = self._distances
        distance = min(int(np.exp(rng.uniform(np.log(low), np.log(high + 1)))), len(thumbs) - 1)
        first = int(rng.integers(len(thumbs) - distance))
        change = np.abs(thumbs[first + distance] - thumbs[first]).mean(0)
        if rng.random() > np.clip(change.mean() / 6, 0.04, 1) or np.median(change) > 60:
            return None
        return first, first + int(rng.integers(1, distance)), first + distance, change

    def _place(self, change: np.ndarray, size: Sequence[int], side_px: int) -> tuple[int, int]:
        """Of two corners at random the one with more change behind it."""
        cells, best = -(-side_px // THUMB_PX), (-1.0, 0, 0)
        for _ in range(2):
            top, left = (int(self._rng.integers(px - side_px + 1)) for px in size)
            row, col = top // THUMB_PX, left // THUMB_PX
            best = max(best, (float(change[row : row + cells, col : col + cells].sum()), top, left))
        return best[1:]


def _thumbs(clip: Tensor) -> np.ndarray:
    """(T, 3, h, w) float32: small means of each frame."""
    return np.stack([torch.nn.functional.avg_pool2d(frame[None].float(), THUMB_PX)[0].cpu().numpy() for frame in clip])

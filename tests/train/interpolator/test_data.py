"""Archives of frames and photographs, and what is drawn from them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from semcodec_train.interpolator import data
from semcodec_train.interpolator.clips import ClipCrops
from semcodec_train.interpolator.data import load_clips, load_photos, members, stretches, write_archives


def test_archives_are_as_small_as_they_have_to_be_and_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "MOST_BYTES", 40_000)
    files = [(f"{n}.webp", bytes([n]) * 5000) for n in range(9)]
    assert write_archives(files, tmp_path, "photos") == 45_000
    assert len(list(tmp_path.iterdir())) > 1
    assert all(path.stat().st_size <= 40_000 for path in tmp_path.iterdir())
    assert list(members(tmp_path / "photos-*.tar")) == files


def test_clips_come_at_each_height_that_they_have(archives: Path) -> None:
    clips = load_clips(archives, (480, 80))
    assert sorted(tuple(clip.shape) for clip in clips) == [(24, 3, 80, 100), (24, 3, 160, 200)]
    with pytest.raises(FileNotFoundError, match="no clips"):
        load_clips(archives / "none", (80,))


def test_photographs_are_squares(archives: Path) -> None:
    assert load_photos(archives).shape == (4, 3, 320, 320)
    assert load_photos(archives, limit=2).shape == (2, 3, 320, 320)


def test_of_long_clips_three_stretches_are_kept() -> None:
    assert stretches(20, 30) == [range(20)]
    assert stretches(100, 30) == [range(10), range(45, 55), range(90, 100)]


def test_the_middle_of_a_span_lies_where_its_time_says(archives: Path) -> None:
    (clip,) = load_clips(archives, (160,))
    batch = ClipCrops([clip], distances=(4, 8), seed=1).get(12, 96)
    for first, middle, last, time in zip(*batch, strict=True):
        ahead = [middle_shift(first, frame) for frame in (middle, last)]
        assert abs(ahead[0] / ahead[1] - float(time)) < 0.03


def middle_shift(first: torch.Tensor, frame: torch.Tensor) -> int:
    """How many columns it moved by."""
    middle = first[:, :, 32:64]
    off = [float((frame[:, :, 32 + by : 64 + by] - middle).abs().mean()) for by in range(-32, 33)]
    return off.index(min(off)) - 32


def test_still_clips_are_hardly_ever_drawn() -> None:
    still, moving = torch.zeros(20, 3, 96, 96, dtype=torch.uint8), torch.zeros(20, 3, 96, 96, dtype=torch.uint8)
    for n in range(20):
        moving[n, :, :, 4 * n : 4 * n + 16] = 250
    batch = ClipCrops([still, moving], distances=(2, 8), seed=1).get(40, 64)
    assert ((batch.first - batch.last).abs().amax((1, 2, 3)) > 0).float().mean() > 0.85


def test_cuts_are_no_motion() -> None:
    clip = torch.zeros(20, 3, 96, 96, dtype=torch.uint8)
    clip[10:] = 200
    clip[:, :, :, 30:40] = torch.arange(20, dtype=torch.uint8)[:, None, None, None] * 6
    batch = ClipCrops([clip], distances=(2, 8), seed=1).get(40, 64)
    assert (batch.first - batch.last).abs().flatten(1).median(1).values.max() < 0.5

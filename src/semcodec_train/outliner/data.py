"""What the outliner learns from: photographs, and where people or a teacher saw outlines in them.

    python -m semcodec_train.outliner.data --photos DIR --hed hed.safetensors --out DIR [--limit N]

`--photos` holds `index.jsonl`, whose rows name a `file` and, where people have drawn them, its `edges`; only those
below `train/` are taken, those that people drew all, of the others `--limit`. `--out` gets a .webp and a .png for each,
of one name: the picture, and how likely an outline is at stride 2 (uint8). What is there already stays. HED
(`judges.hed`; a second a picture) says it where nobody drew.

Lines that people drew are a pixel wide, and those of five people up to three apart: they are spread, so that lines of
all five that lie near each other are one of weight 1, as wide as HED's.

Shapes: N = pictures; H, W = pixels.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from semcodec_train.judges.hed import Hed

SPREAD_PX = 2.0  # standard deviation
PEOPLE = "people-"  # the names of pictures that people drew on begin so


def spread(lines_HW: np.ndarray) -> np.ndarray:
    """Thin lines, 255 where all saw one, to how likely one is at stride 2: (H / 2, W / 2) uint8."""
    reach = int(3 * SPREAD_PX)
    at = torch.arange(-reach, reach + 1).float()
    kernel = torch.exp(-at.square() / (2 * SPREAD_PX**2))
    kernel = kernel / kernel.sum()
    lines = torch.from_numpy(lines_HW.copy()).float()[None, None] / 255
    lines = F.conv2d(F.pad(lines, (reach,) * 4, mode="replicate"), (kernel[:, None] * kernel)[None, None])
    return at_stride_2(lines / kernel.max())  # (a straight line of weight 1 is 1 in its middle)


def at_stride_2(likely_11HW: Tensor) -> np.ndarray:
    halved = F.avg_pool2d(likely_11HW, 2, ceil_mode=True, count_include_pad=False)[0, 0]
    return np.asarray((halved.clamp(0, 1) * 255).round().byte().numpy())


@torch.no_grad()
def taught(picture: Image.Image, teacher: Hed) -> np.ndarray:
    pixels = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].float()
    return at_stride_2(teacher(pixels))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--hed", type=Path, required=True, help="the teacher's weights")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=700, help="pictures that the teacher sees")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in (args.photos / "index.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["file"].startswith("train/")]
    drawn = [row for row in rows if "edges" in row]
    others = [row for row in rows if "edges" not in row]
    random.Random(0).shuffle(others)
    teacher = Hed(args.hed)
    for row in [*drawn, *others[: args.limit]]:
        source = args.photos / row["file"]
        name = (PEOPLE if "edges" in row else "") + source.stem
        if (args.out / f"{name}.webp").exists():
            continue
        with Image.open(source) as opened:
            picture = opened.convert("RGB")
        if "edges" in row:
            with Image.open(args.photos / row["edges"]) as lines:
                # (481x321 where the picture is 480x320: the last row and column are left out)
                outlines = spread(np.asarray(lines.convert("L"))[: picture.height, : picture.width])
        else:
            outlines = taught(picture, teacher)
        Image.fromarray(outlines).save(args.out / f"{name}.png")
        shutil.copyfile(source, args.out / f"{name}.webp")


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture (3, H, W) and its outlines (1, H / 2, W / 2), both uint8."""

    picture: Tensor
    outlines: Tensor


class Pairs:
    """Crops of what `main` has left, which all lies decoded in the device's memory (1,000 pictures of 320 px: 0.5 GB).

    Half of the crops are of pictures that people drew on.
    """

    def __init__(self, folder: Path, *, crop_px: int, batch: int, people: float, device: str, seed: int) -> None:
        self._crop_px, self._batch, self._people = crop_px, batch, people
        self._rng = np.random.default_rng(seed)
        self._drawn: list[Pair] = []
        self._taught: list[Pair] = []
        for path in sorted(folder.glob("*.webp")):
            with Image.open(path) as picture, Image.open(path.with_suffix(".png")) as outlines:
                pixels = torch.from_numpy(np.asarray(picture.convert("RGB")).transpose(2, 0, 1).copy())
                likely = torch.from_numpy(np.asarray(outlines.convert("L")).copy())[None]
            pair = Pair(pixels.to(device), likely.to(device))
            (self._drawn if path.name.startswith(PEOPLE) else self._taught).append(pair)
        if not self._drawn and not self._taught:
            raise FileNotFoundError(f"{folder}: no .webp beside a .png of its name; semcodec_train.outliner.data")

    def __len__(self) -> int:
        return len(self._drawn) + len(self._taught)

    def get(self) -> tuple[Tensor, Tensor]:
        """Pictures (N, 3, H, W) in -1..1, outlines (N, 1, H / 2, W / 2) in 0..1."""
        rng, pictures, outlines = self._rng, [], []
        for _ in range(self._batch):
            from_drawn = self._drawn and (not self._taught or rng.random() < self._people)
            pairs = self._drawn if from_drawn else self._taught
            pair = pairs[int(rng.integers(len(pairs)))]
            height, width = (2 * side for side in pair.outlines.shape[1:])
            side = min(self._crop_px * float(np.exp(rng.uniform(-0.35, 0.35))), height, width)
            side = int(side) // 2 * 2
            top, left = (int(rng.integers((most - side) // 2 + 1)) * 2 for most in (height, width))
            picture = pair.picture[:, top : top + side, left : left + side].float()
            likely = pair.outlines[:, top // 2 : (top + side) // 2, left // 2 : (left + side) // 2].float()
            if rng.random() < 0.5:
                picture, likely = picture.flip(2), likely.flip(2)
            gain = float(rng.uniform(0.75, 1.25)) * torch.tensor(rng.uniform(0.92, 1.08, 3), dtype=torch.float32)
            picture = picture * gain.view(3, 1, 1).to(picture.device) + float(rng.uniform(-16, 16))
            pictures.append(_resized(picture, self._crop_px))
            outlines.append(_resized(likely, self._crop_px // 2))
        images = (torch.stack(pictures).clamp(0, 255) / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        return images, torch.stack(outlines).clamp(0, 255) / 255


def _resized(map_CHW: Tensor, side: int) -> Tensor:
    return F.interpolate(map_CHW[None], size=(side, side), mode="bilinear", align_corners=False, antialias=True)[0]


if __name__ == "__main__":
    main()

"""A trained outliner draws photographs: what structure tokens are trained on.

    python -m semcodec_train.outliner.draw --weights outliner.safetensors --backbone efficientnet_lite2.safetensors
        --photos DIR... --out DIR [--limit N]

`--out` gets a .png a photograph: how likely an outline is at stride 2 (uint8).

Shapes: H, W = pixels.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file

from semcodec_train.common.photos import pictures_in
from semcodec_train.common.run import device
from semcodec_train.judges.efficientnet import EfficientNetLite
from semcodec_train.outliner.model import Outliner

MULTIPLE_PX = 16


def load_outliner(weights: Path, backbone: Path) -> Outliner:
    """For looking, not for training."""
    values = {name: value.float() for name, value in load_file(str(weights)).items()}
    model = Outliner(EfficientNetLite(backbone), width=values["look.0.weight"].shape[0])
    model.load_state_dict(values)
    return model.eval().requires_grad_(False)


@torch.no_grad()
def drawn(model: Outliner, picture: Image.Image, *, where: str = "cpu") -> np.ndarray:
    """(H / 2, W / 2) uint8."""
    pixels = torch.from_numpy(np.asarray(picture).copy()).to(where).permute(2, 0, 1)[None].float() / 127.5 - 1
    height, width = pixels.shape[2:]
    padded = F.pad(pixels, (0, -width % MULTIPLE_PX, 0, -height % MULTIPLE_PX), mode="replicate")
    likely = torch.sigmoid(model(padded)[0][0, 0, : -(-height // 2), : -(-width // 2)].float())
    return np.asarray((likely * 255).round().byte().cpu().numpy())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--backbone", type=Path, required=True)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders or tar archives")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="that many pictures, evenly spaced")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    where = device()
    model = load_outliner(args.weights, args.backbone).to(where)
    photos = pictures_in(*args.photos)
    for photo in photos if args.limit is None else photos[:: -(-len(photos) // args.limit)]:
        Image.fromarray(drawn(model, photo.open(), where=where)).save(args.out / f"{photo.stem}.png")


if __name__ == "__main__":
    main()

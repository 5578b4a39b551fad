"""What the describer sees of decoded pictures, so that it learns to say of them what it says of the originals.

    python -m semcodec_train.describer.decoded --data DIR --held-out MANIFEST ... --out FOLDER [--bytes 340 1000]

Encodes and decodes, as `semcodec.encode` and `semcodec.decode` do by default, all captioned pictures that are learnt
from, each in a number of bytes drawn between the two (for 768x512 pixels; larger and smaller pictures have as many bits
a pixel), and those for choosing in the larger one. What lies in FOLDER already is not made again: half a second a
picture on one CPU core. `describer.self_critical --decoded FOLDER` rewards what is said of both.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import semcodec
from semcodec_train.describer.concepts import concept_logits, folds_of, look, summed_up, train_concepts
from semcodec_train.describer.data import Photo, held_out_files, load_index, split_photos
from semcodec_train.describer.recipes import DescriberRecipe
from semcodec_train.describer.train import Trained

PIXELS = 768 * 512
LEAST_BYTES = 60
VIEWS = 2  # whole, and flipped


def decoded_file(photo: Photo) -> str:
    """Of a picture, below the folder of decoded ones."""
    return f"{photo.file}.png"


def make(photos: Path, wanted: Sequence[tuple[Photo, float]], out: Path) -> None:
    """Each picture of the folder `photos` as it is decoded from so many bytes for 768x512 pixels."""
    for photo, num_bytes in wanted:
        path = out / decoded_file(photo)
        if path.exists():
            continue
        with Image.open(photos / photo.file) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        budget = max(LEAST_BYTES, round(num_bytes * pixels.shape[0] * pixels.shape[1] / PIXELS))
        decoded = semcodec.decode(semcodec.encode(pixels, bytes=budget).data)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        Image.fromarray(decoded).save(unfinished, "PNG")
        unfinished.replace(path)


def see_decoded(trained: Trained, folder: Path, recipe: DescriberRecipe, out: Path) -> Trained:
    """The same describer before the decoded pictures of `folder`: those that are learnt from, and those for choosing.

    What it is told of concepts comes, of pictures that detectors learnt from, from those that did not see them, as it
    does of the originals. `out`: a folder for what is computed once.
    """
    out.mkdir(parents=True, exist_ok=True)
    parts = {part: trained.photos(part) for part in ("train", "choose")}
    photos = [photo for part in parts.values() for photo in part]
    recipe, encoder = replace(recipe, num_views=VIEWS), trained.model.encoder
    if not (out / "decoded.npy").exists():
        look(
            encoder, folder, [replace(photo, file=decoded_file(photo)) for photo in photos], out / "decoded.npy", recipe
        )
    seen = summed_up(encoder, photos, np.load(out / "decoded.npy", mmap_mode="r"))
    if not (out / "decoded.pt").exists():
        memory, row_of = deepcopy(trained.model.memory), {photo.file: row for row, photo in enumerate(photos)}
        logits = concept_logits(memory, seen, range(len(photos)))
        for seed, (fold, others) in enumerate(folds_of(trained.told, recipe.concept_folds), recipe.seed):
            files = [trained.seen.photos[row].file for row in fold]
            rows = [row_of[file] for file in files if file in row_of]
            train_concepts(memory, trained.seen, others, trained.language, recipe, seed)
            logits[rows] = concept_logits(memory, seen, rows)
        torch.save(logits, out / "decoded.pt")
    first = len(parts["train"])
    rows_of = {"train": list(range(first)), "choose": list(range(first, len(photos)))}
    return replace(trained, seen=seen, logits=torch.load(out / "decoded.pt", weights_only=True), rows=rows_of)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="holds photos and captions")
    parser.add_argument(
        "--held-out", type=Path, nargs="+", required=True, help="manifests, as describer.train has them"
    )
    parser.add_argument("--num-choose", type=int, default=DescriberRecipe().num_choose)
    parser.add_argument("--bytes", type=float, nargs=2, default=(340, 1000), help="for 768x512 pixels")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    photos, unseen = args.data / "photos", held_out_files(*args.held_out[1:])
    index = [photo for photo in load_index(photos) if photo.file not in unseen]
    split = split_photos(index, held_out_files(args.held_out[0]), num_choose=args.num_choose)
    learnt = [photo for photo in split.train if photo.captions]
    drawn = np.exp(np.random.default_rng(7).uniform(*np.log(args.bytes), len(learnt)))
    wanted = [*((photo, args.bytes[1]) for photo in split.choose), *zip(learnt, drawn.tolist(), strict=True)]
    make(photos, wanted, args.out)


if __name__ == "__main__":
    main()

"""The describer learns to write, after its image encoder has learnt to see (`describer.distil`).

    python -m semcodec_train.describer.train RECIPE --data DIR --held-out MANIFEST --encoder encoder.pt --out DIR
        [--minutes N]

1. *Language*: the writer learns from all sentences of captions/train. Their pictures are not there; what a detector of
   concepts would say of them is made up from the sentences (`describer.data.simulated_logits`).
2. *Concepts*: a detector of words learns from the features of captioned pictures. What it says of the pictures that it
   learnt from is too good to be true, so the writer is later given what detectors of other fifths of them say.
3. *Pictures*: captions, regions (from boxes) and keywords (from captions and tags) are learnt from features. The
   weights kept are those that do best on the pictures for choosing.

A run that was stopped goes on where it was. It leaves `describer.pt` and `run.json`. The rate token is drawn at random
here: only `describer.self_critical` gives it a meaning. On a CPU minutes are of processor time; the same command runs
on a GPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from semcodec_train.common.loop import Log, say
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Done, Sources, device, save, write_run
from semcodec_train.describer.concepts import Seen, concepts_of_strangers, look
from semcodec_train.describer.data import (
    Photo,
    held_out_files,
    load_index,
    load_squares,
    sentences_by_picture,
    split_photos,
)
from semcodec_train.describer.language import Language, learn_words, train_language
from semcodec_train.describer.model import Describer
from semcodec_train.describer.pictures import train_pictures
from semcodec_train.describer.recipes import DESCRIBERS, DescriberRecipe
from semcodec_train.describer.scores import Judge, greedy_score, memories


@dataclass(frozen=True, slots=True)
class Trained:
    """A describer, and all that it was made from and is judged on. Rows: `train`, `choose`, `test` of `seen`."""

    model: Describer
    language: Language
    seen: Seen
    logits: Tensor
    rows: dict[str, list[int]]

    def photos(self, part: str) -> list[Photo]:
        return [self.seen.photos[row] for row in self.rows[part]]


def train_describer(
    recipe: DescriberRecipe, data: Path, held_out: Path, encoder: Path, out: Path, *, log: Log = say
) -> Trained:
    """All stages; what is in `out` already is not done again."""
    out.mkdir(parents=True, exist_ok=True)
    where, photos_folder, captions = device(), data / "photos", data / "captions" / "train.jsonl.gz"
    split = split_photos(load_index(photos_folder), held_out_files(held_out), num_choose=recipe.num_choose)
    language = learn_words(split, sentences_by_picture(captions, without=split.test), recipe)
    torch.manual_seed(recipe.seed)
    model = Describer(
        recipe.encoder,
        recipe.writer,
        num_tokens=len(language.vocabulary),
        concepts=language.concepts,
        image_px=recipe.image_px,
    ).to(where)
    heard = train_language(model, language, recipe, out / "language", log)

    model.encoder.load_state_dict(torch.load(encoder, weights_only=True, map_location=where))
    tagged = [photo for photo in split.train if photo.tags and not photo.captions]
    useful = [photo for photo in split.train if photo.captions or photo.boxes] + tagged[:: recipe.tagged_every]
    rows = {"train": useful, "choose": list(split.choose), "test": list(split.test)}
    photos = [photo for part in rows.values() for photo in part]
    if not (out / "features.npy").exists():
        squares = load_squares(photos_folder / photo.file for photo in photos)
        seen = look(model.encoder, photos, squares, num_views=recipe.num_views, image_px=recipe.image_px)
        np.save(out / "features.tmp.npy", seen.features)
        (out / "features.tmp.npy").replace(out / "features.npy")
    seen = Seen(tuple(photos), np.load(out / "features.npy", mmap_mode="r"))
    captioned = [row for row, photo in enumerate(useful) if photo.captions]
    if not (out / "concepts.pt").exists():
        logits = concepts_of_strangers(model.memory, seen, captioned, language, recipe)
        save(out / "concepts.pt", {"logits": logits, "detector": model.memory.concepts.state_dict()})
    known = torch.load(out / "concepts.pt", weights_only=True, map_location="cpu")
    model.memory.concepts.load_state_dict(known["detector"])

    first = np.cumsum([0, *map(len, rows.values())]).tolist()
    parts = {part: list(range(first[at], first[at] + len(rows[part]))) for at, part in enumerate(rows)}
    parts["train"] = captioned
    trained = Trained(model, language, seen, known["logits"], parts)
    judge = Judge.of_photos(language, trained.photos("choose"))

    def judged(current: Describer) -> float:
        memory = memories(current, seen, trained.logits, parts["choose"])
        return greedy_score(current, memory, language, recipe, judge)

    learnt = Seen(tuple(useful), seen.features[: len(useful)])
    saw = train_pictures(model, learnt, trained.logits, language, recipe, judged, out / "pictures", log)
    model.eval()
    save(out / "describer.pt", model.state_dict())
    both, ran = (heard, saw), heard.ran or saw.ran
    seconds, steps, crops = (sum(getattr(loop, what) for loop in both) for what in ("seconds", "steps", "crops"))
    data_files = {"index": photos_folder / "index.jsonl", "captions": captions, "held_out": held_out}
    write_run(
        out / RUN,
        recipe,
        Done(where, seconds, steps, crops, saw.losses, ran),
        Sources.of(parents={"encoder": encoder}, data=data_files),
        stages={"language": heard.losses, "pictures": saw.losses},
    )
    return trained


def main() -> None:
    parser = arguments(__doc__, DESCRIBERS)
    parser.add_argument("--data", type=Path, required=True, help="holds photos and captions")
    parser.add_argument("--held-out", type=Path, required=True, help="a manifest of pictures that nothing may see")
    parser.add_argument("--encoder", type=Path, required=True, help="from semcodec_train.describer.distil")
    args = parser.parse_args()
    train_describer(chosen(args, DESCRIBERS), args.data, args.held_out, args.encoder, args.out)


if __name__ == "__main__":
    main()

"""The describer learns to write about what a fixed network sees, EfficientNet-lite2.

    python -m semcodec_train.describer.train RECIPE --data DIR --held-out MANIFEST ... --out DIR [--minutes N]

1. *Language*: the writer learns from all sentences of captions/train. Their pictures are not there; what a detector of
   concepts would say of them is made up from the sentences (`describer.data.simulated_logits`).
2. *Concepts*: a detector of words learns from the features of captioned and labelled pictures. What it says of the
   pictures that it learnt from is too good to be true, so the writer is later given what detectors of other fifths of
   them say.
3. *Pictures*: captions, regions (from boxes) and keywords (from captions, labels and tags) are learnt from features.
   The weights kept are those that do best on the pictures for choosing.

A run that was stopped goes on where it was. It leaves `describer.pt` and `run.json`. The rate token of a
caption says how long it is among captions (`Language.rate_of`); `describer.self_critical` teaches what a bit costs. On
a CPU minutes are of processor time; the same command runs on a GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from semcodec_train.common.loop import Log, say
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Done, Sources, device, save, write_run
from semcodec_train.describer.concepts import Seen, concepts_of_strangers, look, summed_up
from semcodec_train.describer.data import (
    Photo,
    Split,
    held_out_files,
    load_index,
    sentences_by_picture,
    split_photos,
)
from semcodec_train.describer.language import Language, learn_words, train_language
from semcodec_train.describer.model import Describer
from semcodec_train.describer.pictures import train_pictures
from semcodec_train.describer.recipes import DESCRIBERS, DescriberRecipe
from semcodec_train.describer.scores import Judge, greedy_score, memories
from semcodec_train.describer.writing import CaptionGrammar
from semcodec_train.judges.efficientnet import EfficientNetLite


@dataclass(frozen=True, slots=True)
class Trained:
    """A describer, and all that it was made from and is judged on. Rows: `train`, `choose`, `test` of `seen`; `told`:
    those that detectors of concepts learnt from.
    """

    model: Describer
    language: Language
    seen: Seen
    logits: Tensor
    rows: dict[str, list[int]]
    told: list[int]

    def grammar(self, rows: Sequence[int], view: int = 0) -> CaptionGrammar:
        """Of captions of pictures; doubts come from their concepts."""
        vocabulary = self.language.vocabulary
        doubts = torch.zeros(len(rows), len(vocabulary))
        of_concepts = vocabulary.ids(self.language.concepts)
        doubts[:, of_concepts] = self.model.doubts(self.logits[list(rows), view])
        return CaptionGrammar(vocabulary, doubts.to(self.model.memory.where.device))

    def photos(self, part: str) -> list[Photo]:
        return [self.seen.photos[row] for row in self.rows[part]]


def train_describer(
    recipe: DescriberRecipe, data: Path, held_out: Sequence[Path], out: Path, *, log: Log = say
) -> Trained:
    """All stages; what is in `out` already is not done again. `held_out`: manifests of pictures that nothing may see;
    the first one's are `test`.
    """
    out.mkdir(parents=True, exist_ok=True)
    where, photos_folder, captions = device(), data / "photos", data / "captions" / "train.jsonl.gz"
    labels = data / "perceptual" / "imagenet_labels.txt"
    index = load_index(photos_folder, labels if labels.exists() else None)
    unseen = held_out_files(*held_out[1:])
    index = [photo for photo in index if photo.file not in unseen]
    split = split_photos(index, held_out_files(held_out[0]), num_choose=recipe.num_choose)
    language = learn_words(split, sentences_by_picture(captions, without=split.test), recipe)
    torch.manual_seed(recipe.seed)
    weights = data / "perceptual" / "efficientnet_lite2.safetensors"
    model = Describer(
        EfficientNetLite(weights),
        recipe.writer,
        num_tokens=len(language.vocabulary),
        concepts=language.concepts,
        usual=language.usual,
        image_px=recipe.image_px,
        doubt=recipe.doubt,
    ).to(where)
    heard = train_language(model, language, recipe, out / "language", log)

    rows = {"train": useful_of(split, recipe), "choose": list(split.choose), "test": list(split.test)}
    photos = [photo for part in rows.values() for photo in part]
    if not (out / "maps.npy").exists():
        look(model.encoder, photos_folder, photos, out / "maps.npy", recipe)
    seen = summed_up(model.encoder, photos, np.load(out / "maps.npy", mmap_mode="r"))
    useful = rows["train"]
    captioned = [row for row, photo in enumerate(useful) if photo.captions]
    told = [row for row, photo in enumerate(useful) if photo.captions or photo.things]
    if not (out / "concepts.pt").exists():
        logits = concepts_of_strangers(model.memory, seen, told, language, recipe)
        save(out / "concepts.pt", {"logits": logits, "detector": model.memory.concepts.state_dict()})
    known = torch.load(out / "concepts.pt", weights_only=True, map_location="cpu")
    model.memory.concepts.load_state_dict(known["detector"])

    first = np.cumsum([0, *map(len, rows.values())]).tolist()
    parts = {part: list(range(first[at], first[at] + len(rows[part]))) for at, part in enumerate(rows)}
    parts["train"] = captioned
    trained = Trained(model, language, seen, known["logits"], parts, told)
    judge = Judge.of_photos(language, trained.photos("choose"))

    def judged(current: Describer) -> float:
        memory = memories(current, seen, trained.logits, parts["choose"])
        return greedy_score(current, memory, trained.grammar(parts["choose"]), recipe, judge, rate=recipe.judged_rate)

    saw = train_pictures(
        model, seen, range(len(useful)), trained.logits, language, recipe, judged, out / "pictures", log
    )
    model.eval()
    save(out / "describer.pt", model.state_dict())
    both, ran = (heard, saw), heard.ran or saw.ran
    seconds, steps, crops = (sum(getattr(loop, what) for loop in both) for what in ("seconds", "steps", "crops"))
    data_files = {"index": photos_folder / "index.jsonl", "captions": captions}
    data_files |= {f"held_out_{path.stem}": path for path in held_out}
    write_run(
        out / RUN,
        recipe,
        Done(where, seconds, steps, crops, saw.losses, ran),
        Sources.of(networks={"efficientnet_lite2": weights}, data=data_files),
        stages={"language": heard.losses, "pictures": saw.losses},
    )
    return trained


def useful_of(split: Split, recipe: DescriberRecipe) -> list[Photo]:
    """All pictures with captions or boxes; of those with labels or tags alone, some of each kind."""
    others = [photo for photo in split.train if not photo.captions and not photo.boxes]
    plain = [photo for photo in others if photo.source == "caltech" and photo.label]
    of_class: dict[str | None, list[Photo]] = {}
    for at in np.random.default_rng(3).permutation(len(plain)):
        of_class.setdefault(plain[at].label, []).append(plain[at])
    some = [photo for photos in of_class.values() for photo in photos[: recipe.labelled_each]]
    some += [photo for photo in others if photo.label and photo.source != "caltech"]
    tagged = [photo for photo in others if photo.tags][:: recipe.tagged_every]
    return [photo for photo in split.train if photo.captions or photo.boxes] + some + tagged


def main() -> None:
    parser = arguments(__doc__, DESCRIBERS)
    parser.add_argument("--data", type=Path, required=True, help="holds photos and captions")
    parser.add_argument(
        "--held-out", type=Path, nargs="+", required=True, help="manifests of pictures that nothing may see"
    )
    args = parser.parse_args()
    train_describer(chosen(args, DESCRIBERS), args.data, args.held_out, args.out)


if __name__ == "__main__":
    main()

"""The describer learns to write, after its image encoder has learnt to see (`distil.py`).

    python -m semcodec_train.train_describer RECIPE --data DIR --held-out MANIFEST --encoder encoder.pt --out DIR

1. *Language*: the writer learns from all sentences of captions/train. Their pictures are not there; what a detector of
   concepts would say of them is made up from the sentences (`describer_data.simulated_logits`).
2. *Concepts*: a detector of words learns from the features of captioned pictures. What it says of the pictures that it
   learnt from is too good to be true, so the writer is later given what detectors of other fifths of them say.
3. *Pictures*: captions, regions (from boxes) and keywords (from captions and tags) are learnt from features. The
   weights kept are those that do best on the pictures for choosing.

Each stage leaves a file in `out`; a run that was stopped goes on behind the last. The rate token is drawn at random
here: only `self_critical.py` gives it a meaning. Minutes are of processor time.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from semcodec_train import recipes
from semcodec_train.cider import CiderD, DocumentFrequencies, Vectors, words_of
from semcodec_train.describer import Describer, Memory, concept_loss, word_loss
from semcodec_train.describer_data import (
    CAPTION,
    END,
    KEYWORDS,
    PAD,
    REGIONS,
    UNKNOWN,
    Photo,
    Pictures,
    Split,
    Vocabulary,
    count_concepts,
    count_words,
    held_out_files,
    load_index,
    load_squares,
    region_ids,
    sentences_by_picture,
    shares_of,
    simulated_logits,
    split_photos,
    to_input,
)
from semcodec_train.optim import Muon
from semcodec_train.recipes import DescriberRecipe
from semcodec_train.train_tokenizer import save
from semcodec_train.writing import CaptionGrammar, word_ids, write

Words = list[str]


@dataclass(frozen=True, slots=True)
class Language:
    """All that is known of words before a picture is seen."""

    vocabulary: Vocabulary
    concepts: tuple[str, ...]
    groups: tuple[tuple[Words, ...], ...]  # of each picture of captions/train, its captions
    frequencies: DocumentFrequencies  # of their n-grams

    @property
    def concept_ids(self) -> dict[str, int]:
        return {word: at for at, word in enumerate(self.concepts)}


def learn_words(split: Split, sentences: dict[str, list[str]], recipe: DescriberRecipe) -> Language:
    """Vocabulary from captions, tags and box labels; concepts from captions of pictures."""
    groups = [[words_of(text) for text in texts] for texts in sentences.values()]
    texts = [words for captions in groups for words in captions]
    tags = [words_of(tag) for photo in split.train for tag in photo.tags]
    labels = {word for photo in split.train for box in photo.boxes for word in box.label.split()}
    words = [",", *count_words(texts, recipe.least_words)]
    words += sorted({*count_words(tags, recipe.least_words), *labels} - set(words))
    captions = [[words_of(text) for text in photo.captions] for photo in split.train if photo.captions]
    vocabulary = Vocabulary(words, len(recipe.lambdas))
    known = set(words)
    concepts = tuple(word for word in count_concepts(captions, recipe.least_concepts) if word in known)
    return Language(vocabulary, concepts, tuple(tuple(group) for group in groups), DocumentFrequencies.count(groups))


@dataclass(frozen=True, slots=True)
class Sequences:
    """A batch: tokens (N, T), padded, and which of them are to be learnt."""

    tokens: Tensor
    counts: Tensor


def batch_of(task: Sequence[int], rates: Sequence[int], bodies: Sequence[Sequence[int]], max_tokens: int) -> Sequences:
    rows = [[t, r, *body[: max_tokens - 3], END] for t, r, body in zip(task, rates, bodies, strict=True)]
    longest = max(map(len, rows))
    tokens = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
    counts = (tokens != PAD) & (tokens != UNKNOWN)
    counts[:, :2] = False
    return Sequences(tokens, counts)


class Optimisers:
    """Muon for matrices, AdamW for embeddings, norms and biases; one cosine for both."""

    def __init__(self, modules: Sequence[nn.Module], *, muon_lr: float, adam_lr: float, weight_decay: float) -> None:
        matrices, others, seen = [], [], set()
        for module in modules:
            for part in module.modules():
                for parameter in part.parameters(recurse=False):
                    if parameter.requires_grad and id(parameter) not in seen:
                        seen.add(id(parameter))
                        is_matrix = isinstance(part, nn.Linear) and parameter.ndim == 2
                        (matrices if is_matrix else others).append(parameter)
        self.parameters = [*matrices, *others]
        self._weight_decay = weight_decay
        self._matrices = matrices
        self._peaks = (muon_lr, adam_lr)
        self._both = (Muon(matrices, lr=0.0), torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.98), weight_decay=0.0))

    def step(self, loss: Tensor, progress: float) -> float:
        share = min(1.0, progress / 0.03 + 0.01) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))
        for optimiser in self._both:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, 1.0))
        if math.isfinite(norm):
            for optimiser, peak in zip(self._both, self._peaks, strict=True):
                optimiser.param_groups[0]["lr"] = peak * share
                optimiser.step()
            with torch.no_grad():
                for matrix in self._matrices:
                    matrix.mul_(1 - self._peaks[0] * share * self._weight_decay)
        return norm


class Clock:
    """The larger of the share of steps and the share of processor time."""

    def __init__(self, num_steps: int, max_minutes: float) -> None:
        self._num_steps, self._seconds, self._began = num_steps, max_minutes * 60, time.process_time()
        self.step = 0

    @property
    def seconds(self) -> float:
        return time.process_time() - self._began

    @property
    def progress(self) -> float:
        return max(self.step / self._num_steps, self.seconds / self._seconds)


def sentence_batches(language: Language, recipe: DescriberRecipe) -> Iterator[tuple[Sequences, Tensor]]:
    """Endless batches of sentences of about one length, and the made-up logits of the concepts of their pictures."""
    vocabulary, concept_ids = language.vocabulary, language.concept_ids
    shares = [shares_of(group, concept_ids) for group in language.groups]
    said_of, mean_share = concept_statistics(shares, len(language.concepts))
    sentences = [(at, vocabulary.ids(words)) for at, group in enumerate(language.groups) for words in group]
    rng = np.random.default_rng(recipe.seed)
    while True:
        order = rng.permutation(len(sentences))
        for first in range(0, len(order) - recipe.language_batch + 1, recipe.language_batch * 16):
            chunk = sorted(order[first : first + recipe.language_batch * 16], key=lambda at: len(sentences[at][1]))
            starts = range(0, len(chunk) - recipe.language_batch + 1, recipe.language_batch)
            for start in rng.permutation(np.array(starts)):
                picks = [sentences[at] for at in chunk[start : start + recipe.language_batch]]
                num = len(picks)
                rates = vocabulary.first_rate + rng.integers(0, vocabulary.num_rates, num)
                batch = batch_of([CAPTION] * num, rates.tolist(), [ids for _, ids in picks], recipe.writer.max_tokens)
                logits = simulated_logits([shares[at] for at, _ in picks], said_of, mean_share, rng, recipe.sensitivity)
                yield batch, torch.from_numpy(logits)


def concept_statistics(shares: Sequence[dict[int, float]], num_concepts: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each concept is said of a picture at all, and by how many of its captions it then is."""
    count, total = np.full(num_concepts, 0.5), np.full(num_concepts, 0.1)
    for known in shares:
        for concept, share in known.items():
            count[concept] += 1
            total[concept] += share
    return np.minimum(count / (len(shares) + 1), 0.99), np.minimum(total / count, 0.95)


def train_language(model: Describer, language: Language, recipe: DescriberRecipe, log: Callable[[str], None]) -> None:
    """Stage 1. The memory is made of concepts alone."""
    memory, writer = model.memory, model.writer
    optimisers = Optimisers(
        [writer, memory.concept_words, memory.concept_chance, memory.norm],
        muon_lr=recipe.muon_lr,
        adam_lr=recipe.adam_lr,
        weight_decay=0.01,
    )
    clock, total = Clock(recipe.language_steps, recipe.language_minutes), 0.0
    model.train()
    for batch, logits in sentence_batches(language, recipe):
        if clock.progress >= 1:
            return
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bf16):
            seen = memory.of_concepts(logits)
            loss = word_loss(writer(batch.tokens[:, :-1], seen), batch.tokens, batch.counts)
        optimisers.step(loss, clock.progress)
        clock.step += 1
        total += loss.item()
        if clock.step % recipe.log_every == 0:
            log(
                json.dumps(
                    {
                        "stage": "language",
                        "step": clock.step,
                        "s": round(clock.seconds),
                        "nats": round(total / recipe.log_every, 4),
                    }
                )
            )
            total = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """Features of pictures in several views: (N, views, C, R, K) float16. View 1 is view 0 flipped."""

    photos: tuple[Photo, ...]
    features: np.ndarray

    def of(self, rows: Sequence[int], views: Sequence[int]) -> Tensor:
        return torch.from_numpy(self.features[np.asarray(rows), np.asarray(views)]).float()


@torch.no_grad()
def look(encoder: nn.Module, photos: Sequence[Photo], squares: Pictures, *, num_views: int, image_px: int) -> Seen:
    """Views: the whole, the whole flipped, and crops of four fifths of each side."""
    from PIL import Image

    encoder.eval()
    rng = np.random.default_rng(5)
    side = squares.shape[1]
    features = []
    for first in range(0, len(squares), 8):
        views = []
        for picture in squares[first : first + 8]:
            for view in range(num_views):
                share = 1.0 if view < 2 else 0.8
                left, top = rng.uniform(0, side * (1 - share), 2)
                box = (left, top, left + share * side, top + share * side)
                pixels = np.asarray(
                    Image.fromarray(picture).resize((image_px, image_px), Image.Resampling.BICUBIC, box=box)
                )
                views.append(pixels[:, ::-1] if view % 2 else pixels)
        with torch.autocast("cpu", torch.bfloat16):
            seen = encoder(to_input(np.stack(views)))
        features.append(seen.half().numpy())
    stacked = np.concatenate(features)
    return Seen(tuple(photos), stacked.reshape(len(photos), num_views, *stacked.shape[1:]))


def train_concepts(
    memory: Memory, seen: Seen, rows: Sequence[int], language: Language, recipe: DescriberRecipe, seed: int
) -> None:
    """Stage 2: the memory's detector learns anew, from the captioned pictures `rows`."""
    concept_ids = language.concept_ids
    shares = torch.zeros(len(seen.photos), len(language.concepts))
    for row in rows:
        captions = [words_of(text) for text in seen.photos[row].captions]
        for concept, share in shares_of(captions, concept_ids).items():
            shares[row, concept] = share
    torch.manual_seed(seed)
    detector = memory.concepts
    for layer in detector:
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    last = detector[-1]
    nn.init.zeros_(last.weight)
    with torch.no_grad():
        last.bias.copy_(torch.logit(shares[rows].mean(0).clamp(1e-4, 0.9)))
    optimiser = torch.optim.AdamW(detector.parameters(), lr=1e-3, weight_decay=0.5)
    detector.train()
    rng = torch.Generator().manual_seed(seed)
    order = torch.tensor(rows)
    for _ in range(recipe.concept_epochs):
        for chosen in order[torch.randperm(len(order), generator=rng)].split(64):
            views = torch.randint(0, seen.features.shape[1], (len(chosen),), generator=rng)
            loss = concept_loss(memory.concept_logits(seen.of(chosen, views)), shares[chosen])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
    detector.eval()


@torch.no_grad()
def concept_logits(memory: Memory, seen: Seen, rows: Sequence[int]) -> Tensor:
    """(rows, views, W)."""
    num_views = seen.features.shape[1]
    parts = [memory.concept_logits(seen.of([row] * num_views, range(num_views))) for row in rows]
    return torch.stack(parts) if parts else torch.zeros(0, num_views, 0)


def concepts_of_strangers(
    memory: Memory, seen: Seen, captioned: Sequence[int], language: Language, recipe: DescriberRecipe
) -> Tensor:
    """(N, views, W) logits: of captioned pictures by detectors that did not see them; of the rest by the last detector,
    that of all captioned ones, which stays in the memory.
    """
    folds = [captioned[at :: recipe.concept_folds] for at in range(recipe.concept_folds)]
    logits = torch.zeros(len(seen.photos), seen.features.shape[1], len(language.concepts))
    for at, fold in enumerate(folds):
        others = [row for other, rows in enumerate(folds) if other != at for row in rows]
        train_concepts(memory, seen, others, language, recipe, recipe.seed + at)
        logits[fold] = concept_logits(memory, seen, fold)
    train_concepts(memory, seen, captioned, language, recipe, recipe.seed)
    rest = sorted(set(range(len(seen.photos))) - set(captioned))
    logits[rest] = concept_logits(memory, seen, rest)
    return logits


def write_caption_batch(
    seen: Seen, rows: Sequence[int], language: Language, recipe: DescriberRecipe, rng: np.random.Generator
) -> tuple[list[int], list[int], list[list[int]]]:
    """Tasks, views and bodies of sequences about the pictures `rows`: one each, of the tasks its picture allows."""
    vocabulary = language.vocabulary
    tasks, views, bodies = [], [], []
    for row in rows:
        photo, view = seen.photos[row], int(rng.integers(seen.features.shape[1]))
        choices = [CAPTION] * (5 * bool(photo.captions)) + [REGIONS] * bool(photo.boxes)
        choices += [KEYWORDS] * bool(photo.captions or photo.tags)
        task = int(rng.choice(choices))
        if task == CAPTION:
            body = vocabulary.ids(words_of(photo.captions[rng.integers(len(photo.captions))]))
        elif task == REGIONS:
            view %= 2  # a crop has other boxes
            body = region_ids(photo.boxes, vocabulary, flipped=view == 1, max_tokens=recipe.writer.max_tokens - 3)
        else:
            body = keyword_ids(photo, language)
        tasks.append(task)
        views.append(view)
        bodies.append(body)
    return tasks, views, bodies


def keyword_ids(photo: Photo, language: Language, most: int = 6) -> list[int]:
    """Concepts that at least two in five captions name, the most agreed first; else tags that are one word."""
    vocabulary, concepts = language.vocabulary, language.concept_ids
    if photo.captions:
        shares = shares_of([words_of(text) for text in photo.captions], concepts)
        words = [language.concepts[c] for c, share in sorted(shares.items(), key=lambda i: -i[1]) if share >= 0.4]
    else:
        words = [tag for tag in photo.tags if UNKNOWN not in vocabulary.ids([tag])]
    ids: list[int] = []
    for word in words[:most]:
        ids += [*([vocabulary.comma] if ids else []), *vocabulary.ids([word])]
    return ids


def train_pictures(
    model: Describer,
    seen: Seen,
    logits: Tensor,
    language: Language,
    recipe: DescriberRecipe,
    judge: Callable[[Describer], float],
    log: Callable[[str], None],
) -> float:
    """Stage 3; leaves the weights that `judge` liked best in the model, and says how much."""
    memory, writer = model.memory, model.writer
    modules = [writer, memory.place, memory.whole, memory.concept_words, memory.concept_chance, memory.norm]
    optimisers = Optimisers(
        modules, muon_lr=recipe.pictures_muon_lr, adam_lr=recipe.pictures_adam_lr, weight_decay=0.05
    )
    memory.where.requires_grad_(True)
    rng = np.random.default_rng(recipe.seed)
    able = [row for row, photo in enumerate(seen.photos) if photo.captions or photo.boxes or photo.tags]
    weight = np.array([1.0 if seen.photos[row].captions else 0.25 for row in able])
    sentences = sentence_batches(language, recipe)
    clock = Clock(recipe.pictures_steps, recipe.pictures_minutes)
    best, kept, total = -math.inf, deepcopy(model.state_dict()), 0.0
    while clock.progress < 1:
        model.train()
        model.memory.concepts.eval()
        rows = rng.choice(able, size=recipe.pictures_batch, p=weight / weight.sum())
        tasks, views, bodies = write_caption_batch(seen, rows, language, recipe, rng)
        rates = language.vocabulary.first_rate + rng.integers(0, language.vocabulary.num_rates, len(rows))
        batch = batch_of(tasks, rates.tolist(), bodies, recipe.writer.max_tokens)
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bf16):
            concepts = memory.of_concepts(logits[torch.from_numpy(rows), torch.tensor(views)])
            if rng.random() < recipe.blind:
                what = concepts
            else:
                what = torch.cat([memory.of_places(seen.of(rows, views)), concepts], 1)
            loss = word_loss(writer(batch.tokens[:, :-1], what), batch.tokens, batch.counts, recipe.smoothing)
            if rng.random() < recipe.rehearsal:
                more, made_up = next(sentences)
                loss = loss + 0.5 * word_loss(
                    writer(more.tokens[:, :-1], memory.of_concepts(made_up)), more.tokens, more.counts
                )
        optimisers.step(loss, clock.progress)
        clock.step += 1
        total += loss.item()
        if clock.step % recipe.judge_every == 0:
            score = judge(model)
            log(
                json.dumps(
                    {
                        "stage": "pictures",
                        "step": clock.step,
                        "s": round(clock.seconds),
                        "nats": round(total / recipe.judge_every, 4),
                        "choose": round(score, 4),
                    }
                )
            )
            total = 0.0
            if score > best:
                best, kept = score, deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return best


class Judge:
    """CIDEr-D of captions of pictures, with document frequencies from the sentences of captions/train."""

    def __init__(self, language: Language, captions: Sequence[Sequence[Words]]) -> None:
        """`captions`: of each picture, what people said of it."""
        self._vocabulary = language.vocabulary
        self._cider = CiderD(language.frequencies)
        self._captions = captions
        self._references = lru_cache(maxsize=None)(self._references_of)

    @classmethod
    def of_photos(cls, language: Language, photos: Sequence[Photo]) -> Judge:
        return cls(language, [[words_of(text) for text in photo.captions] for photo in photos])

    def _references_of(self, row: int) -> list[Vectors]:
        return self._cider.references(self._captions[row])

    def score(self, row: int, ids: Sequence[int]) -> float:
        """`row`: of the picture; `ids`: the caption's words."""
        return self._cider.score(self._vocabulary.words_of(ids), self._references(row))


@torch.no_grad()
def memories(model: Describer, seen: Seen, logits: Tensor, rows: Sequence[int], view: int = 0) -> Tensor:
    """(rows, P, C): what the writer looks at, with the concepts as given in `logits` (N, views, W)."""
    model.eval()
    parts = []
    for first in range(0, len(rows), 32):
        chunk = list(rows[first : first + 32])
        places = model.memory.of_places(seen.of(chunk, [view] * len(chunk)))
        parts.append(torch.cat([places, model.memory.of_concepts(logits[chunk, view])], 1))
    return torch.cat(parts)


def greedy_score(
    model: Describer, memory_NPC: Tensor, language: Language, recipe: DescriberRecipe, judge: Judge, *, rate: int = 0
) -> float:
    """The mean CIDEr-D of the likeliest words."""
    rates = torch.full((len(memory_NPC),), language.vocabulary.first_rate + rate)
    grammar = CaptionGrammar(language.vocabulary)
    tokens = write(model.writer, memory_NPC, rates, grammar, max_words=recipe.max_words)
    return float(np.mean([judge.score(row, ids) for row, ids in enumerate(word_ids(tokens))]))


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
    recipe: DescriberRecipe,
    data: Path,
    held_out: Path,
    encoder: Path,
    out: Path,
    *,
    log: Callable[[str], None] = print,
) -> Trained:
    """All stages, each of them only if its file is not in `out`."""
    out.mkdir(parents=True, exist_ok=True)
    photos_folder = data / "photos"
    split = split_photos(load_index(photos_folder), held_out_files(held_out), num_choose=recipe.num_choose)
    sentences = sentences_by_picture(data / "captions" / "train.jsonl.gz", without=split.test)
    language = learn_words(split, sentences, recipe)
    torch.manual_seed(recipe.seed)
    model = Describer(
        recipe.encoder,
        recipe.writer,
        num_tokens=len(language.vocabulary),
        concepts=language.concepts,
        image_px=recipe.image_px,
    )
    if _missing(out / "language.pt", model, log):
        train_language(model, language, recipe, log)
        save(out / "language.pt", model.state_dict())

    model.encoder.load_state_dict(torch.load(encoder, weights_only=True))
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
    known = torch.load(out / "concepts.pt", weights_only=True)
    model.memory.concepts.load_state_dict(known["detector"])

    first = np.cumsum([0, *map(len, rows.values())]).tolist()
    parts = {part: list(range(first[at], first[at] + len(rows[part]))) for at, part in enumerate(rows)}
    parts["train"] = captioned
    trained = Trained(model, language, seen, known["logits"], parts)
    if _missing(out / "describer.pt", model, log):
        judge = Judge.of_photos(language, trained.photos("choose"))

        def judged(current: Describer) -> float:
            memory = memories(current, seen, trained.logits, parts["choose"])
            return greedy_score(current, memory, language, recipe, judge)

        learnt = Seen(tuple(useful), seen.features[: len(useful)])
        train_pictures(model, learnt, trained.logits, language, recipe, judged, log)
        save(out / "describer.pt", model.state_dict())
    model.eval()
    return trained


def _missing(path: Path, model: nn.Module, log: Callable[[str], None]) -> bool:
    if path.exists():
        model.load_state_dict(torch.load(path, weights_only=True))
        log(f"{path.name} is there already")
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipe", choices=sorted(recipes.DESCRIBER_RECIPES))
    parser.add_argument("--data", type=Path, required=True, help="holds photos and captions")
    parser.add_argument("--held-out", type=Path, required=True, help="a manifest of pictures that nothing may see")
    parser.add_argument("--encoder", type=Path, required=True, help="from semcodec_train.distil")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    recipe = recipes.DESCRIBER_RECIPES[args.recipe]()
    train_describer(recipe, args.data, args.held_out, args.encoder, args.out, log=lambda s: print(s, flush=True))


if __name__ == "__main__":
    main()

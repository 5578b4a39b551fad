"""Caption-to-picture recall: are pictures that the describer never saw found by its words in their files?

    python benchmarks/recall.py --photos DIR

DIR holds the pictures of the manifest and `index.jsonl`, with five captions of different people for each. Each picture
is encoded at 1,000 bytes with the describer's words, `semcodec index` reads the folder, and `semcodec search` (bm25)
looks for four captions of every picture. The upper bound is the same with the fifth caption in the file, the lower one
chance. Between them: words as `encode` writes them (of many pictures none, because it is not sure), all that the
describer says, sure or not, its keywords, the words of the files together with what the describer sees in the decoded
pictures (`semcodec search --pictures`), and files with vectors (`semcodec encode --vector`), with words and without.
Writes `benchmarks/results/recall.json`, with 95 % bootstrap intervals over pictures, and the table in `docs/search.md`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import semcodec
from semcodec.container.encode import write_file
from semcodec.errors import WeightsError
from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.sets import Picture, load_set
from semcodec.extractors.guess import Guess
from semcodec.extractors.words import WordsExtractor
from semcodec.layers.text.encode import pack_words
from semcodec.layers.vector.encode import pack_vector
from semcodec.models import Models, default_models
from semcodec.nets.describer import DescriberNets
from semcodec.rate.wording import wording_for
from semcodec.search import Hit, index_folder, search_shown, search_words
from semcodec.search.find import MAX_TERMS
from semcodec.search.seen import look_at_pictures, search_seen
from semcodec.types import FileHeader, Size, Vector, Words
from semcodec.zoo.catalog import shipped

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "search.md"
BEGINS, ENDS = "<!-- recall: made by benchmarks/recall.py -->\n", "<!-- /recall -->"
NUM_BYTES = 1000
CUTOFFS = (1, 5, 10)
Search = Callable[..., list[Hit]]
SIZE = Size(320, 240)  # said by files that hold words alone


def captions_of(photos: Path, pictures: tuple[Picture, ...]) -> dict[str, list[str]]:
    """Name of a picture -> what people said of it."""
    said = {}
    for line in (photos / "index.jsonl").read_text("utf-8").splitlines():
        about = json.loads(line)
        said[Path(about["file"]).stem] = about.get("captions", [])
    return {picture.name: said[picture.name] for picture in pictures}


def file_of_words(words: Words | None, vector: Vector | None = None) -> bytes:
    """What stands at the front of a file: all that is indexed of it."""
    sections = [] if words is None else [pack_words(words)]
    return write_file(FileHeader(SIZE), [*sections, *([] if vector is None else [pack_vector(vector)])])


def file_of_picture(image_HWC: np.ndarray, words: Words | None) -> bytes:
    """As `semcodec encode` writes it."""
    if words is None:
        return semcodec.encode(image_HWC, bytes=NUM_BYTES).data
    origin = words.origin.name.lower()
    return semcodec.encode(image_HWC, bytes=NUM_BYTES, caption=words.text, language=words.language, origin=origin).data


def recalls(
    files: Mapping[str, bytes | None],
    queries: Mapping[str, list[str]],
    *,
    models: Models | None = None,
    vectors: bool = False,
) -> dict[str, object]:
    """By k: share of the queries whose picture is among the first k, and the ends of its interval.

    `models`: those whose describer looks at the decoded pictures. `vectors`: those of the files count, too. Without
    either, words alone do.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder, database = Path(scratch) / "files", Path(scratch) / "words.sqlite"
        folder.mkdir()
        for name, data in files.items():
            if data is not None:
                (folder / f"{name}.semc").write_bytes(data)
        tally = index_folder(folder, database=database)
        search: Search = partial(search_shown if vectors else search_words, database=database)
        if models is not None:
            look_at_pictures(folder, database=database, models=models)
            search = partial(search_seen, database=database, models=models)
        ranks = {name: [rank_of(name, query, search) for query in asked] for name, asked in queries.items()}
    told: dict[str, object] = {"files_with_words": tally.num_files - tally.num_without_words}
    for cutoff in CUTOFFS:
        shares = [float(np.mean([rank < cutoff for rank in found])) for found in ranks.values()]
        low, high = mean_interval(shares)
        told[f"recall@{cutoff}"] = {
            "mean": round(float(np.mean(shares)), 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }
    return told


def rank_of(name: str, query: str, search: Search) -> float:
    query = " ".join(query.split()[:MAX_TERMS])  # (a few captions are longer than a query may be)
    hits = search(query, top=max(CUTOFFS))
    return next((rank for rank, hit in enumerate(hits) if Path(hit.path).stem == name), np.inf)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True, help="the folder that the manifest's files lie in")
    parser.add_argument("--manifest", type=Path, default=HERE / "manifests" / "describer-test.json")
    parser.add_argument("--describer", default=shipped().name_of("describer"), help="name or folder; the embedded one")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "recall.json")
    args = parser.parse_args()
    package = shipped().package_of("describer", args.describer or "")
    if package is None:
        raise SystemExit(f"{args.describer}: no describer of semcodec")
    describer = WordsExtractor(DescriberNets(package.files))
    models = default_models().but(describer=args.describer)
    try:
        embedder = models.embedder()
    except WeightsError as none:  # (its vectors are compared with no other describer's)
        print(none)
        embedder = None
    pictures = load_set(args.photos, manifest=args.manifest).pictures
    captions = captions_of(args.photos, pictures)
    encoded, with_vectors, vectors_alone, said, keywords = {}, {}, {}, {}, {}
    for picture in pictures:
        image_HWC = picture.load()
        features_1PF = describer.see(image_HWC)
        words = wording_for(describer, features_1PF, NUM_BYTES).words
        encoded[picture.name] = file_of_picture(image_HWC, words)
        if embedder is not None:
            vector = embedder.vector_of(features_1PF, describer.vocabulary)
            with_vectors[picture.name] = file_of_words(words, vector)
            vectors_alone[picture.name] = file_of_words(None, vector)
        guesses = describer.written(features_1PF), describer.words(features_1PF, task="keywords")
        said[picture.name], keywords[picture.name] = map(file_of_guess, guesses)
    peoples = {name: file_of_words(Words(asked[0], "en")) for name, asked in captions.items()}
    queries = {name: asked[1:] for name, asked in captions.items()}
    results = {
        "describer": Path(args.describer).name,
        "pictures": len(pictures),
        "queries": sum(map(len, queries.values())),
        "chance": {f"recall@{cutoff}": {"mean": cutoff / len(pictures)} for cutoff in CUTOFFS},
        "words": recalls(encoded, queries),
        "captions": recalls(said, queries),
        "keywords": recalls(keywords, queries),
        "seen": recalls(encoded, queries, models=models),
        **({"vectors": recalls(vectors_alone, queries, vectors=True)} if vectors_alone else {}),
        **({"words_and_vectors": recalls(with_vectors, queries, vectors=True)} if with_vectors else {}),
        "people": recalls(peoples, queries),
    }
    args.out.write_text(json.dumps(results, indent=2) + "\n")
    write_between_marks(PAGE, BEGINS, ENDS, table(results))
    print(json.dumps(results, indent=2))


def table(results: dict[str, Any]) -> str:
    """The results as a table in Markdown, of what they have."""
    rows = {
        "chance": "chance",
        "words": "words as `encode` writes them",
        "keywords": "its keywords, sure or not",
        "captions": "its captions, sure or not",
        "seen": "words as `encode` writes them, and what is seen in the decoded pictures (`--pictures`)",
        "vectors": "vectors of 32 bytes, no words (`--vector --no-caption`)",
        "words_and_vectors": "words as `encode` writes them, and vectors (`--vector`)",
        "people": "a person's caption",
    }
    lines = [
        f"| in the files ({results['describer']}) | of {results['pictures']} files have words | recall@1 | @5 | @10 |",
        "|---|---|---|---|---|",
    ]
    for key in (key for key in rows if key in results):
        title, row = rows[key], results[key]
        cells = [f"{row[f'recall@{cutoff}']['mean']:.1%}{_interval(row[f'recall@{cutoff}'])}" for cutoff in CUTOFFS]
        lines.append(f"| {title} | {row.get('files_with_words', '')} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _interval(figure: dict[str, float]) -> str:
    return f" ({figure['low']:.1%} to {figure['high']:.1%})" if "low" in figure else ""


def file_of_guess(guess: Guess | None) -> bytes | None:
    return file_of_words(guess.said) if guess is not None and isinstance(guess.said, Words) else None


if __name__ == "__main__":
    main()

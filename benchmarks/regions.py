"""What regions cost: bits of a box, of a phrase, of a step; on pictures that the table was not counted from.

    python benchmarks/regions.py --photos index.jsonl --captions train.jsonl.gz

The shipped table is counted from all pictures with boxes that there are, so it is not what is measured: a table is
counted from three quarters of them (and of the captions' pictures), and measured on the rest, once without words and
once beside one caption of the picture. Writes `benchmarks/results/regions.json`.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from semcodec.ids import Origin
from semcodec.layers.regions.encode import pack_with_region_table, put_phrase
from semcodec.layers.regions.history import END, NEW, numbers_of, tokens_at_hand
from semcodec.layers.regions.stream import HELP_STARTS, RegionStream
from semcodec.layers.regions.table import NEWEST_REGION_TABLE, TEXT_TABLE_OF, RegionTable, parse_region_table
from semcodec.layers.shipped import REGION_TABLES
from semcodec.layers.text.encode import put_head
from semcodec.layers.text.table import load_table
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Regions, Words
from semcodec_train.tables.recipes import RegionRecipe
from semcodec_train.tables.regions import Boxed, make_region_table, read_boxed
from semcodec_train.tables.text import bucket, read_captions

RESULTS_PATH = Path(__file__).resolve().parent / "results" / "regions.json"
FOLDS = 4
NUMBERS = ("width", "height", "left", "top")


class Scale:
    """A range coder that only weighs."""

    num_shifts = 0

    def __init__(self) -> None:
        self.bits = 0.0

    def code(self, starts: Sequence[int], wanted: int) -> int:
        self.bits -= math.log2((starts[wanted + 1] - starts[wanted]) / starts[-1])
        return wanted

    def check(self, starts: Sequence[int], value: int) -> None:
        self.code(starts, value)


def is_measured(picture: str) -> bool:
    """By the lowest bits of a hash; the recipe holds pictures out by the highest."""
    return bucket(picture) % FOLDS == FOLDS - 1


def weigh(picture: Boxed, caption: str, table: RegionTable, bits: Counter[str], counts: Counter[str]) -> None:
    """Adds the bits of each part of the stream."""
    scale = Scale()
    stream = RegionStream(table, scale)

    def add(part: str, put: Callable[[], object]) -> None:
        before = scale.bits
        put()
        bits[part] += scale.bits - before
        counts[part] += 1

    at_hand = tokens_at_hand(caption, table.tokens)
    add("origin and language", lambda: put_head(stream, table.text, Origin.MACHINE, "en"))
    add("help", lambda: stream.static(HELP_STARTS, int(bool(at_hand))))
    stream.put_at_hand(at_hand)
    for at, region in enumerate(picture.regions):
        step = stream.step_to(region.phrase)
        if at:
            add("step", lambda step=step: stream.step(step))  # type: ignore[misc]
        if step == NEW:
            which = "new phrase beside a caption" if caption else "new phrase alone"
            add(which, lambda phrase=region.phrase: put_phrase(stream, table, phrase))  # type: ignore[misc]
        stream.begin_box(step, region.phrase)
        for name, number in zip(NUMBERS, numbers_of(region), strict=True):
            add(name, lambda number=number: stream.number(number))  # type: ignore[misc]
    add("step", lambda: stream.step(END))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--photos", type=Path, required=True, help='lines of {"file", "boxes", "captions"}')
    parser.add_argument("--captions", type=Path, required=True, help='lines of {"id": picture, "text"}, gzipped')
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    args = parser.parse_args()
    text = load_table(TEXT_TABLE_OF[NEWEST_REGION_TABLE])
    pictures = [picture for picture in read_boxed(args.photos) if len(picture.regions) <= DEFAULT_LIMITS.max_regions]
    captions = list(read_captions(args.captions))
    measured = [picture for picture in pictures if is_measured(Path(picture.name).stem)]
    data = make_region_table(
        [picture for picture in pictures if not is_measured(Path(picture.name).stem)],
        [caption for caption in captions if not is_measured(caption[0])],
        text,
        RegionRecipe(),
    )
    table = parse_region_table(data, text, seed=0)
    bits: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    num_bytes = {"alone": 0, "beside a caption": 0}
    with_captions = [picture for picture in measured if picture.captions]
    for picture in measured:
        weigh(picture, "", table, bits, counts)
    for picture in with_captions:
        weigh(picture, picture.captions[0], table, bits, counts)
        for name, caption in (("alone", None), ("beside a caption", Words(picture.captions[0], "en"))):
            regions = Regions(picture.regions, "en", Origin.MACHINE)
            num_bytes[name] += len(pack_with_region_table(regions, caption, table, limits=DEFAULT_LIMITS))
    num_regions = sum(len(picture.regions) for picture in with_captions)
    results = {
        "pictures": {"counted": len(pictures) - len(measured), "measured": len(measured)},
        "regions_measured": sum(len(picture.regions) for picture in measured),
        "bits": {part: round(bits[part] / counts[part], 3) for part in counts},
        "bits_a_box": round(sum(bits[name] / counts[name] for name in NUMBERS), 3),
        "bits_a_box_uncoded": 24,
        "bytes_a_region": {name: round(count / num_regions, 3) for name, count in num_bytes.items()},
        "table_bytes": REGION_TABLES[NEWEST_REGION_TABLE].num_bytes,
    }
    args.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()

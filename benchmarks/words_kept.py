"""How much of what the describer says of a picture it still says of what codecs make of it, at equal bytes.

    python benchmarks/words_kept.py --results benchmarks/results/kodak --pictures DIR
    python benchmarks/words_kept.py --page-only         # only the table, from the committed results

`--results` is a folder of `semcodec bench` with the files that it kept: of each peer the one that its report shows at a
budget. semcodec's are encoded and decoded here, without words in them. Words kept: `semcodec.evaluation.measures.
words_kept`. Writes `benchmarks/results/words_kept.json`, with 95 % bootstrap intervals over pictures of semcodec less
each peer, and the table in `docs/words.md`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

import semcodec
from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.files import FileStore
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.measures.words_kept import WordsKept
from semcodec.evaluation.peers.peer import enlarge, shrink, size_of
from semcodec.evaluation.peers.registry import open_peers
from semcodec.evaluation.results import read_lines
from semcodec.evaluation.sets import load_set
from semcodec.models import default_models

HERE = Path(__file__).resolve().parent
RESULTS_PATH, PAGE = HERE / "results" / "words_kept.json", HERE.parent / "docs" / "words.md"
BEGINS, ENDS = "<!-- kept: made by benchmarks/words_kept.py -->\n", "<!-- /kept -->"
BUDGETS = (340, 1000, 4000)
PEERS = ("vvc", "av1", "avif", "webp")


def measured(results: Path, pictures: Path) -> dict[str, Any]:
    """By budget and codec the share of each picture; of peers only pictures that they have a file of."""
    describer = default_models().name_of("describer")
    assert describer is not None, "one is shipped"
    kept, lines, store = WordsKept(describer), read_lines(results / "results.jsonl"), FileStore(results)
    peers, absent = open_peers(PEERS)
    if absent:
        raise SystemExit("\n".join(absent))
    shares: dict[str, dict[str, dict[str, float]]] = {str(budget): {} for budget in BUDGETS}
    for picture in load_set(pictures, manifest=HERE / "manifests" / "kodak.json").pictures:
        image_HWC = picture.load()
        said = kept.caption(image_HWC)
        for budget in BUDGETS:
            decoded = {"semcodec": semcodec.decode(semcodec.encode(image_HWC, bytes=budget).data)}
            for peer in peers:
                line = next(
                    (x for x in lines if (x.codec, x.picture) == (peer.name, picture.name) and budget in x.shown), None
                )
                data = None if line is None else store.get(line.file_name)
                if line is not None and data is not None:
                    shown = peer.decode(data, size_of(shrink(image_HWC, line.scale)))
                    decoded[peer.title] = enlarge(shown, size_of(image_HWC))
            for codec, decoded_HWC in decoded.items():
                share = kept.share(said, kept.caption(decoded_HWC))
                shares[str(budget)].setdefault(codec, {})[picture.name] = round(share, 4)
        print(picture.name, " ".join(said), flush=True)
    return {"describer": describer, "shares": shares}


def table(results: dict[str, Any]) -> str:
    shares = results["shares"]
    codecs = list(dict.fromkeys(codec for found in shares.values() for codec in found))
    num = len(next(iter(shares.values()))["semcodec"])
    lines = [
        f"{num} Kodak pictures; in brackets the 95 % interval of semcodec less that codec, of those that it has "
        "a file of (how many, where not all).",
        "",
        f"| bytes | {' | '.join(codecs)} |",
        f"|---|{'---|' * len(codecs)}",
    ]
    for budget, found in shares.items():
        cells = []
        for codec in codecs:
            theirs = found.get(codec, {})
            if not theirs:
                cells.append("no files")
                continue
            cell = f"{np.mean(list(theirs.values())):.2f}"
            if codec != "semcodec":
                low, high = mean_interval([found["semcodec"][name] - share for name, share in theirs.items()])
                few = f"; {len(theirs)}" if len(theirs) < num else ""
                cell += f" ({low:+.2f} to {high:+.2f}{few})"
            cells.append(cell)
        lines.append(f"| {int(budget):,} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--results", type=Path, help="the folder of a `semcodec bench`, with its files")
    parser.add_argument("--pictures", type=Path, help="the 24 Kodak pictures")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    parser.add_argument("--page-only", action="store_true", help="only the table, from --out")
    args = parser.parse_args()
    if not args.page_only:
        if args.results is None or args.pictures is None:
            parser.error("give --results and --pictures, or --page-only")
        found = measured(args.results, args.pictures)
        args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    results = json.loads(args.out.read_text("utf-8"))
    if args.out == RESULTS_PATH:
        write_between_marks(PAGE, BEGINS, ENDS, table(results))
    print(table(results))


if __name__ == "__main__":
    main()

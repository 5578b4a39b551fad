"""An index in tables beside one in SQLite on 10,000 files, and alone on a million.

    python benchmarks/archive_index.py --captions train.jsonl.gz val.jsonl.gz --scratch DIR

The 10,000 files have different words, coded as `semcodec encode` does, and vectors drawn at random; both indexes are
made of them and asked the same queries: those below, and captions. The million are rows as `semcodec jobs index` makes
them of files (captions, then pairs of them, all different; vectors at random): coding a million captions would take
hours and say nothing of an index. What is measured there: making the tables, their bytes, and searches, cold (a process
of its own) and warm. Writes `benchmarks/results/archive_index.json`; the scratch folder is emptied.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow.parquet as pq

from semcodec.container.encode import write_file
from semcodec.ids import LayerId
from semcodec.jobs import index_job
from semcodec.jobs.batches import table_of
from semcodec.jobs.columns import empty_row
from semcodec.layers.text.encode import pack_words
from semcodec.layers.vector.encode import pack_vector
from semcodec.search import Hit, index_folder, search_shown, search_words
from semcodec.search.tables import make_tables
from semcodec.types import FileHeader, Section, Size, Vector, Words

RESULTS_PATH = Path(__file__).resolve().parent / "results" / "archive_index.json"
QUERIES = (
    "dog on a beach", "a man riding a wave on a surfboard", "red bus", "giraffe", "man", "a",
    "people sitting at a table with food", "two cats sleeping on a laptop", "zebra skateboard pizza umbrella",
    "xylophone",
)  # fmt: skip
_PART = 100_000
_COLD = """
import sys, time
from semcodec.search import search_shown, search_words
began = time.perf_counter(), time.process_time()
{"words": search_words, "shown": search_shown}[sys.argv[3]](sys.argv[2], database=sys.argv[1])
print(1000 * (time.perf_counter() - began[0]), 1000 * (time.process_time() - began[1]))
"""


def different_texts(paths: list[Path], count: int) -> list[str]:
    single: list[str] = []
    for path in paths:
        with gzip.open(path, "rt") as lines:
            single += [json.loads(line)["text"].strip() for line in lines]
    single = list(dict.fromkeys(single))
    rng, texts = random.Random(0), dict.fromkeys(single[:count])
    while len(texts) < count:
        texts[f"{rng.choice(single)} {rng.choice(single)}"] = None
    return list(texts)


def write_files(texts: list[str], folder: Path) -> None:
    rng = random.Random(1)
    for at, text in enumerate(texts):
        vector = Vector(1, bytes(byte & 15 for byte in rng.randbytes(64)))
        tokens = Section(LayerId.TOKENS, 255, bytes(200))
        path = folder / f"{at // 1000:03}" / f"{at:06}.semc"
        path.parent.mkdir(parents=True, exist_ok=True)
        sections = [pack_words(Words(text, "en")), pack_vector(vector), tokens]
        path.write_bytes(write_file(FileHeader(Size(768, 512), 4), sections))


def timed(work: Callable[[], Any]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall_s": round(wall, 1), "processor_s": round(cpu, 1)}


def the_same(folder: Path, tables: Path, database: Path, texts: list[str]) -> dict[str, Any]:
    """Both indexes of the folder, and in how many queries they answer alike."""
    told: dict[str, Any] = {"files": len(texts)}
    told["tables"] = timed(lambda: index_job(str(folder), str(tables)))
    told["sqlite"] = timed(lambda: index_folder(folder, database=database))
    queries = [*QUERIES, *random.Random(2).sample(texts, 50)]
    for name, search, within in (("words", search_words, 1e-9), ("words_and_vectors", search_shown, 1e-5)):
        told[name] = {
            "queries": len(queries),
            "answered_alike": sum(
                alike(search(query, database=tables), search(query, database=database), within) for query in queries
            ),
        }
    return told


def alike(one: list[Hit], other: list[Hit], within: float) -> bool:
    """The same scores in the same order, and the same files but where scores are alike."""
    if len(one) != len(other) or any(abs(a.score - b.score) > within for a, b in zip(one, other, strict=True)):
        return False
    last = one[-1].score if one else 0.0
    mine, its = ({Path(hit.path).name: hit.score for hit in hits} for hits in (one, other))
    return all(abs({**mine, **its}[name] - last) <= within for name in mine.keys() ^ its.keys())


def write_rows(texts: list[str], folder: Path) -> None:
    rng = random.Random(3)
    for part in range(0, len(texts), _PART):
        rows = [
            empty_row("index")
            | {
                "name": f"{at // 1000:06}/{at:09}.jpg",
                "sha256": f"{at:064x}",
                "source_bytes": 1000,
                "words_key": f"{at:032x}",
                "words": text,
                "language": "en",
                "origin": 1,
                "phrases": [],
                "vector": rng.randbytes(32),
                "vector_space": 1,
                "damage": [],
            }
            for at, text in enumerate(texts[part : part + _PART], part)
        ]
        pq.write_table(table_of(rows, "index"), folder / f"part-{part // _PART:03}.parquet", compression="zstd")


def timed_queries(tables: Path, kind: str) -> dict[str, dict[str, float]]:
    told = {}
    search = search_words if kind == "words" else search_shown
    for query in QUERIES:
        command = [sys.executable, "-c", _COLD, str(tables), query, kind]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        cold, warm = [float(number) for number in done.stdout.split()], []
        for _ in range(3):
            began = time.perf_counter(), time.process_time()
            hits = search(query, database=tables)
            warm.append((1000 * (time.perf_counter() - began[0]), 1000 * (time.process_time() - began[1])))
        told[query] = {
            "hits": len(hits),
            "cold_ms": round(cold[0]),
            "cold_processor_ms": round(cold[1]),
            "warm_ms": round(median(wall for wall, _ in warm)),
            "warm_processor_ms": round(median(processor for _, processor in warm)),
        }
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--captions", type=Path, nargs="+", required=True, help='gzipped JSON lines with a "text"')
    parser.add_argument("--scratch", type=Path, required=True, help="a folder, made and deleted")
    parser.add_argument("--same", type=int, default=10_000, help="files of which both indexes are made")
    parser.add_argument("--files", type=int, default=1_000_000, help="rows of the large one")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    arguments = parser.parse_args()
    small, large = arguments.scratch / "small", arguments.scratch / "large"
    for folder in (small / "files", large):
        folder.mkdir(parents=True)
    try:
        texts = different_texts(arguments.captions, max(arguments.same, arguments.files))
        result: dict[str, Any] = {"load_before": [round(load, 2) for load in os.getloadavg()]}
        write_files(texts[: arguments.same], small / "files")
        result["the_same"] = the_same(
            small / "files", small / "tables", small / "words.sqlite", texts[: arguments.same]
        )
        write_rows(texts[: arguments.files], large)
        del texts
        result["large"] = {
            "files": arguments.files,
            "tables": timed(lambda: make_tables(str(large / "part-*.parquet"), large)),
            "bytes": {path.name: path.stat().st_size for path in large.glob("[fwt]*.parquet")},
            "words": timed_queries(large, "words"),
            "words_and_vectors": timed_queries(large, "shown"),
            "most_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        }
        result |= {
            "load_after": [round(load, 2) for load in os.getloadavg()],
            "cores": len(os.sched_getaffinity(0)),
            "machine": f"{platform.machine()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}",
        }
        arguments.out.write_text(json.dumps(result, indent=2) + "\n")
        print(json.dumps(result, indent=2))
    finally:
        shutil.rmtree(arguments.scratch)


if __name__ == "__main__":
    main()

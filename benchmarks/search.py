"""How long 100,000 files take to be indexed by their words, and a search in them, cold and warm.

    python benchmarks/search.py --captions train.jsonl.gz val.jsonl.gz --scratch DIR

The files are made first: the captions of the given files, each once, then pairs of them in a fixed random order, until
there are as many different ones as wanted. Each file has a header, the words coded as `semcodec encode` does, and a
token section of 1,000 bytes that nobody reads. Writes `benchmarks/results/search.json`; the files are deleted at the
end, or stay for another run (`--keep`; `--make-only` measures nothing). Cold: a process of its own, after the system
was asked to forget the database's pages. Run it on a machine with nothing else to do; the load is written beside the
times.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

from semcodec.container.encode import write_file
from semcodec.ids import LayerId
from semcodec.layers.text.encode import pack_words
from semcodec.models import DEFAULT_FAMILY
from semcodec.search import index_folder, search_words
from semcodec.types import FileHeader, Section, Size, Words

RESULTS_PATH = Path(__file__).resolve().parent / "results" / "search.json"
TOKEN_BYTES = 1000
A_FOLDER = 1000
QUERIES = (
    "dog on a beach",
    "a man riding a wave on a surfboard",
    "red bus",
    "giraffe",
    "man",
    "a",
    "people sitting at a table with food",
    "two cats sleeping on a laptop",
    "zebra skateboard pizza umbrella",
    "xylophone",
)
_COLD = """
import sys, time
began = time.perf_counter()
from semcodec.search import search_words
imported = time.perf_counter()
search_words(sys.argv[2], database=sys.argv[1])
print(1000 * (imported - began), 1000 * (time.perf_counter() - imported))
"""


def different_texts(paths: list[Path], count: int) -> list[str]:
    single: list[str] = []
    for path in paths:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            single += [json.loads(line)["text"].strip() for line in lines]
    single = list(dict.fromkeys(single))
    rng = random.Random(0)
    texts = dict.fromkeys(single[:count])
    while len(texts) < count:
        texts[f"{rng.choice(single)} {rng.choice(single)}"] = None
    return list(texts)


def write_files(texts: list[str], folder: Path) -> int:
    """Returns the bytes of all files."""
    num_bytes = 0
    with ProcessPoolExecutor() as pool:
        for at, data in enumerate(pool.map(a_file, texts, chunksize=A_FOLDER)):
            path = folder / f"{at // A_FOLDER:03d}" / f"{at:06d}.semc"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            num_bytes += len(data)
    return num_bytes


def a_file(text: str) -> bytes:
    tokens = Section(LayerId.TOKENS, DEFAULT_FAMILY, random.Random(1).randbytes(TOKEN_BYTES))
    return write_file(FileHeader(Size(768, 512), 4), [pack_words(Words(text, "en")), tokens])


def timed_index(folder: Path, database: Path) -> dict[str, float | int]:
    wall, cpu = time.perf_counter(), time.process_time()
    tally = index_folder(folder, database=database)
    return {
        "wall_s": round(time.perf_counter() - wall, 2),
        "processor_s": round(time.process_time() - cpu, 2),
        "files": tally.num_files,
        "files_read": tally.num_read,
        "bytes_read": tally.num_bytes_read,
        "damaged": len(tally.damaged),
    }


def forget_pages(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def timed_queries(database: Path) -> dict[str, dict[str, float | int]]:
    told: dict[str, dict[str, float | int]] = {}
    for query in QUERIES:
        cold = []
        for _ in range(3):
            forget_pages(database)
            command = [sys.executable, "-c", _COLD, str(database), query]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            cold.append(float(done.stdout.split()[1]))
        warm = []
        for _ in range(20):
            began = time.perf_counter()
            hits = search_words(query, database=database)
            warm.append(1000 * (time.perf_counter() - began))
        told[query] = {
            "hits": len(hits),
            "cold_ms": round(median(cold), 1),
            "warm_ms": round(median(warm), 1),
            "warm_worst_ms": round(max(warm), 1),
        }
    return told


def command_ms(database: Path) -> float:
    """`semcodec search` as a whole process, median of 7, warm."""
    times = []
    for _ in range(7):
        began = time.perf_counter()
        command = [sys.executable, "-m", "semcodec", "search", "dog on a beach", "--db", str(database)]
        subprocess.run(command, check=True, capture_output=True)
        times.append(1000 * (time.perf_counter() - began))
    return round(median(times), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--captions", type=Path, nargs="+", required=True, help='JSON lines with a "text", .gz or not')
    parser.add_argument("--scratch", type=Path, required=True, help="a folder for the files, made and deleted")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true", help="leave the files for another run")
    parser.add_argument("--make-only", action="store_true", help="make the files, keep them, measure nothing")
    arguments = parser.parse_args()
    folder, database = arguments.scratch / "files", arguments.scratch / "words.sqlite"
    made = arguments.scratch / "made.json"
    arguments.scratch.mkdir(parents=True, exist_ok=True)
    texts = different_texts(arguments.captions, arguments.files)
    try:
        if not made.exists():
            folder.mkdir()
            made.write_text(json.dumps(write_files(texts, folder)))
        if arguments.make_only:
            return
        num_bytes = json.loads(made.read_text())
        result = {
            "files": len(texts),
            "bytes_of_all_files": num_bytes,
            "mean_characters": round(sum(map(len, texts)) / len(texts), 1),
            "load_before": [round(load, 2) for load in os.getloadavg()],
            "cores_of_this_process": len(os.sched_getaffinity(0)),
            "index": timed_index(folder, database),
            "index_again_unchanged": timed_index(folder, database),
            "database_bytes": database.stat().st_size,
            "queries": timed_queries(database),
            "command_ms": command_ms(database),
            "load_after": [round(load, 2) for load in os.getloadavg()],
            "machine": f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        }
        RESULTS_PATH.write_text(json.dumps(result, indent=2) + "\n")
        print(json.dumps(result, indent=2))
    finally:
        if not arguments.keep and not arguments.make_only:
            shutil.rmtree(folder)
            made.unlink(missing_ok=True)
        database.unlink(missing_ok=True)


if __name__ == "__main__":
    main()

"""How many pictures `semcodec jobs` encodes, describes, decodes and indexes a second: on one core, and on two.

    python benchmarks/archive_rates.py --pictures FOLDER [--before SOURCES] [--rounds 3]
    python benchmarks/archive_rates.py --page-only

`--before` is the `src` of an older checkout, which is measured too, in turn with this one. Each kind of work has a
process of its own in each round; of several rounds the least processor time and the least time count, since others may
be at work on the machine. Opening the networks is measured apart, by a first picture that does not count. Writes
`benchmarks/results/archive_rates.json` and the table in `docs/archives.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS_PATH, PAGE = HERE / "results" / "archive_rates.json", HERE.parent / "docs" / "archives.md"
BEGINS, ENDS = "<!-- rates: made by benchmarks/archive_rates.py -->\n", "<!-- /rates -->"
# Kind of work -> what it is called in the table.
KINDS = {
    "encode": "`encode`",
    "encode_without_words": "`encode --no-caption`",
    "describe": "`describe`",
    "decode": "`decode`",
    "decode_without_restoring": "`decode --no-restore`",
    "index": "`index`, reading",
}
CORES = (1, 2)


def work_of(kind: str, num_bytes: int, cores: int) -> Any:
    from semcodec.jobs import Decode, Describe, Encode
    from semcodec.jobs.index import Index

    makers: dict[str, Any] = {
        "encode": lambda: Encode(bytes=num_bytes, vector=True, threads=cores),
        "encode_without_words": lambda: Encode(bytes=num_bytes, describe=False, threads=cores),
        "describe": lambda: Describe(threads=cores),
        "decode": lambda: Decode(threads=cores),
        "decode_without_restoring": lambda: Decode(threads=cores, restore=False),
        "index": Index,
    }
    return makers[kind]()


def measure(kind: str, folder: Path, num_bytes: int, cores: int) -> dict[str, float]:
    """In this process, by the semcodec that it finds. `folder`: pictures, or .semc files."""
    from semcodec.jobs.items import Item

    items = [Item(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    first, rest = items[:1], items[1:] * (50 if kind == "index" else 1)
    work = work_of(kind, num_bytes, cores)
    began = time.process_time()
    work.rows([*first, first[0]])  # (two, so that every thread has begun once)
    opening = time.process_time() - began
    began, clock = time.process_time(), time.perf_counter()
    rows = work.rows(rest)
    spent, lasted = time.process_time() - began, time.perf_counter() - clock
    assert all(row["error"] is None for row in rows), next(row["error"] for row in rows if row["error"])
    return {
        "files": len(rows),
        "opening_processor_s": round(opening, 2),
        "processor_ms_a_file": round(1000 * spent / len(rows), 3),
        "ms_a_file": round(1000 * lasted / len(rows), 3),
        "bytes_a_file": round(sum(row["source_bytes"] for row in rows) / len(rows)),
        "most_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def measured_apart(source: Path, kind: str, folder: Path, num_bytes: int, cores: int) -> dict[str, float]:
    arguments = ["--measure", kind, "--pictures", str(folder), "--bytes", str(num_bytes), "--cores", str(cores)]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


def least(runs: list[dict[str, float]]) -> dict[str, float]:
    """Of several rounds."""
    best = {name: min(run[name] for run in runs) for name in runs[0]}
    best["files_a_second_and_core"] = round(1000 / best["processor_ms_a_file"], 2)
    best["files_a_second"] = round(1000 / best["ms_a_file"], 2)
    return best


def encoded(folder: Path, num_bytes: int, count: int) -> Path:
    """.semc files of pictures, beside them."""
    import semcodec

    out = folder.parent / "files"
    out.mkdir()
    for path in sorted(folder.iterdir())[:count]:
        data = semcodec.encode(path, bytes=num_bytes, describe=True, vector=True).data
        (out / f"{path.stem}.semc").write_bytes(data)
    return out


def page(told: dict[str, Any]) -> str:
    trees = [name for name in ("before", "now") if name in told]
    heads = [f"{what}, {name}" for what in ("ms of a core a file", "files a second, two free cores") for name in trees]
    if len(trees) == 1:
        heads = [head.removesuffix(", now") for head in heads]
    lines = ["| |" + "".join(f" {head} |" for head in heads), "|---" * (len(heads) + 1) + "|"]
    for kind, name in KINDS.items():
        cells = [f"{told[tree][kind]['1']['processor_ms_a_file']:.3g}" for tree in trees]
        # (by processor time: how long it lasted depends on what else the machine had to do)
        cells += [f"{2000 / told[tree][kind]['2']['processor_ms_a_file']:.3g}" for tree in trees]
        lines.append(f"| {name} |" + "".join(f" {cell} |" for cell in cells))
    return "\n".join(lines) + "\n"


def write_page(told: dict[str, Any]) -> None:
    from semcodec.evaluation.marks import write_between_marks

    write_between_marks(PAGE, BEGINS, ENDS, page(told))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=Path, help="a folder of them, such as Kodak's 24")
    parser.add_argument("--first", type=int, default=9)
    parser.add_argument("--bytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--before", type=Path, help="the src of an older checkout")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    parser.add_argument("--page-only", action="store_true", help="only the table, from the committed results")
    parser.add_argument("--measure", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--cores", type=int, default=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.page_only:
        write_page(json.loads(RESULTS_PATH.read_text()))
        return
    if arguments.pictures is None:
        parser.error("--pictures is missing")
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.pictures, arguments.bytes, arguments.cores)))
        return
    told = compared(arguments)
    arguments.out.write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))
    if arguments.out == RESULTS_PATH:
        write_page(told)


def compared(arguments: argparse.Namespace) -> dict[str, Any]:
    import shutil
    import tempfile

    trees = {"now": HERE.parent / "src"}
    if arguments.before is not None:
        trees = {"before": arguments.before.resolve(), **trees}
    told: dict[str, Any] = {
        "bytes": arguments.bytes,
        "rounds": arguments.rounds,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_before": [round(load, 2) for load in os.getloadavg()],
    }
    with tempfile.TemporaryDirectory() as temporary:
        pictures = Path(temporary) / "pictures"
        pictures.mkdir()
        found = (path for path in sorted(arguments.pictures.iterdir()) if path.suffix in (".png", ".jpg", ".webp"))
        for path in list(found)[: arguments.first]:
            shutil.copy(path, pictures)
        files = encoded(pictures, arguments.bytes, arguments.first)
        for kind in KINDS:
            folder = files if kind in ("decode", "decode_without_restoring", "index") else pictures
            for cores in CORES:
                runs: dict[str, list[dict[str, float]]] = {name: [] for name in trees}
                for _ in range(arguments.rounds):
                    for name, source in trees.items():
                        runs[name].append(measured_apart(source, kind, folder, arguments.bytes, cores))
                for name in trees:
                    told.setdefault(name, {}).setdefault(kind, {})[str(cores)] = least(runs[name])
                print(kind, cores, {name: told[name][kind][str(cores)]["ms_a_file"] for name in trees}, flush=True)
    told["load_after"] = [round(load, 2) for load in os.getloadavg()]
    return told


if __name__ == "__main__":
    main()

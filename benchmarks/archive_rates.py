"""How many pictures `semcodec jobs` encodes, describes, decodes and indexes a second, in one process with one thread.

    python benchmarks/archive_rates.py --pictures FOLDER

Processor time is what counts: it tells what N cores do, whatever else this machine has to do meanwhile. Opening the
networks is measured apart, by a first picture that does not count. Writes `benchmarks/results/archive_rates.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from semcodec.jobs import Decode, Describe, Encode
from semcodec.jobs.index import Index
from semcodec.jobs.items import Item, Row
from semcodec.jobs.work import Work

RESULTS_PATH = Path(__file__).resolve().parent / "results" / "archive_rates.json"


def measured(work: Work, items: list[Item]) -> tuple[list[Row], dict[str, float]]:
    opening, _ = timed(lambda: work.rows(items[:1]))
    spent, rows = timed(lambda: work.rows(items[1:]))
    assert all(row["error"] is None for row in rows), next(row["error"] for row in rows if row["error"])
    return rows, {
        "files": len(rows),
        "opening_processor_s": round(opening, 2),
        "processor_ms_a_file": round(1000 * spent / len(rows), 2),
        "files_a_second_and_core": round(len(rows) / spent, 2),
        "bytes_a_file": round(sum(row["source_bytes"] for row in rows) / len(rows)),
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True, help="a folder of them, such as Kodak's 24")
    parser.add_argument("--first", type=int, default=25)
    parser.add_argument("--bytes", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.pictures.iterdir() if path.suffix in (".png", ".jpg", ".webp"))
    items = [Item(path.name, path.read_bytes()) for path in paths[: arguments.first]]
    told: dict[str, Any] = {"bytes": arguments.bytes, "load_before": [round(load, 2) for load in os.getloadavg()]}
    _, told["encode_without_words"] = measured(Encode(bytes=arguments.bytes, describe=False, threads=1), items)
    rows, told["encode"] = measured(Encode(bytes=arguments.bytes, vector=True, threads=1), items)
    _, told["describe"] = measured(Describe(threads=1), items)
    files = [Item(row["name"], row["semc"]) for row in rows]
    _, told["decode"] = measured(Decode(threads=1), files)
    _, told["decode_without_restoring"] = measured(Decode(threads=1, restore=False), files)
    _, told["index"] = measured(Index(), [files[0], *files * 50])
    told |= {
        "most_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "load_after": [round(load, 2) for load in os.getloadavg()],
    }
    arguments.out.write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()

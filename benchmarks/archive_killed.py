"""A job on a Ray cluster of two machines, one of which is killed in the middle: nothing is lost, nothing is twice.

    python benchmarks/archive_killed.py --pictures FOLDER

Two Ray nodes run on this computer, each a set of processes of its own with one worker. When some parts of the results
are written, the second node is killed, workers and all (as `kill -9` does), and the first goes on alone. Then every
picture is looked for among the rows, and each file is compared with that of a run in one process. Writes
`benchmarks/results/archive_killed.json`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster as TwoNodes

from semcodec.jobs import Cluster, Encode, Engine, Manner, Reading, run_job, verify_job
from semcodec.jobs.results import Results

RESULTS_PATH = Path(__file__).resolve().parent / "results" / "archive_killed.json"
SUFFIXES = (".jpg", ".png", ".webp")


def rows_of(folder: Path) -> list[dict[str, Any]]:
    results = Results(str(folder), "encode")
    return [row for part in results.parts() for row in results.rows(part)]


def killed_in_the_middle(nodes: TwoNodes, node: Any, out: Path, told: dict[str, Any]) -> None:
    """Waits for two parts, then kills."""
    while len(list(out.glob("part-*"))) < 2:
        time.sleep(0.05)
    told["rows_when_killed"] = len(rows_of(out))
    told["tasks_in_work_when_killed"] = len(list((out / "_attempts").glob("*")))
    nodes.remove_node(node, allow_graceful=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True, help="a folder of them")
    parser.add_argument("--bytes", type=int, default=600)
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    arguments = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="archive-killed-"))
    work = Encode(bytes=arguments.bytes, describe=False, threads=1)
    reading = Reading(SUFFIXES)
    told: dict[str, Any] = {}
    nodes = TwoNodes(initialize_head=True, head_node_args={"num_cpus": 1})
    node = nodes.add_node(num_cpus=1)
    ray.init(address=nodes.address, logging_level="ERROR", log_to_driver=False)
    killer = threading.Thread(target=killed_in_the_middle, args=(nodes, node, scratch / "killed", told))
    killer.start()
    try:
        report = run_job(
            work,
            str(arguments.pictures),
            str(scratch / "killed"),
            reading=reading,
            engine=Engine("ray", 2, Cluster()),
            manner=Manner(batch=1),
        ).report
        killer.join()
        ray.shutdown()
        nodes.shutdown()
        run_job(work, str(arguments.pictures), str(scratch / "whole"), reading=reading)
        checked = verify_job(str(arguments.pictures), str(scratch / "killed"), reading=reading).report
        rows, whole = rows_of(scratch / "killed"), rows_of(scratch / "whole")
        files = {row["name"]: row["semc"] for row in rows}
        result = {
            "pictures": checked.num_inputs,
            **told,
            "rows": len(rows),
            "lost": checked.kinds.get("missing", 0),
            "twice": checked.kinds.get("twice", 0),
            "damaged": checked.kinds.get("damaged", 0),
            "errors": sum(row["error"] is not None for row in rows),
            "counted_by_the_job": report.num_inputs,
            "files_as_in_one_process": sum(files.get(row["name"]) == row["semc"] for row in whole),
            "ray": ray.__version__,
        }
    finally:
        shutil.rmtree(scratch)
    arguments.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()

"""Trained networks into `semcodec` itself: where their files go, and their rows in the catalogue (`models.json`)."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import semcodec
from semcodec.zoo.catalog import PURPOSES
from semcodec_train.common.run import RUN, run_beside

ZOO = Path(semcodec.__file__).parent / "zoo"


def release_arguments(parser: argparse.ArgumentParser) -> None:
    """Where a package goes, and what its row says."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="a folder that belongs to no release")
    where.add_argument("--name", help="of the release: its folder in semcodec.zoo and its row in the catalogue")
    parser.add_argument("--facts", type=Path, help="JSON: licence, recipe, data, results ...; of a release")


def folder_and_facts(args: argparse.Namespace) -> tuple[Path, dict[str, Any] | None]:
    """The package's folder; the facts of a release, None where it is none."""
    if args.out is not None:
        return args.out, None
    if args.facts is None:
        raise SystemExit("a release needs --facts")
    return ZOO / "weights" / args.name, json.loads(args.facts.read_text("utf-8"))


def carry_run(weights: Path, folder: Path) -> list[Path]:
    """Copies the `run.json` of trained weights into their package; none, if they have none."""
    run = run_beside(weights)
    if run is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copyfile(run, folder / RUN))]


def add_row(
    name: str,
    purpose: str,
    paths: Iterable[Path],
    facts: dict[str, Any],
    *,
    serves: Sequence[int | str] = (),
    zoo: Path = ZOO,
) -> None:
    """The row of a network whose files lie in the weights of `zoo`: in place of the one of its name, else as the newest
    version for its purpose. `serves`: families by number, or "base". (Rows that nothing is found by any more, and their
    files, leave by hand.)
    """
    index = zoo / "models.json"
    rows = json.loads(index.read_text("utf-8"))
    versions = [row["version"] for row in rows.values() if row["purpose"] == purpose]
    rows[name] = {
        "purpose": purpose,
        "version": rows[name]["version"] if name in rows else 1 + max(versions, default=0),
        **({PURPOSES[purpose]: list(serves)} if serves else {}),
        "files": [entry_of(path, zoo / "weights") for path in paths],
        **facts,
    }
    index.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


def entry_of(path: Path, folder: Path) -> dict[str, object]:
    """What a row says of a file below a folder."""
    data = path.read_bytes()
    return {
        "file": path.relative_to(folder).as_posix(),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }

"""Trained networks into `semcodec` itself: where their files go, and their rows in the catalogue (`models.json`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import semcodec
from semcodec.zoo.catalog import PURPOSES

ZOO = Path(semcodec.__file__).parent / "zoo"


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

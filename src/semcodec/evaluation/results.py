"""Results on disk: `results.jsonl`, one line per codec, picture and file; appended as work is done, so a run can go on.

A line says for which budgets its file was chosen. A codec is tried at several scales, so a budget may have several
lines per picture: each measure takes its best of them. Budgets that a codec cannot reach have a line of their own
without bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from semcodec.evaluation.measures.catalog import Measure
from semcodec.files import write_atomic


@dataclass(frozen=True, slots=True)
class Line:
    """`num_bytes` is 0 where nothing fits. `budgets` are bytes, or thousandths of a bit per pixel where the run says
    so. `shown`: budgets at which this file's picture stands in the report. `without`: measures that so small a picture
    cannot have. `describer`: which one `words_kept` is of, by name and hash, if it was measured."""

    codec: str
    picture: str
    picture_sha256: str
    settings: str
    budgets: tuple[int, ...]
    shown: tuple[int, ...] = ()
    scale: int = 1
    quality: float = 0
    num_bytes: int = 0
    bpp: float = 0.0
    values: dict[str, float] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    describer: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, tuple[int, ...], int, float, int]:
        """Two lines of one key are of the same file; the later one has more measures."""
        return (
            self.codec,
            self.picture,
            self.picture_sha256,
            self.settings,
            self.budgets,
            self.scale,
            self.quality,
            self.num_bytes,
        )

    @property
    def file_name(self) -> str:
        return f"{self.codec}/{self.picture}-s{self.scale}-q{self.quality:g}.bin"


@dataclass(frozen=True, slots=True)
class SetLine:
    """A measure over a whole set: KID."""

    codec: str
    settings: str
    pictures_sha256: str
    budget: int
    measure: str
    value: float
    standard_error: float
    num_pictures: int


def read_lines(path: Path) -> list[Line]:
    """Empty where there is no file; a last line that was cut off by a crash is left out. Of one file the last line
    counts."""
    lines = []
    for entry in _read_jsonl(path):
        for name in {"budgets", "shown", "without"} & entry.keys():
            entry[name] = tuple(entry[name])
        lines.append(Line(**entry))
    return list({line.key: line for line in lines}.values())


def read_set_lines(path: Path) -> list[SetLine]:
    return [SetLine(**entry) for entry in _read_jsonl(path)]


def append_lines(path: Path, lines: Iterable[Line]) -> None:
    """All lines of one piece of work in one write."""
    text = "".join(_dump(line) for line in lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = not path.exists() or path.stat().st_size == 0 or path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write(text if whole else "\n" + text)


def write_lines(path: Path, lines: Iterable[Line] | Iterable[SetLine]) -> None:
    """The whole file, beside and then renamed."""
    replace_file(path, "".join(_dump(line) for line in lines).encode())


def replace_file(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, data)


def best_lines(lines: Sequence[Line], measure: Measure, budget: int) -> dict[str, Line]:
    """{picture: one codec's best file by that measure for that budget}; pictures that it cannot reach are absent."""
    best: dict[str, Line] = {}
    for line in lines:
        if budget in line.budgets and measure.name in line.values:
            rival = best.get(line.picture)
            if rival is None or measure.better(line.values[measure.name], rival.values[measure.name]):
                best[line.picture] = line
    return best


def _dump(line: Line | SetLine) -> str:
    entry = asdict(line)
    for name in ("without", "describer"):
        if not entry.get(name):
            entry.pop(name, None)
    return json.dumps(entry, separators=(", ", ": ")) + "\n"


def _read_jsonl(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    entries = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            entries.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return entries

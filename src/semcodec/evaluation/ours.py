"""semcodec as the benchmark runs it: no caption, the default effort, one file per budget."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import semcodec
from semcodec import api
from semcodec.errors import BudgetError
from semcodec.evaluation.ladders import Coded

if TYPE_CHECKING:
    from semcodec.types import Pixels

NAME, TITLE = "semcodec", "semcodec"


def settings() -> str:
    return f"semcodec {semcodec.__version__}, embedded networks, no caption, effort 5, seed 0"


def code_with_semcodec(image_HWC: Pixels, budgets: tuple[int, ...]) -> list[Coded]:
    """A file for every budget that can be reached."""
    coded: dict[bytes, list[int]] = {}
    for budget in budgets:
        try:
            coded.setdefault(api.encode(image_HWC, bytes=budget).data, []).append(budget)
        except BudgetError:
            continue
    return [Coded(tuple(fits), 1, max(fits), data, api.decode(data)) for data, fits in coded.items()]


def fingerprint() -> str:
    """Changes with every line and weight that can change a file or a picture; cli and benchmark do not count."""
    root, digest = Path(semcodec.__file__).parent, hashlib.sha256()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if (
            path.is_file()
            and path.suffix != ".pyc"
            and inside.parts[0] not in ("cli", "evaluation", "search", "viewer")
        ):
            digest.update(inside.as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

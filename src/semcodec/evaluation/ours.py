"""semcodec as the benchmark runs it: the default effort, one file per budget; captions and a painter where given."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import semcodec
from semcodec.errors import BudgetError, SemcodecError
from semcodec.evaluation.ladders import Coded

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.types import Pixels

NAME = "semcodec"


@dataclass(frozen=True, slots=True)
class How:
    """How semcodec is run. Other processes can be told it.

    Attributes:
        painter: reference of a foundation model that paints; None: the embedded decoder. `options` go to
            `semcodec.open_painter`, as (name, value).
        tries: seeds that the encoder paints.
        captions: a folder with the words of picture NAME in NAME.txt; they count as bytes.
        restore: whether what is decoded is restored. (What a foundation model paints never is.)
    """

    painter: str | None = None
    options: tuple[tuple[str, Any], ...] = field(default=())
    tries: int = 1
    captions: Path | None = None
    restore: bool = True

    @property
    def title(self) -> str:
        painter = self.open_painter()
        if painter is not None:
            return f"{NAME} + {painter.name}"
        return NAME if self.restore else f"{NAME}, not restored"

    def settings(self) -> str:
        words = "no caption" if self.captions is None else f"captions {_hash_of_texts(self.captions)}"
        painter = self.open_painter()
        if painter is None:
            restored = "" if self.restore else ", not restored"
            return f"semcodec {semcodec.__version__}, embedded networks{restored}, {words}, effort 5, seed 0"
        revision = getattr(painter, "revision", "") or "a folder"
        chosen = "".join(f", {name} {value}" for name, value in self.options)
        seeds = f"the best of {self.tries} seeds" if self.tries > 1 else "seed 0"
        painted = f"painted by {painter.name} ({revision}{chosen})"
        return f"semcodec {semcodec.__version__}, {painted}, {words}, effort 5, {seeds}"

    def open_painter(self) -> Painter | None:
        """Kept open in a process; None for the embedded one."""
        return None if self.painter is None else _opened(self.painter, self.options)

    def words_of(self, picture: str) -> str | None:
        """Raises `SemcodecError` where captions are wanted and this picture has none."""
        if self.captions is None:
            return None
        path = self.captions / f"{picture}.txt"
        try:
            return " ".join(path.read_text("utf-8").split())
        except OSError as error:
            raise SemcodecError(f"{path}: the caption of {picture} cannot be read ({error.strerror})") from error


EMBEDDED = How()


@lru_cache(maxsize=1)
def _opened(reference: str, options: tuple[tuple[str, Any], ...]) -> Painter:
    named: dict[str, Any] = {name: dict(value) if name == "controls" else value for name, value in options}
    return semcodec.open_painter(reference, **named)


def _hash_of_texts(folder: Path) -> str:
    texts = sorted((path.name, path.read_text("utf-8")) for path in folder.glob("*.txt"))
    return hashlib.sha256(repr(texts).encode()).hexdigest()[:12]


def code_with_semcodec(
    image_HWC: Pixels, budgets: tuple[int, ...], *, how: How = EMBEDDED, picture: str = ""
) -> list[Coded]:
    """A file for every budget that can be reached."""
    coded: dict[bytes, list[int]] = {}
    painter, words = how.open_painter(), how.words_of(picture)
    for budget in budgets:
        try:
            encoded = semcodec.encode(image_HWC, bytes=budget, caption=words, painter=painter, tries=how.tries)
            coded.setdefault(encoded.data, []).append(budget)
        except BudgetError:
            continue
    return [
        Coded(tuple(fits), 1, max(fits), data, semcodec.decode(data, painter=painter, restore=how.restore))
        for data, fits in coded.items()
    ]


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

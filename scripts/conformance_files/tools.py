"""Pens: whole pictures and sentences as sections, and streams symbol by symbol, also those that no encoder writes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from semcodec.container.encode import write_file
from semcodec.container.header import working_size
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.ids import LANGUAGE_SPELLED_OUT, LayerId, Origin
from semcodec.layers.text.encode import pack_words
from semcodec.layers.text.stream import Stream
from semcodec.layers.text.table import NEWEST_TABLE, load_table
from semcodec.layers.tokens.encode import encode_tokens
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import Grid, Sent, Step, grids
from semcodec.layers.tokens.stream import scale_starts
from semcodec.models import Models, ModelSettings
from semcodec.types import FileHeader, Section, Size, Words

ROOT = Path(__file__).resolve().parent.parent.parent
CAPTION = "Two macaws, one red and one blue and yellow, in front of green leaves."
SHORT_CAPTION = "Two macaws."
# Numbers that stand for what a later build may know; the build of the files asserts that this one does not.
UNKNOWN_LAYERS = (60, 61, 62)
UNKNOWN_FAMILIES = (126, 250)
UNKNOWN_TEXT_TABLE = 77
UNKNOWN_REGION_TABLE = 99


@dataclass(frozen=True)
class Case:
    """A file, and what it is there for.

    `verdict`: what the reader must say of it, "ErrorClass: part of its message"; empty if nothing is wrong.
    `musts`: names of the rules in docs/format.md that it breaks or puts to the test.
    """

    name: str
    about: str
    data: bytes
    musts: tuple[str, ...] = ()
    verdict: str = ""


def text_section(text: str = SHORT_CAPTION, language: str = "en", origin: Origin = Origin.HUMAN) -> Section:
    return pack_words(Words(text, language, origin))


class TextPen:
    """Writes a text stream symbol by symbol, also those that the encoder would not write."""

    def __init__(self) -> None:
        self.table = load_table(NEWEST_TABLE)
        self._encoder = RangeEncoder()
        self._stream = Stream(self.table, self)
        self.token, self.char = self._stream.token, self._stream.char
        self.static, self.code_point = self._stream.static, self._stream.code_point
        self.begin_run = self._stream.begin_run

    @property
    def num_shifts(self) -> int:
        return self._encoder.num_shifts

    def code(self, starts: Sequence[int], wanted: int) -> int:
        self._encoder.put(wanted, starts)
        return wanted

    def check(self, starts: Sequence[int], value: int) -> None:
        self.code(starts, value)

    def head(self, origin: int = 0, language: int = 1) -> TextPen:
        """Origin, language and shape: by a human, in English, as it is."""
        head = self.table.head
        self.static(head.origins, origin)
        self.static(head.languages(origin), language)
        if language != LANGUAGE_SPELLED_OUT:
            self.static(head.shapes, 0)
        return self

    def word(self, text: str) -> TextPen:
        self.token(self.table.words.index(text))
        return self

    def section(self, *, end: bool = True) -> Section:
        if end:
            self.token(self.table.end)
        return Section(LayerId.TEXT, NEWEST_TABLE, self._encoder.finish())


@dataclass(frozen=True)
class Picture:
    """The digits of a photograph at some size, ready to be sent block by block."""

    header: FileHeader
    family: Family
    grids: tuple[Grid, ...]
    digits: tuple[np.ndarray, ...]

    @property
    def num_blocks(self) -> int:
        return sum(grid.num_blocks for grid in self.grids)

    def everything(self) -> list[Step]:
        return [(scale, list(range(grid.num_blocks))) for scale, grid in enumerate(self.grids)]

    def some(self, shares: Iterable[float], seed: int) -> list[Step]:
        """A step for each share: of scale 0, 1, 2 ..., random blocks of those that may be sent."""
        rng, sent, steps = random.Random(seed), Sent(self.grids), []
        for scale, share in zip(range(len(self.grids)), shares, strict=False):
            blocks = [block for block in sent.candidates(scale) if rng.random() < share] or sent.candidates(scale)[:1]
            for block in blocks:
                sent.add(scale, block)
            if blocks:
                steps.append((scale, blocks))
        return steps

    def rounds(self, num_rounds: int) -> list[Step]:
        """All scales in turn, several times over: in each round every so-many-th block that may be sent."""
        sent, steps = Sent(self.grids), []
        for turn in range(num_rounds):
            for scale in range(len(self.grids)):
                blocks = sent.candidates(scale)
                blocks = blocks if turn == num_rounds - 1 else blocks[:: num_rounds - turn]
                for block in blocks:
                    sent.add(scale, block)
                if blocks:
                    steps.append((scale, blocks))
        return steps

    def one_block_a_step(self, num_steps: int) -> list[Step]:
        steps: list[Step] = [
            (scale, [block]) for scale, grid in enumerate(self.grids) for block in range(grid.num_blocks)
        ]
        assert len(steps) >= num_steps, "the picture is too small"
        return steps[:num_steps]

    def tokens(self, steps: list[Step], *, max_bytes: int | None = None, family: Family | None = None) -> Section:
        encoded = encode_tokens(self.digits, steps, family or self.family, self.grids, max_bytes=max_bytes)
        return Section(LayerId.TOKENS, self.family.id, encoded.payload)

    def file(self, *sections: Section) -> bytes:
        return write_file(self.header, sections)


class Kit:
    """The shipped family and the photographs."""

    def __init__(self) -> None:
        encoder = Models(ModelSettings(threads=1)).encoder()
        self.family, self._nets = encoder.family, encoder.nets
        self._photos = {
            name: Image.open(ROOT / "examples" / f"{name}.png").convert("RGB") for name in ("kodim23", "kodim03")
        }

    @property
    def scale_starts(self) -> Sequence[int]:
        """Cumulative frequencies of a step's scale, and of END."""
        return scale_starts(self.family.num_scales)

    def photo(self, name: str = "kodim23") -> Image.Image:
        return self._photos[name]

    def picture(self, width_px: int, height_px: int, *, step: int = 0, photo: str = "kodim23") -> Picture:
        header = FileHeader(Size(width_px, height_px), step)
        working = working_size(header)
        image = self._photos[photo].resize((working.width_px, working.height_px), Image.Resampling.LANCZOS)
        all_grids = grids(working, self.family.strides, self.family.blocks)
        return Picture(header, self.family, all_grids, self._nets.encode(np.asarray(image)))

    def picture_of_blocks(self, num_blocks: int) -> Picture:
        """The smallest square of whole coarsest tokens that has at least so many blocks."""
        side_px = self.family.strides[0]
        while (picture := self.picture(side_px, side_px)).num_blocks < num_blocks:
            side_px += self.family.strides[0]
        return picture

    def stream(self, *symbols: tuple[int, Sequence[int]]) -> Section:
        """A token section of these symbols, each with its cumulative frequencies."""
        encoder = RangeEncoder()
        for symbol, starts in symbols:
            encoder.put(symbol, starts)
        return Section(LayerId.TOKENS, self.family.id, encoder.finish())


def words_file(*sections: Section, size: tuple[int, int] = (96, 64)) -> bytes:
    """A file of sections for which the picture does not matter."""
    return write_file(FileHeader(Size(*size)), sections)

"""A payload of regions to the regions. Decoder only.

Promises, as of a text (`layers.text.decode`):
1. A payload that was cut gives the first regions, each of them whole.
2. A payload whose check does not hold gives only what a check has confirmed, which for few regions is nothing.
3. Work is bounded: never more than `limits.max_regions`, whose different phrases have never more characters than
   `limits.max_caption_chars`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from semcodec.errors import FormatError, UnknownTextTableError
from semcodec.ids import Origin
from semcodec.layers.regions.history import END, NEW, tokens_at_hand
from semcodec.layers.regions.stream import HELP_STARTS, SHAPE_STARTS, RegionStream
from semcodec.layers.regions.table import RegionTable, load_region_table
from semcodec.layers.text.decode import read_head, read_tokens
from semcodec.layers.text.reader import Draft, TooMuch, Wrong, unpack_with
from semcodec.layers.text.shapes import apply_shape
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import FileHeader, Region, Regions, Scene, Section, Words


def unpack(
    section: Section, header: FileHeader, before: Scene, limits: Limits
) -> tuple[Regions | None, FormatError | None]:
    """As `contracts.Layer` has it: `before` has the words of the file, if they are whole."""
    return unpack_regions(section, before.words, limits)


def unpack_regions(
    section: Section, words: Words | None, limits: Limits = DEFAULT_LIMITS
) -> tuple[Regions | None, FormatError | None]:
    """The regions as far as the bytes go (None: not one), and what was wrong with the bytes (None: nothing).

    `words`: those of the file, if they are whole. Raises `LimitError`.
    """
    try:
        table = load_region_table(section.model)
    except UnknownTextTableError as exc:
        at = section.offset
        return None, UnknownTextTableError(f"{exc} (section at offset {at})", offset=at)
    draft = _Draft(limits)
    return unpack_with(lambda reader: _read(RegionStream(table, reader), table, words, draft), draft, section, limits)


@dataclass(slots=True)
class _Draft(Draft):
    """The regions as they become known."""

    limits: Limits
    origin: Origin = Origin.HUMAN
    language: str = "und"
    items: list[Region] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)  # of the phrase that is being read: " " + base text
    num_chars: int = 0
    name = "regions"

    def add_piece(self, piece: str) -> None:
        if not self.pieces and not piece.startswith(" "):
            raise Wrong("a phrase does not begin with the space that every phrase begins with")
        self.num_chars += len(piece) - (not self.pieces)
        self.pieces.append(piece)
        if self.num_chars > self.limits.max_caption_chars:
            raise TooMuch("max_caption_chars", f"the phrases of the regions have {self.num_chars} characters or more")

    def add(self, region: Region) -> None:
        if len(self.items) == self.limits.max_regions:
            raise TooMuch("max_regions", f"there are {len(self.items) + 1} regions or more")
        self.items.append(region)

    def said(self) -> Regions | None:
        return Regions(tuple(self.items), self.language, self.origin) if self.items else None

    def how_far(self) -> str:
        return f"{len(self.items)} of them"


def _read(stream: RegionStream, table: RegionTable, words: Words | None, draft: _Draft) -> None:
    draft.origin, draft.language = read_head(stream, table.text)
    if stream.static(HELP_STARTS):
        if words is None:
            raise Wrong("they are coded with the words of the file at hand, and these are not there, or not whole")
        stream.put_at_hand(tokens_at_hand(words.text, table.tokens))
    step = NEW
    while step != END:
        text = _read_phrase(stream, table, draft) if step == NEW else ""
        text, _ = stream.begin_box(step, text)
        width, height, left, top = (stream.number() for _ in range(4))
        draft.add(Region(left, top, width, height, text))
        step = stream.step()


def _read_phrase(stream: RegionStream, table: RegionTable, draft: _Draft) -> str:
    shape = stream.static(SHAPE_STARTS)
    stream.begin_phrase()
    draft.pieces = []
    read_tokens(stream, table.text, draft.add_piece)
    text = apply_shape(shape, "".join(draft.pieces)[1:])
    if not text:
        raise Wrong("a phrase is empty")
    if stream.step_to(text) != NEW:
        raise Wrong("a phrase that was there is written out again")
    return text

"""Regions: with words and without, and every way to be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from unittest import mock

from conformance_files.tools import CAPTION, UNKNOWN_REGION_TABLE, Case, Kit, text_section, words_file
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.ids import LayerId, Origin
from semcodec.layers.regions import encode as region_encoder
from semcodec.layers.regions.encode import pack_regions
from semcodec.layers.regions.history import END, NEW, StepHistory
from semcodec.layers.regions.stream import HELP_STARTS, SHAPE_STARTS, RegionStream
from semcodec.layers.regions.table import NEWEST_REGION_TABLE, load_region_table
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import Region, Regions, Section, Words

_WORDS = Words(CAPTION, "en")
_MACAWS = (
    Region(0, 0, 63, 63, "green leaves"),
    Region(2, 10, 30, 50, "red macaw"),
    Region(30, 12, 32, 40, "blue and yellow macaw"),
    Region(50, 3, 9, 9, "green leaves"),
)
# What a limit allows a writer, to write what is above it.
_MORE = replace(DEFAULT_LIMITS, max_regions=1000, max_caption_chars=10_000)


def _section(
    *items: Region,
    words: Words | None = None,
    language: str = "en",
    origin: Origin = Origin.MACHINE,
    limits: Limits = DEFAULT_LIMITS,
) -> Section:
    return pack_regions(Regions(items, language, origin), words, limits=limits)


def good(kit: Kit) -> Iterator[Case]:
    picture, words = kit.picture(160, 120), text_section(CAPTION)
    tokens = picture.tokens(picture.everything())
    helped = _section(*_MACAWS, words=_WORDS)
    yield Case("regions", "behind the words that help, before the tokens", picture.file(words, helped, tokens))
    yield Case("regions-only", "one section, of regions", words_file(_section(*_MACAWS)))
    alone = _section(*_MACAWS, language="de", origin=Origin.HUMAN)
    yield Case("regions-without-help", "coded without the words", picture.file(alone, words, tokens), ("G1",))
    yield Case("one-region", "the whole picture", words_file(_section(Region(0, 0, 63, 63, "sea"))))
    yield Case("smallest-region", "one cell in a corner", words_file(_section(Region(63, 63, 0, 0, "a star"))))
    spelled = [Region(at, at, 20, 20, phrase) for at, phrase in enumerate(("qzxv", "東京タワー", "STOP", "New York"))]
    yield Case("regions-spelled", "phrases that the table has not", words_file(_section(*spelled)))
    many = [Region(at, 63 - at, 0, 0, f"thing {at % 40}") for at in range(DEFAULT_LIMITS.max_regions)]
    yield Case("most-regions", f"{len(many)}, checks between them", words_file(_section(*many)), ("G4", "G5", "R3"))
    half = replace(helped, payload=helped.payload[: len(helped.payload) // 2], open_end=True)
    yield Case("open-end-regions", "the first of them, cut on purpose", picture.file(words, half, tokens), ("R2",))


def malformed(kit: Kit) -> Iterator[Case]:
    picture, words = kit.picture(160, 120), text_section(CAPTION)
    tokens = picture.tokens(picture.everything())
    helped, alone = _section(*_MACAWS, words=_WORDS), _section(*_MACAWS)
    musts = ("G1",)
    yield Case(
        "regions-before-words",
        "words come too late",
        picture.file(helped, words, tokens),
        musts,
        "DamagedError: at hand",
    )
    cut = replace(words, payload=words.payload[:-4], open_end=True)
    data = picture.file(cut, helped, tokens)
    yield Case("regions-behind-cut-words", "words that are not whole", data, musts, "DamagedError: at hand")
    yield Case(
        "phrase-empty", "END alone", words_file(RegionPen().phrase().section()), ("G2",), "DamagedError: is empty"
    )
    joined = next(word for word in RegionPen().words if word and not word.startswith(" "))
    data = words_file(words, RegionPen().phrase(joined).section())
    yield Case("phrase-without-space", f"it begins with {joined!r}", data, ("G3",), "DamagedError: does not begin")
    with mock.patch.object(StepHistory, "step_to", lambda *_: NEW):  # the writer's own way to say "again"
        again = _section(_MACAWS[0], replace(_MACAWS[3], phrase="green leaves"))
    yield Case(
        "phrase-again", "written out twice", words_file(words, again), ("G4",), "DamagedError: written out again"
    )
    many = [Region(at % 64, at // 64, 0, 0, "dot") for at in range(DEFAULT_LIMITS.max_regions + 1)]
    data = words_file(_section(*many, limits=_MORE))
    yield Case("too-many-regions", f"{len(many)}", data, ("G5",), "LimitError: max_regions")
    long = Region(0, 0, 9, 9, "dog " * DEFAULT_LIMITS.max_caption_chars)
    data = words_file(_section(long, limits=_MORE))
    yield Case("phrases-too-long", f"{len(long.phrase)} characters", data, ("G6",), "LimitError: max_caption_chars")
    short = replace(alone, payload=alone.payload[:-3])
    data = picture.file(words, short, tokens)
    yield Case(
        "regions-behind-their-section", "3 bytes short", data, ("G7", "G8"), "DamagedError: go on behind the end"
    )
    data = picture.file(words, replace(alone, model=UNKNOWN_REGION_TABLE), tokens)
    verdict = f"UnknownTextTableError: region table {UNKNOWN_REGION_TABLE}"
    yield Case("unknown-region-table", "words and picture can be had", data, ("G7", "G9"), verdict)
    yield Case(
        "regions-cut", "the first of them", words_file(alone)[:-5], ("S6", "R2"), "TruncatedError: regions end early"
    )
    data = words_file(words, alone) + b"\0"
    yield Case("bytes-behind-regions", "one byte appended", data, ("R1",), "DamagedError: they end at about")
    table = load_region_table(NEWEST_REGION_TABLE)
    other = replace(table, seed=table.seed ^ 1)
    with mock.patch.object(region_encoder, "load_region_table", lambda _: other):
        most = [Region(at, 63 - at, 0, 0, f"thing {at}") for at in range(DEFAULT_LIMITS.max_regions)]
        foreign = _section(*most)
    data = words_file(foreign)
    yield Case(
        "regions-of-other-tables", "checks of another seed", data, ("R3",), "DamagedError: a check does not hold"
    )
    data = words_file(words, RegionPen(origin=5).phrase(" dog").section())
    yield Case("regions-unknown-origin", "5", data, ("T1",), "DamagedError: origin 5 is not known")


class RegionPen:
    """Writes a stream of regions symbol by symbol, also those that the encoder would not write."""

    def __init__(self, *, origin: int = 1) -> None:
        table = load_region_table(NEWEST_REGION_TABLE)
        self.words, self._end = table.text.words, table.text.end
        self._encoder = RangeEncoder()
        self._stream = RegionStream(table, self)
        head = table.text.head
        self._stream.static(head.origins, origin)
        self._stream.static(head.languages(origin), 1)
        self._stream.static(HELP_STARTS, 0)

    @property
    def num_shifts(self) -> int:
        return self._encoder.num_shifts

    def code(self, starts: Sequence[int], wanted: int) -> int:
        self._encoder.put(wanted, starts)
        return wanted

    def check(self, starts: Sequence[int], value: int) -> None:
        self.code(starts, value)

    def phrase(self, *words: str) -> RegionPen:
        """A new phrase, and the box of the whole picture."""
        self._stream.static(SHAPE_STARTS, 0)
        self._stream.begin_phrase()
        for word in words:
            self._stream.token(self.words.index(word))
        self._stream.token(self._end)
        self._stream.begin_box(NEW, "".join(words))
        for number in (63, 63, 0, 0):
            self._stream.number(number)
        return self

    def section(self) -> Section:
        self._stream.step(END)
        return Section(LayerId.REGIONS, NEWEST_REGION_TABLE, self._encoder.finish())

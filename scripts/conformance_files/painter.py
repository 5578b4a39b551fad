"""Painter hints: good ones, one of a painter that is not known yet, and every way to be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance_files.tools import Case, Kit, text_section, words_file
from semcodec.ids import PAINTERS
from semcodec.layers.hint import MAX_NAME_CHARS
from semcodec.layers.hint.encode import pack_hint
from semcodec.types import FileHeader, PainterHint, Section, Size

UNKNOWN_PAINTER = 255


def _hint(name: str, seed: int = 5, num_tries: int = 8) -> Section:
    section = pack_hint(PainterHint(name, "1a2b3c4", seed, num_tries))
    assert section is not None
    return section


_HEADER = FileHeader(Size(1, 1))


def hints(kit: Kit) -> Iterator[Case]:
    assert len(PAINTERS) <= UNKNOWN_PAINTER, "what stands for an unknown painter has become known"
    picture, words = kit.picture(96, 64), text_section()
    tokens = picture.tokens(picture.everything()[:2])
    yield Case("painter-by-number", "seed 5 of 8", picture.file(words, _hint(PAINTERS[2]), tokens), ("P1",))
    yield Case("painter-by-name", "seed 300 of 512", picture.file(words, _hint("me/mine", 300, 512), tokens), ("P1",))
    unknown = replace(_hint(PAINTERS[2]), model=UNKNOWN_PAINTER)
    yield Case("painter-unknown", "a number of a newer writer", picture.file(words, unknown, tokens), ("P3",))


def damaged_hints(kit: Kit) -> Iterator[Case]:
    known, spelled = _hint(PAINTERS[2]), _hint("me/mine")
    long = "x" * (MAX_NAME_CHARS + 1)
    cases = (
        ("painter-short", "3 bytes of 4", ("P2", "P4"), replace(known, payload=known.payload[:3]), "has 3 bytes of"),
        (
            "painter-no-seed",
            "no byte of its seed",
            ("P4",),
            replace(known, payload=known.payload[:4]),
            "has 4 bytes of",
        ),
        (
            "painter-bits",
            "a bit behind the seed",
            ("P5",),
            replace(known, payload=known.payload[:4] + b"\xa1"),
            "bits set",
        ),
        ("painter-goes-on", "a name where none is", ("P6",), replace(known, payload=known.payload + b"x"), "goes on"),
        ("painter-cut", "marked with open end", ("P7",), replace(known, open_end=True), "marked as cut"),
        ("painter-no-name", "no name", ("P8",), replace(spelled, payload=spelled.payload[:5]), "has no name"),
        ("painter-space", "a space", ("P8",), replace(spelled, payload=spelled.payload + b" "), "has no name"),
        (
            "painter-long",
            "97 characters",
            ("P8",),
            replace(spelled, payload=spelled.payload[:5] + long.encode()),
            "no name",
        ),
        (
            "painter-has-number",
            "spells out one that has a number",
            ("P9",),
            replace(spelled, payload=spelled.payload[:5] + PAINTERS[2].encode()),
            "spells out painter 2",
        ),
    )
    # (each behind other words, so that each is refused at an offset of its own)
    for at, (name, about, musts, section, says) in enumerate(cases):
        words = text_section("dogs and cats " * at + "dogs")
        yield Case(name, about, words_file(words, section), musts, f"FormatError: {says}")

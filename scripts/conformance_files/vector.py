"""Vectors: good ones, one of a space that is not known yet, and every way to be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance_files.tools import Case, Kit, text_section, words_file
from semcodec.ids import VECTOR_SPACES
from semcodec.layers.vector.encode import pack_vector
from semcodec.types import Section, Vector

UNKNOWN_SPACE = 200


def _vector(shift: int = 0) -> Section:
    return pack_vector(Vector(1, bytes((5 * at + shift) % 16 for at in range(64))))


def good(kit: Kit) -> Iterator[Case]:
    assert UNKNOWN_SPACE not in VECTOR_SPACES, "what stands for an unknown space has become known"
    picture, words = kit.picture(96, 64), text_section()
    tokens = picture.tokens(picture.everything()[:2])
    yield Case("vector", "64 levels, behind the words", picture.file(words, _vector(), tokens), ("N1",))
    yield Case("vector-alone", "no words, no picture", words_file(_vector(3)), ("N1",))
    unknown = replace(_vector(), model=UNKNOWN_SPACE)
    yield Case("vector-unknown", "a space of a newer writer", picture.file(words, unknown, tokens), ("N3",))


def malformed(kit: Kit) -> Iterator[Case]:
    whole = _vector()
    cases = (
        ("vector-short", "31 bytes of 32", ("N2", "N4"), replace(whole, payload=whole.payload[:-1]), "has 31 bytes"),
        ("vector-long", "a byte behind it", ("N4",), replace(whole, payload=whole.payload + b"\0"), "has 33 bytes"),
        ("vector-cut", "marked with open end", ("N5",), replace(whole, open_end=True), "marked as cut"),
    )
    # (each behind other words, so that each is refused at an offset of its own)
    for at, (name, about, musts, section, says) in enumerate(cases):
        words = text_section("cats and dogs " * at + "a cat")
        yield Case(name, about, words_file(words, section), musts, f"FormatError: {says}")

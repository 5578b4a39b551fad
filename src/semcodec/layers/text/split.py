"""A text to tokens, in a few ways; the encoder keeps the shortest. Encoder only, and the counting of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from semcodec.layers.text.shapes import PLAIN, SENTENCE, TITLE, UPPER, apply_shape

# A word or number with the space in front of it, the rest of a contraction, or one other character.
TOKEN = re.compile(r" ?[A-Za-z]+|'[a-z]+(?![A-Za-z])| ?[0-9]+| ?[^A-Za-z0-9 ]| ", re.DOTALL)
_CAPITALISED = re.compile(r" [A-Z][a-z]*")
_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class Word:
    token: int
    capital: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Characters to be spelled."""

    text: str


Plan = tuple[Word | Run, ...]


def shapes_of(text: str) -> Iterator[tuple[int, str]]:
    """The shapes that the text may have with their base texts, the likeliest first."""
    low = text.translate(_TO_LOWER)
    first = low[:1] + text[1:]
    if first != text:
        yield SENTENCE, first
        if len(text) > 1 and apply_shape(UPPER, low) == text:
            yield UPPER, low
        title = " ".join(part[:1].translate(_TO_LOWER) + part[1:] for part in text.split(" "))
        if title != first and apply_shape(TITLE, title) == text:
            yield TITLE, title
    yield PLAIN, text


def plans_of(base: str, tokens: Mapping[str, int]) -> Iterator[Plan]:
    """Ways to write " " + base. With nothing to spell there is one."""
    pieces = [_piece(text, tokens) for text in TOKEN.findall(" " + base)]
    yield _join(pieces)
    if any(isinstance(piece, Run) for piece, _ in pieces):
        # Few known words between unknown ones: another language, where the known ones are chance.
        bridged = list(pieces)
        spelled = [at for at, (piece, _) in enumerate(pieces) if isinstance(piece, Run)]
        for start, end in zip(spelled, spelled[1:], strict=False):
            if end - start <= 3:
                bridged[start + 1 : end] = [(Run(text), text) for _, text in pieces[start + 1 : end]]
        if bridged != pieces:
            yield _join(bridged)
        yield (Run(" " + base),)


def _piece(text: str, tokens: Mapping[str, int]) -> tuple[Word | Run, str]:
    token = tokens.get(text)
    if token is not None:
        return Word(token), text
    if _CAPITALISED.fullmatch(text):
        token = tokens.get(text.translate(_TO_LOWER))
        if token is not None:
            return Word(token, capital=True), text
    return Run(text), text


def _join(pieces: list[tuple[Word | Run, str]]) -> Plan:
    plan: list[Word | Run] = []
    for piece, _ in pieces:
        if isinstance(piece, Run) and plan and isinstance(plan[-1], Run):
            plan[-1] = Run(plan[-1].text + piece.text)
        else:
            plan.append(piece)
    return tuple(plan)

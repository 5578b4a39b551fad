"""Outlines: good ones on canvases of all kinds, ones of a family that is not known yet, and every way to be wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from conformance_files.tools import ROOT, Case, Kit, Picture, text_section
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.ids import STRUCTURE_FAMILIES, LayerId
from semcodec.layers.structure import canvas_of
from semcodec.layers.structure.family import find_structure_family
from semcodec.layers.tokens.context import middle
from semcodec.layers.tokens.grid import grids
from semcodec.layers.tokens.stream import DENSITY_STARTS, flag_starts, scale_starts
from semcodec.types import FileHeader, Section, Size

UNKNOWN_FAMILY = 200


def _outlines(width_px: int, height_px: int, *, seed: int = 1) -> Picture:
    """Digits of which one in five says something, the same on every machine."""
    family, rng, size = find_structure_family(1), random.Random(seed), Size(width_px, height_px)
    all_grids = grids(canvas_of(size), family.strides, family.blocks)
    digits = []
    for grid, levels in zip(all_grids, family.levels, strict=True):
        tokens = [
            [rng.randrange(n) if rng.random() < 0.2 else middle(n) for n in levels]
            for _ in range(grid.num_rows * grid.num_cols)
        ]
        digits.append(np.array(tokens, dtype=np.uint8).reshape(grid.num_rows, grid.num_cols, len(levels)))
    return Picture(FileHeader(size), family, all_grids, tuple(digits))


def _section(outlines: Picture, shares: tuple[float, ...] | None = None) -> Section:
    steps = outlines.everything() if shares is None else outlines.some(shares, seed=3)
    return replace(outlines.tokens(steps), layer=LayerId.STRUCTURE)


def good(kit: Kit) -> Iterator[Case]:
    assert UNKNOWN_FAMILY not in STRUCTURE_FAMILIES, "what stands for an unknown family has become known"
    picture, words = kit.picture(160, 120), text_section()
    tokens, outlines = picture.tokens(picture.everything()[:2]), _section(_outlines(160, 120))
    yield Case("structure", "outlines between words and tokens", picture.file(words, outlines, tokens), ("O1",))
    for name, width_px, height_px in (("large", 3000, 2000), ("thin", 16385, 2), ("odd", 701, 513)):
        other = _outlines(width_px, height_px, seed=width_px)
        yield Case(f"structure-{name}", f"of {width_px}x{height_px}", other.file(_section(other)), ("O1",))
    holes = _outlines(300, 200, seed=4)
    yield Case("structure-with-holes", "half of the fine blocks", holes.file(words, _section(holes, (0.9, 0.5))))
    half = replace(outlines, payload=outlines.payload[: len(outlines.payload) // 2], open_end=True)
    yield Case("structure-open-end", "cut on purpose", picture.file(words, half, tokens), ("R2",))
    unknown = replace(outlines, model=UNKNOWN_FAMILY)
    yield Case("structure-unknown", "a family of a newer writer", picture.file(words, unknown, tokens), ("O2",))
    # (Which outlines are sent gets better with time: this is the file as it was first written.)
    data = (ROOT / "conformance" / "good" / "photograph-outlined.semc").read_bytes()
    yield Case("photograph-outlined", "examples/kodim23.png in 500 bytes, 120 of them outlines", data)


def malformed(kit: Kit) -> Iterator[Case]:
    outlines, end = _outlines(400, 300, seed=2), scale_starts(2)
    whole = _section(outlines)
    longer = replace(whole, payload=whole.payload + b"\0")
    cases = (
        ("structure-cut", "inside a token", ("O3",), replace(whole, payload=whole.payload[:150]), "Truncated"),
        ("bytes-behind-structure", "one byte appended", ("O3", "R1"), longer, ""),
        ("structure-flipped-bit", "in its middle", ("O3", "R3"), _flipped(whole), ""),
        ("structure-no-parents", "a fine step first", ("K1",), _symbols((1, end), (0, DENSITY_STARTS)), ""),
        (
            "structure-sends-nothing", "a step of no block", ("K2",),
            _symbols((0, end), (1, DENSITY_STARTS), *[(0, flag_starts(1))] * outlines.grids[0].num_blocks), "",
        ),
    )  # fmt: skip
    # (each behind other words, so that each is refused at an offset of its own)
    for at, (name, about, musts, section, kind) in enumerate(cases):
        words = text_section("cats and dogs " * at + "a house")
        says = "TruncatedError: ends inside the stream of outlines" if kind else "DamagedError: stream of outlines"
        yield Case(name, about, outlines.file(words, section), musts, says)


def _flipped(section: Section) -> Section:
    payload = bytearray(section.payload)
    payload[len(payload) // 2] ^= 0x10
    return replace(section, payload=bytes(payload))


def _symbols(*symbols: tuple[int, tuple[int, ...]]) -> Section:
    pen = RangeEncoder()
    for symbol, starts in symbols:
        pen.put(symbol, starts)
    return Section(LayerId.STRUCTURE, 1, pen.finish())

"""A token stream in fewer bytes: the blocks that come first, or those that a region of interest needs.

The blocks are those of the stream, coded anew; their digits stay what they are. No network. A stream of a family that
this build does not have is cut between any two bytes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from semcodec.container.header import working_size
from semcodec.errors import UnknownFamilyError
from semcodec.layers.tokens.decode import as_pyramid, read_section
from semcodec.layers.tokens.encode import EncodedTokens, encode_tokens
from semcodec.layers.tokens.family import Family, find_family
from semcodec.layers.tokens.grid import MAX_STEPS, Grid, Step, parents_of
from semcodec.layers.tokens.roi import touched_blocks

if TYPE_CHECKING:
    from semcodec.contracts import Shortener
    from semcodec.limits import Limits
    from semcodec.types import Digits, FileHeader, Roi, Section, Size

CONTEXT_SHARE = 2  # of the bytes, at most half are for whole scales of the picture around a region


def open_shortener(section: Section, header: FileHeader, limits: Limits, roi: Roi | None) -> Shortener:
    """Raises `FormatError` for a damaged stream, and for one of an unknown family where there is a `roi`."""
    try:
        find_family(section.model)
    except UnknownFamilyError:
        if roi is not None:
            raise
        return AnyBytes(section, header)
    return Blocks(section, header, working_size(header), find_family(section.model), limits, roi)


class AnyBytes:
    """A stream that this build cannot read. Satisfies `contracts.Shortener`."""

    def __init__(self, section: Section, header: FileHeader) -> None:
        self._section, self._header = section, header

    def fit(self, max_bytes: int) -> tuple[Section, FileHeader] | None:
        if max_bytes < self.least_bytes():
            return None
        payload = self._section.payload[:max_bytes]
        return replace(self._section, payload=payload, open_end=True), self._header

    def least_bytes(self) -> int:
        return min(1, len(self._section.payload))


class Blocks:
    """The blocks of a stream. Satisfies `contracts.Shortener`."""

    def __init__(
        self, section: Section, header: FileHeader, working: Size, family: Family, limits: Limits, roi: Roi | None
    ) -> None:
        self._section, self._header, self._family = section, header, family
        decoded, self._grids = read_section(section, working, family, limits)
        if decoded.problem is not None:
            raise decoded.problem
        self._steps, pyramid = decoded.steps, as_pyramid(decoded, family, working, self._grids)
        self._digits = pyramid.digits
        self._inside = roi and [
            touched_blocks(roi, header.size, working, stride, grid)
            for stride, grid in zip(family.strides, self._grids, strict=True)
        ]

    def fit(self, max_bytes: int) -> tuple[Section, FileHeader] | None:
        what = (self._digits, self._steps, self._family, self._grids, max_bytes)
        kept = keep_region(*what, self._inside) if self._inside else keep_first(*what)
        return (replace(self._section, payload=kept.payload, open_end=False), self._header) if kept.num_blocks else None

    def least_bytes(self) -> int:
        fewer = range(len(self._section.payload))  # (a stream of no block at all can only be kept whole)
        return bisect_left(fewer, True, key=lambda max_bytes: self.fit(max_bytes) is not None)


def keep_first(
    digits: Sequence[Digits], steps: Sequence[Step], family: Family, all_grids: Sequence[Grid], max_bytes: int
) -> EncodedTokens:
    """As many of the blocks as fit, in the order of the stream."""
    return encode_tokens(digits, steps, family, all_grids, max_bytes=max_bytes)


def keep_region(
    digits: Sequence[Digits],
    steps: Sequence[Step],
    family: Family,
    all_grids: Sequence[Grid],
    max_bytes: int,
    inside: Sequence[Collection[int]],
) -> EncodedTokens:
    """As many of the blocks as fit, with those of `inside` (per scale) before the finer ones around them.

    The coarsest scales come first, whole, as far as half of the bytes holds them: a region alone, in a picture that
    says nothing else, tells less than one in its place. Never fewer blocks of the region are kept than by `keep_first`.
    """
    plain = keep_first(digits, steps, family, all_grids, max_bytes)
    wanted = _with_parents(inside, all_grids)
    least = _num_inside(steps, plain, inside)
    num_whole = _num_whole_scales(digits, steps, family, all_grids, max_bytes)
    for num_scales in range(num_whole, 0, -1):
        order = region_first(steps, wanted, num_scales)
        kept = encode_tokens(digits, order, family, all_grids, max_bytes=max_bytes)
        if _num_inside(order, kept, inside) >= least:
            return kept
    return plain  # (contexts differ with the order, and with them what a block costs)


def region_first(steps: Sequence[Step], wanted: Sequence[Collection[int]], num_whole: int) -> list[Step]:
    """The same blocks in three parts: the scales below `num_whole`, the `wanted` blocks of the others, the rest.

    Within each part the order is that of the stream. A part needs no block of a later one as a parent, if `wanted` has
    the parents of all that it has.
    """
    parts: tuple[list[Step], ...] = ([], [], [])
    for scale, blocks in steps:
        split: tuple[list[int], ...] = ([], [], [])
        for block in blocks:
            split[0 if scale < num_whole else 1 if block in wanted[scale] else 2].append(block)
        for part, of_step in zip(parts, split, strict=True):
            if of_step:
                part.append((scale, of_step))
    if sum(map(len, parts)) > MAX_STEPS:
        parts = tuple(_scale_by_scale(part) for part in parts)
    return [step for part in parts for step in part]


def _scale_by_scale(steps: Sequence[Step]) -> list[Step]:
    blocks_of: dict[int, list[int]] = {}
    for scale, blocks in steps:
        blocks_of.setdefault(scale, []).extend(blocks)
    return [(scale, sorted(blocks_of[scale])) for scale in sorted(blocks_of)]


def _with_parents(inside: Sequence[Collection[int]], all_grids: Sequence[Grid]) -> list[set[int]]:
    wanted = [set(blocks) for blocks in inside]
    for scale in range(len(wanted) - 1, 0, -1):
        for block in wanted[scale]:
            wanted[scale - 1].update(parents_of(block, scale, all_grids))
    return wanted


def _num_whole_scales(
    digits: Sequence[Digits], steps: Sequence[Step], family: Family, all_grids: Sequence[Grid], max_bytes: int
) -> int:
    """How many of the coarsest scales the share of the bytes for the surroundings holds; at least one."""
    for num_scales in range(len(all_grids) - 1, 1, -1):
        context = [step for step in steps if step[0] < num_scales]
        if len(encode_tokens(digits, context, family, all_grids).payload) * CONTEXT_SHARE <= max_bytes:
            return num_scales
    return 1


def _num_inside(steps: Sequence[Step], kept: EncodedTokens, inside: Sequence[Collection[int]]) -> int:
    flat = [(scale, block) for scale, blocks in steps for block in blocks][: kept.num_blocks]
    return sum(block in inside[scale] for scale, block in flat)

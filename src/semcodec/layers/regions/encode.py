"""Regions to a section. Encoder only.

Promises:
1. Every sequence of regions within the limits comes back exactly, by falling area; those of one area in their order.
2. Nothing is shortened or tidied: what cannot be stored is a `CaptionError`.
"""

from __future__ import annotations

from semcodec.errors import CaptionError
from semcodec.ids import LayerId
from semcodec.layers.regions.history import END, NEW, SIDE, numbers_of, tokens_at_hand
from semcodec.layers.regions.stream import HELP_STARTS, SHAPE_STARTS, RegionStream
from semcodec.layers.regions.table import NEWEST_REGION_TABLE, RegionTable, load_region_table
from semcodec.layers.text.encode import StreamWriter, check_language, check_text, put_head, put_tokens
from semcodec.layers.text.split import Plan, Run, plans_of, shapes_of
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import Region, Regions, Section, Words


def pack_regions(
    regions: Regions,
    words: Words | None = None,
    *,
    table_number: int = NEWEST_REGION_TABLE,
    limits: Limits = DEFAULT_LIMITS,
) -> Section:
    """`words` are those that stand in the file before it. Raises `CaptionError`."""
    payload = pack_with_region_table(regions, words, load_region_table(table_number), limits=limits)
    return Section(LayerId.REGIONS, table_number, payload)


def pack_with_region_table(regions: Regions, words: Words | None, table: RegionTable, *, limits: Limits) -> bytes:
    _check(regions, limits)
    writer = StreamWriter()
    stream = RegionStream(table, writer)
    put_head(stream, table.text, regions.origin, regions.language)
    at_hand = [] if words is None else tokens_at_hand(words.text, table.tokens)
    stream.static(HELP_STARTS, int(bool(at_hand)))
    stream.put_at_hand(at_hand)
    for at, region in enumerate(by_area(regions.items)):
        step = stream.step_to(region.phrase)
        if at:
            stream.step(step)
        if step == NEW:
            put_phrase(stream, table, region.phrase)
        stream.begin_box(step, region.phrase)
        for number in numbers_of(region):
            stream.number(number)
    stream.step(END)
    return writer.finish()


def by_area(items: tuple[Region, ...]) -> tuple[Region, ...]:
    """In the order of a file: the largest first."""
    return tuple(sorted(items, key=lambda region: -region.area))


def put_phrase(stream: RegionStream, table: RegionTable, text: str) -> None:
    ways = [(shape, next(plans_of(base, table.tokens))) for shape, base in shapes_of(text)]
    shape, plan = min(ways, key=lambda way: _num_spelled(way[1]))
    stream.static(SHAPE_STARTS, shape)
    stream.begin_phrase()
    put_tokens(stream, table.text, plan)


def _num_spelled(plan: Plan) -> int:
    return sum(len(piece.text) for piece in plan if isinstance(piece, Run))


def _check(regions: Regions, limits: Limits) -> None:
    items = regions.items
    if not 1 <= len(items) <= limits.max_regions:
        raise CaptionError(f"{len(items)} regions: 1 to {limits.max_regions} can be stored")
    for at, region in enumerate(items):
        numbers = numbers_of(region)
        if not all(0 <= number < SIDE for number in numbers):
            raise CaptionError(f"the box of region {at} has numbers that are not 0 to {SIDE - 1}: {region}")
        if region.x + region.w >= SIDE or region.y + region.h >= SIDE:
            raise CaptionError(f"the box of region {at} ends outside of the picture: {region}")
        if not region.phrase:
            raise CaptionError(f"region {at} has no phrase: say what is there, or leave it out")
        check_text(region.phrase, f"the phrase of region {at}")
    num_chars = sum(map(len, {region.phrase for region in items}))
    if num_chars > limits.max_caption_chars:
        raise CaptionError(
            f"the phrases have {num_chars} characters, at most {limits.max_caption_chars} can be stored: shorten them"
        )
    check_language(regions.language)

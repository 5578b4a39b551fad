"""Good files to start from, built in code: every layer, odd sizes, cut and reordered streams, unknown numbers.

Nothing here depends on the numbers of a family: a new one makes new seeds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np

from semcodec.container.boxes.encode import pack_boxes
from semcodec.container.encode import write_file
from semcodec.container.header import working_size
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.ids import PIXEL_CODING, LayerId
from semcodec.layers.base.encode import pack_base
from semcodec.layers.pixels.encode import pack_pixels
from semcodec.layers.regions.encode import pack_regions
from semcodec.layers.regions.history import AGAIN, END, NEW
from semcodec.layers.regions.stream import HELP_STARTS, RegionStream
from semcodec.layers.regions.stream import SHAPE_STARTS as REGION_SHAPE_STARTS
from semcodec.layers.regions.table import load_region_table
from semcodec.layers.shipped import TEXT_TABLES
from semcodec.layers.text.encode import pack_words
from semcodec.layers.text.stream import Stream
from semcodec.layers.text.table import load_table
from semcodec.layers.tokens.encode import encode_tokens
from semcodec.layers.tokens.family import Family, find_family
from semcodec.layers.tokens.grid import MAX_STEPS, Grid, Sent, Step, grids
from semcodec.models import DEFAULT_FAMILY
from semcodec.types import BasePicture, FileHeader, Link, Metadata, Region, Regions, Section, Size, Words

CAPTIONS = (
    Words("Two dogs run on a beach.", "en"),
    Words("两只狗在海滩上奔跑。", "zh"),
    Words("رجل يركب حصانا", "ar-x-tag"),
    Words("\x1b[2J\u202egnp.exe\u200b\U000e0041", "und"),
    Words("a long sentence about the market square, in the evening, " * 3 + "Далеко видны горы. " * 3, "en"),
)
REGIONS = (
    Regions((Region(0, 0, 63, 63, "beach"), Region(9, 9, 20, 30, "a dog"), Region(40, 9, 20, 30, "a dog")), "en"),
    Regions((Region(63, 63, 0, 0, "\x1b[2J\u202egnp.exe"),), "ar-x-tag"),
    Regions(tuple(Region(at, at, 63 - at, 9, f"thing {at % 40}") for at in range(50)), "und"),
)
# A picture of 57x38 pixels by libaom.
BASE_CODED, BASE_HEADER = Size(57, 38), FileHeader(Size(228, 152), 8)
BASE_FRAME = bytes.fromhex(
    "1e87878559dfffffe2cbae80ce0a227d813144df6c178efcb3fdef714097cd21367e5c7f4c26fe83eb7acdfb51a4ed39795e170da2a46797"
    "c93c8900f7165e0af6937896be65f5fe16d3b00176fdbf44cbd4e01144d2a471dec1545f5f5a362af93cf77d66fca7b91e98e0"
)
SIZES = ((1, 1), (9, 5), (64, 48), (130, 130), (1, 300), (300, 200), (16_385, 1))


@lru_cache(maxsize=1)
def good_files() -> tuple[bytes, ...]:
    """About fifty files, most of them below 400 bytes."""
    return tuple(_files(random.Random(1)))


def _files(rng: random.Random) -> Iterator[bytes]:
    family = find_family(DEFAULT_FAMILY)
    for at, size in enumerate(SIZES):
        for step in (0, 7):
            header = FileHeader(Size(*size), step)
            words = [_text(CAPTIONS[at % 4])] if step else []
            for calm in (True, False):
                stream = Section(LayerId.TOKENS, family.id, token_payload(header, family, rng, calm=calm))
                yield write_file(header, [*words, stream])
                yield write_file(header, [Section(60, 3, rng.randbytes(9)), stream, *words, *_boxes(rng)])
    header = FileHeader(Size(200, 100), 2)
    for words in CAPTIONS:
        yield write_file(header, [_text(words)])
    for regions, words in zip(REGIONS, (CAPTIONS[0], None, CAPTIONS[4]), strict=True):
        yield write_file(header, [*([_text(words)] if words else []), pack_regions(regions, words)])
    for _ in range(8):
        helps = rng.choice(([], [_text(CAPTIONS[0])]))
        yield write_file(header, [*helps, Section(LayerId.REGIONS, 1, region_payload(rng))])
    for _ in range(8):
        for number in TEXT_TABLES:
            yield write_file(header, [Section(LayerId.TEXT, number, text_payload(rng, number))])
    for at, frame in enumerate((BASE_FRAME, rng.randbytes(60))):  # (of the second only the check holds)
        base = pack_base(BasePicture(BASE_CODED, 14, frame))
        yield write_file(FileHeader(BASE_CODED), [base])
        stream = Section(LayerId.TOKENS, family.id, token_payload(BASE_HEADER, family, rng, calm=True))
        yield write_file(BASE_HEADER, [_text(CAPTIONS[at]), stream, base, *_boxes(rng)])
    yield write_file(header, [_text(CAPTIONS[0]), Section(LayerId.TOKENS, 250, rng.randbytes(40), open_end=True)])
    yield write_file(header, [Section(LayerId.TEXT, 250, rng.randbytes(9)), Section(60, 0, b"")])
    yield write_file(header, [Section(40 + n % 20, n, b"\0" * n) for n in range(60)])
    for size, step, num_levels in (((8, 8), 0, 256), ((1, 1), 3, 12), ((300, 2), 4, 16), ((65_535, 2), 20, 2)):
        header = FileHeader(Size(*size), step)
        pixels = Section(LayerId.PIXELS, PIXEL_CODING, pixel_payload(header, rng, num_levels))
        yield write_file(header, [_text(CAPTIONS[0]), pixels])
        yield write_file(header, [replace(pixels, payload=pixels.payload[:40], open_end=True)])


def _text(words: Words) -> Section:
    return pack_words(words)


def _boxes(rng: random.Random) -> list[Section]:
    """Metadata, some of which unpacks to a thousand times as many bytes."""
    link = Link(rng.randbytes(32), "фото.png")
    exif = b"II*\0\x08\0\0\0\0\0\0\0\0\0"
    return pack_boxes(Metadata(link=link, exif=exif, xmp=rng.choice([bytes(300_000), b"<x:xmpmeta/>"])))


def token_payload(header: FileHeader, family: Family, rng: random.Random, *, calm: bool) -> bytes:
    """A stream of true checks: random blocks, scale by scale or in as many steps as there may be. `calm`: digits that
    cost little.
    """
    working = working_size(header)
    all_grids = grids(working, family.strides, family.blocks)
    digits = []
    for grid, levels in zip(all_grids, family.levels, strict=True):
        tokens = [
            [count // 2 if calm else rng.randrange(count) for count in levels]
            for _ in range(grid.num_rows * grid.num_cols)
        ]
        digits.append(np.array(tokens, dtype=np.uint8).reshape(grid.num_rows, grid.num_cols, len(levels)))
    max_bytes = rng.choice([30, 120, 300])
    return encode_tokens(digits, random_steps(all_grids, rng), family, all_grids, max_bytes=max_bytes).payload


def random_steps(all_grids: tuple[Grid, ...], rng: random.Random) -> list[Step]:
    """Valid steps of random blocks, in any order that the grammar allows."""
    sent, steps = Sent(all_grids), []
    for _ in range(rng.choice([1, 5, MAX_STEPS])):
        scale = rng.randrange(len(all_grids))
        candidates = sent.candidates(scale)
        blocks = [block for block in candidates if rng.random() < 0.5] or candidates[:1]
        for block in blocks:
            sent.add(scale, block)
        if blocks:
            steps.append((scale, blocks))
    return steps


def pixel_payload(header: FileHeader, rng: random.Random, num_levels: int) -> bytes:
    """A whole grid of few colours, of any or of one."""
    working, palette = working_size(header), [rng.randbytes(3) for _ in range(rng.choice([1, 4, 999]))]
    num_cells = working.width_px * working.height_px
    colours = np.frombuffer(b"".join(rng.choice(palette) for _ in range(num_cells)), dtype=np.uint8)
    payload = pack_pixels(colours.reshape(working.height_px, working.width_px, 3), num_levels)
    assert payload is not None
    return payload


def text_payload(rng: random.Random, table_number: int) -> bytes:
    """A stream of random symbols with true checks and a true end, whatever they say: what only malice writes."""
    table, writer = load_table(table_number), _Writer()
    stream = Stream(table, writer)
    origin = rng.choice([0, 1, 7])
    stream.static(table.head.origins, origin)
    stream.static(table.head.languages(origin), rng.choice([0, 1, 100, 200]))
    stream.static(table.head.shapes, rng.randrange(4))
    for _ in range(rng.choice([1, 5, 25])):
        token = rng.choice([rng.randrange(len(table.words)), table.spell, table.cap, table.end])
        stream.token(token)
        if token == table.spell:
            stream.begin_run()
            for _ in range(rng.randrange(6)):
                stream.char(table.char_raw)
                stream.code_point(rng.randrange(0x110000))
            stream.char(table.char_end)
    return writer.coder.finish()


def region_payload(rng: random.Random) -> bytes:
    """As `text_payload`, of regions: any phrases and any boxes that the stream can say."""
    table, writer = load_region_table(1), _Writer()
    stream = RegionStream(table, writer)
    stream.static(table.text.head.origins, rng.choice([0, 1, 7]))
    stream.static(table.text.head.languages(1), rng.choice([0, 1, 200]))
    stream.static(HELP_STARTS, rng.choice([0, 0, 1]))
    for at in range(rng.choice([1, 5, 70])):
        step = NEW if at == 0 or rng.random() < 0.5 else AGAIN
        if at:
            stream.step(step)
        if step == NEW:
            stream.static(REGION_SHAPE_STARTS, rng.randrange(4))
            stream.begin_phrase()
            for _ in range(rng.choice([0, 1, 3])):
                stream.token(rng.choice([table.text.cap, *range(3, 40)]))
            stream.token(table.text.end)
        stream.begin_box(step, str(at))
        for _ in range(4):
            stream.number(0)
    stream.step(END)
    return writer.coder.finish()


class _Writer:
    """The encoder's side of `layers.text.stream.Coder`."""

    def __init__(self) -> None:
        self.coder = RangeEncoder()

    @property
    def num_shifts(self) -> int:
        return self.coder.num_shifts

    def code(self, starts: tuple[int, ...], wanted: int) -> int:
        self.coder.put(wanted, starts)
        return wanted

    def check(self, starts: tuple[int, ...], value: int) -> None:
        self.coder.put(value, starts)

"""Files with nothing wrong, or nothing but what this build lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import semcodec
from conformance_files.tools import CAPTION, UNKNOWN_FAMILIES, UNKNOWN_LAYERS, Case, Kit, text_section, words_file
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.ids import LayerId, Origin
from semcodec.layers.shipped import TEXT_TABLES
from semcodec.layers.text.encode import pack_words
from semcodec.layers.tokens.context import middle
from semcodec.layers.tokens.grid import MAX_STEPS
from semcodec.layers.tokens.known import KnownTokens
from semcodec.layers.tokens.stream import DENSITY_STARTS, PRESENT, flag_starts
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Section, Words


def pictures(kit: Kit) -> Iterator[Case]:
    """Every layer alone and together; every way in which tokens may be missing."""
    small, large, caps = kit.picture(160, 120), kit.picture(320, 200), kit.picture(200, 200, photo="kodim03")
    words, whole = text_section(), small.tokens(small.everything())
    yield Case("words-only", "one section, of words", words_file(words))
    yield Case("tokens-only", "one section, every token of a picture", small.file(whole))
    yield Case("words-and-tokens", "the usual order", small.file(words, whole))
    yield Case("tokens-before-words", "the order that a writer should not choose", small.file(whole, words))
    yield Case("coarsest-scale", "nothing but scale 0", small.file(small.tokens(small.everything()[:1])))
    holes = large.tokens(large.some((0.8, 0.7, 0.7, 0.6, 0.5), seed=1))
    yield Case("missing-blocks", "holes in every scale", large.file(words, holes))
    corner = large.tokens([(scale, [0]) for scale in range(len(large.grids))])
    yield Case("one-corner", "all scales of one corner", large.file(corner))
    yield Case("scales-in-turn", "several steps a scale, three times over", caps.file(caps.tokens(caps.rounds(3))))
    blocks = kit.picture_of_blocks(MAX_STEPS)
    most = blocks.tokens(blocks.one_block_a_step(MAX_STEPS))
    yield Case("most-steps", f"{MAX_STEPS} steps, as many as there may be", blocks.file(most), ("K3",))
    yield Case("needless-digits", "digits in the middle, sent all the same", _needless_digits(kit), ("K4",))
    yield Case("no-step", "a token stream that ends at once", small.file(words, small.tokens([])))
    stopped = small.tokens(small.everything(), max_bytes=90)
    yield Case("ended-by-stop", "a token stream that ends inside a step", small.file(words, stopped))


def _needless_digits(kit: Kit) -> bytes:
    """The one token of a pixel with a first digit of 1 and all others in the middle, its length that of all."""
    pixel, num_scales = kit.picture(1, 1), kit.family.num_scales
    levels = kit.family.levels[0]
    digits = (1, *map(middle, levels[1:]))
    pen = RangeEncoder()
    for symbol, starts in ((0, kit.scale_starts), (0, DENSITY_STARTS), (PRESENT, flag_starts(0))):
        pen.put(symbol, starts)
    symbols = iter((len(levels), *digits))

    def put_next(starts: Sequence[int], _: int) -> int:
        symbol = next(symbols)
        pen.put(symbol, starts)
        return symbol

    assert KnownTokens(kit.family, pixel.grids).code_token(0, 0, 0, put_next, None) == digits
    pen.put(num_scales, kit.scale_starts)
    return pixel.file(Section(LayerId.TOKENS, kit.family.id, pen.finish()))


def sizes(kit: Kit) -> Iterator[Case]:
    """One pixel, strips, both forms of the header, working sizes that have to be rounded."""
    pixel = kit.picture(1, 1)
    yield Case("one-pixel", "1x1", pixel.file(pixel.tokens(pixel.everything())))
    for name, width_px, height_px in (("wide", 1201, 2), ("tall", 3, 907), ("odd", 129, 127), ("one-over", 257, 65)):
        picture = kit.picture(width_px, height_px)
        tokens = picture.tokens(picture.some((1, 1, 0.7, 0.5, 0.3), seed=5))
        yield Case(name, f"{width_px}x{height_px}", picture.file(text_section(), tokens))
    for name, width_px, height_px in (
        ("largest-small-header", 16384, 2),
        ("smallest-large-header", 16385, 2),
        ("high-bits-of-the-height", 3, 70001),
    ):
        picture = kit.picture(width_px, height_px, step=17)
        tokens = picture.tokens(picture.some((1, 0.5), seed=6))
        yield Case(name, f"{width_px}x{height_px} at step 17", picture.file(text_section(), tokens), ("H4",))
    for step in (1, 2, 3, 6, 63):
        picture = kit.picture(311, 203, step=step, photo="kodim03")
        tokens = picture.tokens(picture.everything())
        yield Case(f"step-{step}", f"311x203 at step {step}", picture.file(tokens), ("H6",))


def frames(kit: Kit) -> Iterator[Case]:
    """Sections and families that this build does not know, and ends that were meant."""
    picture, words = kit.picture(160, 120), text_section(CAPTION)
    tokens = picture.tokens(picture.everything())
    first, second, third = (Section(number, 7, bytes(range(number))) for number in UNKNOWN_LAYERS)
    data = picture.file(first, words, second, second, tokens)
    yield Case("unknown-sections", "before, between and twice", data, ("S1",))
    data = picture.file(words, tokens, replace(third, open_end=True))
    yield Case("unknown-last-section", "the one without a length", data, ("S1",))
    most = [replace(first, payload=b"")] * (DEFAULT_LIMITS.max_sections - 1)
    yield Case("most-sections", f"{DEFAULT_LIMITS.max_sections} of them", words_file(*most, words))
    family = UNKNOWN_FAMILIES[0]
    data = picture.file(words, replace(tokens, model=family))
    verdict = f"UnknownFamilyError: of family {family}"
    yield Case("unknown-family-with-words", "the words can be read", data, ("S7",), verdict)
    half = replace(tokens, payload=tokens.payload[: len(tokens.payload) // 2], open_end=True)
    yield Case("open-end-tokens", "cut on purpose, between any two bytes", picture.file(words, half), ("R2",))
    half = replace(words, payload=words.payload[: len(words.payload) // 2], open_end=True)
    yield Case("open-end-words", "cut on purpose, with a length", picture.file(half, tokens), ("R2",))


def the_encoders_own(kit: Kit) -> Iterator[Case]:
    for num_bytes in (100, 340):
        data = semcodec.encode(kit.photo(), bytes=num_bytes, picture="tokens", caption=CAPTION, language="en").data
        yield Case(f"photograph-{num_bytes}", f"examples/kodim23.png in {num_bytes} bytes", data)
    data = semcodec.cut(
        semcodec.encode(kit.photo("kodim03"), bytes=700, picture="tokens", caption="Caps.").data, bytes=300
    )
    yield Case("photograph-cut", "examples/kodim03.png in 700 bytes, cut to 300", data)


def words(kit: Kit) -> Iterator[Case]:
    """Texts, languages, origins."""
    picture, most = kit.picture(40, 30), DEFAULT_LIMITS.max_caption_chars
    long = " ".join([CAPTION, "ÆØÅ 12,345 (sic)"] * most)[:most]
    data = picture.file(text_section(long), picture.tokens(picture.everything()))
    yield Case("longest-words", f"{most} characters: a length of two bytes, checks", data, ("R3", "T6"))
    for name, about, section in (
        ("upper-case-words", "shape 2", text_section("STOP AT THE RED LIGHT")),
        ("title-words", "shape 3", text_section("The Old Man And The Sea")),
        ("capitals-inside", "a capital on a word of the table", text_section("two dogs in Paris, seen by Anna")),
        ("spelled-words", "no word of the table", text_section("qzxv Brkwxq #%&")),
        ("no-letters", "digits and signs", text_section("12:30 - 14:45", "und")),
        ("all-scripts", "all kinds of code points", text_section("Ωμέγα 東京の犬 собака كلب 🐕‍🦺 \U0010fffd", "ja")),
        ("by-a-machine", "the other origin", text_section("a dog on a beach", "de", Origin.MACHINE)),
        ("spelled-out-language", "a tag that has no number", text_section("Zwöi Papageie", "gsw-CH-1996")),
        ("one-character", "the shortest text", text_section("a", "und")),
    ):
        yield Case(name, about, words_file(section))
    for table in sorted(TEXT_TABLES)[:-1]:
        section = pack_words(Words(f"{CAPTION} Zwei Käfer!", "en"), table_number=table)
        yield Case(f"words-of-table-{table}", "an earlier table", words_file(section), ("T11",))

"""Files with one thing wrong each. Together they break every MUST of docs/format.md that a file can break, and put the
others (what a reader must still give) to the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from unittest import mock

from conformance_files.tools import (
    CAPTION,
    UNKNOWN_FAMILIES,
    UNKNOWN_LAYERS,
    UNKNOWN_TEXT_TABLE,
    Case,
    Kit,
    TextPen,
    text_section,
    words_file,
)
from semcodec.cli.scene_json import scene_of
from semcodec.container.encode import pack_header, varint_bytes
from semcodec.container.header import LARGEST_SIDE_PX, SCALE_Q16, working_size
from semcodec.entropy.tables import uniform_starts
from semcodec.ids import LANGUAGE_SPELLED_OUT, LayerId
from semcodec.layers.text.encode import pack_with_table, pack_words, token_numbers
from semcodec.layers.text.stream import MAX_TAG_CHARS, TAG_CHARS
from semcodec.layers.tokens import encode as token_encoder
from semcodec.layers.tokens.grid import MAX_STEPS
from semcodec.layers.tokens.stream import DENSITY_STARTS, STOP, flag_starts
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import FileHeader, Section, Size, Words

LIMITS = DEFAULT_LIMITS
LARGEST = LARGEST_SIDE_PX


def headers(kit: Kit) -> Iterator[Case]:
    good, words = words_file(text_section()), text_section()
    yield Case("empty-file", "no byte at all", b"", ("H1",), "NotSemcError: begins with nothing")
    png = b"\x89PNG\r\n\x1a\n" + bytes(8)
    yield Case("other-magic", "the beginning of a PNG", png, ("H1",), "NotSemcError: begins with 89 50")
    data = _with_bits(good, 2, 0x20, mask=0xF0)
    yield Case("other-version", "version 2", data, ("H2",), "UnsupportedVersionError: file format 2")
    data = _with_bits(good, 2, 0x00, mask=0xF0)
    yield Case("version-0", "version 0", data, ("H2",), "UnsupportedVersionError: file format 0")
    data = _with_bits(good, 2, 0x04, mask=0x04)
    yield Case("reserved-bit", "it is set", data, ("H3",), "FormatError: reserved bit")
    data = _with_bits(good[:7], 2, 0x08, mask=0x08) + b"\0\0" + good[7:]
    yield Case("needless-large", "the large form for 96x64", data, ("H4",), "FormatError: large form")
    data = words_file(words, size=(LARGEST, LARGEST))
    yield Case("too-many-pixels", f"{LARGEST}x{LARGEST}", data, ("H5",), "LimitError: max_pixels")
    data = words_file(words, size=(LARGEST, 1))
    yield Case("too-long-a-side", f"{LARGEST}x1", data, ("H5",), "LimitError: max_side_px")
    yield Case("half-a-magic", "one byte", good[:1], ("S6",), "TruncatedError: the magic number")
    yield Case("half-a-header", "4 bytes of 7", good[:4], ("S6",), "TruncatedError: inside the header:")
    data = words_file(words, size=(20000, 2))[:8]
    yield Case("no-high-bits", "8 bytes of 9", data, ("S6",), "TruncatedError: the header's high bits")


def grids(kit: Kit) -> Iterator[Case]:
    """A writer that rounded the working size down where the page rounds up, so that a column of tokens is missing."""
    finest = kit.family.strides[-1]
    for width_px in range(300, 400):
        header = FileHeader(Size(width_px, 200), step=1)
        working = working_size(header)
        rounded_down = (width_px * SCALE_Q16[1]) >> 16
        if -(-rounded_down // finest) < -(-working.width_px // finest):
            break
    wrong = kit.picture(rounded_down, working.height_px)
    data = replace(wrong, header=header).file(wrong.tokens(wrong.everything()))
    yield Case("other-grid", "a working size rounded down", data, ("H6",), "DamagedError: check does not hold")


def sections(kit: Kit) -> Iterator[Case]:
    picture, words = kit.picture(96, 64), text_section(CAPTION)
    tokens, head, length = picture.tokens(picture.everything()), pack_header(picture.header), len(words.payload)
    yield Case("section-0", "no layer has it", head + b"\x80\x01", ("S2",), "FormatError: section number 0")
    data = picture.file(words, words)
    yield Case("second-text", "words twice", data, ("S3",), "FormatError: second 'text' section")
    data = picture.file(tokens, tokens)
    yield Case("second-tokens", "tokens twice", data, ("S3",), "FormatError: second 'tokens' section")
    data = head + bytes([LayerId.TEXT, words.model, length | 128, 0]) + words.payload
    yield Case("needless-length-byte", "a small length in two bytes", data, ("S4",), "FormatError: useless byte")
    data = head + bytes([LayerId.TEXT, words.model, *b"\xff\xff\xff\xff\x01"])
    yield Case("length-of-5-bytes", "more than 28 bits", data, ("S5",), "FormatError: longer than 4 bytes")
    family = UNKNOWN_FAMILIES[1]
    data = picture.file(text_section(), replace(tokens, model=family))
    yield Case("unknown-family", "of the drafts' range", data, ("S7",), f"UnknownFamilyError: of family {family}")
    data = picture.file(replace(words, model=UNKNOWN_TEXT_TABLE), tokens)
    verdict = f"UnknownTextTableError: text table {UNKNOWN_TEXT_TABLE}"
    yield Case("unknown-text-table", "the picture can be read", data, (), verdict)
    data = words_file(*[Section(UNKNOWN_LAYERS[0], 0, b"")] * (LIMITS.max_sections + 1))
    yield Case("too-many-sections", f"{LIMITS.max_sections + 1}", data, (), "LimitError: max_sections")


def cuts(kit: Kit) -> Iterator[Case]:
    """A file that ends before its time, in every place where one can."""
    picture, words, musts = kit.picture(256, 192), text_section(CAPTION), ("S6", "R2")
    tokens = picture.tokens(picture.everything())
    file, head = picture.file(words, tokens), pack_header(picture.header)
    words_end, num_bytes = len(file) - len(tokens.payload) - 2, len(tokens.payload)
    yield Case("header-alone", "7 bytes", file[:7], ("S6",), "TruncatedError: a section's head")
    yield Case("cut-behind-words", "all words", file[:words_end], ("S6",), "TruncatedError: a section's head")
    yield Case("cut-in-a-head", "one byte of two", file[: words_end + 1], ("S6",), "TruncatedError: a section's head")
    data = head + bytes([LayerId.TEXT, words.model]) + varint_bytes(300)[:1]
    yield Case("cut-in-a-length", "one byte of two", data, ("S6",), "TruncatedError: a section's length")
    yield Case(
        "cut-in-words",
        "their beginning",
        file[: words_end - 4],
        musts,
        "TruncatedError: the file ends inside a section",
    )
    last = words_file(words)[:-9]
    yield Case("cut-in-last-words", "their beginning", last, musts, "TruncatedError: the words end early")
    data = words_file(words, Section(UNKNOWN_LAYERS[0], 0, bytes(99)), words)[:80]
    verdict = "TruncatedError: the file ends inside a section"
    yield Case("cut-in-unknown-section", "the words before it", data, ("S1", "S6"), verdict)
    for percent in (1, 33, 67, 99):
        data = file[: len(file) - num_bytes + num_bytes * percent // 100]
        about = f"{percent} % of the bytes: the tokens that these settle, no others"
        yield Case(f"cut-in-tokens-{percent}", about, data, musts, "TruncatedError: the token stream")


def words(kit: Kit) -> Iterator[Case]:
    good, table = text_section(CAPTION), TextPen().table
    data = words_file(good) + b"\0"
    yield Case("bytes-behind-words", "one byte appended", data, ("R1",), "DamagedError: they end at about")
    yield Case("other-end-of-words", "another last byte", _other_end(), ("R1",), "DamagedError: they end at about")
    other, long = replace(table, seed=table.seed ^ 1), Words(" ".join([CAPTION] * 8), "en")
    payload = pack_with_table(long, other, token_numbers(other), max_chars=LIMITS.max_caption_chars)
    data = words_file(replace(good, payload=payload))
    yield Case("words-of-other-tables", "checks of another seed", data, ("R3",), "DamagedError: a check does not hold")
    data = words_file(TextPen().head(origin=5).word(" dog").section())
    yield Case("unknown-origin", "5", data, ("T1",), "DamagedError: origin 5 is not known")
    data = words_file(TextPen().head(language=200).word(" dog").section())
    yield Case("unknown-language", "200", data, ("T2",), "DamagedError: language number 200 is not known")
    yield Case("no-language-tag", '"e-"', words_file(_tagged("e-")), ("T3",), "DamagedError: 'e-' is no language tag")
    data = words_file(TextPen().head().section())
    yield Case("empty-words", "END alone", data, ("T4",), "DamagedError: they are empty")
    joined = next(word for word in table.words if word and not word.startswith(" "))
    data = words_file(TextPen().head().word(joined).section())
    yield Case("no-space-in-front", f"it begins with {joined!r}", data, ("T5",), "DamagedError: begin with the space")
    many = Words("dog " * LIMITS.max_caption_chars)
    data = words_file(replace(good, payload=pack_words(many, max_chars=len(many.text)).payload))
    yield Case("too-many-words", f"{len(many.text)} characters", data, ("T6",), "LimitError: max_caption_chars")
    data = words_file(_capital_of_nothing())
    yield Case("capital-of-no-word", "CAP before END", data, ("T7",), "DamagedError: a capital is asked")
    data = words_file(_spelled())
    yield Case("empty-run", "nothing is spelled", data, ("T8",), "DamagedError: a spelled run is empty")
    data = words_file(_spelled(0xD83D))
    yield Case("surrogate", "U+D83D alone", data, ("T9",), "DamagedError: U+D83D is no character")
    short = replace(good, payload=good.payload[:-4])
    data = words_file(short, Section(UNKNOWN_LAYERS[0], 0, b""))
    yield Case("words-behind-their-section", "4 bytes short", data, ("T10",), "DamagedError: go on behind the end")


def tokens(kit: Kit) -> Iterator[Case]:
    picture, words = kit.picture(256, 192), text_section()
    good = picture.tokens(picture.everything())
    data = picture.file(words, good) + b"\0"
    yield Case("bytes-behind-tokens", "one byte appended", data, ("R1",), "DamagedError: its payload does not")
    foreign = picture.tokens(picture.everything(), family=replace(kit.family, seed=kit.family.seed ^ 1))
    data = picture.file(foreign)
    yield Case("tokens-of-other-tables", "checks of another seed", data, ("R3",), "DamagedError: check does not hold")
    data = _flipped_bit(picture.file(words, good), first=len(good.payload) // 2)
    yield Case("flipped-bit", "a check behind it shows it", data, ("R3",), "DamagedError: check does not hold")
    data = picture.file(words, kit.stream((1, kit.scale_starts), (kit.family.num_scales, kit.scale_starts)))
    yield Case("step-without-parents", "scale 1 at first", data, ("K1",), "DamagedError: has no block to send")
    data = picture.file(words, kit.stream((0, kit.scale_starts), (8, DENSITY_STARTS), (STOP, flag_starts(8))))
    yield Case("step-that-sends-nothing", "stopped at once", data, ("K2",), "DamagedError: sends nothing")
    large = kit.picture_of_blocks(MAX_STEPS + 1)
    with mock.patch.object(token_encoder, "MAX_STEPS", MAX_STEPS + 1):  # the writer's own assertion
        data = large.file(large.tokens(large.one_block_a_step(MAX_STEPS + 1)))
    yield Case("too-many-steps", f"{MAX_STEPS + 1}", data, ("K3",), f"DamagedError: more than {MAX_STEPS} steps")


def _with_bits(data: bytes, at: int, bits: int, *, mask: int) -> bytes:
    return data[:at] + bytes([data[at] & ~mask | bits]) + data[at + 1 :]


def _tagged(tag: str) -> Section:
    pen = TextPen().head(language=LANGUAGE_SPELLED_OUT)
    pen.static(uniform_starts(MAX_TAG_CHARS), len(tag) - 1)
    for char in tag:
        pen.static(uniform_starts(len(TAG_CHARS)), TAG_CHARS.index(char))
    pen.static(pen.table.head.shapes, 0)
    return pen.word(" dog").section()


def _capital_of_nothing() -> Section:
    pen = TextPen().head()
    pen.token(pen.table.cap)
    return pen.section()


def _spelled(*code_points: int) -> Section:
    """A dog, and a run of these, none of which the table has."""
    pen = TextPen().head().word(" dog")
    pen.token(pen.table.spell)
    pen.begin_run()
    for code_point in code_points:
        pen.char(pen.table.char_raw)
        pen.code_point(code_point)
    pen.char(pen.table.char_end)
    return pen.section()


def _other_end() -> bytes:
    """Some words, with the first other last byte behind which a decoder still comes to an END."""
    for text in ("a dog", "a cat", "a red cat", "a black cat", "a blue house", "two dogs", "a tree", "a street"):
        section = text_section(text)
        for byte in range(256):
            changed = words_file(replace(section, payload=section.payload[:-1] + bytes([byte])))
            if "they end at about" in str(scene_of(changed)["problems"]):
                return changed
    raise AssertionError("no text has another end")


def _flipped_bit(file: bytes, *, first: int) -> bytes:
    """The first bit, from byte `first` on, that a check finds if it is flipped (a few break the grammar before it)."""
    for at in range(first, len(file)):
        flipped = _with_bits(file, at, file[at] ^ 0x10, mask=0xFF)
        if "check does not hold" in str(scene_of(flipped)["problems"]):
            return flipped
    raise AssertionError("no check finds a flipped bit")

"""Base pictures: good ones alone and beside words and tokens, and every way to be wrong. The frames are literals: what
an encoder writes changes with its version.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance_files.tools import Case, Kit, text_section
from semcodec.container.encode import write_file
from semcodec.container.header import working_size
from semcodec.ids import LayerId
from semcodec.layers.base.encode import pack_base
from semcodec.layers.base.obus import MAX_SIDE_PX
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import BasePicture, FileHeader, Section, Size

# Two macaws in 57x38 pixels, by libaom 3.14.1 at speeds 6 and 3.
FRAME = bytes.fromhex(
    "1e87878559dfffffe2cbae80ce0a227d813144df6c178efcb3fdef714097cd21367e5c7f4c26fe83eb7acdfb51a4ed39795e170da2a46797"
    "c93c8900f7165e0af6937896be65f5fe16d3b00176fdbf44cbd4e01144d2a471dec1545f5f5a362af93cf77d66fca7b91e98e0"
)
RESTORED_FRAME = bytes.fromhex(
    "1e87878559cc0a13c2c2cf02dd8461a64d0a2a04375f0791fe05e0ce907047aed668e111163dca01d402d4bb24d59eb7b518ed77ec6a9575"
    "21985bac4c6cb496fd1b2758642385c40f3e69e2627ba6cd55a3457d9c33cc077a721cf212d56e002e65ac4a5d0402106ba7cce841140c7d"
    "70df82c314f0f721a23c88"
)
CODED = Size(57, 38)
BASE = BasePicture(CODED, 14, FRAME)


def good(kit: Kit) -> Iterator[Case]:
    words, base = text_section(), pack_base(BASE)
    yield Case("base-only", "one section, a base of the shown size", write_file(FileHeader(CODED), [base]), ("V8",))
    shrunk = FileHeader(Size(228, 152), 8)
    yield Case(
        "words-and-base", "the usual order; the base is a quarter of the shown size", write_file(shrunk, [words, base])
    )
    restored = pack_base(BasePicture(CODED, 30, RESTORED_FRAME))
    yield Case("base-with-restoration", "another bit of the tools is set", write_file(shrunk, [restored]), ("V8",))
    picture = kit.picture(228, 152, step=8)
    tokens = picture.tokens(picture.everything()[:1])
    yield Case(
        "words-tokens-and-base", "the coarsest tokens before it", write_file(shrunk, [words, tokens, base]), ("V1",)
    )


def malformed(kit: Kit) -> Iterator[Case]:
    header, words, base = FileHeader(CODED), text_section(), pack_base(BASE)
    damaged = "DamagedError: "
    data = write_file(header, [replace(base, model=9), words])
    yield Case("unknown-base-coding", "9", data, ("V2",), "UnknownBaseError: base coding 9")
    flipped = bytes(byte ^ (at == 40) for at, byte in enumerate(base.payload))
    data = write_file(header, [words, replace(base, payload=flipped), _box_of_nothing()])
    yield Case(
        "damaged-base", "one bit, in a section with a length", data, ("V3", "V4"), damaged + "check does not hold"
    )
    data = write_file(header, [words, base])
    yield Case("cut-in-base", "its last byte is not there", data[:-1], ("V3", "V4"), "TruncatedError: is not whole")
    other = replace(header, size=Size(58, 38))
    yield Case("base-of-another-size", "58x38", write_file(other, [base]), ("V4",), "TruncatedError: is not whole")
    data = write_file(header, [base])
    yield Case("bytes-behind-a-base", "one", data + b"\0", ("V4",), "TruncatedError: is not whole")
    payload = bytes([base.payload[0] | 64]) + base.payload[1:]
    data = write_file(header, [replace(base, payload=payload)])
    yield Case("base-with-a-seventh-tool", "bit 6 is set", data, ("V5",), damaged + "tools that there are not")
    data = write_file(header, [replace(base, open_end=True)])
    yield Case("base-marked-as-cut", "open end", data, ("V6",), damaged + "marked as cut")
    long = FileHeader(Size(MAX_SIDE_PX + 1, 9))
    data = write_file(long, [base])
    yield Case("base-too-long", f"{MAX_SIDE_PX + 1} pixels a side", data, ("V7",), damaged + "is the most")
    assert DEFAULT_LIMITS.max_working_pixels < MAX_SIDE_PX**2 < DEFAULT_LIMITS.max_pixels
    large = FileHeader(Size(MAX_SIDE_PX, MAX_SIDE_PX))
    assert working_size(large).width_px == MAX_SIDE_PX
    data = write_file(large, [base])
    yield Case("base-too-large", f"{MAX_SIDE_PX}x{MAX_SIDE_PX}", data, ("V9",), "LimitError: max_working_pixels")
    data = write_file(header, [replace(base, payload=base.payload[:3])])
    yield Case("base-without-a-frame", "3 bytes", data, ("V4",), "TruncatedError: ends early")


def _box_of_nothing() -> Section:
    """Something behind, so that what stands before has its length."""
    return Section(LayerId.XMP, 1, bytes.fromhex("789c030000000001"))

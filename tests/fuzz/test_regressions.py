"""What hostile files and pictures once did, each in as few bytes as show it."""

from __future__ import annotations

import resource
import struct
import time
import zlib

import pytest

import semcodec
from semcodec import Limits
from semcodec.container.encode import write_file
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.errors import BudgetError, LimitError
from semcodec.ids import LayerId
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.stream import scale_starts
from semcodec.metadata.provenance import Provenance
from semcodec.metadata.xmp import disclosing_xmp, upright_xmp
from semcodec.models import DEFAULT_FAMILY
from semcodec.pictures import load_picture
from semcodec.types import FileHeader, Section, Size


def test_cutting_a_stream_that_ends_before_its_first_block_ends() -> None:
    """It looked for the least size that a block fits into, for ever."""
    coder = RangeEncoder()
    num_scales = find_family(DEFAULT_FAMILY).num_scales
    coder.put(num_scales, scale_starts(num_scales))
    tokens = Section(LayerId.TOKENS, DEFAULT_FAMILY, coder.finish())
    data = write_file(FileHeader(Size(64, 64)), [tokens])
    with pytest.raises(BudgetError) as refused:
        semcodec.cut(data, bytes=len(data) - 1)
    assert refused.value.least_bytes == len(data)
    assert semcodec.cut(data, bytes=len(data)) == data


def test_cutting_an_empty_stream_ends() -> None:
    data = write_file(FileHeader(Size(64, 64)), [Section(LayerId.TOKENS, DEFAULT_FAMILY, b"", open_end=True)])
    with pytest.raises(BudgetError) as refused:
        semcodec.cut(data, bytes=3)
    assert refused.value.least_bytes == len(data)


def test_a_strip_of_one_pixel_is_not_painted_a_hundred_times_as_wide() -> None:
    """20 bytes that took minutes and gigabytes: `max_pixels` counted one row of pixels, the networks 128."""
    data = write_file(FileHeader(Size(1 << 20, 1)), [Section(LayerId.TOKENS, DEFAULT_FAMILY, b"\0" * 8)])
    with pytest.raises(LimitError, match="max_working_pixels"):
        semcodec.decode(data)


def icon_with(png: bytes) -> bytes:
    """An icon whose directory says 16x16, whatever is in it."""
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(png), 22) + png


def test_an_icon_with_a_larger_picture_inside_is_refused_before_that_is_decoded() -> None:
    """Pillow decodes it when the icon is opened, and its guard was off until the limits were asked."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = b"IDAT" + zlib.compress(bytes(30_000 * 3751), 9)
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, rows, b"IEND"))
    icon = icon_with(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LimitError, match="inside it of 30000x30000 has 900000000 pixels, above max_pixels=120000000"):
        load_picture(icon)
    with pytest.raises(LimitError, match="inside it of 30000x30000 has 900000000 pixels, above max_pixels=800000000"):
        load_picture(icon, limits=Limits(max_pixels=800_000_000))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB; decoded it is 900 MB


def test_a_tiff_file_of_many_pages_is_not_counted() -> None:
    """Pillow's count compares each page with all before it: 30,000 pages in 3 MB took 5 seconds."""
    entries = ((256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1))
    page = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    num_pages, size = 30_000, len(page) + 4
    places = [8 + size * number for number in range(1, num_pages)] + [0]
    data = b"II*\0\x08\0\0\0" + b"".join(page + struct.pack("<I", place) for place in places)
    began = time.process_time()
    notes = load_picture(data).notes
    assert time.process_time() - began < 1
    assert any("only the first of its frames or pages" in note for note in notes)


def test_tags_that_are_never_closed_do_not_make_xmp_slow() -> None:
    """Patterns looked for the end of each to the end of the packet: 20,000 tags took 17 seconds, a megabyte minutes."""
    began = time.process_time()
    for name in (b"<xmp:Thumbnails>", b"<Iptc4xmpExt:DigitalSourceType>", b" Iptc4xmpExt:DigitalSourceType="):
        packet = b"<rdf:RDF>" + name * 60_000 + b"</rdf:RDF>"
        assert upright_xmp(packet) == packet
        assert disclosing_xmp(packet, Provenance(9, 5, "nano"), []).startswith(b"<rdf:RDF>")
    assert time.process_time() - began < 2

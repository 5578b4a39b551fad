"""Files as hypothesis makes them: a header of any fields, sections of any numbers, payloads good, cut and made up."""

from __future__ import annotations

from hypothesis import strategies as st

from semcodec.container.decode import read_file
from semcodec.container.encode import pack_header, varint_bytes
from semcodec.limits import Limits
from semcodec.types import FileHeader, Size

from .seeds import good_files


def headers() -> st.SearchStrategy[bytes]:
    sides = st.one_of(st.integers(1, 300), st.integers(1, 1 << 22), st.sampled_from((128, 129, 16_384, 16_385)))
    return st.builds(
        lambda width, height, step: pack_header(FileHeader(Size(width, height), step)), sides, sides, st.integers(0, 63)
    )


@st.composite
def sections(draw: st.DrawFn, *, last: bool) -> bytes:
    payload = draw(st.one_of(st.binary(max_size=40), _good_payloads()))
    payload = payload[: draw(st.integers(0, len(payload)))] if draw(st.booleans()) else payload
    layer = draw(st.sampled_from((1, 2, 3, 5, 16, 17, 18, 19, 20, 60)) if draw(st.booleans()) else st.integers(0, 63))
    model = draw(st.integers(0, 255)) if draw(st.booleans()) else draw(st.sampled_from((0, 1, 2, _family_number())))
    head = bytes([layer | (128 if last else 0) | draw(st.sampled_from((0, 0, 64))), model])
    wrong = draw(st.sampled_from((0, 0, 0, 0, 1, 1 << 20)))
    return head + (b"" if last else varint_bytes(len(payload) + wrong)) + payload


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Files with a good magic number, and now and then plain bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=60))
    body = b"".join(draw(st.lists(sections(last=False), max_size=4)))
    return draw(headers()) + body + draw(sections(last=True))


def _good_payloads() -> st.SearchStrategy[bytes]:
    return st.sampled_from([section.payload for data in good_files() for section in read_file(data, Limits())[1]])


def _family_number() -> int:
    from semcodec.models import DEFAULT_FAMILY

    return int(DEFAULT_FAMILY)

"""A base picture in a section: to the byte, and every way to be cut or damaged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from semcodec.errors import DamagedError, FormatError, LimitError, TruncatedError, UnknownBaseError
from semcodec.ids import LayerId
from semcodec.layers.base.decode import unpack
from semcodec.layers.base.encode import pack_base
from semcodec.layers.catalog import unpack_layers
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import BasePicture, FileHeader, Scene, Section, Size

HEADER = FileHeader(Size(228, 152), 8)
BASE = BasePicture(Size(57, 38), 14, bytes(range(60)))
GOLDEN = "0e863a" + bytes(range(60)).hex()


def unpack_base(section: Section, header: FileHeader, limits: Limits) -> tuple[BasePicture | None, FormatError | None]:
    return unpack(section, header, Scene(header.size), limits)


def test_golden_payloads_are_written_and_read() -> None:
    section = pack_base(BASE)
    assert (section.layer, section.model, section.payload.hex()) == (LayerId.BASE, 1, GOLDEN)
    assert unpack_base(section, HEADER, DEFAULT_LIMITS) == (BASE, None)


def test_it_is_a_layer_of_a_scene() -> None:
    scene = Scene(HEADER.size, base=BASE)
    assert unpack_layers([pack_base(BASE)], HEADER, DEFAULT_LIMITS) == (scene, [])


@pytest.mark.parametrize("sized", [True, False])
def test_no_prefix_gives_a_picture_and_each_says_so(sized: bool) -> None:
    section = pack_base(BASE)
    for length in range(len(section.payload)):
        base, problem = unpack_base(
            replace(section, payload=section.payload[:length], sized=sized), HEADER, DEFAULT_LIMITS
        )
        assert base is None
        assert isinstance(problem, DamagedError if sized and length > 3 else TruncatedError)


def test_inside_a_file_that_ends_early_the_frame_says_so_and_the_layer_nothing() -> None:
    section = replace(pack_base(BASE), cut_short=True)
    assert unpack_base(section, HEADER, DEFAULT_LIMITS) == (None, None)


def test_every_flipped_bit_is_found() -> None:
    payload = pack_base(BASE).payload
    for at in range(len(payload)):
        for bit in range(8):
            flipped = bytes(byte ^ (1 << bit if at == place else 0) for place, byte in enumerate(payload))
            section = Section(LayerId.BASE, 1, flipped, sized=True)
            base, problem = unpack_base(section, HEADER, DEFAULT_LIMITS)
            assert base is None and isinstance(problem, DamagedError)


def test_another_size_in_the_header_is_found() -> None:
    for header in (replace(HEADER, step=7), replace(HEADER, size=Size(232, 152)), replace(HEADER, size=Size(152, 228))):
        base, problem = unpack_base(replace(pack_base(BASE), sized=True), header, DEFAULT_LIMITS)
        assert base is None and isinstance(problem, DamagedError)


def test_another_coding_an_open_end_and_a_long_side_are_refused() -> None:
    section = replace(pack_base(BASE), offset=77)
    for wrong, header, kind, says in (
        (replace(section, model=2), HEADER, UnknownBaseError, "base coding 2"),
        (replace(section, open_end=True), HEADER, DamagedError, "marked as cut"),
        (section, FileHeader(Size(8193, 1)), DamagedError, "8192 a side"),
    ):
        base, problem = unpack_base(wrong, header, DEFAULT_LIMITS)
        assert base is None and type(problem) is kind
        assert says in str(problem) and problem.offset == 77


def test_limits_are_asked_before_anything_else_is_done() -> None:
    with pytest.raises(LimitError, match="2166 pixels"):
        unpack_base(pack_base(BASE), HEADER, Limits(max_working_pixels=2165))
    unpack_base(pack_base(BASE), HEADER, Limits(max_working_pixels=2166))

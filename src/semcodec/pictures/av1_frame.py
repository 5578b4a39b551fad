"""How finely any AV1 picture is quantised: `base_q_idx` of its first frame (AV1 Bitstream & Decoding Process, 5.9).

`layers.base.quantizer` reads that of base pictures, whose sequence header is known. This one reads sequence headers as
all encoders of AVIF write them.
"""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.layers.base.quantizer import Bits, skip_uniform_tiles
from semcodec.pictures.isobmff_items import first_coded_item
from semcodec.types import Size

_SEQUENCE_HEADER, _FRAME_HEADER, _FRAME = 1, 3, 6
_MOST_UNITS = 100
_KEY_FRAME = 0
_CHOSEN_BY_FRAME = 2  # of screen content tools and integer vectors
_HIGH_LEVEL = 7


@dataclass(frozen=True, slots=True)
class Sequence:
    """What of a sequence header decides how a frame header is read. Widths are in bits; 0: there is no such field."""

    is_reduced: bool
    max_size: Size
    size_widths: tuple[int, int]
    time_width: int
    frame_id_width: int
    side_log2: int
    screen_content: int
    integer_mv: int
    order_hint_width: int
    has_superres: bool
    has_decoder_model: bool


def avif_quantizer(data: bytes) -> int | None:
    """0 (without loss) to 255 (coarsest), of the primary picture of an AVIF file, or of the first tile of its grid;
    None where that is not said in the usual way, or the file is damaged.
    """
    return av1_quantizer(first_coded_item(data, b"av01"))


def av1_quantizer(stream: bytes) -> int | None:
    """Of the first frame of an AV1 stream in the low-overhead format; it must be a key frame that is shown."""
    sequence, at = None, 0
    for _ in range(_MOST_UNITS):
        if at >= len(stream):
            return None
        head = stream[at]
        at += 2 if head & 4 else 1
        length = len(stream) - at
        if head & 2:
            length, at = _leb128(stream, at)
        kind, content = head >> 3 & 15, stream[at : at + max(length, 0)]
        at += length
        if kind == _SEQUENCE_HEADER:
            sequence = read_sequence(content)
        elif kind in {_FRAME, _FRAME_HEADER}:
            return None if sequence is None else frame_quantizer(content, sequence)
    return None


def read_sequence(content: bytes) -> Sequence | None:
    """What a sequence header says; None where it ends early."""
    bits = Bits(content)
    bits.take(3 + 1)  # seq_profile, still_picture
    is_reduced, time_width, has_decoder_model = bool(bits.take()), 0, False
    if is_reduced:
        bits.take(5)
    else:
        has_decoder_model, time_width = _read_operating_points(bits)
    size_widths = bits.take(4) + 1, bits.take(4) + 1
    max_size = Size(bits.take(size_widths[0]) + 1, bits.take(size_widths[1]) + 1)
    frame_id_width = 0
    if not is_reduced and bits.take():
        frame_id_width = bits.take(4) + 2
        frame_id_width += bits.take(3) + 1
    side_log2 = 6 + bits.take()
    bits.take(2)  # enable_filter_intra, enable_intra_edge_filter
    screen_content = integer_mv = _CHOSEN_BY_FRAME
    order_hint_width = 0
    if not is_reduced:
        bits.take(4)  # interintra and masked compound, warped motion, dual filter
        has_order_hint = bits.take()
        bits.take(2 if has_order_hint else 0)
        screen_content = _CHOSEN_BY_FRAME if bits.take() else bits.take()
        if screen_content:
            integer_mv = _CHOSEN_BY_FRAME if bits.take() else bits.take()
        order_hint_width = bits.take(3) + 1 if has_order_hint else 0
    has_superres = bool(bits.take())
    found = Sequence(
        is_reduced, max_size, size_widths, time_width, frame_id_width, side_log2, screen_content, integer_mv,
        order_hint_width, has_superres, has_decoder_model,
    )  # fmt: skip
    return found if bits.is_inside else None


def _read_operating_points(bits: Bits) -> tuple[bool, int]:
    """Timing, decoder model, operating points: whether there is a decoder model, and how wide a frame's time is."""
    has_decoder_model, delay_width, time_width = False, 0, 0
    if bits.take():  # timing_info_present_flag
        bits.take(32 + 32)
        is_even = bits.take()  # equal_picture_interval
        if is_even:
            _skip_uvlc(bits)
        has_decoder_model = bool(bits.take())
        if has_decoder_model:
            delay_width = bits.take(5) + 1
            bits.take(32 + 5)
            time_width = bits.take(5) + 1
            time_width = 0 if is_even else time_width
    has_display_delay = bits.take()
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > _HIGH_LEVEL:
            bits.take()
        if has_decoder_model and bits.take():
            bits.take(2 * delay_width + 1)
        if has_display_delay and bits.take():
            bits.take(4)
    return has_decoder_model, time_width


def frame_quantizer(content: bytes, sequence: Sequence) -> int | None:
    """`base_q_idx` of a frame header."""
    bits = Bits(content)
    if not sequence.is_reduced:
        show_existing_frame, frame_type, show_frame = bits.take(), bits.take(2), bits.take()
        if show_existing_frame or frame_type != _KEY_FRAME or not show_frame:
            return None
        bits.take(sequence.time_width)
    is_without_updates = bits.take()  # disable_cdf_update
    has_screen_content = bits.take() if sequence.screen_content == _CHOSEN_BY_FRAME else sequence.screen_content
    if has_screen_content and sequence.integer_mv == _CHOSEN_BY_FRAME:
        bits.take()  # force_integer_mv
    bits.take(sequence.frame_id_width)
    size = sequence.max_size
    has_own_size = 0 if sequence.is_reduced else bits.take()  # frame_size_override_flag
    bits.take(sequence.order_hint_width)
    if sequence.has_decoder_model and bits.take():  # buffer_removal_time_present_flag
        return None
    if has_own_size:
        size = Size(*(bits.take(width) + 1 for width in sequence.size_widths))
    width_px = size.width_px
    if sequence.has_superres and bits.take():
        denominator = bits.take(3) + 9
        width_px = (8 * width_px + denominator // 2) // denominator
    if bits.take():  # render_and_frame_size_different
        bits.take(16 + 16)
    if has_screen_content and width_px == size.width_px:
        bits.take()  # allow_intrabc
    if not sequence.is_reduced and not is_without_updates:
        bits.take()  # disable_frame_end_update_cdf
    coded = Size(width_px, size.height_px)
    if bits.take():  # uniform_tile_spacing_flag
        skip_uniform_tiles(bits, coded, sequence.side_log2)
    else:
        return None
    quantizer = bits.take(8)
    return quantizer if bits.is_inside else None


def _skip_uvlc(bits: Bits) -> None:
    num_zeros = 0
    while bits.is_inside and not bits.take():
        num_zeros += 1
    bits.take(min(num_zeros, 32))


def _leb128(stream: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = 0
    for shift in range(0, 56, 7):
        if at >= len(stream):
            return 0, at
        value |= (stream[at] & 127) << shift
        at += 1
        if stream[at - 1] < 128:
            break
    return value, at

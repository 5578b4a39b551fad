"""The envelope of a file: its words, its size and a thumb of some 50 bytes, in one datagram."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from semcodec.container.packets.decode import unpack_packet
from semcodec.encoding import encode_with
from semcodec.errors import BudgetError, CaptionError
from semcodec.file.inspecting import info
from semcodec.file.packets import split
from semcodec.file.reading import read_words
from semcodec.ids import LAYER_NAMES, LayerId
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.options import EncodeOptions, PaintOptions
from semcodec.painting import paint
from semcodec.radio.messages import DIGEST_BYTES, Envelope, digest_of, pack_envelope
from semcodec.radio.sending import Outgoing
from semcodec.types import Words

THUMB_BYTES = 50
_FRAME_BYTES = 12  # of a preview: its header, and what stands before words and picture


def outgoing_of(
    name: str,
    data: bytes,
    *,
    mtu: int,
    repair: int = 0,
    thumb_bytes: int = THUMB_BYTES,
    limits: Limits = DEFAULT_LIMITS,
) -> Outgoing:
    """A file that is ready to be sent, in packets of at most `mtu` bytes, with that many repair packets behind them.

    Raises as `split` and `envelope_of` do.
    """
    packets = split(data, mtu=mtu, repair=repair, limits=limits)
    envelope = envelope_of(data, packets, max_bytes=mtu, thumb_bytes=thumb_bytes, limits=limits)
    is_in_envelope = len(envelope) > len(data)  # (a thumb is smaller)
    return Outgoing(name, unpack_packet(packets[0]).file_id, envelope, () if is_in_envelope else tuple(packets))


def envelope_of(
    data: bytes,
    packets: list[bytes],
    *,
    max_bytes: int,
    thumb_bytes: int = THUMB_BYTES,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """The envelope of a file that was split into these packets, as a datagram of at most `max_bytes`.

    The thumb is made from the picture that a receiver of the whole file sees. Where the file itself fits, it is the
    preview, and no packets are announced. Words that do not fit are cut at a word.

    Raises:
        BudgetError: not even a thumb without words fits. FormatError, NoPictureError, LimitError.
    """
    first = unpack_packet(packets[0])
    file_id, num_packets = first.file_id, first.num_packets
    whole = Envelope(file_id, 0, len(data), digest_of(data), data)
    if len(pack_envelope(whole)) <= max_bytes:
        return pack_envelope(whole)
    announced = Envelope(file_id, num_packets, len(data), bytes(DIGEST_BYTES), data[:2])
    room = max_bytes - len(pack_envelope(announced)) + 2
    preview = preview_of(data, max_bytes=room, thumb_bytes=thumb_bytes, limits=limits)
    return pack_envelope(Envelope(file_id, num_packets, len(data), digest_of(data), preview))


def preview_of(data: bytes, *, max_bytes: int, thumb_bytes: int = THUMB_BYTES, limits: Limits) -> bytes:
    """A file of the same size in pixels with the same words and a picture of some `thumb_bytes` bytes.

    It has at most `max_bytes`. Raises as `envelope_of` does.
    """
    found = info(data, limits=limits)
    image_HWC = paint(data, options=PaintOptions(restore=False, alpha=False, limits=limits)).image_HWC
    text_bytes = {layer.name: layer.num_bytes for layer in found.layers}.get(LAYER_NAMES[LayerId.TEXT], 0)
    words = read_words(data, limits=limits) if found.words is not None else None
    wanted = min(max_bytes, _FRAME_BYTES + text_bytes + thumb_bytes)
    problem: BudgetError | None = None
    for said in _shorter(words):
        options = EncodeOptions(
            caption=None if said is None else said.text,
            language="und" if said is None else said.language,
            origin="human" if said is None else said.origin.name.lower(),
            strip=True,
            limits=limits,
        )
        for budget in (wanted, max_bytes):  # (the thumb of a very long picture needs more)
            try:
                return encode_with(image_HWC, options=replace(options, bytes=budget)).data
            except BudgetError as refused:
                problem = refused
    assert problem is not None, "an attempt was made"
    raise BudgetError(
        f"an envelope has no room in {max_bytes} bytes: use a link with larger packets",
        least_bytes=problem.least_bytes,
    )


def _shorter(words: Words | None) -> Iterator[Words | None]:
    """The words, then fewer and fewer of them, then none."""
    while words is not None and words.text:
        yield words
        kept = words.text.rstrip("…").split(" ")
        half = " ".join(kept[: len(kept) * 3 // 4])
        if not half:
            break
        with contextlib.suppress(CaptionError):
            words = Words(f"{half}…", words.language, words.origin)
    yield None

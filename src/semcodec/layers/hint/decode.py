"""A section to its painter hint. Decoder only."""

from __future__ import annotations

from semcodec.errors import FormatError
from semcodec.ids import PAINTER_SPELLED_OUT, PAINTERS
from semcodec.layers.hint import HEAD_BYTES, MAX_NAME_CHARS, is_name
from semcodec.limits import Limits
from semcodec.types import FileHeader, PainterHint, Scene, Section


def unpack(
    section: Section, header: FileHeader, before: Scene, limits: Limits
) -> tuple[PainterHint | None, FormatError | None]:
    """As `contracts.Layer` has it. A painter that `ids.PAINTERS` does not have yet is no hint and no problem: newer
    writers know more.
    """
    if section.cut_short or section.model >= len(PAINTERS):  # (the first is a problem of the frame)
        return None, None
    try:
        return _read(section), None
    except FormatError as problem:
        return None, problem


def _read(section: Section) -> PainterHint:
    payload, where = section.payload, f"the painter hint at offset {section.offset}"

    def bad(what: str, at: int) -> FormatError:
        offset = section.offset + at
        return FormatError(f"{where} {what} (offset {offset}); the picture does not need it", offset=offset)

    head = int.from_bytes(payload[:HEAD_BYTES], "big")
    seed_bits = head & 15
    end = HEAD_BYTES + ((seed_bits + 7) >> 3)
    if section.open_end:
        raise bad("is marked as cut, which no hint is", 0)
    if len(payload) < end:
        raise bad(f"has {len(payload)} bytes of {max(end, HEAD_BYTES)} or more", len(payload))
    padded = int.from_bytes(payload[HEAD_BYTES:end], "big")
    if padded & ((1 << (-seed_bits % 8)) - 1):
        raise bad("has bits set behind its seed", end - 1)
    spelled = payload[end:].decode("latin-1")
    if section.model == PAINTER_SPELLED_OUT:
        if not is_name(spelled):
            raise bad(f"has no name of 1 to {MAX_NAME_CHARS} letters, digits or . _ / -", end)
        if spelled in PAINTERS:
            raise bad(f"spells out painter {PAINTERS.index(spelled)}, which has this number", end)
    elif spelled:
        raise bad("goes on behind its end", end)
    name = spelled if section.model == PAINTER_SPELLED_OUT else PAINTERS[section.model]
    revision = head >> 4
    seed = padded >> (-seed_bits % 8)
    return PainterHint(name, f"{revision:07x}" if revision else "", seed, 1 << seed_bits)

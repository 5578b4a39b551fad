"""Good files made bad, by people who know the format: fields, sections, lengths and payloads, and plain bytes too."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from semcodec.container.decode import read_file
from semcodec.container.encode import pack_header, varint_bytes, write_file
from semcodec.container.header import LARGEST_SIDE_PX
from semcodec.errors import FormatError, LimitError
from semcodec.ids import LAYER_NAMES
from semcodec.limits import Limits
from semcodec.types import FileHeader, Section, Size

_ANY_SIZE = Limits(max_pixels=LARGEST_SIDE_PX**2, max_side_px=LARGEST_SIDE_PX, max_sections=1 << 20)
_SIDES = (1, 2, 127, 128, 129, 1000, 4096, 16_384, 16_385, 1 << 20, LARGEST_SIDE_PX)
_BYTES = (0, 1, 127, 128, 255)
MAX_BYTES = 4096


def mutated(seed: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """A file of at most `MAX_BYTES` bytes that was damaged in one to four ways; `others` lend their sections."""
    data = seed
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        data = _damaged_in_structure(data, others, rng) if rng.random() < 0.5 else damaged_in_bytes(data, rng)
    return data[:MAX_BYTES]


# ---- bytes


def damaged_in_bytes(data: bytes, rng: random.Random) -> bytes:
    return rng.choice(_BYTE_DAMAGE)(data, rng)


def _place(data: bytes, rng: random.Random) -> int:
    """Anywhere, but as often in the first bytes, where the header and the first section's head are."""
    return rng.randrange(min(len(data), 20) if rng.random() < 0.5 else len(data)) if data else 0


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + bytes(byte ^ 1 << rng.randrange(8) for byte in data[at : at + 1]) + data[at + 1 :]


def _set(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + bytes([rng.choice((*_BYTES, rng.randrange(256)))]) + data[at + 1 :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.randbytes(rng.choice((1, 2, 8, 70))) + data[at:]


def _remove(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at + rng.choice((1, 2, 8, 70)) :]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at : at + rng.choice((1, 2, 8, 70))] * rng.choice((2, 3, 50)) + data[at:]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


_BYTE_DAMAGE: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _flip,
    _set,
    _insert,
    _remove,
    _repeat,
    _cut,
)


# ---- structure


def _damaged_in_structure(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """The file's own header or sections, changed and written again; what has no readable header is damaged in bytes."""
    try:
        header, sections, _ = read_file(data, _ANY_SIZE)
    except (FormatError, LimitError):
        return damaged_in_bytes(data, rng)
    kept = list(sections)
    if not kept or rng.random() < 0.25:
        return pack_header(_other_header(header, rng)) + data[len(pack_header(header)) :]
    rng.choice(_SECTION_DAMAGE)(kept, others, rng)
    if not kept:
        return pack_header(header)
    if rng.random() < 0.2:
        return _with_a_wrong_length(header, kept, rng)
    return write_file(header, kept)


def _other_header(header: FileHeader, rng: random.Random) -> FileHeader:
    sides = [rng.choice((header.size.width_px, header.size.height_px, *_SIDES, rng.randrange(1, 20_000))) for _ in "wh"]
    return FileHeader(Size(*sides), rng.choice((header.step, rng.randrange(64))))


def _with_a_wrong_length(header: FileHeader, sections: list[Section], rng: random.Random) -> bytes:
    """The first section says that it is longer, shorter, or as long as can be said."""
    first, *rest = sections
    wrong = rng.choice((0, len(first.payload) + rng.randrange(1, 9), len(first.payload) // 2, (1 << 28) - 1))
    length = rng.choice((varint_bytes(wrong), varint_bytes(wrong)[:-1] + b"\x80\x00", b"\xff" * 5))
    behind = write_file(header, rest)[len(pack_header(header)) :] if rest else b""
    return pack_header(header) + bytes([first.layer, first.model]) + length + first.payload + behind


def _other_number(kept: list[Section], others: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(kept))
    layer = rng.choice((*LAYER_NAMES, 0, 60, rng.randrange(64)))
    kept[at] = replace(kept[at], layer=layer) if rng.random() < 0.5 else replace(kept[at], model=rng.randrange(256))


def _other_end(kept: list[Section], others: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(kept))
    kept[at] = replace(kept[at], open_end=not kept[at].open_end)


def _other_payload(kept: list[Section], others: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(kept))
    payload = kept[at].payload
    other = rng.choice(
        (
            lambda: rng.randbytes(rng.choice((0, 1, 3, 20, 200))),
            lambda: bytes([rng.choice(_BYTES)]) * rng.choice((1, 20, 70, 1000)),
            lambda: payload[: rng.randrange(len(payload) + 1)],
            lambda: _flip(payload, rng),
            lambda: payload + rng.randbytes(rng.randrange(1, 5)),
        )
    )()
    kept[at] = replace(kept[at], payload=other)


def _borrow(kept: list[Section], others: Sequence[bytes], rng: random.Random) -> None:
    _, sections, _ = read_file(rng.choice(others), _ANY_SIZE)
    section = rng.choice(sections)
    if rng.random() < 0.5:
        kept[rng.randrange(len(kept))] = section
    else:
        kept.insert(rng.randrange(len(kept) + 1), section)


def _reorder(kept: list[Section], others: Sequence[bytes], rng: random.Random) -> None:
    rng.shuffle(kept)
    if rng.random() < 0.5:
        kept.append(rng.choice(kept))
    elif rng.random() < 0.5:
        kept.pop()


def _many(kept: list[Section], others: Sequence[bytes], rng: random.Random) -> None:
    kept[:0] = [Section(rng.choice((33, 60)), 0, b"")] * rng.choice((60, 64, 65, 1000))


_SECTION_DAMAGE: tuple[Callable[[list[Section], Sequence[bytes], random.Random], None], ...] = (
    _other_number,
    _other_end,
    _other_payload,
    _other_payload,
    _borrow,
    _reorder,
    _many,
)

"""How finely a JPEG picture is quantised: the table of its first component (ITU-T T.81, B.2.4.1)."""

from __future__ import annotations

from semcodec.pictures.jpeg import FRAMES, SCAN, segments

_TABLES = 0xDB
_NUM_STEPS = 64


def luminance_table(data: bytes) -> tuple[int, ...] | None:
    """The 64 quantisation steps, in the order of the file, each at least 1; None where the file is no JPEG that Pillow
    reads, or has no table before its first scan.
    """
    if data[:2] != b"\xff\xd8":
        return None
    tables: dict[int, tuple[int, ...]] = {}
    wanted = None
    for marker, body in segments(data):
        if marker == _TABLES:
            tables |= _tables_in(body)
        elif marker in FRAMES and len(body) > 8 and wanted is None:
            wanted = body[8]  # the table of the first component, which stands behind its number and its sampling
        elif marker == SCAN:
            break
    return None if wanted is None else tables.get(wanted)


def _tables_in(body: bytes) -> dict[int, tuple[int, ...]]:
    """By their numbers; one that is cut short or has a step of 0 is left out."""
    found, at = {}, 0
    while at < len(body):
        width, number = (2 if body[at] >> 4 else 1), body[at] & 15
        steps = body[at + 1 : at + 1 + width * _NUM_STEPS]
        at += 1 + width * _NUM_STEPS
        table = tuple(int.from_bytes(steps[n : n + width], "big") for n in range(0, len(steps), width))
        if len(table) == _NUM_STEPS and min(table):
            found[number] = table
    return found

"""Which bytes of a file a request wants (RFC 9110, 14.2)."""

from __future__ import annotations

from semcodec.service.problems import Refusal


def range_of(header: str | None, length: int) -> tuple[int, int] | None:
    """First and last byte of the one range that is asked for; None: all of it, also where several are asked for.

    Raises `Refusal` for one that begins behind the end.
    """
    unit, _, wanted = (header or "").partition("=")
    first, dash, last = (part.strip() for part in wanted.partition("-"))
    if unit.strip().lower() != "bytes" or not dash or not _is_number(first, last) or not (first or last):
        return None
    if not first:
        begin, end = max(0, length - int(last)), length - 1
    else:
        begin, end = int(first), min(int(last) if last else length - 1, length - 1)
        if last and int(last) < int(first):
            return None
    if begin > end:
        raise Refusal(416, f"the file has {length} bytes", headers={"Content-Range": f"bytes */{length}"})
    return begin, end


def _is_number(*texts: str) -> bool:
    return all(not text or (text.isascii() and text.isdigit() and len(text) < 19) for text in texts)

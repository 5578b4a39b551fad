"""Which language tags can be stored: the form of BCP-47, not its registry."""

from __future__ import annotations

from semcodec.layers.text.stream import MAX_TAG_CHARS


def is_language_tag(tag: str) -> bool:
    """A first part of 2 to 8 letters, then parts of 1 to 8 letters or digits, joined by "-"; at most 35 characters."""
    first, *rest = tag.split("-")
    return (
        len(tag) <= MAX_TAG_CHARS
        and tag.isascii()
        and 2 <= len(first) <= 8
        and first.isalpha()
        and all(1 <= len(part) <= 8 and part.isalnum() for part in rest)
    )

"""How large the fields of a hint are, and which names can stand in one."""

from __future__ import annotations

MAX_NAME_CHARS = 96
MAX_SEED_BITS = 15
HEAD_BYTES = 4
REVISION_DIGITS = 7
_NAME_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-")


def is_name(text: str) -> bool:
    """Whether a name can stand in a hint: shown to people and matched, so of few and harmless characters."""
    return 1 <= len(text) <= MAX_NAME_CHARS and _NAME_CHARS.issuperset(text)


def as_name(text: str) -> str:
    """A name that can stand in a hint, out of any: what is not allowed becomes "-", what is too long is cut."""
    return "".join(char if char in _NAME_CHARS else "-" for char in text[:MAX_NAME_CHARS]) or "-"

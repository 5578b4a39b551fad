"""The painter hint: which painter the encoder tried, and the best of its seeds. A section of 4 bytes and a few.

```text
 model byte    number of the painter in `ids.PAINTERS`; 0: its name is spelled out
 payload       revision      28 bits   first 7 hex digits of the commit; 0: not said
               seed bits      4 bits   n: 2^n seeds were tried
               seed           n bits   the best of them, then zero bits up to a whole byte
               name          ASCII     only for model byte 0: 1 to 96 of A-Z a-z 0-9 . _ / -, to the end of the section
```

Only a hint: nothing in it is needed to show the picture, and nothing is ever fetched or run because of it.
"""

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

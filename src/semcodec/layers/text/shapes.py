"""How the capitals of a whole text follow from its base text. ASCII letters only: that never changes with Unicode.

```text
PLAIN     the base text as it is
SENTENCE  its first letter is a capital
UPPER     all letters are capitals
TITLE     the first letter of the text and every letter behind a space are capitals
```
"""

from __future__ import annotations

PLAIN, SENTENCE, UPPER, TITLE = range(4)

_TO_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


def upper(text: str) -> str:
    return text.translate(_TO_UPPER)


def apply_shape(shape: int, base: str) -> str:
    """The text of a base text; the text of a prefix is a prefix of the text."""
    if shape == SENTENCE:
        return upper(base[:1]) + base[1:]
    if shape == UPPER:
        return upper(base)
    if shape == TITLE:
        return " ".join(upper(part[:1]) + part[1:] for part in base.split(" "))
    return base

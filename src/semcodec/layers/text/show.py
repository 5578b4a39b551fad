r"""Strangers' text as it is safe to show: what a terminal or a page would act on, or hide, is written as \u{XXXX}.

Promise: text of any script that only has visible characters, spaces and joiners is returned as it is. For reading, not
for storing: a backslash is not escaped, so the original cannot be had back.
"""

from __future__ import annotations

# Control, surrogate, private use, not assigned, line and paragraph separators.
_ESCAPED_CATEGORIES = frozenset(("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
# Characters that reorder what is around them.
_BIDIRECTIONAL = frozenset((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C))
# Characters that nobody sees, so that a text can say one thing to people and another to machines. (The joiners U+200C
# and U+200D and the variation selectors U+FE00 to U+FE0F change the shape of what is beside them: they stay.)
_HIDDEN = frozenset(
    (0x00AD, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B, 0x2800, 0x3164, 0xFEFF, 0xFFA0, 0xFFFC)
    + (*range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B))
)
_HIDDEN_PLANE = range(0xE0000, 0xE1000)  # tags, which spell ASCII unseen, and more variation selectors


def escape_for_display(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    import unicodedata  # most texts never need it, and it would cost every `info` a millisecond

    code = ord(char)
    if (
        code in _BIDIRECTIONAL
        or code in _HIDDEN
        or code in _HIDDEN_PLANE
        or unicodedata.category(char) in _ESCAPED_CATEGORIES
    ):
        return f"\\u{{{ord(char):04X}}}"
    return char

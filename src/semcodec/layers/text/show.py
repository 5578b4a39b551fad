r"""Words as they are safe to show: what a terminal or a page would act on, or hide, is written as \u{XXXX}.

Promise: text of any script that only has visible characters, spaces and joiners is returned as it is. For reading, not
for storing: a backslash is not escaped, so the original cannot be had back.
"""

from __future__ import annotations

import unicodedata

# Control, surrogate, private use, not assigned, line and paragraph separators.
_ESCAPED_CATEGORIES = frozenset(("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
# Characters that reorder what is around them.
_BIDIRECTIONAL = frozenset((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C))


def escape_for_display(text: str) -> str:
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if ord(char) in _BIDIRECTIONAL or unicodedata.category(char) in _ESCAPED_CATEGORIES:
        return f"\\u{{{ord(char):04X}}}"
    return char

from __future__ import annotations

import pytest

from semcodec.layers.text.show import escape_for_display


@pytest.mark.parametrize(
    "text",
    [
        "A dog, a cat & 2 birds.",
        "Käfer in Köln",
        "两只狗",
        "رجل على الشاطئ",
        "שלום",
        "हिन्दी",
        "👩‍👩‍👧 🎉",
        "e\u0301",
        "می\u200cخواهم",
        "❤\ufe0f",
        "a\u00a0b",
        "\\u{0041}",
    ],
)
def test_ordinary_text_of_any_script_is_untouched(text: str) -> None:
    assert escape_for_display(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred", r"a\u{001B}[31mred"),
        ("two\nlines\r\x00\x7f\x85", r"two\u{000A}lines\u{000D}\u{0000}\u{007F}\u{0085}"),
        ("\u2028\u2029", r"\u{2028}\u{2029}"),
        ("\ue000\U0010fffd", r"\u{E000}\u{10FFFD}"),
        ("\ufffe\U000e0080", r"\u{FFFE}\u{E0080}"),
        ("\ud83d", r"\u{D83D}"),
    ],
)
def test_what_a_terminal_would_act_on_is_escaped(text: str, shown: str) -> None:
    assert escape_for_display(text) == shown


@pytest.mark.parametrize("code", [0x00AD, 0x200B, 0x2060, 0x3164, 0xFEFF, 0xE0041, 0xE0101])
def test_what_nobody_sees_is_escaped(code: int) -> None:
    """Words that say one thing to people and another to a machine that reads them."""
    assert escape_for_display(f"a{chr(code)}b") == f"a\\u{{{code:04X}}}b"


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
def test_every_bidirectional_control_is_escaped(code: int) -> None:
    assert escape_for_display(f"a{chr(code)}b") == f"a\\u{{{code:04X}}}b"

"""Whatever a model says, to one clean line of text that the text layer can store; "" where nothing was said.

Promises
1. The result has no line breaks, no control or direction characters, no half surrogates, no characters for private
   use; single spaces; at most `MAX_CHARS` characters; at least one letter or digit, or it is "".
2. What is clean comes back as it is: `tidy(tidy(x)) == tidy(x)`.
"""

from __future__ import annotations

import re
import unicodedata

from semcodec.limits import DEFAULT_LIMITS

MAX_CHARS = DEFAULT_LIMITS.max_caption_chars
# Joiners inside words of Persian, Hindi and emoji families. All other format characters go.
_JOINERS = "\u200c\u200d"
# <|im_end|>, <s>, </s>, <pad>, <loc_123>, <fake_token_around_image>, [INST], [/INST]
_SPECIAL = re.compile(r"<\|[^<>|]{0,40}\|>|</?[A-Za-z][\w-]{0,40}>|\[/?INST\]")
# What "thinking" models say to themselves first, closed, opened by the prompt, or cut off.
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)|\A.*</think>", re.S)
_MARKDOWN = re.compile(r"\*\*|__|```\w*|`|(?:^|(?<=\s))(?:#{1,6}|[-*•])\s+")
_SPEAKER = re.compile(r"^(?:assistant|answer|caption|description)\s*:\s*", re.I)
# "Sure! Here is a short caption of the picture:" and "The image shows": bits that say nothing.
_PREAMBLE = re.compile(
    r"^(?:(?:sure|certainly|of course|okay)\s*[,.!]\s*)?(?:here(?:'s| is| are)\b[^:.]{0,80}:\s*)|"
    r"^(?:(?:in )?(?:the|this) (?:image|picture|photo|photograph|scene)"
    r"(?: (?:shows|depicts|features|captures|displays|is of)(?: that)?|,)\s+)",
    re.I,
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "«": "»", "‘": "’", "「": "」"}
_LOOP = re.compile(r"(?P<phrase>\b\S(?:.{0,60}?\S)?)(?:[\s,;.]+(?P=phrase)\b){2,}")


def tidy(said: str) -> str:
    """See the promises above."""
    # A model that has lost its way says the same for ever: what it said first is enough to read.
    line = _one_line(_THOUGHT.sub(" ", said)[: 4 * MAX_CHARS])
    while (shorter := _without_ornaments(line)) != line:
        line = shorter
    if len(line) > MAX_CHARS:
        line = line[:MAX_CHARS].rsplit(" ", 1)[0].strip() if " " in line[:MAX_CHARS] else line[:MAX_CHARS].strip()
    return line if any(unicodedata.category(char)[0] in "LN" for char in line) else ""


def _one_line(text: str) -> str:
    kept = "".join(_kept(char) for char in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())


def _kept(char: str) -> str:
    if char in _JOINERS:
        return char
    category = unicodedata.category(char)
    if char.isspace() or category[0] == "Z" or char in "\t\n\r\v\f":
        return " "
    return "" if category[0] == "C" or char == "\ufffd" else char


def _without_ornaments(line: str) -> str:
    """One round of removing what stands around a caption. Never longer than it was."""
    line = " ".join(_MARKDOWN.sub(" ", _SPECIAL.sub(" ", line)).split())
    line = _LOOP.sub(r"\g<phrase>", line)
    for opening, closing in _QUOTES.items():
        if len(line) > 1 and line[0] == opening and line[-1] == closing and opening not in line[1:-1]:
            line = line[1:-1].strip()
    for pattern in (_SPEAKER, _PREAMBLE):
        rest = pattern.sub("", line, count=1)
        if rest != line and rest:
            line = rest[0].upper() + rest[1:] if len(rest[0].upper()) == 1 else rest
    return line

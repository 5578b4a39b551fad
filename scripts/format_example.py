"""Writes the worked example of docs/format.md (chapter 7) again: to be run after every change of the token family.

python scripts/format_example.py
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from PIL import Image

import semcodec
from semcodec.container.decode import read_file
from semcodec.limits import DEFAULT_LIMITS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "format.md"
BUDGET = 44
CAPTION = "Two macaws."


def rows(data: bytes) -> list[str]:
    """The hex dump of a file of words and tokens, part by part, with what each part says."""
    header, sections, _ = read_file(data, DEFAULT_LIMITS)
    text, tokens = sections
    working = semcodec.tokens(data).working
    pyramid = semcodec.tokens(data)
    there = [int((digits[:, :, 0] != 255).sum()) for digits in pyramid.digits]
    first = "".join(map(str, pyramid.digits[0][0, 0]))
    width_bits = f"{header.size.width_px - 1:016b}"[:4]
    parts = [
        (2, "magic"),
        (
            2,
            f"version, flags, step: 0001 0 0 {header.step:06b} and the top 4 bits of width - 1 ({width_bits}); "
            f"step {header.step}: a working size of {working.width_px}x{working.height_px}",
        ),
        (3, f"sides: the rest; width {header.size.width_px}, height {header.size.height_px}"),
        (1, "id: layer 1, text; not last"),
        (1, f"model: text table {text.model}"),
        (1, f"length: {len(text.payload)} bytes"),
        (len(text.payload), f'text payload: English, by a human, "{CAPTION}"'),
        (1, "id: layer 2, tokens; last, so no length"),
        (1, f"model: family {tokens.model}"),
        (len(tokens.payload), f"token payload: tokens by scale {there}; the first one is {first}"),
    ]
    result, at = [], 0
    for length, meaning in parts:
        result.append(f"{at:3}  {data[at : at + length].hex(' ')}  {meaning}")
        at += length
    assert at == len(data)
    return result


def main() -> int:
    with Image.open(ROOT / "examples" / "kodim23.png") as photo:
        data = semcodec.encode(photo, bytes=BUDGET, caption=CAPTION, language="en").data
    page = PAGE.read_text("utf-8")
    before, rest = page.split("## 7. A file, byte by byte", 1)
    example, after = rest.split("## 8.", 1)
    example = re.sub(r"in \d+ bytes", f"in {len(data)} bytes", example, count=1)
    dump = "\n".join(rows(data))
    example = re.sub(r"```text\n.*?```", lambda _: f"```text\n{dump}\n```", example, count=1, flags=re.S)
    PAGE.write_text(f"{before}## 7. A file, byte by byte{example}## 8.{after}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The worked example in docs/format.md is a real file, and says what the page says of it."""

from __future__ import annotations

import re
from pathlib import Path

import semcodec
from semcodec.container.encode import num_framing_bytes
from semcodec.ids import LANGUAGES, PAINTERS
from semcodec.layers.shipped import FAMILY_TABLES, REGION_TABLES, STRUCTURE_TABLES, TEXT_TABLES
from semcodec.types import FileHeader, Size

TABLES = (TEXT_TABLES, REGION_TABLES, FAMILY_TABLES, STRUCTURE_TABLES)


def rows_of_the_example(root: Path) -> list[tuple[int, bytes, str]]:
    """(offset, bytes, meaning) of each row of the hex dump."""
    page = (root / "docs" / "format.md").read_text("utf-8")
    section = page.split("## 7. A file, byte by byte")[1].split("## 8.")[0]
    return [
        (int(row["offset"]), bytes.fromhex(row["hex"]), row["meaning"].strip())
        for row in re.finditer(r"^ *(?P<offset>\d+)  (?P<hex>(?:[0-9a-f]{2} ?)+)  (?P<meaning>.*)$", section, re.M)
    ]


def test_the_rows_of_the_example_follow_each_other(root: Path) -> None:
    at = 0
    rows = rows_of_the_example(root)
    for offset, chunk, _ in rows:
        assert offset == at
        at += len(chunk)
    assert len(rows) >= 8


def test_the_example_is_a_good_file_and_holds_what_the_page_says(root: Path) -> None:
    rows = rows_of_the_example(root)
    data = b"".join(chunk for _, chunk, _ in rows)
    meanings = {meaning.split(":")[0]: (chunk, meaning) for _, chunk, meaning in rows}
    reading = semcodec.read(data)
    assert reading.problems == ()
    header = reading.header
    assert meanings["magic"][0] == data[:2]
    assert f"step {header.step}" in meanings["version, flags, step"][1]
    assert f"width {header.size.width_px}" in meanings["sides"][1]
    assert f"height {header.size.height_px}" in meanings["sides"][1]
    words = semcodec.read_words(data)
    assert words is not None and f'"{words.text}"' in meanings["text payload"][1]
    assert len(meanings["text payload"][0]) == meanings["length"][0][0]
    pyramid = semcodec.tokens(data)
    there = [int((digits[:, :, 0] != 255).sum()) for digits in pyramid.digits]
    assert f"tokens by scale {there}" in meanings["token payload"][1]
    first = "".join(map(str, pyramid.digits[0][0, 0]))
    assert f"the first one is {first}" in meanings["token payload"][1]
    framing = len(data) - len(meanings["text payload"][0]) - len(meanings["token payload"][0])
    assert framing == num_framing_bytes(header, [len(meanings["text payload"][0]), 0]) == 12
    assert header == FileHeader(Size(768, 512), header.step)


def lists_of_the_appendix(root: Path) -> dict[str, str]:
    """What stands below each heading of appendix A."""
    page = (root / "docs" / "format.md").read_text("utf-8")
    parts = page.split("## Appendix A.")[1].split("\n### ")[1:]
    return dict(part.split("\n", 1) for part in parts)


def test_the_page_has_the_lists_of_numbers(root: Path) -> None:
    lists = lists_of_the_appendix(root)
    languages = lists["Languages"].split("```")[1].split()[1:]
    assert tuple(languages) == LANGUAGES
    painters = re.findall(r"(\d+) ([^\s,]+)", lists["Painters"].split("```")[1])
    assert [(int(number), name) for number, name in painters] == list(enumerate(PAINTERS))[1:]


def test_the_page_has_the_tables(root: Path) -> None:
    named = re.findall(
        r"\| `([^`]+)` \| ([\d,]+) \| ([0-9A-F]{8}) \|", lists_of_the_appendix(root)["Which tables there are"]
    )
    shipped = [table for tables in TABLES for table in tables.values()]
    assert [(path, int(size.replace(",", "")), int(seed, 16)) for path, size, seed in named] == [
        (table.path, table.num_bytes, table.seed) for table in shipped
    ]

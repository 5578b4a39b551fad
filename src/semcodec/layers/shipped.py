"""The tables that come with the package. Files name them by number, for ever: append only, old ones stay."""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass

from semcodec.errors import WeightsError
from semcodec.ids import FamilyId


@dataclass(frozen=True, slots=True)
class TableFile:
    """Where a table is (in this folder) and what it must be."""

    path: str
    num_bytes: int
    seed: int  # of the checks: the first 4 bytes of the SHA-256 of the whole table (a test compares)
    base: TableFile | None = None  # a text table that has the arrays which this one only names


_TEXT_1 = TableFile("text/tables/1.bin", 3258860, 0x6E233031)
TEXT_TABLES = {1: _TEXT_1, 2: TableFile("text/tables/2.bin", 3709624, 0x6DF9027D, base=_TEXT_1)}
REGION_TABLES = {1: TableFile("regions/tables/1.bin", 497556, 0x2B84C9AE)}
FAMILY_TABLES: Mapping[int, TableFile] = {FamilyId.NANO_1: TableFile("tokens/families/1.bin", 90291, 0xBE3A1789)}
STRUCTURE_TABLES = {1: TableFile("structure/families/1.bin", 8613, 0x5E7D3D2E)}


def open_table(file: TableFile) -> mmap.mmap:
    """The bytes of a table, used in place. Raises `WeightsError`."""
    path = os.path.join(os.path.dirname(__file__), *file.path.split("/"))
    try:
        with open(path, "rb") as table_file:
            data = mmap.mmap(table_file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as exc:
        raise WeightsError(f"the table {file.path} is absent ({exc}): reinstall semcodec") from exc
    if len(data) != file.num_bytes:
        raise WeightsError(f"the table {path} has {len(data)} bytes, not {file.num_bytes}: reinstall semcodec")
    return data


def numbers_of(tables: Mapping[int, TableFile]) -> str:
    """Which there are, for messages."""
    return ", ".join(str(int(number)) for number in sorted(tables))

"""Families of structure tokens: strides, levels and tables, as token families have them."""

from __future__ import annotations

from functools import lru_cache

from semcodec.errors import UnknownFamilyError
from semcodec.layers.shipped import STRUCTURE_TABLES, numbers_of, open_table
from semcodec.layers.tokens.family import Family, parse_family


@lru_cache(maxsize=8)
def find_structure_family(number: int) -> Family:
    """Raises `UnknownFamilyError` for a number that this build has no tables of."""
    file = STRUCTURE_TABLES.get(number)
    if file is None:
        raise UnknownFamilyError(
            f"the outlines are of structure family {number}, which this build does not have "
            f"({numbers_of(STRUCTURE_TABLES)}): install a newer semcodec; the picture does not need them"
        )
    return parse_family(open_table(file)[:], number)

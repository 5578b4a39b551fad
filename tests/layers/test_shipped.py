"""The numbered tables of the package: what a number means never changes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

import semcodec.layers
from semcodec.errors import WeightsError
from semcodec.layers.regions.table import NEWEST_REGION_TABLE, TEXT_TABLE_OF
from semcodec.layers.shipped import FAMILY_TABLES, REGION_TABLES, STRUCTURE_TABLES, TEXT_TABLES, TableFile, open_table
from semcodec.layers.structure.family import find_structure_family
from semcodec.layers.text.table import NEWEST_TABLE
from semcodec.layers.tokens.family import find_family
from semcodec_train.tables.shared import share, whole

FOLDER = Path(semcodec.layers.__file__ or "").parent
FILES = [*TEXT_TABLES.values(), *REGION_TABLES.values(), *FAMILY_TABLES.values(), *STRUCTURE_TABLES.values()]


def test_table_numbers_never_move() -> None:
    assert {number: file.path for number, file in TEXT_TABLES.items()} == {
        1: "text/tables/1.bin",
        2: "text/tables/2.bin",
    }
    assert {number: file.path for number, file in REGION_TABLES.items()} == {1: "regions/tables/1.bin"}
    assert {number: file.path for number, file in FAMILY_TABLES.items()} == {1: "tokens/families/1.bin"}
    assert {number: file.path for number, file in STRUCTURE_TABLES.items()} == {1: "structure/families/1.bin"}
    assert (NEWEST_TABLE, NEWEST_REGION_TABLE, TEXT_TABLE_OF) == (2, 1, {1: 2})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_each_table_is_the_file_that_its_seed_names(file: TableFile) -> None:
    data = (FOLDER / file.path).read_bytes()
    assert len(data) == file.num_bytes
    if file.base is not None:
        data = whole(data, (FOLDER / file.base.path).read_bytes())
    assert hashlib.sha256(data).hexdigest()[:8] == f"{file.seed:08x}"


def test_text_tables_repeat_nothing_of_their_base() -> None:
    bases = {number: file.base.path for number, file in TEXT_TABLES.items() if file.base is not None}
    assert bases == {2: "text/tables/1.bin"}
    data, base = ((FOLDER / TEXT_TABLES[number].path).read_bytes() for number in (2, 1))
    assert share(whole(data, base), base) == data
    assert len(whole(data, base)) == 6961368


def test_a_family_is_seeded_as_its_file_is() -> None:
    assert {number: find_family(number).seed for number in FAMILY_TABLES} == {
        number: file.seed for number, file in FAMILY_TABLES.items()
    }


def test_a_structure_family_is_seeded_as_its_file_is() -> None:
    assert {number: find_structure_family(number).seed for number in STRUCTURE_TABLES} == {
        number: file.seed for number, file in STRUCTURE_TABLES.items()
    }


def test_a_table_that_is_absent_or_another_is_an_installation_to_mend() -> None:
    with pytest.raises(WeightsError, match=r"text/tables/0.bin is absent .* reinstall"):
        open_table(replace(TEXT_TABLES[1], path="text/tables/0.bin"))
    with pytest.raises(WeightsError, match="has 3258860 bytes, not 5: reinstall"):
        open_table(replace(TEXT_TABLES[1], num_bytes=5))

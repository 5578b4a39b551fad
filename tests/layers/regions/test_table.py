"""The region tables, and payloads of each to the byte. They never change: files with them are out there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from semcodec.errors import UnknownTextTableError, WeightsError
from semcodec.ids import LayerId, Origin
from semcodec.layers.regions.decode import unpack_regions
from semcodec.layers.regions.encode import by_area, pack_regions
from semcodec.layers.regions.history import NUM_STEPS, SIDE
from semcodec.layers.regions.table import load_region_table, parse_region_table
from semcodec.layers.shipped import REGION_TABLES
from semcodec.types import Region, Regions, Section, Words

GOLDEN = [
    (
        Regions(
            (
                Region(10, 25, 30, 38, "brown horse"),
                Region(0, 0, 63, 30, "sky"),
                Region(18, 10, 12, 30, "man"),
                Region(50, 40, 3, 5, "man"),
            ),
            "en",
            Origin.MACHINE,
        ),
        Words("A man rides a horse along the beach."),
        "c19e9b28e2d379a712d149928b2456da5d",
    ),
    (Regions((Region(3, 4, 5, 6, "Käfer"),), "de"), None, "8c78fc09976f8bd4619ad678591ffb"),
]


@pytest.mark.parametrize(("regions", "words", "payload_hex"), GOLDEN)
def test_golden_payloads_are_read_and_written(regions: Regions, words: Words | None, payload_hex: str) -> None:
    payload = bytes.fromhex(payload_hex)
    assert pack_regions(regions, words, table_number=1) == Section(LayerId.REGIONS, 1, payload)
    found, problem = unpack_regions(Section(LayerId.REGIONS, 1, payload), words)
    assert problem is None
    assert found == replace(regions, items=by_area(regions.items))


@pytest.mark.parametrize("number", REGION_TABLES)
def test_each_table_can_code_every_symbol(number: int) -> None:
    table = load_region_table(number)
    for model, num_symbols in (
        (table.steps, NUM_STEPS),
        (table.phrases, len(table.text.words)),
        (table.numbers, SIDE),
    ):
        assert len(model.base_cum) == num_symbols + 1
        assert all(low < high for low, high in zip(model.base_cum, model.base_cum[1:], strict=False))


def test_a_table_that_is_not_there_is_refused_by_number() -> None:
    with pytest.raises(UnknownTextTableError, match="region table 0, this build has 1"):
        load_region_table(0)


def test_a_file_that_is_no_table_is_refused() -> None:
    with pytest.raises(WeightsError, match="no region table"):
        parse_region_table(b"something else", load_region_table(1).text, seed=0)

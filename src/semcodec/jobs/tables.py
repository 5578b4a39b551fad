"""Parquet: tables with a column of pictures, and tables of results."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from semcodec.extras import require
from semcodec.jobs.batches import item_of, table_of
from semcodec.jobs.items import NOT_MADE, Item, Row
from semcodec.jobs.places import Place

if TYPE_CHECKING:
    from semcodec.jobs.tasks import Reading

_COMPRESSION = "zstd"


def row_groups(place: Place) -> list[int]:
    """How many rows each row group of a table has. Raises `OSError`, `ValueError` where it is none."""
    with place.open() as file:
        about = _file(file).metadata
        return [about.row_group(at).num_rows for at in range(about.num_row_groups)]


def rows_of(place: Place, name: str, reading: Reading, first: int, end: int) -> Iterator[Item]:
    """The inputs of a table: `TABLE#7` is its eighth row, unless a column has their names."""
    try:
        with place.open() as file:
            table = _file(file)
            columns = table.schema_arrow.names
            if reading.column not in columns:
                yield Item(name, problem=f"has no column {reading.column!r}; name one (--column): {', '.join(columns)}")
                return
            wanted = [reading.column, reading.name_column, reading.caption_column]
            # (results of ours bring their names, and why there is nothing in a place)
            wanted += ["name", "error"] if reading.column == "semc" else []
            at = sum(table.metadata.row_group(before).num_rows for before in range(first))
            for group in range(first, end):
                found = table.read_row_group(group, columns=[column for column in columns if column in wanted])
                for batch in found.to_batches(max_chunksize=64):
                    for row in batch.to_pylist():
                        yield _item(row, f"{name}#{at}", reading)
                        at += 1
    except (OSError, ValueError) as exc:
        yield Item(name, problem=f"the table cannot be read: {exc}")


def _item(row: Row, place: str, reading: Reading) -> Item:
    named = row.get(reading.name_column or ("name" if reading.column == "semc" else ""))
    content, caption = row[reading.column], row.get(reading.caption_column or "")
    if content is None and row.get("error"):
        return Item(str(named or place), problem=f"{NOT_MADE}{row['error']}")
    return item_of(str(named or place), content, caption)


def table_bytes(rows: list[Row], kind: str) -> bytes:
    """Rows as a Parquet file."""
    out = io.BytesIO()
    require("pyarrow.parquet", extra="jobs").write_table(table_of(rows, kind), out, compression=_COMPRESSION)
    return out.getvalue()


def table_rows(place: Place, columns: list[str] | None = None) -> list[Row]:
    """All rows of a Parquet file. Raises OSError, ValueError."""
    with place.open() as file:
        found: list[Row] = _file(file).read(columns=columns).to_pylist()
    return found


def _file(file: Any) -> Any:
    return require("pyarrow.parquet", extra="jobs").ParquetFile(file)

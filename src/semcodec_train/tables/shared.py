"""Arrays that a text table has in common with an older one are named, not repeated: the counts, mostly.

    python -m semcodec_train.tables.shared --table text-2.bin --base 1.bin --out 2.bin

The seed of the checks is that of the whole table, so it stays what it was. `whole` puts back what `share` took out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from semcodec.layers.text.table import MAGIC, SHARED

FIRST = len(MAGIC) + 1
NAMED_BYTES = 8  # of an array that is named: see `layers.text.table`


def share(table: bytes, base: bytes) -> bytes:
    """The table without the arrays that `base` has byte for byte."""
    places = {array: at for at, array in reversed(list(_arrays(base)))}
    return table[:FIRST] + b"".join(
        bytes((SHARED, 0, 0, 0)) + places[array].to_bytes(4, "little") if array in places else array
        for _, array in _arrays(table)
    )


def whole(table: bytes, base: bytes) -> bytes:
    """The table with all its arrays."""
    there = dict(_arrays(base))
    return table[:FIRST] + b"".join(
        there[int.from_bytes(array[4:], "little")] if array[0] == SHARED else array for _, array in _arrays(table)
    )


def _arrays(table: bytes) -> Iterator[tuple[int, bytes]]:
    """Where each array begins, and its bytes with head and padding."""
    at = FIRST
    while at < len(table):
        item_bytes, num_items = table[at], int.from_bytes(table[at + 4 : at + 8], "little")
        end = at + NAMED_BYTES + (item_bytes * num_items + 3 & ~3)
        yield at, table[at:end]
        at = end


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True, help="a whole table, whose arrays need not be repeated")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    table, base = args.table.read_bytes(), args.base.read_bytes()
    data = share(table, base)
    assert whole(data, base) == table
    args.out.write_bytes(data)
    print(f"{args.out}: {len(data)} bytes, {len(table)} with what {args.base.name} has")


if __name__ == "__main__":
    main()

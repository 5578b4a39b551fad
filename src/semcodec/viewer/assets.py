"""Tables and networks as the viewer asks for them: `tables/text-2.bin.gz`, `networks/restorer-2/body.onnx`."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache

from semcodec.ids import LayerId
from semcodec.layers.shipped import (
    FAMILY_TABLES,
    REGION_TABLES,
    STRUCTURE_TABLES,
    TEXT_TABLES,
    TableFile,
    open_table,
)
from semcodec.types import Section
from semcodec.zoo.catalog import Package, shipped

_TABLES = {"text": TEXT_TABLES, "regions": REGION_TABLES, "family": FAMILY_TABLES, "structure": STRUCTURE_TABLES}
_REGIONS_TEXT = 2  # the text table that all region tables are made of the words of
_GZIP_LEVEL = 6  # level 9 takes three times as long for 1 % less


def needed_tables(sections: Sequence[Section]) -> Iterator[str]:
    """Paths of the tables that reading a file takes; of those that this build does not have, none."""
    coded = (LayerId.TEXT, LayerId.REGIONS, LayerId.TOKENS, LayerId.STRUCTURE)
    numbers = {LayerId(s.layer): s.model for s in sections if s.layer in coded}
    if LayerId.REGIONS in numbers:
        yield from _with_bases("regions", numbers[LayerId.REGIONS])
        yield from _with_bases("text", _REGIONS_TEXT)
    if LayerId.TEXT in numbers:
        yield from _with_bases("text", numbers[LayerId.TEXT])
    if LayerId.TOKENS in numbers:
        yield from _with_bases("family", numbers[LayerId.TOKENS])
    if LayerId.STRUCTURE in numbers:
        yield from _with_bases("structure", numbers[LayerId.STRUCTURE])


def _with_bases(kind: str, number: int) -> Iterator[str]:
    tables = _TABLES[kind]
    file = tables.get(number)
    while file is not None:
        yield _path_of(kind, next(n for n, known in tables.items() if known is file))
        file = file.base


def _path_of(kind: str, number: int) -> str:
    return f"tables/{kind}-{int(number)}.bin.gz"


def decoders() -> dict[int, Package]:
    """The newest decoder of each token family that is installed."""
    catalog = shipped()
    families = {family for row in catalog.rows.values() if row["purpose"] == "decoder" for family in row["paints"]}
    return {family: catalog.find("decoder", family=family) for family in sorted(families)}


def restorer() -> Package | None:
    """The newest one; None if none is installed."""
    catalog = shipped()
    return None if catalog.name_of("restorer") is None else catalog.find("restorer")


def networks_json(decoders: dict[int, Package], restorer: Package | None) -> bytes:
    """Which networks there are, as the viewer reads it."""
    listed: dict[str, object] = {"decoders": {str(family): _folder(found) for family, found in decoders.items()}}
    if restorer is not None:
        listed["restorer"] = _folder(restorer)
    return json.dumps(listed).encode()


def network_files(package: Package) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file of a network. Raises `WeightsError` for one that is missing or another."""
    for name, path in package.files.items():
        yield f"networks/{_folder(package)}/{name}", path.read_bytes()


def _folder(package: Package) -> str:
    files: Sequence[dict[str, str]] = package.row["files"]
    return files[0]["file"].split("/")[0]


def asset(path: str) -> bytes:
    """The file that the viewer means. Raises `KeyError` for what there is not, `WeightsError` for what is damaged."""
    if path == "networks/networks.json":
        return networks_json(decoders(), restorer())
    for kind, tables in _TABLES.items():
        for number, file in tables.items():
            if path == _path_of(kind, number):
                return _packed(file)
    folder, _, name = path.removeprefix("networks/").partition("/")
    for package in [*decoders().values(), restorer()]:
        if package is not None and folder == _folder(package) and name in package.files:
            return package.files[name].read_bytes()
    raise KeyError(path)


@lru_cache(maxsize=8)
def _packed(file: TableFile) -> bytes:
    """A table, compressed; the same bytes every time."""
    with open_table(file) as table:
        return gzip.compress(bytes(table), _GZIP_LEVEL, mtime=0)

"""`jobs index`: the words, regions and vectors of many files, in tables that `semcodec search --index` asks.

A run reads all files anew (some 30 bytes of each are decoded) and replaces the tables when it is done, so the index is
what the source is. A run that broke off goes on with what it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from semcodec.jobs.columns import empty_row
from semcodec.jobs.items import Item, Row
from semcodec.jobs.perform import Manner
from semcodec.jobs.places import Place
from semcodec.jobs.results import Results, ResultsError
from semcodec.jobs.run import Engine, Summary, run_job
from semcodec.jobs.tasks import Reading
from semcodec.jobs.work import Work
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.search.said import Said, said_by, vector_in
from semcodec.search.words import CodedWords, coded_words_of

FILES = Reading((".semc",), "semc")


class Index(Work):
    """.semc files to rows with what they say. The words of a batch are decoded side by side."""

    kind = "index"

    def __init__(self, *, column: str = "semc", name_column: str = "name", limits: Limits = DEFAULT_LIMITS) -> None:
        self.column, self.name_column, self.limits = column, name_column, limits

    def rows(self, items: list[Item]) -> list[Row]:
        began = time.perf_counter()
        coded = [None if item.data is None else coded_words_of(item.data, self.limits) for item in items]
        said = iter(said_by([one for one in coded if one is not None], self.limits))
        rows = [
            super(Index, self).row(item) if one is None else self._row(item, one, next(said))
            for item, one in zip(items, coded, strict=True)
        ]
        for row in rows:
            row["seconds"] = (time.perf_counter() - began) / len(rows)
        return rows

    def _row(self, item: Item, coded: CodedWords, said: Said) -> Row:
        key, (space, vector), words, regions = coded.sha(), vector_in(coded), said.words, said.regions
        problem = coded.problem or said.problem
        row = empty_row(self.kind) | {
            "name": item.name,
            "sha256": item.sha256,
            "source_bytes": len(item.data or b""),
            "vector": vector,
            "vector_space": space,
            "notes": [],
            "damage": [] if problem is None else [problem],
        }
        if key is None or (words is None and regions is None):
            return row
        return row | {
            "words_key": key.hex(),
            "words": "" if words is None else words.text,
            "language": "und" if words is None else words.language,
            "origin": 0 if words is None else int(words.origin),
            "phrases": [] if regions is None else list(dict.fromkeys(region.phrase for region in regions.items)),
            "phrases_origin": None if regions is None else int(regions.origin),
            "regions": None if regions is None else [asdict(region) for region in regions.items],
        }

    def _facts(self, item: Item, data: bytes) -> Row:
        return self.rows([item])[0]


def index_job(
    source: str,
    target: str,
    *,
    reading: Reading = FILES,
    engine: Engine | None = None,
    manner: Manner | None = None,
    limits: Limits = DEFAULT_LIMITS,
    advance: Callable[[int], None] | None = None,
) -> Summary:
    """Makes or replaces the tables in the folder `target`, on a disk of this machine.

    Raises:
        PlaceError: there is nothing at the source. ResultsError: the target is something else. IndexFileError: the
        tables cannot be made. MissingExtraError: a package is not installed.
    """
    from semcodec.search.tables import make_tables

    place = Place.at(target)
    if not place.is_local:
        raise ResultsError(f"{target}: an index lies on a disk of this machine; make it there and copy its tables")
    summary = run_job(
        Index(limits=limits), source, target, reading=reading, engine=engine, manner=manner, advance=advance
    )
    results = Results(place.url, Index.kind)
    folder, parts = Path(place.path), results.parts()
    make_tables(str(folder / "part-*.parquet"), folder)
    for part in parts:
        (place / part).remove()
    return summary

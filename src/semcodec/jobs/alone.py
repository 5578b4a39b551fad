"""Inputs that may kill the process that works on them, each in a process of its own."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from semcodec.jobs.columns import empty_row
from semcodec.jobs.items import Item, Row
from semcodec.jobs.work import DEADLY, Work


def rows_alone(work: Work, items: list[Item]) -> list[Row]:
    """As `work.rows`; an input whose process dies gets an error."""
    rows = []
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(1, mp_context=context)
    try:
        for item in items:
            try:
                rows.append(pool.submit(work.row, item).result())
            except BrokenProcessPool:
                rows.append(_died(work, item))
                pool = ProcessPoolExecutor(1, mp_context=context)  # (the old one is gone)
    finally:
        pool.shutdown()
    return rows


def _died(work: Work, item: Item) -> Row:
    return empty_row(work.kind) | {
        "name": item.name,
        "sha256": item.sha256,
        "source_bytes": None if item.data is None else len(item.data),
        "notes": [],
        "damage": [],
        "seconds": 0.0,
        "error": "the process that worked on it died, again and again (out of memory, or a defect of a library)",
        "error_kind": DEADLY,
    }

"""Batches of columns, as engines hand them over, to inputs and back: pandas, pyarrow, or a dictionary of arrays.

A picture in a batch is the bytes of its file; a dictionary with `bytes` or `path` (Hugging Face); or an array (H, W, C)
of its pixels (`ray.data.read_images`), which is taken as a PNG of these. Names come from the column that is named,
else from `path`, else rows are counted.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from semcodec.errors import SemcodecError
from semcodec.extras import require
from semcodec.jobs.columns import COLUMNS, arrow_schema
from semcodec.jobs.items import Item, Row

if TYPE_CHECKING:
    from semcodec.jobs.work import Work


class ColumnError(SemcodecError, ValueError):
    """A table has no column of the name that is asked for."""


def items_of(batch: Any, work: Work) -> list[Item]:
    """The inputs of a batch. Raises `ColumnError` where it has no column with pictures."""
    columns = _columns_of(batch)
    if work.column not in columns:
        raise ColumnError(f"there is no column {work.column!r}; name the one with pictures: {', '.join(columns)}")
    contents = columns[work.column]
    named = next((name for name in (work.name_column, "path") if name in columns), None)
    names = columns[named] if named else [str(at) for at in range(len(contents))]
    captions = columns[work.caption_column] if work.caption_column in columns else [None] * len(contents)
    cells = zip(names, contents, captions, strict=True)
    return [item_of(str(name), content, caption) for name, content, caption in cells]


def item_of(name: str, content: Any, caption: Any = None) -> Item:
    """An input, of what stands in a cell."""
    caption = caption if isinstance(caption, str) else None
    if isinstance(content, dict):
        inside, path = content.get("bytes"), content.get("path")
        content = inside if inside is not None else path
    if isinstance(content, str):
        from semcodec.jobs.places import Place

        try:
            content = Place.at(content).read()
        except (OSError, SemcodecError) as exc:
            return Item(name, problem=f"{content}: {getattr(exc, 'strerror', None) or exc}", caption=caption)
    if hasattr(content, "shape"):
        content = _as_png(content)
    if content is None or content != content:  # (pandas says NaN for nothing)
        return Item(name, problem="there is nothing in its place", caption=caption)
    return Item(name, bytes(content), caption=caption)


def like(batch: Any, rows: list[Row], kind: str) -> Any:
    """Rows as a batch of the same kind as another one."""
    if isinstance(batch, Mapping):
        import numpy as np

        return {name: _as_objects([row[name] for row in rows], np) for name in COLUMNS[kind]}
    if type(batch).__module__.startswith("pandas"):
        return require("pandas", extra="jobs").DataFrame(rows, columns=list(COLUMNS[kind]))
    return table_of(rows, kind)


def table_of(rows: list[Row], kind: str) -> Any:
    """Rows as a `pyarrow.Table`."""
    return require("pyarrow", extra="jobs").Table.from_pylist(rows, schema=arrow_schema(kind))


def _columns_of(batch: Any) -> dict[str, list[Any]]:
    if isinstance(batch, Mapping):
        return {name: list(values) for name, values in batch.items()}
    if hasattr(batch, "to_pydict"):
        return dict(batch.to_pydict())
    return {str(name): batch[name].tolist() for name in batch.columns}


def _as_objects(values: list[Any], np: Any) -> Any:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _as_png(pixels: Any) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()

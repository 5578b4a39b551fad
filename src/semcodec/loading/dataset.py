"""A PyTorch dataset of .semc files: a folder of them, or the tables that `semcodec jobs encode` writes.

It is a map-style dataset by its methods alone, so that torch is imported when the first picture is asked for. Sent to a
worker, it is what it was made with: each opens its own networks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semcodec.errors import SemcodecError
from semcodec.extras import require
from semcodec.file.reading import read_words
from semcodec.loading.handlers import tensor_of
from semcodec.models import Models, ModelSettings
from semcodec.painting import decode
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Words


class SemcDataset:
    """Pictures with their words: `dataset[7]` is {"image", "words", "name"}.

    `image`: a tensor (3, H, W) uint8, or what `transform` makes of it; `words`: a string, empty where there are none;
    `name`: of the file, or of the row.

    Args:
        source: a folder, which is looked through for *.semc files; a Parquet file or a folder of them with a column
            `column` (rows without a file are left out); or a list of paths.
        transform: is given the tensor.
        size: (width, height) that every picture is painted at; None: its own. Batches need one.
        restore: whether the restorer finishes the pictures (docs/restoring.md).
        threads: of each network; with several workers give 1.

    Raises:
        SemcodecError: there is no file in the source. MissingExtraError: no pyarrow for a table, no torch.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | list[str] | list[Path],
        *,
        transform: Callable[[Any], Any] | None = None,
        size: tuple[int, int] | None = None,
        restore: bool = True,
        column: str = "semc",
        threads: int | None = None,
    ) -> None:
        self._transform, self._restore = transform, restore
        self._size = None if size is None else Size(*size)
        self._models = None if threads is None else Models(ModelSettings(threads=threads))
        self._table, self._paths = None, list[Path]()
        if isinstance(source, list):
            self._paths = [Path(path) for path in source]
        elif _is_of_tables(Path(source)):
            self._table = _table_of(Path(source), column)
        else:
            self._paths = sorted(Path(source).rglob("*.semc"))
        self._column = column
        if not len(self):
            raise SemcodecError(f"{source}: holds no .semc file")

    def __len__(self) -> int:
        return len(self._paths) if self._table is None else int(self._table.num_rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"picture {index} of {len(self)}")
        name, data = self._file(index % len(self))
        image = tensor_of(decode(data, size=self._size, restore=self._restore, models=self._models))
        words: Words | None = read_words(data)
        return {
            "image": image if self._transform is None else self._transform(image),
            "words": "" if words is None else words.text,
            "name": name,
        }

    def _file(self, index: int) -> tuple[str, bytes]:
        if self._table is None:
            return str(self._paths[index]), self._paths[index].read_bytes()
        row = self._table.slice(index, 1).to_pylist()[0]
        return str(row.get("name", index)), row[self._column]


def _is_of_tables(path: Path) -> bool:
    return path.is_file() or any(path.glob("*.parquet"))


def _table_of(path: Path, column: str) -> Any:
    arrow = require("pyarrow.dataset", extra="data")
    dataset = arrow.dataset(path, format="parquet")
    columns = [name for name in (column, "name") if name in dataset.schema.names]
    if column not in columns:
        raise SemcodecError(f"{path}: has no column {column!r} but {', '.join(dataset.schema.names)}")
    return dataset.to_table(columns=columns, filter=arrow.field(column).is_valid())

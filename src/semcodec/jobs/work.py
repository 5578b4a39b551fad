"""What is done to one input: a function from its bytes to a row, as an object that can be pickled.

Promises
1. Exactly one row comes of each input, whatever is wrong with it: then the row has an `error`, one sentence.
2. Networks are opened when the first picture needs them, once in a process, and kept.
3. The same input gives the same row, but for its `seconds`.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from semcodec import errors
from semcodec.errors import SemcodecError
from semcodec.jobs.columns import empty_row
from semcodec.jobs.items import Item, Row
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.models import Models, default_models
from semcodec.together import LargeOnes, num_cores

if TYPE_CHECKING:
    from semcodec.types import Size

# What is wrong with the machine, not with the input: such rows are made again by the next run.
_PASSING = (
    errors.WeightsError, errors.ModelError, errors.MissingExtraError, errors.MissingAvifError,
    errors.MissingRepairError, errors.UnsupportedVersionError, errors.UnknownFamilyError, errors.UnknownTextTableError,
    errors.UnknownBaseError,
)  # fmt: skip
DEADLY = "WorkerDiedError"  # the kind of an input that kills whoever works on it


def is_final(row: Row) -> bool:
    """Whether a row stays as it is when the job is run again: a result, or an error that the input will always have."""
    if row["error"] is None:
        return True
    if row["error_kind"] == DEADLY:
        return True
    kind = getattr(errors, row["error_kind"] or "", object)
    return row["sha256"] is not None and issubclass(kind, SemcodecError) and not issubclass(kind, _PASSING)


class Work(ABC):
    """One kind of work. `column`, `name_column` and `caption_column`: where a batch of columns has pictures, names and
    words (`batches.py`). `threads`: cores, each of which works on a picture; None: all that there are.
    """

    kind: ClassVar[str]
    column: str = "image"
    name_column: str = "name"
    caption_column: str | None = None
    limits: Limits = DEFAULT_LIMITS
    threads: int | None = None

    @abstractmethod
    def _facts(self, item: Item, data: bytes) -> Row:
        """The columns of this kind. Raises what it must."""

    def row(self, item: Item) -> Row:
        """What became of an input. Errors are in the row."""
        began, row = time.perf_counter(), empty_row(self.kind)
        row |= {"name": item.name, "sha256": item.sha256, "notes": [], "damage": []}
        try:
            if item.data is None:
                raise OSError(None, item.problem or "it could not be read")
            row["source_bytes"] = len(item.data)
            row |= self._facts(item, item.data)
        except Exception as exc:  # (a defect of ours must not cost the user the other inputs)
            row |= {"error": said_of(exc, item.name), "error_kind": type(exc).__name__}
        row["seconds"] = round(time.perf_counter() - began, 4)
        return row

    def rows(self, items: list[Item]) -> list[Row]:
        """One for each input, in their order; as many at once as there are `threads`."""
        at_once = min(self.threads or num_cores(), len(items))
        if at_once < 2 or self.is_one_at_a_time:
            return [self.row(item) for item in items]
        pool = ThreadPoolExecutor(at_once)
        try:
            return list(pool.map(self.row, items))
        finally:
            pool.shutdown(cancel_futures=True)

    def __call__(self, batch: Any) -> Any:
        """A batch of columns (pandas, pyarrow, or a dictionary of arrays) to one of the results, of the same kind."""
        from semcodec.jobs.batches import items_of, like

        return like(batch, self.rows(items_of(batch, self)), self.kind)

    def over(self, batches: Any) -> Any:
        """An iterator of batches to one of results: what Spark's `mapInPandas` and `mapInArrow` take."""
        return map(self, batches)

    def settings(self) -> dict[str, Any]:
        """What the results depend on, for JSON: results of other settings are never mixed."""
        return {"limits": as_setting(self.limits)}

    @property
    def is_one_at_a_time(self) -> bool:
        """Whether a foreign model is at work, which may not be asked by several threads."""
        return False

    @cached_property
    def models(self) -> Models:
        """Networks on one core each."""
        return default_models().but(threads=1)

    @contextmanager
    def models_for(self, size: Size) -> Iterator[Models]:
        """Networks for a picture of this size: on all `threads` for a large one, which has them for itself."""
        with self._large_ones.in_turn(size.width_px * size.height_px) as is_large:
            yield self.models.but(threads=self.threads) if is_large else self.models

    @cached_property
    def _large_ones(self) -> LargeOnes:
        return LargeOnes()

    def __getstate__(self) -> dict[str, Any]:
        """Without what is open: it is opened where it arrives."""
        opened = ("models", "opened_describer", "_large_ones")
        return {name: value for name, value in vars(self).items() if name not in opened}


def said_of(exc: BaseException, name: str) -> str:
    """One sentence, without the name that the row has anyhow."""
    if isinstance(exc, MemoryError):
        text = "there is not enough memory for a picture of this size"
    elif isinstance(exc, OSError) and exc.strerror:
        text = exc.strerror
    elif isinstance(exc, (SemcodecError, OSError)):
        text = str(exc) or type(exc).__name__
    else:
        text = f"internal error, please report it: {type(exc).__name__}: {exc}"
    return " ".join(text.removeprefix(f"{name}:").split())


def as_setting(value: Any) -> Any:
    if isinstance(value, Limits):
        return {name: number for name, number in asdict(value).items() if number != getattr(DEFAULT_LIMITS, name)}
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)

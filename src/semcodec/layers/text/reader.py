"""How a payload of words, or of regions, is read as far as its bytes go. Decoder only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from semcodec.entropy.range_decoder import EndOfStream, RangeDecoder
from semcodec.errors import DamagedError, FormatError, TruncatedError
from semcodec.limits import Limits
from semcodec.types import Section

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import Any


class Wrong(Exception):
    """What no encoder writes."""


class TooMuch(Exception):
    """More than a limit allows: its name, and what there is."""


class Draft(ABC):
    """What becomes known of a payload. `name`: "words"; `confirmed`: what there was at the last check that held."""

    name: str
    confirmed: Any = None

    @abstractmethod
    def said(self) -> Any:
        """So far; None: nothing."""

    @abstractmethod
    def how_far(self) -> str:
        """ "3 of them" """

    def confirm(self) -> None:
        self.confirmed = self.said()


def unpack_with(
    read: Callable[[StreamReader], None], draft: Draft, section: Section, limits: Limits
) -> tuple[Any, FormatError | None]:
    """What `read` has put into the draft, and what was wrong with the bytes (None: nothing). Raises `LimitError`."""
    reader, offset = StreamReader(section.payload, draft.confirm), section.offset
    end, name = offset + len(section.payload), draft.name

    def damaged(says: str, at: int) -> tuple[Any, FormatError]:
        return draft.confirmed, DamagedError(f"the {name} are damaged{says}", offset=at)

    try:
        read(reader)
    except EndOfStream:
        if section.open_end:
            return draft.said(), None
        if section.sized:
            return damaged(f": they go on behind the end of their section at offset {end}", end)
        cause = "the file is cut short" if section.cut_short else "the file is cut short or damaged"
        says = f"the {name} end early, after {draft.how_far()}, at offset {end}: {cause}"
        return draft.said(), TruncatedError(says, offset=end)
    except Wrong as exc:
        at = offset + reader.position
        return damaged(f" at or before offset {at}: {exc}", at)
    except TooMuch as exc:
        limit, what = exc.args
        raise limits.refusal(limit, what, offset=offset + reader.position) from None
    if not reader.ends_here():
        at = offset + reader.position
        other = f"the payload at {end} with other bytes than the end of the {name}"
        return damaged(f": they end at about offset {at}, {other}", at)
    return draft.said(), None


class StreamReader:
    """The decoder's side of `stream.Coder`. `on_check` is called after each check that holds."""

    def __init__(self, payload: bytes, on_check: Callable[[], None]) -> None:
        self._decoder, self._on_check = RangeDecoder(payload), on_check
        self.ends_here = self._decoder.ends_here

    @property
    def num_shifts(self) -> int:
        return self._decoder.num_shifts

    @property
    def position(self) -> int:
        return self._decoder.position

    def code(self, starts: Sequence[int], wanted: int) -> int:
        return self._decoder.get(starts)

    def check(self, starts: Sequence[int], value: int) -> None:
        if self.code(starts, 0) != value:
            raise Wrong("a check does not hold")
        self._on_check()

"""What is done already, by content: 24 bytes for each row of the results, however many there are.

A row is known by the hash of the input's bytes and by its name. The same bytes under another name are not worked on
again: their row is copied.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_NOWHERE = -1  # in place of a part: a row with an error, which is not to be copied


@dataclass(frozen=True)
class Known:
    """Sorted by `shas_N`, the first 8 bytes of each SHA-256; `names_N` 8 bytes of the names' hashes; `parts_N`,
    `rows_N` where a row stands: in `parts[part]`, at that row. Arrays, so that workers of one machine share them.
    """

    parts: tuple[str, ...] = ()
    shas_N: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    names_N: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    parts_N: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    rows_N: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))

    def __len__(self) -> int:
        return len(self.shas_N)

    def has(self, name: str, sha256: str) -> bool:
        """Whether the results have a row of this content and name."""
        return bool((self.names_N[self._same(sha256)] == _short_of_name(name)).any())

    def failed(self, name: str, sha256: str) -> bool:
        """Whether that row has an error."""
        same = self._same(sha256)
        return bool((self.parts_N[same][self.names_N[same] == _short_of_name(name)] == _NOWHERE).any())

    def has_name(self, name: str) -> bool:
        """Whether there is a row of this name, whatever its content."""
        at = int(np.searchsorted(self._sorted_names, _short_of_name(name)))
        return at < len(self) and bool(self._sorted_names[at] == _short_of_name(name))

    def num_twice(self) -> int:
        """Rows of which there is another one of the same content and name."""
        keys = np.stack([self.shas_N, self.names_N], -1)
        return len(self) - len(np.unique(keys, axis=0))

    @cached_property
    def _sorted_names(self) -> NDArray[np.uint64]:
        return np.sort(self.names_N)

    def where(self, sha256: str) -> tuple[str, int] | None:
        """A row of this content under another name, without an error: its part, and its number in that. (Of two
        contents whose first 8 bytes are alike it may be the other's: who takes it compares.)
        """
        for at in range(*self._same(sha256).indices(len(self))):
            if self.parts_N[at] != _NOWHERE:
                return self.parts[self.parts_N[at]], int(self.rows_N[at])
        return None

    def _same(self, sha256: str) -> slice:
        wanted = _short(sha256)
        return slice(*(int(np.searchsorted(self.shas_N, wanted, side)) for side in ("left", "right")))


def known_of(rows: Iterable[tuple[str, int, str, str, bool]]) -> Known:
    """`rows`: (part, number in it, name, SHA-256, whether it has no error) of each."""
    numbers: dict[str, int] = {}
    # (arrays from the first row on: lists of a hundred million numbers would take 12 GB)
    parts, at, names, shas = array("i"), array("i"), array("Q"), array("Q")
    for part, row, name, sha256, is_good in rows:
        parts.append(numbers.setdefault(part, len(numbers)) if is_good else _NOWHERE)
        at.append(row)
        names.append(int(_short_of_name(name)))
        shas.append(int(sha256[:16], 16))
    shas_N = np.array(shas, np.uint64)
    order = np.argsort(shas_N, kind="stable")
    return Known(
        tuple(numbers),
        shas_N[order],
        np.array(names, np.uint64)[order],
        np.array(parts, np.int32)[order],
        np.array(at, np.int32)[order],
    )


def _short(sha256: str) -> np.uint64:
    return np.uint64(int(sha256[:16], 16))


def _short_of_name(name: str) -> np.uint64:
    return _short(hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest())

"""How the first symbols of a text are coded: who wrote it, its language, its shape. By the layout of the tables."""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.entropy.tables import TOTAL, starts_of
from semcodec.ids import Origin


class Head:
    """Cumulative frequencies. Origins beyond the known two, and languages without a number yet, cost 15 bits.

    (No dataclass: making one takes half a millisecond of every `info`.)
    """

    shapes = starts_of((3400, 29200, 100, TOTAL - 3400 - 29200 - 100))  # see `shapes`

    def __init__(self, machine: int, human_languages: tuple[int, ...], machine_languages: tuple[int, ...]) -> None:
        """`machine`: frequency of the second origin."""
        self.origins = starts_of((TOTAL - 6 - machine, machine, *(1,) * 6))
        self.human_languages, self.machine_languages = human_languages, machine_languages

    def languages(self, origin: int) -> Sequence[int]:
        return self.human_languages if origin == Origin.HUMAN else self.machine_languages


def _languages(not_said: int, english: int, common: int, other: int) -> tuple[int, ...]:
    """Numbers 0, 1, 2 to 10, 11 to 113 and 114 to 254; what is left is a tag spelled out."""
    known = (not_said, english, *(common,) * 9, *(other,) * 103, *(1,) * 141)
    return starts_of((*known, TOTAL - sum(known)))


_EITHER = _languages(14400, 14400, 80, 29)
HEADS = {
    1: Head(4762, _EITHER, _EITHER),
    # A machine describes by default, and says in which language; who types a caption often does not say it.
    2: Head(12762, _languages(10800, 18000, 80, 29), _languages(2000, 26800, 80, 29)),
}

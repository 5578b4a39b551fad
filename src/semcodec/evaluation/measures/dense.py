"""How good regions in words are: mean average precision as dense captioning has it (Johnson et al., CVPR 2016).

A found region is right if it lies on one that is there (intersection over union) and says the same; of several on the
same one only the surest is. Average precision is the area under the curve of precision over recall as less and less
sure ones are let in, of all pictures together; its mean is taken over thresholds.

Shapes: boxes are x, y, width, height, as fractions of the picture's sides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

OVERLAPS = (0.3, 0.4, 0.5, 0.6, 0.7)

XYWH = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Found:
    xywh: XYWH
    phrase: str
    sure: float


@dataclass(frozen=True, slots=True)
class There:
    xywh: XYWH
    label: str


def overlap(a: XYWH, b: XYWH) -> float:
    """Intersection over union, 0..1."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0.0, wide) * max(0.0, high)
    either = a[2] * a[3] + b[2] * b[3] - both
    return both / either if either > 0 else 0.0


def average_precision(
    found: Sequence[Sequence[Found]],
    there: Sequence[Sequence[There]],
    *,
    least_overlap: float,
    says: Callable[[str, str], bool],
) -> float:
    """0..1, of pictures in the same order. `says(phrase, label)`: whether the words are right for what is there.

    Precision at a recall is the best that is reached there or further on.
    """
    num_there = sum(map(len, there))
    if not num_there:
        return 0.0
    ranked = sorted(
        ((one, at) for at, some in enumerate(found) for one in some), key=lambda one_and_at: -one_and_at[0].sure
    )
    taken: set[tuple[int, int]] = set()
    right: list[bool] = []
    for one, at in ranked:
        options = [
            (overlap(one.xywh, box.xywh), which)
            for which, box in enumerate(there[at])
            if (at, which) not in taken and says(one.phrase, box.label)
        ]
        best, which = max(options, default=(0.0, -1))
        right.append(best >= least_overlap)
        if right[-1]:
            taken.add((at, which))
    hits, precisions = 0, []
    for rank, is_right in enumerate(right, start=1):
        hits += is_right
        precisions.append(hits / rank)
    area, best_behind = 0.0, 0.0
    for is_right, precision in zip(reversed(right), reversed(precisions), strict=True):
        best_behind = max(best_behind, precision)
        area += best_behind * is_right / num_there
    return area


def mean_average_precision(
    found: Sequence[Sequence[Found]],
    there: Sequence[Sequence[There]],
    *,
    says: Callable[[str, str], bool] = lambda phrase, label: True,
) -> float:
    """Over the thresholds of `OVERLAPS`. Without `says`, of boxes alone."""
    values = [average_precision(found, there, least_overlap=least, says=says) for least in OVERLAPS]
    return sum(values) / len(values)

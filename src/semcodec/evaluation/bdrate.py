"""BD-rate (Bjontegaard 2001): the mean difference of rate between two curves at equal quality, in percent.

The logarithm of the rate is interpolated over the measure with monotone cubics (Fritsch and Carlson), which need no
more than two points and never overshoot, and averaged over the range of the measure that both curves cover. -50: half
the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Point = tuple[float, float]  # (rate, value of a measure)

_NUM_SAMPLES = 1000


def bd_rate_percent(anchor: Sequence[Point], tested: Sequence[Point], *, min_points: int = 2) -> float | None:
    """Of `tested` against `anchor`. None where no quality is common to both, or a curve has too few points.

    Points that cost more than another and are no better do not count: a curve that turns back has no rate to compare.
    """
    curves = [_curve(points) for points in (anchor, tested)]
    if any(len(values) < max(2, min_points) for values, _ in curves):
        return None
    low = max(values[0] for values, _ in curves)
    high = min(values[-1] for values, _ in curves)
    if high <= low:
        return None
    at = np.linspace(low, high, _NUM_SAMPLES)
    logs = [_interpolate(values, rates, at) for values, rates in curves]
    step = logs[1] - logs[0]
    mean = float((step[:-1] + step[1:]).mean() / 2)
    return 100 * float(np.expm1(mean))


def _curve(points: Sequence[Point]) -> tuple[Floats, Floats]:
    """Values in rising order and log rates; a point that costs more than another and is no better is left out.

    Works for measures of both directions: which end is the good one is read from the points themselves.
    """
    ordered = sorted(points)
    if len(ordered) < 2:
        return np.array([p[1] for p in ordered]), np.array([np.log(p[0]) for p in ordered])
    sign = 1.0 if ordered[-1][1] >= ordered[0][1] else -1.0
    kept: list[Point] = []
    for rate, value in ordered:
        if not kept or sign * value > sign * kept[-1][1]:
            kept.append((rate, value))
    if sign < 0:
        kept.reverse()
    return np.array([value for _, value in kept]), np.array([np.log(rate) for rate, _ in kept])


def _interpolate(x: Floats, y: Floats, at: Floats) -> Floats:
    """Monotone cubic Hermite interpolation of (x, y), x strictly rising."""
    width, slope = np.diff(x), np.diff(y) / np.diff(x)
    if len(x) == 2:
        return np.asarray(y[0] + slope[0] * (at - x[0]))
    tangent = np.empty_like(x)
    tangent[0], tangent[-1] = slope[0], slope[-1]
    left, right = slope[:-1], slope[1:]
    w1, w2 = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        harmonic = (w1 + w2) / (w1 / left + w2 / right)
    tangent[1:-1] = np.where(left * right > 0, harmonic, 0)
    piece = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    t, h = (at - x[piece]) / width[piece], width[piece]
    return np.asarray(
        y[piece] * (2 * t**3 - 3 * t**2 + 1)
        + y[piece + 1] * (3 * t**2 - 2 * t**3)
        + h * tangent[piece] * (t**3 - 2 * t**2 + t)
        + h * tangent[piece + 1] * (t**3 - t**2)
    )

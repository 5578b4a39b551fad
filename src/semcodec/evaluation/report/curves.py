"""Rate-distortion curves as SVG: the rate on a logarithmic axis, one measure upwards.

Colours come from the page's style sheet by class (`c-vvc`), so that dark and light, screen and print agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 540, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 92, 14, 40
_LABEL_STEP = 13.5


@dataclass(frozen=True, slots=True)
class Curve:
    """`points` are (rate, value, low, high), the rate rising; `band` draws low..high."""

    codec: str
    title: str
    points: tuple[tuple[float, float, float, float], ...]
    band: bool = False


def draw_curves(curves: Sequence[Curve], *, ticks: Sequence[int], digits: int, label: str, axis: str) -> str:
    """An <svg> of all curves; a curve of one point is a diamond."""
    drawn = [curve for curve in curves if curve.points]
    sizes = [point[0] for curve in drawn for point in curve.points] + [float(t) for t in ticks]
    values = [point[1] for curve in drawn for point in curve.points]
    x_low, x_high = math.log(min(sizes) * 0.92), math.log(max(sizes) * 1.06)
    steps = nice_steps(min(values), max(values))
    y_low, y_high = min(steps[0], min(values)), max(steps[-1], max(values))

    def x(rate: float) -> float:
        return _LEFT + (math.log(rate) - x_low) / (x_high - x_low) * (WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        inside = min(max(value, y_low), y_high)
        return HEIGHT - _BOTTOM - (inside - y_low) / (y_high - y_low) * (HEIGHT - _TOP - _BOTTOM)

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)} over {escape(axis)}">']
    for step in steps:
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(step):.1f}" y2="{y(step):.1f}"/>')
        parts.append(
            f'<text class="tick" x="{_LEFT - 8}" y="{y(step) + 4:.1f}" text-anchor="end">{_number(step, steps)}</text>'
        )
    for tick in ticks:
        parts.append(f'<line class="grid" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}" x1="{x(tick):.1f}" x2="{x(tick):.1f}"/>')
        parts.append(
            f'<text class="tick" x="{x(tick):.1f}" y="{HEIGHT - _BOTTOM + 17}" '
            f'text-anchor="middle">{_short(tick)}</text>'
        )
    middle = _LEFT + (WIDTH - _LEFT - _RIGHT) / 2
    parts.append(f'<text class="tick" x="{middle:.0f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(axis)}</text>')
    for curve in drawn:
        if curve.band and len(curve.points) > 1:
            upper = [f"{x(p[0]):.1f},{y(p[3]):.1f}" for p in curve.points]
            lower = [f"{x(p[0]):.1f},{y(p[2]):.1f}" for p in reversed(curve.points)]
            parts.append(f'<polygon class="band c-{curve.codec}" points="{" ".join(upper + lower)}"/>')
    for curve in drawn:
        parts.append(_draw(curve, x, y, digits))
    ends = [(y(c.points[-1][1]), x(c.points[-1][0]), c) for c in drawn]
    parts += _labels(ends)
    return "".join(parts) + "</svg>"


def _draw(curve: Curve, x: Callable[[float], float], y: Callable[[float], float], digits: int) -> str:
    dots = []
    for rate, value, low, high in curve.points:
        numbers = f"{value:.{digits}f} at {rate:,.0f} ({low:.{digits}f} to {high:.{digits}f})"
        title = f"<title>{escape(curve.title)}: {numbers}</title>"
        at_x, at_y = x(rate), y(value)
        if len(curve.points) == 1:
            shape = f'<path d="M{at_x:.1f} {at_y - 5:.1f}l5 5l-5 5l-5-5z"/>'
        else:
            shape = f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="3.4"/>'
        dots.append(f"<g>{title}{shape}</g>")
    line = " ".join(f"{x(p[0]):.1f},{y(p[1]):.1f}" for p in curve.points)
    return f'<g class="curve c-{curve.codec}"><polyline points="{line}"/>{"".join(dots)}</g>'


def _labels(ends: Sequence[tuple[float, float, Curve]]) -> list[str]:
    """Names at the right, moved apart where curves end close together, each tied to its end."""
    ordered = sorted((end for end in ends if len(end[2].points) > 1), key=lambda end: end[0])
    places: list[float] = []
    for at_y, _, _ in ordered:
        places.append(max(at_y, places[-1] + _LABEL_STEP) if places else at_y)
    spare = max(0.0, places[-1] - (HEIGHT - _BOTTOM)) if places else 0.0
    for at in reversed(range(len(places))):
        limit = places[at + 1] - _LABEL_STEP if at + 1 < len(places) else places[-1] - spare
        places[at] = min(places[at], limit)
    parts = []
    for (at_y, at_x, curve), place in zip(ordered, places, strict=True):
        start = WIDTH - _RIGHT + 14
        parts.append(f'<path class="tie c-{curve.codec}" d="M{at_x + 4:.1f} {at_y:.1f}L{start - 3} {place:.1f}"/>')
        parts.append(f'<text class="name c-{curve.codec}" x="{start}" y="{place + 4:.1f}">{escape(curve.title)}</text>')
    return parts + _single_labels([end for end in ends if len(end[2].points) == 1])


def _single_labels(ends: Sequence[tuple[float, float, Curve]]) -> list[str]:
    """Names of diamonds: the last at its right, others above or below, away from the next one."""
    parts = []
    ordered = sorted(ends, key=lambda end: end[1])
    for at, (at_y, at_x, curve) in enumerate(ordered):
        x, y = at_x + 8, at_y + 4
        if at + 1 < len(ordered):
            x, y = at_x - 4, at_y - 9 if ordered[at + 1][0] >= at_y else at_y + 17
        parts.append(f'<text class="name c-{curve.codec}" x="{x:.1f}" y="{y:.1f}">{escape(curve.title)}</text>')
    return parts


def _short(rate: int) -> str:
    """6,000 as 6k: the last ticks of a logarithmic axis stand close."""
    return f"{rate // 1000}k" if rate >= 1000 and rate % 1000 == 0 else str(rate)


def nice_steps(low: float, high: float) -> list[float]:
    """Round values that cover low..high in four to seven steps."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if span / (power * m) <= 6)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [at * step for at in range(first, max(last, first + 1) + 1)]


def _number(value: float, steps: Sequence[float]) -> str:
    gap = steps[1] - steps[0]
    digits = max(0, -math.floor(math.log10(gap) + 1e-9))
    if round(gap, digits) != round(gap, 10):
        digits += 1
    return f"{value:.{digits}f}"

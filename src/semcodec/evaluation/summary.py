"""From lines to what the report says: means at budgets, curves, the best classical peer, paired differences, BD-rates.

A mean counts only where the codec reaches the budget on every picture of the set; otherwise it would be a mean over the
easy ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcodec.evaluation.bdrate import Point, bd_rate_percent
from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.measures.catalog import CLIP_MEASURES, MEASURES, SET_MEASURES, Measure, find_measure
from semcodec.evaluation.peers.registry import PLACEHOLDERS
from semcodec.evaluation.results import Line, SetLine, best_lines, read_lines, read_set_lines
from semcodec.evaluation.worker import chosen_by

OURS = "semcodec"
MIN_BD_POINTS = 4


@dataclass(frozen=True, slots=True)
class Mean:
    """`low`, `high`: the 95 % bootstrap interval (for KID: one standard error to each side)."""

    value: float
    low: float
    high: float
    bpp: float
    num_bytes: float


@dataclass(frozen=True, slots=True)
class Duel:
    """semcodec against one peer; `gain` is positive where semcodec is better, with its interval."""

    measure: Measure
    budget: int
    peer: str
    ours: float
    theirs: float
    gain: float
    low: float
    high: float


class Summary:
    def __init__(self, about: dict[str, Any], lines: Sequence[Line], set_lines: Sequence[SetLine]) -> None:
        self.about = about
        self.budgets: tuple[int, ...] = tuple(about["budgets"])
        self.unit = Unit(about.get("unit", Unit.BYTES))
        self.pictures: tuple[str, ...] = tuple(p["name"] for p in about["pictures"])
        self.titles: dict[str, str] = {codec["name"]: codec["title"] for codec in about["codecs"]}
        names = set(self.pictures)
        self.lines = {name: [x for x in lines if x.codec == name and x.picture in names] for name in self.titles}
        mine = [line for line in set_lines if line.pictures_sha256 == about["set"]["sha256"]]
        self._sets = {(line.codec, line.budget, line.measure): line for line in mine}
        present = {name for own in self.lines.values() for line in own for name in line.values}
        present |= {line.measure for line in mine}
        self.measures = tuple(m for m in (*MEASURES, *SET_MEASURES, *CLIP_MEASURES) if m.name in present)

    def num_reached(self, codec: str, budget: int) -> int:
        """On how many pictures the codec has a file for that budget."""
        return len({line.picture for line in self.lines[codec] if budget in line.budgets and line.num_bytes})

    def values(self, codec: str, measure: Measure, budget: int) -> dict[str, float]:
        best = best_lines(self.lines[codec], measure, budget)
        return {picture: line.values[measure.name] for picture, line in best.items()}

    def mean(self, codec: str, measure: Measure, budget: int) -> Mean | None:
        """None where a picture is missing."""
        if self.num_reached(codec, budget) < len(self.pictures):
            return None
        if measure in SET_MEASURES:
            by = chosen_by(measure.name, {name for line in self.lines[codec] for name in line.values})
            files = best_lines(self.lines[codec], find_measure(by), budget)
            line = self._sets.get((codec, budget, measure.name))
            if line is None or len(files) < len(self.pictures):
                return None
            value, low, high = line.value, line.value - line.standard_error, line.value + line.standard_error
        else:
            files = best_lines(self.lines[codec], measure, budget)
            if len(files) < len(self.pictures):
                return None
            values = [files[name].values[measure.name] for name in self.pictures]
            value = sum(values) / len(values)
            low, high = mean_interval(values) if len(values) > 1 else (value, value)
        bpp = sum(file.bpp for file in files.values()) / len(files)
        return Mean(value, low, high, bpp, sum(file.num_bytes for file in files.values()) / len(files))

    def curve(self, codec: str, measure: Measure) -> list[Point]:
        """(mean bpp, mean value) at every budget that is reached."""
        means = [self.mean(codec, measure, budget) for budget in self.budgets]
        return [(m.bpp, m.value) for m in means if m is not None]

    @property
    def classical(self) -> tuple[str, ...]:
        return tuple(name for name in self.titles if name != OURS and name not in PLACEHOLDERS)

    def best_peer(self, measure: Measure, budget: int) -> str | None:
        """The classical peer with the best mean; None where there is none, or the measure has no best."""
        if not measure.ranked:
            return None
        means = {name: m.value for name in self.classical if (m := self.mean(name, measure, budget)) is not None}
        if not means:
            return None
        return (max if measure.higher_is_better else min)(means, key=lambda name: means[name])

    def duels(self, measure: Measure) -> list[Duel]:
        """Against the best classical peer, at every budget that both sides reach on all pictures."""
        best = {budget: self.best_peer(measure, budget) for budget in self.budgets}
        duels = [self.duel(measure, budget, peer) for budget, peer in best.items() if peer is not None]
        return [duel for duel in duels if duel is not None]

    def duel(self, measure: Measure, budget: int, peer: str) -> Duel | None:
        """None where a side does not reach the budget on all pictures. For KID there is no pairing by picture."""
        if OURS not in self.titles or not measure.ranked:
            return None
        ours, theirs = self.mean(OURS, measure, budget), self.mean(peer, measure, budget)
        if ours is None or theirs is None:
            return None
        sign = 1 if measure.higher_is_better else -1
        gain, low, high = sign * (ours.value - theirs.value), 0.0, 0.0
        if measure not in SET_MEASURES and len(self.pictures) > 1:
            mine, other = self.values(OURS, measure, budget), self.values(peer, measure, budget)
            low, high = mean_interval([sign * (mine[name] - other[name]) for name in self.pictures])
        return Duel(measure, budget, peer, ours.value, theirs.value, gain, low, high)

    def common(self, measure: Measure, budget: int, peer: str) -> tuple[int, Duel] | None:
        """As `duel`, on the pictures that both sides reach, and how many those are; None with fewer than half of the
        set, or for a measure over sets."""
        if OURS not in self.titles or not measure.ranked or measure in SET_MEASURES:
            return None
        mine, other = self.values(OURS, measure, budget), self.values(peer, measure, budget)
        both = [name for name in self.pictures if name in mine and name in other]
        if len(both) < max(2, len(self.pictures) / 2):
            return None
        sign = 1 if measure.higher_is_better else -1
        ours, theirs = (sum(side[name] for name in both) / len(both) for side in (mine, other))
        low, high = mean_interval([sign * (mine[name] - other[name]) for name in both])
        return len(both), Duel(measure, budget, peer, ours, theirs, sign * (ours - theirs), low, high)

    def bd_rate(self, codec: str, measure: Measure) -> float | None:
        """Of semcodec against `codec`, over bpp; None with fewer than four points on a side, or no common range."""
        if OURS not in self.titles or not measure.ranked:
            return None
        anchor, tested = self.curve(codec, measure), self.curve(OURS, measure)
        return bd_rate_percent(anchor, tested, min_points=MIN_BD_POINTS)


def read_summary(folder: Path) -> Summary:
    """Of what `run_plan` left in a folder."""
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return Summary(about, read_lines(folder / "results.jsonl"), read_set_lines(folder / "sets.jsonl"))

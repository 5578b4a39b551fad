"""One piece of work: one codec on one picture at all budgets, coded, decoded, measured.

Shapes: H, W = pixels; C = 3.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation import ours
from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.ladders import Coded, code_again, code_with_peer
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.measures.judges import COSTLY, Against, Judges, WeightPaths, set_features
from semcodec.evaluation.peers.registry import factories
from semcodec.evaluation.results import Line
from semcodec.evaluation.sets import Picture

if TYPE_CHECKING:
    from semcodec.evaluation.peers.peer import Peer
    from semcodec.types import Pixels

Features = dict[str, NDArray[np.float16]]

# Whose verdict picks the picture that the report shows: the first of these that was measured.
SHOWN_BY = ("mobilenet_distance", "ms_ssim", "psnr_db")

# Costly measures are taken of the files that one of these finds best for a budget; where none was measured, of all.
FINALISTS_BY = ("lpips", "judge2_distance")


@dataclass(frozen=True, slots=True)
class Task:
    """`known`: lines of an earlier run, of the same settings and budgets, that only lack measures."""

    codec: str
    settings: str
    picture: Picture
    budgets: tuple[int, ...]
    unit: Unit = Unit.BYTES
    known: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """`files` by name; `features` for KID and FID, by "measure-budget" ("measure-original": the picture's)."""

    task: Task
    lines: tuple[Line, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    features: Features = field(default_factory=dict)


class Worker:
    """Keeps networks open, and the picture at hand: tasks of one picture should follow each other."""

    def __init__(self, paths: WeightPaths, *, with_vmaf: bool, threads: int = 1, how: ours.How = ours.EMBEDDED) -> None:
        self._how = how
        self._judges = Judges(paths, with_vmaf=with_vmaf, threads=threads)
        self._peers: dict[str, Peer] = {}
        self._at_hand: tuple[str, Pixels, Against] | None = None

    def run(self, task: Task) -> Done:
        image_HWC, against = self._load(task.picture)
        if task.known and (done := self._measure_more(task, image_HWC, against)):
            return done
        coded = self._code(task, image_HWC)
        values = against.measure([one.image_HWC for one in coded])
        self._measure_finalists(coded, values, against)
        height, width = image_HWC.shape[:2]
        shown = self._shown(coded, values, task.budgets)
        lines, files = [], {}
        for at, (one, numbers) in enumerate(zip(coded, values, strict=True)):
            line = Line(
                task.codec,
                task.picture.name,
                task.picture.sha256,
                task.settings,
                one.budgets,
                tuple(b for b, best in shown.items() if best == at),
                one.scale,
                one.quality,
                len(one.data),
                round(8 * len(one.data) / (width * height), 6),
                _rounded(numbers),
                against.impossible,
                self._describer_of(numbers),
            )
            lines.append(line)
            if line.shown:
                files[line.file_name] = one.data
        reached = {b for one in coded for b in one.budgets}
        missed = tuple(b for b in task.budgets if b not in reached)
        if missed:
            lines.append(Line(task.codec, task.picture.name, task.picture.sha256, task.settings, missed))
        return Done(task, tuple(lines), files, self._features(image_HWC, coded, values, task.budgets))

    def _measure_more(self, task: Task, image_HWC: Pixels, against: Against) -> Done | None:
        """Only the measures that the known lines lack, on the same files; None where those cannot be made again."""
        lines = [line for line in task.known if line.num_bytes]
        coded = code_again(self._peer(task.codec), image_HWC, lines)
        if coded is None:
            return None
        lacking = {name for line in lines for name in set(self._judges.names) - COSTLY - line.values.keys()}
        found = against.measure([one.image_HWC for one in coded], lacking)
        values = [line.values | new for line, new in zip(lines, found, strict=True)]
        self._measure_finalists(coded, values, against)
        more = [
            replace(
                line, values=_rounded(numbers), without=against.impossible, describer=self._describer_of(numbers, line)
            )
            for line, numbers in zip(lines, values, strict=True)
        ]
        return Done(task, (*more, *(line for line in task.known if not line.num_bytes)))

    def _measure_finalists(self, coded: list[Coded], values: list[dict[str, float]], against: Against) -> None:
        """Adds the costly measures to the values of the files that may be a codec's best for a budget."""
        costly = COSTLY & set(self._judges.names)
        if not costly or not values:
            return
        choosers = [name for name in FINALISTS_BY if name in values[0]]
        budgets = tuple({budget for one in coded for budget in one.budgets})
        finalists = {at for name in choosers for at in best_files(coded, values, budgets, name).values()}
        for at in sorted(finalists if choosers else range(len(coded))):
            if lacking := costly - values[at].keys():
                values[at] |= against.measure([coded[at].image_HWC], lacking)[0]

    def _describer_of(self, values: dict[str, float], known: Line | None = None) -> str:
        if "words_kept" not in values:
            return ""
        return known.describer if known is not None and known.describer else self._judges.describer

    def _load(self, picture: Picture) -> tuple[Pixels, Against]:
        if self._at_hand is None or self._at_hand[0] != picture.sha256:
            image_HWC = picture.load()
            self._at_hand = (picture.sha256, image_HWC, self._judges.against(image_HWC))
        return self._at_hand[1:]

    def _code(self, task: Task, image_HWC: Pixels) -> list[Coded]:
        num_pixels = image_HWC.shape[0] * image_HWC.shape[1]
        budgets: dict[int, list[int]] = {}
        for budget in task.budgets:
            budgets.setdefault(task.unit.num_bytes(budget, num_pixels), []).append(budget)
        if task.codec == ours.NAME:
            coded = ours.code_with_semcodec(image_HWC, tuple(budgets), how=self._how, picture=task.picture.name)
        else:
            coded = code_with_peer(self._peer(task.codec), image_HWC, tuple(budgets))
        return [replace(one, budgets=tuple(b for n in one.budgets for b in budgets[n])) for one in coded]

    def _peer(self, codec: str) -> Peer:
        if codec not in self._peers:
            self._peers[codec] = factories()[codec]()
        return self._peers[codec]

    def _shown(self, coded: list[Coded], values: list[dict[str, float]], budgets: tuple[int, ...]) -> dict[int, int]:
        return best_files(coded, values, budgets, chosen_by("", values[0])) if values else {}

    def _features(
        self, image_HWC: Pixels, coded: list[Coded], values: list[dict[str, float]], budgets: tuple[int, ...]
    ) -> Features:
        features: Features = {}
        for wanted in self._judges.set_names if values else ():
            features[f"{wanted}-original"] = set_features(self._judges, image_HWC, wanted)
            computed: Features = {}
            for budget, at in best_files(coded, values, budgets, chosen_by(wanted, values[0])).items():
                if str(at) not in computed:
                    computed[str(at)] = set_features(self._judges, coded[at].image_HWC, wanted)
                features[f"{wanted}-{budget}"] = computed[str(at)]
        return features


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in values.items()}


def chosen_by(set_measure: str, values: Collection[str]) -> str:
    """The measure that picks a codec's file for a budget: KID takes its own network's distance, the rest `SHOWN_BY`."""
    own = f"{set_measure.removeprefix('kid_')}_distance"
    return own if own in values else next(name for name in SHOWN_BY if name in values)


def best_files(
    coded: list[Coded], values: list[dict[str, float]], budgets: tuple[int, ...], name: str
) -> dict[int, int]:
    """{budget: position of the file that is best by that measure}, for the budgets that were reached."""
    measure, best = find_measure(name), {}
    for budget in budgets:
        fits = [at for at, one in enumerate(coded) if budget in one.budgets]
        if fits:
            best[budget] = (max if measure.higher_is_better else min)(fits, key=lambda at: values[at][name])
    return best

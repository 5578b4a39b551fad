"""Runs the benchmark of clips: what is not in the results yet is coded and measured, clip by clip, codec by codec.

Promises: (1) a run that was stopped goes on where it was; (2) a line is used again only if clip, number of frames,
settings, budgets and measures are those wanted now; (3) the finished file is in a fixed order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.clips import ours
from semcodec.evaluation.clips.frames import Frames, load_frames
from semcodec.evaluation.clips.ladders import CodedClip, code_clip_with_peer
from semcodec.evaluation.clips.measure import OF_FRAMES, AgainstClip
from semcodec.evaluation.clips.peers import ClipPeer
from semcodec.evaluation.clips.shown import keep_shown
from semcodec.evaluation.environment import describe_environment
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.measures.judges import Judges, Values, WeightPaths
from semcodec.evaluation.results import Line, append_lines, read_lines, replace_file, write_lines
from semcodec.evaluation.sets import Picture, PictureSet

BUDGETS = (5, 10, 20)  # thousandths of a bit per pixel
NUM_FRAMES = 60
EVERY = 12
TIMES = ("encode_s", "decode_s")
# Costly measures are taken of the files that one of these finds best for a budget, and the page shows the first's.
CHOOSERS = ("lpips", "judge2_distance", "psnr_db")
_TITLES = tuple(f"{find_measure(name).title}:" for name in OF_FRAMES)


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """`num_frames`: the first ones of each clip, at most so many. `every`: networks see each n-th. `absent`: sentences
    about what will not be measured.
    """

    clips: PictureSet
    peers: tuple[ClipPeer, ...]
    budgets: tuple[int, ...]
    weights: WeightPaths
    out: Path
    with_vmaf: bool = True
    num_frames: int = NUM_FRAMES
    every: int = EVERY
    with_semcodec: bool = True
    absent: tuple[str, ...] = field(default=())

    def texts(self) -> dict[str, str]:
        """{codec: its settings in words}, in the order of the report."""
        texts = {ours.NAME: ours.settings()} if self.with_semcodec else {}
        return texts | {peer.name: peer.settings for peer in self.peers}

    def settings(self) -> dict[str, str]:
        """{codec: a short hash of everything that decides its files and what is measured of them}."""
        how = f", the first {self.num_frames} frames, each {self.every}th seen"
        texts = self.texts()
        if ours.NAME in texts:
            texts[ours.NAME] += ours.fingerprint()
        return {name: hashlib.sha256((text + how).encode()).hexdigest()[:12] for name, text in texts.items()}


def run_clip_plan(plan: ClipPlan, *, on_progress: Callable[[int, int, str], None] | None = None) -> None:
    """Fills `plan.out`: results.jsonl, run.json, and what the page shows in scratch/shown."""
    results, judges = plan.out / "results.jsonl", Judges(plan.weights, with_vmaf=plan.with_vmaf)
    settings, peers = plan.settings(), {peer.name: peer for peer in plan.peers}
    lines = [line for line in read_lines(results) if line.settings == settings.get(line.codec, line.settings)]
    num_done, num_all = 0, len(plan.clips.pictures) * len(settings)
    for clip in plan.clips.pictures:
        opened: tuple[Frames, AgainstClip] | None = None
        for codec, mark in settings.items():
            num_done += 1
            own = [line for line in lines if (line.codec, line.picture_sha256) == (codec, clip.sha256)]
            if not _is_done(own, plan.budgets, judges):
                if opened is None:
                    frames = load_frames(clip.path, plan.num_frames)
                    opened = frames, AgainstClip(judges, frames, every=plan.every)
                frames, against = opened
                budgets = {budget: Unit.MILLIBPP.num_bytes(budget, frames.num_pixels) for budget in plan.budgets}
                by_bytes = {num_bytes: budget for budget, num_bytes in budgets.items()}
                sizes = tuple(sorted(by_bytes))
                if codec == ours.NAME:
                    coded = ours.code_clip(frames, sizes)
                else:
                    coded = code_clip_with_peer(peers[codec], frames, sizes)
                found = _measured(plan, clip, codec, mark, frames, against, coded, by_bytes)
                append_lines(results, found)
                lines = [line for line in lines if line not in own] + found
            if on_progress:
                on_progress(num_done, num_all, f"{clip.name} {codec}")
    order = {codec: at for at, codec in enumerate(settings)}
    lines.sort(key=lambda one: (order.get(one.codec, len(order)), one.codec, one.picture, one.scale, one.num_bytes))
    write_lines(results, lines)
    _describe(plan, judges)


def _is_done(lines: list[Line], budgets: tuple[int, ...], judges: Judges) -> bool:
    has = {budget for line in lines for budget in line.budgets}
    wanted = {name for name in CHOOSERS if name in judges.names}
    return has >= set(budgets) and all(line.values.keys() >= wanted for line in lines if line.num_bytes)


def _measured(
    plan: ClipPlan,
    clip: Picture,
    codec: str,
    mark: str,
    frames: Frames,
    against: AgainstClip,
    coded: list[CodedClip],
    by_bytes: dict[int, int],
) -> list[Line]:
    """Lines of one codec on one clip, and its best file of each budget kept for the page."""
    num = len(frames.pictures)
    values: list[Values] = against.measure([one.shown for one in coded], set(against.names) - against.costly)
    for one, found in zip(coded, values, strict=True):
        found |= {"encode_s": one.encode_s / num, "decode_s": one.decode_s / num}
    chosen: dict[int, int] = {}
    finalists: set[int] = set()
    for num_bytes, budget in by_bytes.items():
        fits = [at for at, one in enumerate(coded) if num_bytes in one.budgets]
        for name in reversed([name for name in CHOOSERS if name in against.names] if fits else []):
            of_each = {at: values[at][name] for at in fits}
            best = (max if find_measure(name).higher_is_better else min)(of_each, key=of_each.__getitem__)
            finalists.add(best)
            chosen[budget] = best
    last = sorted(finalists)
    for at, more in zip(last, against.measure([coded[at].shown for at in last], against.costly), strict=True):
        values[at] |= more
    for budget, best in chosen.items():
        keep_shown(plan.out, coded[best].shown, codec=codec, clip=clip.name, budget=budget)
        keep_shown(plan.out, frames, codec="original", clip=clip.name, budget=0)
    lines = []
    for at, (one, numbers) in enumerate(zip(coded, values, strict=True)):
        budgets = tuple(sorted(by_bytes[num_bytes] for num_bytes in one.budgets))
        shown = tuple(budget for budget, best in chosen.items() if best == at)
        num_bytes, bpp = len(one.data), round(8 * len(one.data) / frames.num_pixels, 6)
        rounded = {name: round(value, 6) for name, value in numbers.items()}
        lines.append(
            Line(codec, clip.name, clip.sha256, mark, budgets, shown, one.scale, one.quality, num_bytes, bpp, rounded)
        )
    missed = tuple(budget for budget in by_bytes.values() if budget not in chosen)
    return [*lines, Line(codec, clip.name, clip.sha256, mark, missed)] if missed else lines


def _describe(plan: ClipPlan, judges: Judges) -> None:
    """run.json: what a reader must know about the numbers."""
    clips, titles = plan.clips, {ours.NAME: ours.NAME} | {peer.name: peer.title for peer in plan.peers}
    about = {
        "set": {"name": clips.name, "title": clips.title, "licence": clips.licence, "sha256": clips.sha256},
        "pictures": [{"name": clip.name, "sha256": clip.sha256} for clip in clips.pictures],
        "num_frames": plan.num_frames,
        "every": plan.every,
        "budgets": plan.budgets,
        "unit": Unit.MILLIBPP,
        "codecs": [{"name": name, "title": titles[name], "settings": text} for name, text in plan.texts().items()],
        "measures": [name for name in OF_FRAMES if name in judges.names],
        "absent": [*plan.absent, *(text for text in judges.absent if text.startswith(_TITLES))],
        "weights": judges.weight_files(),
        "environment": describe_environment(),
    }
    replace_file(plan.out / "run.json", (json.dumps(about, indent=1) + "\n").encode())

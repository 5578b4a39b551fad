"""The whole benchmark of clips as one function: plan, run, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from semcodec.evaluation.clips.peers import open_clip_peers
from semcodec.evaluation.clips.runner import BUDGETS, EVERY, NUM_FRAMES, ClipPlan, run_clip_plan
from semcodec.evaluation.clips.shown import CSS, gallery
from semcodec.evaluation.measures.judges import WeightPaths
from semcodec.evaluation.report.extract import differences_markdown, table_markdown
from semcodec.evaluation.report.page import page_of
from semcodec.evaluation.results import replace_file
from semcodec.evaluation.sets import VIDEO_ENDINGS, load_set
from semcodec.evaluation.summary import Summary, read_summary


@dataclass(frozen=True, slots=True)
class ClipBenchOptions:
    """`budgets`: thousandths of a bit per pixel; None: the usual ones. `peers` None: all that can run here."""

    folder: Path
    out: Path
    manifest: Path | None = None
    weights: WeightPaths = field(default_factory=WeightPaths)
    budgets: tuple[int, ...] | None = None
    peers: Sequence[str] | None = None
    num_clips: int | None = None
    num_frames: int = NUM_FRAMES
    every: int = EVERY
    with_vmaf: bool = True
    with_semcodec: bool = True


def make_clip_plan(options: ClipBenchOptions) -> ClipPlan:
    """Raises `PictureError` for a folder without clips, or with others than the manifest says; `ValueError`."""
    clips = load_set(options.folder, manifest=options.manifest, endings=VIDEO_ENDINGS)
    peers, absent = open_clip_peers(options.peers)
    return ClipPlan(
        clips.first(options.num_clips),
        tuple(peers),
        tuple(sorted(set(options.budgets or BUDGETS))),
        options.weights,
        options.out,
        with_vmaf=options.with_vmaf,
        num_frames=options.num_frames,
        every=options.every,
        with_semcodec=options.with_semcodec,
        absent=tuple(absent),
    )


def run_clip_bench(options: ClipBenchOptions, *, on_progress: Callable[[int, int, str], None] | None = None) -> Summary:
    """Measures what is not measured yet; writes `report.html`, `table.md` and `differences.md` beside the results."""
    plan = make_clip_plan(options)
    run_clip_plan(plan, on_progress=on_progress)
    return write_clip_report(plan)


def write_clip_report(plan: ClipPlan) -> Summary:
    """From what is in `plan.out` alone; nothing is coded or measured."""
    summary = read_summary(plan.out)
    notes = (
        f"Of each clip the first {plan.num_frames} frames at most; networks see every {plan.every}th of them, VMAF and "
        "the two measures of motion all. DISTS, VMAF and flicker are taken of the files that are a codec's best for a "
        "budget by LPIPS, by the second network or by PSNR.",
        "Bits per pixel count the pixels of all frames. Peers are coded at full and at half size (Lanczos down, "
        "bicubic up), at the highest quality that fits the budget; per measure and clip the better of the two counts.",
        "VVC has whole quantisers alone, and may leave up to a tenth of the budget; the others leave up to 2 %.",
    )
    page = page_of(summary, thing="clip", gallery=gallery(summary, plan.out), notes=notes, css=CSS)
    replace_file(plan.out / "report.html", page.encode())
    replace_file(plan.out / "table.md", table_markdown(summary, summary.measures).encode())
    replace_file(plan.out / "differences.md", differences_markdown(summary, summary.measures).encode())
    return summary

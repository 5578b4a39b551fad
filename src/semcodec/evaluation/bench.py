"""The whole benchmark as one function: plan, run, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from semcodec.evaluation import ours
from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.measures.judges import WeightPaths
from semcodec.evaluation.peers.registry import open_peers
from semcodec.evaluation.report.extract import curve_file, differences_markdown, table_markdown
from semcodec.evaluation.report.page import build_page
from semcodec.evaluation.report.pictures import make_views
from semcodec.evaluation.results import replace_file
from semcodec.evaluation.runner import BUDGETS, NUM_QUICK_PICTURES, QUICK_BUDGETS, Plan, run_plan
from semcodec.evaluation.sets import load_set
from semcodec.evaluation.summary import Summary, read_summary

NUM_PICTURES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """`budgets` None: the usual ones. `quick`: 6 pictures, 3 budgets, no VVC. `peers` None: all that can run here."""

    folder: Path
    out: Path
    manifest: Path | None = None
    weights: WeightPaths = field(default_factory=WeightPaths)
    budgets: tuple[int, ...] | None = None
    unit: Unit = Unit.BYTES
    peers: Sequence[str] | None = None
    num_pictures: int | None = None
    quick: bool = False
    jobs: int = 1
    with_vmaf: bool = True
    how: ours.How = ours.EMBEDDED


def make_plan(options: BenchOptions) -> Plan:
    pictures = load_set(options.folder, manifest=options.manifest)
    num_pictures = options.num_pictures or (NUM_QUICK_PICTURES if options.quick else None)
    peers, absent = open_peers(options.peers, with_slow=not options.quick)
    budgets = options.budgets or (QUICK_BUDGETS if options.quick else BUDGETS)
    return Plan(
        pictures.first(num_pictures),
        tuple(peers),
        tuple(sorted(set(budgets))),
        options.weights,
        options.out,
        with_vmaf=options.with_vmaf,
        how=options.how,
        absent=tuple(absent),
        unit=options.unit,
    )


def run_bench(options: BenchOptions, *, on_progress: Callable[[int, int, str], None] | None = None) -> Summary:
    """Measures what is not measured yet, and writes `report.html` beside the results."""
    plan = make_plan(options)
    run_plan(plan, jobs=options.jobs, on_progress=on_progress)
    return write_report(plan)


def write_report(plan: Plan) -> Summary:
    """From the results in `plan.out` alone; nothing is coded or measured."""
    summary = read_summary(plan.out)
    views = make_views(summary, plan.pictures.pictures, plan.out, num_pictures=NUM_PICTURES_SHOWN, how=plan.how)
    replace_file(plan.out / "report.html", build_page(summary, views).encode())
    replace_file(plan.out / "table.md", table_markdown(summary, summary.measures).encode())
    replace_file(plan.out / "differences.md", differences_markdown(summary, summary.measures).encode())
    for measure in summary.measures:
        curve = curve_file(summary, measure)
        if curve is not None:
            replace_file(plan.out / "curves" / f"{measure.name}.svg", curve.encode())
    return summary

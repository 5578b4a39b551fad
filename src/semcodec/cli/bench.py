"""`semcodec bench`: semcodec beside its peers, in one run, with a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.flags import with_groups
from semcodec.cli.painter_flags import Painter, PainterFlags, quieten_libraries
from semcodec.errors import SemcodecError


@dataclass(frozen=True, slots=True)
class SetFlags:
    """What is measured."""

    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="What belongs to the set, with hashes (benchmarks/manifests).")
    ] = None
    out: Annotated[
        Path | None, typer.Option("--out", help="Results and report go here; an unfinished run goes on.")
    ] = None
    quick: Annotated[bool, typer.Option("--quick", help="6 pictures, 3 budgets, no VVC.")] = False
    budgets: Annotated[str | None, typer.Option("--budgets", help="Bytes of the whole file: 100,340,1000.")] = None
    bpp: Annotated[
        str | None, typer.Option("--bpp", help="Bits per pixel in place of bytes, to a thousandth: 0.02,0.04.")
    ] = None
    peers: Annotated[str | None, typer.Option("--peers", help="Only these peers: vvc,avif. Default: all.")] = None
    num_pictures: Annotated[
        int | None, typer.Option("--first", min=1, help="Only so many pictures, evenly spaced.")
    ] = None

    video: Annotated[
        bool,
        typer.Option("--video", help="Clips instead, beside SVT-AV1, x265 and VVC at 0.005, 0.01 and 0.02 bpp."),
    ] = False
    num_frames: Annotated[
        int | None, typer.Option("--frames", min=2, help="With --video: only so many frames of each clip; 60.")
    ] = None
    every: Annotated[
        int | None, typer.Option("--every", min=1, help="With --video: networks see each n-th frame; 12.")
    ] = None

    def numbers(self) -> tuple[int, ...] | None:
        """Bytes, or thousandths of a bit per pixel. Raises `typer.BadParameter`."""
        if self.bpp is not None:
            if self.budgets is not None or self.quick:
                raise typer.BadParameter("--bpp stands in place of --budgets and --quick")
            return _thousandths(self.bpp)
        try:
            return tuple(int(text) for text in self.budgets.split(",")) if self.budgets else None
        except ValueError as exc:
            said = f"--budgets takes whole numbers with commas between, not {self.budgets!r}"
            raise typer.BadParameter(said) from exc


@dataclass(frozen=True, slots=True)
class JudgeFlags:
    """Weights of the networks that judge: fields of `WeightPaths`."""

    mobilenet: Annotated[Path | None, typer.Option("--mobilenet", help="MobileNetV2 weights (safetensors).")] = None
    judge2: Annotated[
        Path | None, typer.Option("--judge2", help="The second network (benchmarks/judges/judge2.safetensors).")
    ] = None
    lpips: Annotated[
        Path | None, typer.Option("--lpips", help="The state of lpips.LPIPS(net='alex') as safetensors.")
    ] = None
    dists: Annotated[Path | None, typer.Option("--dists", help="The state of DISTS_pytorch as safetensors.")] = None
    clip: Annotated[Path | None, typer.Option("--clip", help="A Hugging Face CLIP model's safetensors.")] = None
    fid: Annotated[Path | None, typer.Option("--fid", help="pytorch-fid's pt_inception-2015-12-05 as safetensors.")] = (
        None
    )
    words_kept: Annotated[
        str | None,
        typer.Option("--words-kept", metavar="DESCRIBER", help="A describer that looks again: its name, or a folder."),
    ] = None


@with_groups
def bench(
    pictures: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder of pictures, or clips, to measure on.")
    ],
    *,
    measured: SetFlags,
    judges: JudgeFlags,
    painter: Painter = None,
    tries: Annotated[int, typer.Option("--tries", min=1, help="Seeds that the encoder tries with the painter.")] = 1,
    captions: Annotated[
        Path | None,
        typer.Option("--captions", help="A folder with words for NAME.png in NAME.txt; they count as bytes."),
    ] = None,
    painting: PainterFlags,
    restore: Annotated[
        bool, typer.Option("--restore/--no-restore", help="Restore what is decoded.", show_default=False)
    ] = True,
    no_vmaf: Annotated[bool, typer.Option("--no-vmaf", help="Leave VMAF out.")] = False,
    num_jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes at work at the same time; 2, with a painter 1.")
    ] = None,
    report_only: Annotated[bool, typer.Option("--report-only", help="Make the page again from the results.")] = False,
    times: Annotated[
        bool, typer.Option("--times", help="Measure semcodec's times and memory instead, into timings.json.")
    ] = False,
) -> None:
    """Compare semcodec with JPEG, WebP, AVIF, JPEG XL, HEIC, HEVC, AV1, VVC, BlurHash and ThumbHash at equal bytes.

    Leaves results.jsonl, a line per codec, picture and file, and report.html, a page for people.
    """
    numbers, painter_options = measured.numbers(), painting.options_of(painter)
    if painter is None and tries != 1:
        raise typer.BadParameter("--tries is about a painter; give one with --painter")
    manifest = measured.manifest
    if not measured.video and (measured.num_frames is not None or measured.every is not None):
        raise typer.BadParameter("--frames and --every are about clips; give them with --video")
    folder = measured.out or Path("bench-results") / (manifest.stem if manifest else pictures.resolve().name)
    if measured.video:
        if painter is not None or captions is not None or times or measured.quick or measured.budgets is not None:
            raise typer.BadParameter("--painter, --captions, --times, --quick and --budgets are about pictures")
        _bench_clips(pictures, folder, measured, judges, numbers, with_vmaf=not no_vmaf, report_only=report_only)
        return
    try:
        from semcodec.evaluation.bench import BenchOptions, make_plan, run_bench, write_report
        from semcodec.evaluation.budgets import Unit
        from semcodec.evaluation.measures.judges import WeightPaths
        from semcodec.evaluation.ours import How

        if painter is not None:
            quieten_libraries()
        options = BenchOptions(
            folder=pictures,
            out=folder,
            manifest=manifest,
            weights=WeightPaths(**asdict(judges)),
            budgets=numbers,
            unit=Unit.BYTES if measured.bpp is None else Unit.MILLIBPP,
            peers=measured.peers.split(",") if measured.peers else None,
            num_pictures=measured.num_pictures,
            quick=measured.quick,
            jobs=num_jobs or (2 if painter is None else 1),
            how=How(painter, painter_options, tries, captions, restore),
            with_vmaf=not no_vmaf,
        )
        if times:
            from semcodec.evaluation.times import measure_times, write_times

            plan = make_plan(options)
            write_times(folder / "timings.json", measure_times(plan.pictures.pictures, plan.budgets))
            say(f"{folder / 'timings.json'}: written")
            return
        if report_only:
            write_report(make_plan(options))
        else:
            with _bar() as show:
                run_bench(options, on_progress=show)
        say(f"{folder / 'report.html'}: written, with results.jsonl beside it")
    except (SemcodecError, ValueError, OSError) as exc:
        say(sentence(str(pictures), exc))
        raise typer.Exit(ExitCode.FAILURE) from exc


def _bench_clips(
    clips: Path,
    out: Path,
    measured: SetFlags,
    judges: JudgeFlags,
    budgets: tuple[int, ...] | None,
    *,
    with_vmaf: bool,
    report_only: bool,
) -> None:
    try:
        from semcodec.evaluation.clips.bench import ClipBenchOptions, make_clip_plan, run_clip_bench, write_clip_report
        from semcodec.evaluation.clips.runner import EVERY, NUM_FRAMES
        from semcodec.evaluation.measures.judges import WeightPaths

        options = ClipBenchOptions(
            folder=clips,
            out=out,
            manifest=measured.manifest,
            weights=WeightPaths(**asdict(judges)),
            budgets=budgets,
            peers=measured.peers.split(",") if measured.peers else None,
            num_clips=measured.num_pictures,
            num_frames=measured.num_frames or NUM_FRAMES,
            every=measured.every or EVERY,
            with_vmaf=with_vmaf,
        )
        if report_only:
            write_clip_report(make_clip_plan(options))
        else:
            with _bar() as show:
                run_clip_bench(options, on_progress=show)
        say(f"{out / 'report.html'}: written, with results.jsonl beside it")
    except (SemcodecError, ValueError, OSError) as exc:
        say(sentence(str(clips), exc))
        raise typer.Exit(ExitCode.FAILURE) from exc


def _thousandths(text: str) -> tuple[int, ...]:
    """ "0.02,0.04" -> (20, 40)."""
    try:
        found = tuple(round(1000 * float(part), 6) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or any(number < 1 or number != int(number) for number in found):
        raise typer.BadParameter(f"--bpp takes numbers such as 0.02,0.04, of thousandths, not {text!r}")
    return tuple(int(number) for number in found)


@contextmanager
def _bar() -> Iterator[Callable[[int, int, str], None]]:
    """A bar on a terminal; a line now and then where stderr is a file."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    def say_now_and_then(num_done: int, num_all: int, text: str) -> None:
        if num_done % 20 == 0 or num_done == num_all:
            say(f"{num_done} of {num_all}: {text}")

    console = Console(stderr=True)
    if not console.is_terminal:
        yield say_now_and_then
        return
    count, text = TextColumn("{task.completed}/{task.total}"), TextColumn("{task.description}")
    with Progress(count, BarColumn(), TimeRemainingColumn(), text, console=console) as bar:
        task = bar.add_task("", total=None)
        yield lambda num_done, num_all, text: bar.update(task, completed=num_done, total=num_all, description=text)

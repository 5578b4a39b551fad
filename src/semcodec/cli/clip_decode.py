"""`semcodec clip decode`: .semv files to videos."""

from __future__ import annotations

import enum
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
from semcodec.cli.batch import Report as Result
from semcodec.cli.clip_progress import watched
from semcodec.cli.exits import counted, printable
from semcodec.cli.flags import OutputDir, Redo, Verbose, with_groups
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import Outputs
from semcodec.cli.painter_flags import Painter, PainterFlags
from semcodec.cli.paths import no_empty_names
from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs
from semcodec.cli.report import Report, report_target, write_report
from semcodec.cli.streams import STANDARD, cannot_be_written, read_input, write_output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from semcodec.clips import Playing, Shown
    from semcodec.contracts import Interpolator

_SUFFIXES = (".mp4", ".webp", ".gif")


class Mode(enum.StrEnum):
    IT2V = "it2v"
    TT2V = "tt2v"
    STILLS = "stills"


class Between(enum.StrEnum):
    NETWORK = "network"
    MOTION = "motion"
    FADE = "fade"


@with_groups
def decode(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help=".semv files, folders, patterns; the last path may be the OUTPUT. - is stdin or stdout.",
            callback=no_empty_names,
        ),
    ],
    *,
    mode: Annotated[
        Mode,
        typer.Option(
            "--mode", help="it2v: the pictures, and motion between them. tt2v: an impression from the words. stills."
        ),
    ] = Mode.IT2V,
    interpolator: Annotated[
        Between | None,
        typer.Option(
            "--interpolator",
            help="Makes the frames between key frames. network: the embedded one, where these are more than 4 frames "
            "apart; the default. motion: motion compensation, in a fifth of the time. fade.",
        ),
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="mp4, webp, gif; follows from OUTPUT, else mp4.")
    ] = None,
    crf: Annotated[
        int, typer.Option("--crf", min=0, max=51, help="Of the MP4's H.264: lower is finer and larger.")
    ] = 18,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Another impression, another film.")] = None,
    no_restore: Annotated[
        bool, typer.Option("--no-restore", help="Leave the restorer out: pictures as they were sent.")
    ] = False,
    report: Report = None,
    painter: Painter = None,
    painting: PainterFlags,
    max_pixels: MaxPixels = None,
    output_dir: OutputDir = None,
    overwrite: Redo = False,
    verbose: Verbose = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what failed or came out damaged.")] = False,
) -> None:
    """Decode .semv files to videos.

    INPUT OUTPUT, or INPUT... FOLDER, or INPUT... alone: then an MP4 lands beside each file.

    A --painter that films (a text-to-video or image-to-video pipeline of diffusers) films the words with --mode tt2v,
    and what lies between two key frames with --mode it2v; one of stills paints the scenes of --mode tt2v.

    What is missing of a damaged or truncated clip is held or faded over, with a sentence and exit code 3.
    """
    from semcodec.clips.options import PlayOptions

    if seed is not None and mode is not Mode.TT2V and painter is None:
        raise typer.BadParameter("--seed is about --mode tt2v, or a --painter")
    if painter is not None and mode is Mode.STILLS:
        raise typer.BadParameter("--painter is about --mode tt2v and it2v")
    if interpolator is not None and (painter is not None or mode is not Mode.IT2V):
        raise typer.BadParameter("--interpolator is about --mode it2v without a --painter")
    opened = painting.opened_for_clips(painter)
    options = PlayOptions(
        mode=mode.value,
        interpolator=_chosen(interpolator),
        seed=seed,
        restore=not no_restore,
        limits=chosen_limits(max_pixels),
    )
    jobs = _planned(paths, output_dir, format)
    report_to = report_target(report, [job.target for job in jobs], overwrite=overwrite)
    played: dict[Job, dict[str, Any]] = {}
    told: list[dict[str, Any]] = []

    def ended(result: Result) -> None:
        job = result.job
        said = played.pop(job, None)
        told.append({"file": job.source, "output": job.target if said else None, "error": result.error, **(said or {})})

    def work(job: Job) -> Done:
        from semcodec.clips.decoding import play
        from semcodec.file.clips.reading import read_clip

        clip = read_clip(read_input(job.source), limits=options.limits)
        playing = play(clip, replace(options, painter=opened.get()))
        runs: list[list[Any]] = []
        with watched(quiet=quiet) as progress:
            _write(playing, _watched(playing, runs, progress), job.target, _suffix_of(job.target, format), crf)
        played[job] = {
            "mode": mode.value,
            "painter": None if playing.options.painter is None else playing.options.painter.name,
            "interpolator": playing.interpolator().name if mode is Mode.IT2V else None,
            "width_px": playing.size.width_px,
            "height_px": playing.size.height_px,
            "rate": list(playing.clip.header.rate),
            "num_frames": playing.num_frames,
            "made": [{"first": first, "last": last, "made": made} for first, last, made in runs],
            "problems": list(playing.problems),
        }
        return _done(job, playing, runs, mode)

    manner = Manner(overwrite=overwrite, verbose=verbose, quiet=quiet)
    code = run_jobs(jobs, work, Outputs(_is_ours), manner, ended=ended)
    if report_to is not None:
        write_report(report_to, told)
    raise typer.Exit(code)


def _chosen(between: Between | None) -> Interpolator | None:
    """None: the embedded network, or what is done where there is none. Raises `WeightsError` where one is asked for."""
    if between is Between.FADE:
        from semcodec.interpolators.plain import Fade

        return Fade()
    if between is Between.MOTION:
        from semcodec.interpolators.compensated import Compensated

        return Compensated()
    if between is Between.NETWORK:
        from semcodec.models import default_models
        from semcodec.zoo.catalog import shipped

        if default_models().name_of("interpolator") is None:
            raise shipped().missing("interpolator")
    return None


def _planned(paths: list[str], output_dir: str | None, format: str | None) -> list[Job]:
    if format is not None and f".{format.lower()}" not in _SUFFIXES:
        raise typer.BadParameter(f"--format {format} is not known; the known ones are mp4, webp, gif")
    kinds = Kinds(
        is_input=lambda path: path.suffix.lower() == ".semv",
        is_output=lambda path: path.suffix.lower() in _SUFFIXES,
        input_suffixes=frozenset({".semv"}),
        output_suffix=f".{(format or 'mp4').lower()}",
    )
    try:
        jobs = plan_jobs(paths, output_dir, kinds)
    except UsageError as exc:
        raise typer.BadParameter(printable(str(exc))) from exc
    for job in jobs:
        if job.problem is None and _suffix_of(job.target, format) not in _SUFFIXES:
            raise typer.BadParameter(
                f"{job.target}: its suffix names no format (mp4, webp, gif); rename it or give --format"
            )
    return jobs


def _suffix_of(target: str, format: str | None) -> str:
    return f".{format.lower()}" if format else ".mp4" if target == STANDARD else Path(target).suffix.lower()


def _is_ours(data: bytes) -> bool:
    from semcodec.pictures.animation import is_our_animation
    from semcodec.video.writing import is_our_mp4

    return is_our_mp4(data) or is_our_animation(data)


def _watched(playing: Playing, runs: list[list[Any]], progress: Any) -> Iterator[Shown]:
    """The frames; `runs` grows by how they were made: first and last frame of a kind, and the kind."""
    for shown in playing.frames():
        if not runs or runs[-1][2] != shown.made.value:
            runs.append([shown.frame, shown.frame, shown.made.value])
        runs[-1][1] = shown.frame
        yield shown
        if progress is not None:
            progress("frames", shown.frame + 1, playing.num_frames)


def _write(playing: Playing, frames: Iterator[Shown], target: str, suffix: str, crf: int) -> None:
    from semcodec.clips.saving import write
    from semcodec.files import written_beside

    if target == STANDARD:
        out = io.BytesIO()
        write(frames, out, suffix, playing.size, playing.rate, crf=crf)
        write_output(STANDARD, out.getvalue())
        return
    try:
        with written_beside(target) as beside:
            write(frames, beside, suffix, playing.size, playing.rate, crf=crf)
    except OSError as exc:
        raise cannot_be_written(target, exc) from exc


def _done(job: Job, playing: Playing, runs: list[list[Any]], mode: Mode) -> Done:
    from semcodec.contracts import VideoPainter

    counts: dict[str, int] = {}
    for first, last, made in runs:
        counts[made] = counts.get(made, 0) + last - first + 1
    told = ", ".join(f"{count} {made}" for made, count in counts.items())
    notes = []
    painter = playing.options.painter
    if painter is not None and mode is Mode.IT2V and "invented" not in counts:
        notes.append(f"{painter.name} had nothing to film: no frames lie between pictures that were sent")
    elif painter is not None and mode is Mode.IT2V:
        notes.append(f"{counts['invented']} frames between those that were sent were filmed by {painter.name}")
    elif isinstance(painter, VideoPainter):
        notes.append(f"an impression filmed from words by {painter.name}: nothing in it was seen")
    elif mode is Mode.TT2V:
        notes.append("an impression painted from words: nothing in it was seen, and it moves as the camera is said to")
    return Done(
        "" if job.target == STANDARD else f"{playing.size}, {counted(playing.num_frames, 'frame')}: {told}",
        f"{playing.size}, {counted(playing.num_frames, 'frame')}, {float(playing.rate):.4g} a second: {told}",
        notes=tuple(notes),
        damage=tuple(f"{problem}; what is missing is held or faded" for problem in playing.problems),
    )

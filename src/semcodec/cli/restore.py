"""`semcodec restore`: pictures of other codecs that lost too much, finished by the restorer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
from semcodec.cli.flags import OutputDir, Quiet, Redo, Verbose
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import Outputs
from semcodec.cli.paths import no_empty_names
from semcodec.cli.picture_inputs import cure, size_of_picture
from semcodec.cli.picture_outputs import Format, format_of, planned
from semcodec.cli.plan import Job
from semcodec.cli.streams import STANDARD, read_input, write_output

if TYPE_CHECKING:
    from semcodec.restoring import Restored

# What a folder is searched for; a file that is named is tried whatever its name is.
_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".avif"})


def restore(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Pictures, folders, patterns; the last path may be the OUTPUT. - is stdin or stdout.",
            callback=no_empty_names,
        ),
    ],
    *,
    format: Format = None,
    strength: Annotated[
        float, typer.Option("--strength", min=0, max=1, help="From the picture as it is (0) to the restored one (1).")
    ] = 1.0,
    force: Annotated[
        bool, typer.Option("--force", help="Restore what looks fine, or is of no lossy codec that is known.")
    ] = False,
    strip: Annotated[
        bool, typer.Option("--strip", help="Leave the picture's EXIF, XMP and colour profile out.")
    ] = False,
    max_pixels: MaxPixels = None,
    output_dir: OutputDir = None,
    num_jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Pictures in work at the same time.")] = 1,
    overwrite: Redo = False,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Restore JPEG, WebP, AVIF, HEIC and JPEG XL pictures of low quality.

    INPUT OUTPUT, or INPUT... FOLDER, or INPUT alone: then a PNG lands beside it.

    How much a picture has lost is read from its file. One that looks fine is named and left alone; if all do, the exit
    code is 5. What the restorer adds was never in the picture; the output says so.
    """
    from semcodec.pictures.formats import upright_size
    from semcodec.pictures.sign import was_written_here

    def work(job: Job) -> Done:
        import semcodec

        source = read_input(job.source) if job.source == STANDARD else Path(job.source)
        restored = semcodec.restore(source, strength=strength, force=force, limits=limits)
        return _written(job, restored, format_of(job.target, format), strip=strip)

    jobs, limits = _planned(paths, output_dir, format), chosen_limits(max_pixels)
    manner = Manner(num_jobs=num_jobs, overwrite=overwrite, verbose=verbose, quiet=quiet)
    outputs = Outputs(was_written_here, size_of_picture, upright_size)
    raise typer.Exit(run_jobs(jobs, work, outputs, manner, cure))


def _planned(paths: list[str], output_dir: str | None, format: str | None) -> list[Job]:
    from semcodec.pictures.formats import HEIC, JPEG_XL, readable_suffixes, unread_kind

    suffixes = _SUFFIXES | readable_suffixes()
    wanted = HEIC.suffixes | JPEG_XL.suffixes

    def unread(path: Path) -> str | None:
        return unread_kind(path.suffix) if path.suffix.lower() in wanted - suffixes else None

    return planned(paths, output_dir, format, suffixes, unread)


def _written(job: Job, restored: Restored, format: str, *, strip: bool) -> Done:
    """Writes a picture, and says what was written."""
    from semcodec.pictures import Beside, picture_bytes
    from semcodec.types import Metadata

    notes = list(restored.notes)
    kept = Metadata() if strip else restored.metadata
    beside = Beside(restored.alpha_HW, kept.icc_profile, kept.exif, kept.xmp, restored.provenance)
    data = picture_bytes(restored.image_HWC, format=format, name=job.target, beside=beside, notes=notes)
    write_output(job.target, data)
    height, width = restored.image_HWC.shape[:2]
    return Done(
        "" if job.target == STANDARD else f"{width}x{height}, {len(data)} bytes",
        f"{width}x{height}; {restored.provenance.parts}",
        notes=tuple(notes),
        damage=restored.damage,
    )

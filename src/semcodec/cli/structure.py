"""`semcodec structure`: the outlines of a file, as a picture."""

from __future__ import annotations

import warnings
from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.flags import Quiet
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import refuse_existing
from semcodec.cli.paths import no_empty_names
from semcodec.cli.picture_outputs import format_of
from semcodec.cli.streams import STANDARD, as_input, as_output, input_name, read_input, write_output
from semcodec.errors import SemcodecError


def structure(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A .semc file; - is stdin.", callback=no_empty_names)],
    target: Annotated[
        str, typer.Argument(metavar="OUTPUT", help="The picture to write; - is stdout.", callback=no_empty_names)
    ],
    max_pixels: MaxPixels = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUTPUT if it exists.")] = False,
    quiet: Quiet = False,
) -> None:
    """Show the outlines of a file (`encode --structure`): grey, white where an outline is sure.

    A file that was cut, or is damaged, shows those that its good part says; then the exit code is 3.
    """
    source, target = as_input(source), as_output(target)
    name, limits = input_name(source), chosen_limits(max_pixels)
    try:
        import semcodec
        from semcodec.pictures import picture_bytes

        refuse_existing(source, target, overwrite=overwrite)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            outlines_HW = semcodec.decode_structure(read_input(source), limits=limits)
        image_HWC = outlines_HW[:, :, None].repeat(3, axis=2)
        write_output(target, picture_bytes(image_HWC, format=format_of(target, None), name=target))
    except (SemcodecError, OSError) as exc:
        say(sentence(name, exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
    for warning in told:
        say(f"{name}: {warning.message}")
    if target != STANDARD and not quiet:
        say(f"{target}: outlines, {outlines_HW.shape[1]}x{outlines_HW.shape[0]}")
    if told:
        raise typer.Exit(ExitCode.DAMAGED)

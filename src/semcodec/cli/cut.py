"""`semcodec cut`: the same picture in fewer bytes, without a network."""

from __future__ import annotations

from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.flags import Layers, Quiet, chosen_layers
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import refuse_existing
from semcodec.cli.paths import no_empty_names
from semcodec.cli.roi import ROI_METAVAR, chosen_roi
from semcodec.cli.streams import STANDARD, as_input, as_output, input_name, read_input, write_output
from semcodec.errors import SemcodecError
from semcodec.ids import LayerId


def cut(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A .semc file; - is stdin.", callback=no_empty_names)],
    target: Annotated[
        str, typer.Argument(metavar="OUTPUT", help="The file to write; - is stdout.", callback=no_empty_names)
    ],
    num_bytes: Annotated[
        int | None, typer.Option("--bytes", min=1, help="The most bytes that the new file may have.")
    ] = None,
    roi: Annotated[
        str | None,
        typer.Option("--roi", metavar=ROI_METAVAR, help="Keep the detail of this part of the picture, in its pixels."),
    ] = None,
    strip: Annotated[
        bool, typer.Option("--strip", help="Drop all boxes: EXIF, XMP, colour profile, transparency, link.")
    ] = False,
    layers: Layers = None,
    max_pixels: MaxPixels = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUTPUT if it exists.")] = False,
    quiet: Quiet = False,
) -> None:
    """Shorten a file, without a network.

    What comes out is a whole file: its picture is softer, its words are kept. Boxes go first, from the last on. A base
    picture (`encode --picture`) is kept whole or not at all: a line says where it goes.

    At least one of --bytes, --strip and --layers. With --roi the bytes go to a part of the picture first, and what is
    around it goes soft.

    What exists is not replaced without --overwrite: `cut *.semc` would write over the second file.
    """
    if num_bytes is None and roi is not None:
        raise typer.BadParameter("--roi says what is kept first, not how much: give --bytes, too")
    if num_bytes is None and not strip and layers is None:
        raise typer.BadParameter("cut to how much? give --bytes, --strip or --layers, or several of them")
    kept = chosen_layers(layers)
    source, target = as_input(source), as_output(target)
    name, limits, region = input_name(source), chosen_limits(max_pixels), chosen_roi(roi)
    try:
        import semcodec
        from semcodec.cli.outcome import said_of

        refuse_existing(source, target, overwrite=overwrite)
        whole = read_input(source)
        data = semcodec.cut(whole, bytes=num_bytes, roi=region, strip=strip, layers=kept, limits=limits)
        write_output(target, data)
        before, after = semcodec.info(whole, limits=limits), semcodec.info(data, limits=limits)
        boxes = {layer.name for layer in after.boxes}
        gone = [box.name for box in before.boxes if box.name not in boxes]
        if gone and not strip and not quiet:
            say(f"{name}: to fit, its boxes lost {', '.join(gone)}")
        if not quiet and before.has(LayerId.BASE) and not after.has(LayerId.BASE):
            left = "its tokens" if after.has(LayerId.TOKENS) else "its words, and no picture"
            say(f"{name}: its base picture has no room and cannot be shortened; what is left is {left}")
        if target != STANDARD and not quiet:
            say(f"{target}: {said_of(data, limits, tells_words=False)}")
    except (SemcodecError, OSError) as exc:
        say(sentence(name, exc))
        raise typer.Exit(ExitCode.FAILURE) from exc

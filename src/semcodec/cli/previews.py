"""`--preview`: what the recipient will see, as a picture file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from semcodec.cli.outputs import refuse_foreign
from semcodec.cli.radio_flags import PreviewFlags, share_of
from semcodec.cli.streams import write_output
from semcodec.errors import FormatError
from semcodec.limits import Limits


def refuse_strange_preview(flags: PreviewFlags) -> None:
    """Raises `typer.BadParameter` for a name that names no picture format."""
    from semcodec.pictures import OUTPUT_FORMATS

    if flags.preview is not None and _format_of(flags.preview) not in OUTPUT_FORMATS:
        raise typer.BadParameter(f"--preview {flags.preview}: its suffix is none of {', '.join(OUTPUT_FORMATS)}")


def write_preview(packets: Sequence[bytes], flags: PreviewFlags, limits: Limits, *, overwrite: bool) -> str:
    """Writes it, and says what arrived; where nothing is to be seen, says that. Raises OSError and SemcodecError."""
    from semcodec.options import PaintOptions
    from semcodec.pictures.sign import was_written_here
    from semcodec.radio.preview import arriving, preview

    assert flags.preview is not None
    loss = share_of(flags.loss)
    refuse_foreign(flags.preview, was_written_here, overwrite=overwrite)
    there = arriving(packets, loss, seed=flags.seed)
    arrived = f"{len(there)} of {len(packets)} packets arrive" + (f" (--seed {flags.seed})" if loss else "")
    try:
        painted = preview(packets, loss=loss, seed=flags.seed, options=PaintOptions(limits=limits))
    except FormatError as nothing:
        why = "" if not there else f" ({nothing})" if packets[0] in there else ", for the first is lost"
        return f"{flags.preview}: not written: {arrived}, and the recipient sees nothing{why}"
    write_output(flags.preview, painted.picture_bytes(_format_of(flags.preview), name=flags.preview))
    return f"{flags.preview}: {arrived}; {painted.provenance.parts}"


def _format_of(path: str) -> str:
    return Path(path).suffix[1:].lower()

"""The flags of how a file is painted: the arguments of `semcodec.decode`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from semcodec.cli.flags import Layers, chosen_layers
from semcodec.cli.report import Label
from semcodec.cli.roi import ROI_METAVAR, chosen_roi
from semcodec.limits import Limits
from semcodec.options import PaintOptions


@dataclass(frozen=True, slots=True)
class PaintFlags:
    """Fields of `PaintOptions`, `roi` as it is typed."""

    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Another seed paints what was not sent another way; else the file's, or 0."),
    ] = None
    invent: Annotated[
        bool | None,
        typer.Option(
            "--invent/--no-invent",
            help="Let the embedded generator draw what was not sent. By default it paints files of words alone.",
            show_default=False,
        ),
    ] = None
    fast: Annotated[bool, typer.Option("--fast", help="It draws in fewer steps.")] = False
    restore: Annotated[
        bool,
        typer.Option(
            "--restore/--no-restore",
            help="Let the embedded restorer finish what was decoded. By default it does.",
            show_default=False,
        ),
    ] = True
    label: Label = False
    roi: Annotated[
        str | None,
        typer.Option("--roi", metavar=ROI_METAVAR, help="Paint only this rectangle, in pixels of the picture."),
    ] = None
    layers: Layers = None

    def options(self, painter: str | None, limits: Limits) -> PaintOptions:
        """All but the painter itself. Raises `typer.BadParameter` where they say nothing to the one that is named."""
        if painter is not None and (self.invent is not None or self.fast):
            raise typer.BadParameter("--invent and --fast are about the embedded generator, not a --painter")
        typed = {"roi": chosen_roi(self.roi), "layers": chosen_layers(self.layers)}
        return PaintOptions(**asdict(self) | typed, limits=limits)

"""`--roi x,y,w,h`: a region of interest in display pixels, the same for every command that has one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from semcodec.types import Roi

ROI_METAVAR = "X,Y,W,H"
_NUMBERS = re.compile(r"\s*([+-]?\d{1,9})\s*,\s*([+-]?\d{1,9})\s*,\s*(\d{1,9})\s*,\s*(\d{1,9})\s*", re.ASCII)


def chosen_roi(text: str | None) -> Roi | None:
    """Left, top, width and height as an option has them; None where it was not given.

    The region may reach beyond the picture, whose size is not known here: `layers.tokens.roi.clipped_roi` cuts it off.
    """
    if text is None:
        return None
    match = _NUMBERS.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f"--roi {text!r} is not x,y,w,h: four whole numbers of pixels, such as 120,80,200,160")
    left, top, width_px, height_px = map(int, match.groups())
    if not width_px or not height_px:
        raise typer.BadParameter(f"--roi {text!r} is empty: its width and its height are at least 1 pixel")
    return left, top, width_px, height_px

"""A grid of colours in fewer bytes: a coarser one of the same picture, or fewer levels. No network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from semcodec.errors import UnknownFamilyError
from semcodec.ids import PIXEL_CODING, LayerId
from semcodec.layers.pixels.decode import fill_gaps, unpack_pixels
from semcodec.layers.pixels.fit import fit_grid
from semcodec.layers.pixels.resample import resample
from semcodec.types import FileHeader, Section

if TYPE_CHECKING:
    from semcodec.limits import Limits
    from semcodec.types import Roi


def open_shortener(section: Section, header: FileHeader, limits: Limits, roi: Roi | None) -> GridShortener:
    """A region of interest changes nothing: the whole grid is small. Raises `FormatError` for a damaged one."""
    return GridShortener(section, header)


class GridShortener:
    """Satisfies `contracts.Shortener`. A grid that this build cannot read stays whole, or goes."""

    def __init__(self, section: Section, header: FileHeader) -> None:
        grid, problem = unpack_pixels(section, header)
        if problem is not None and not isinstance(problem, UnknownFamilyError):
            raise problem
        self._section, self._header = section, header
        self._colours_RKC = None if grid is None else fill_gaps(grid)

    def fit(self, max_bytes: int) -> tuple[Section, FileHeader] | None:
        if self._colours_RKC is None:
            return None
        size, step = self._header.size, self._header.step
        found = fit_grid(self._colours_RKC, size, max_bytes, resample, least_step=step)
        section = Section(LayerId.PIXELS, PIXEL_CODING, found.payload)
        return (section, replace(self._header, step=found.step)) if found.payload else None

    def least_bytes(self) -> int:
        if self._colours_RKC is None:
            return len(self._section.payload)
        return fit_grid(self._colours_RKC, self._header.size, 0, resample, least_step=self._header.step).least_bytes

"""How much of a decoded picture stood in its file, and how much a network painted without having been told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcodec.ids import FAMILY_NAMES
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import grids
from semcodec.types import MISSING, BasePicture, PixelGrid, Scene


@dataclass(frozen=True, slots=True)
class Provenance:
    """`num_blocks`: of tokens, over all scales of the picture. `num_painted`: how many of them were not in the file.
    `painter`: what painted, the name of a family of networks or of a generator. `repainted`: a generative model went
    over all of it, sent or not. `from_words`: nothing but words was sent. `by_stride`: (stride, blocks, blocks that
    were not in the file) of each scale, coarse to fine. `drawn_down_to`: the finest stride whose missing tokens a
    generator drew; what is missing of finer ones the family's decoder filled in. `from_base`: the coded size of the
    base picture that was enlarged ("": it was none); it counts as one block. `restorer`: the network that finished the
    picture, which gave edges and textures back as it has learnt them; None: none did.
    """

    num_blocks: int
    num_painted: int
    painter: str
    repainted: bool = False
    from_words: bool = False
    by_stride: tuple[tuple[int, int, int], ...] = ()
    drawn_down_to: int | None = None
    from_base: str = ""
    restorer: str | None = None

    @property
    def is_invented(self) -> bool:
        """Whether some of what the picture shows was never sent."""
        return self.repainted or self.restorer is not None or self.num_painted > 0

    @property
    def sentence(self) -> str:
        """For people."""
        by = f"Painted by semcodec ({self.painter})"
        if self.restorer is not None:
            by += f", restored ({self.restorer})"
        if self.from_words:
            return f"{by} from its words alone: all that it shows is invented."
        if self.from_base:
            repainted = ", and a generative model went over it" if self.repainted else ""
            return f"{by}: enlarged from a picture of {self.from_base} pixels that was in the file{repainted}."
        if not self.num_painted:
            repainted = ", and a generative model went over them" if self.repainted else ""
            return f"{by}: all of its {self.num_blocks} blocks were in the file{repainted}."
        permille = min(max((2000 * self.num_painted + self.num_blocks) // (2 * self.num_blocks), 1), 999)
        share = "100" if self.num_painted == self.num_blocks else f"{permille // 10}.{permille % 10}"
        return (
            f"{by}: {share} % of its blocks ({self.num_painted} of {self.num_blocks}) were not in the file; "
            "what they show is invented."
        )

    @property
    def parts(self) -> str:
        """Which parts were in the file, and where the others come from, in a few words for a log."""
        restored = "" if self.restorer is None else f", restored by {self.restorer}"
        if self.from_words:
            return f"painted by {self.painter} from its words alone{restored}"
        if self.from_base:
            return f"painted by {self.painter} from its base picture of {self.from_base}{restored}"
        if not self.by_stride:
            return f"painted by {self.painter}; sent: {self.num_blocks - self.num_painted} of {self.num_blocks} cells"
        told = []
        for stride, num_blocks, num_painted in self.by_stride:
            sent = {0: "all", num_blocks: "none"}.get(num_painted, f"{num_blocks - num_painted} of {num_blocks}")
            is_drawn = num_painted and self.drawn_down_to is not None and stride >= self.drawn_down_to
            told.append(f"{stride} {sent}" + (" (others drawn)" if is_drawn else ""))
        return f"painted by {self.painter}{restored}; sent of the blocks at stride {', '.join(told)}"


def provenance_of_base(painter: str, base: BasePicture, *, repainted: bool) -> Provenance:
    """Of a picture painted from a base picture. `repainted`: by a generative model that went over it."""
    return Provenance(1, 0, painter, repainted, from_base=str(base.coded))


def provenance_of_pixels(grid: PixelGrid, painter: str, *, repainted: bool) -> Provenance:
    """Of a picture painted from a grid of colours: a block is a cell."""
    num_cells = int(grid.known_RK.size)
    return Provenance(num_cells, num_cells - int(grid.known_RK.sum()), painter, repainted)


def provenance_of(
    scene: Scene, painter: str | None = None, *, repainted: bool | None = None, drawn_down_to: int | None = None
) -> Provenance:
    """Of a picture painted from this Scene. A Scene without tokens is one block, not sent.

    `painter` names a generator other than the family's own networks; such a one went over all of it, unless
    `repainted` says that it did not; `drawn_down_to` as in `Provenance`.
    """
    pyramid = scene.tokens
    if repainted is None:
        repainted = painter is not None
    if pyramid is None:
        return Provenance(1, 1, painter or "unknown", repainted, from_words=True)
    family = find_family(pyramid.family)
    by_stride = []
    all_grids = grids(pyramid.working, family.strides, family.blocks)
    for digits, grid, stride in zip(pyramid.digits, all_grids, family.strides, strict=True):
        missing_RK = digits[:, :, 0] == MISSING
        rows, cols = np.arange(0, grid.num_rows, grid.block), np.arange(0, grid.num_cols, grid.block)
        any_missing = np.logical_or.reduceat(np.logical_or.reduceat(missing_RK, rows, axis=0), cols, axis=1)
        by_stride.append((stride, grid.num_blocks, int(any_missing.sum())))
    num_blocks, num_painted = (sum(counts) for counts in list(zip(*by_stride, strict=True))[1:])
    return Provenance(
        num_blocks,
        num_painted,
        painter or FAMILY_NAMES.get(pyramid.family, f"family {pyramid.family}"),
        repainted,
        from_words=all(bool((digits == MISSING).all()) for digits in pyramid.digits),
        by_stride=tuple(by_stride),
        drawn_down_to=drawn_down_to,
    )

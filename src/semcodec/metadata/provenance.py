"""How much of a decoded picture stood in its file, and how much a network painted without having been told."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import DamagedError, TruncatedError
from semcodec.ids import FAMILY_NAMES
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import grids
from semcodec.types import MISSING, BasePicture, PixelGrid, Reading, Scene, TokenPyramid

if TYPE_CHECKING:
    from semcodec.contracts import Painter


PART_PX = 8


class Part(enum.IntEnum):
    """What a block of a painted picture shows."""

    SENT = 0  # what the file says, as finely as it says anything
    RESTORED = 1  # what the restorer made of a coarser part that was sent
    INVENTED = 2  # what a generative model drew, or went over
    MISSING = 3  # less: it is as soft as what was sent of coarser scales


@dataclass(frozen=True, slots=True)
class Provenance:
    """`num_blocks`: of tokens, over all scales of the picture. `num_painted`: how many of them were not in the file.
    `painter`: what painted, the name of a family of networks or of a generator. `repainted`: a generative model went
    over all of it, sent or not. `from_words`: nothing but words was sent, or words and outlines, which the painting
    then follows (`along_outlines`). `by_stride`: (stride, blocks, blocks that were not in the file) of each scale,
    coarse to fine. `drawn_down_to`: the finest stride whose missing tokens a
    generator drew; what is missing of finer ones the family's decoder filled in. `from_base`: the coded size of the
    base picture that was enlarged ("": it was none); it counts as one block. `restorer`: the network that finished the
    picture, which gave edges and textures back as it has learnt them; None: none did. `from_file`: what kind of picture
    file it restored, where it was none of ours ("a JPEG of quality 20"). `num_bytes`: of the file that the picture was
    read from, or of the packets that were used; 0: not counted. `packets`: how many arrived and how many there are;
    None: it was a file. `state`: "whole", "cut short" or "damaged", as far as that can be told.
    `parts_RK`: (R, K) uint8, a `Part` for each block of 8x8 pixels of the working picture (of a base, of its coded
    size; of a grid of colours, each cell), row by row.
    """

    num_blocks: int
    num_painted: int
    painter: str
    repainted: bool = False
    from_words: bool = False
    along_outlines: bool = False
    by_stride: tuple[tuple[int, int, int], ...] = ()
    drawn_down_to: int | None = None
    from_base: str = ""
    restorer: str | None = None
    from_file: str = ""
    num_bytes: int = 0
    packets: tuple[int, int] | None = None
    state: str = "whole"
    parts_RK: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0), np.uint8), compare=False, repr=False)

    @property
    def is_invented(self) -> bool:
        """Whether some of what the picture shows was never sent."""
        return self.repainted or self.restorer is not None or self.num_painted > 0

    @property
    def _said(self) -> str:
        return "words and outlines" if self.along_outlines else "words alone"

    @property
    def sentence(self) -> str:
        """For people."""
        if self.from_file:
            return (
                f"Restored by semcodec ({self.restorer}) from {self.from_file}: a network gave edges and textures back."
            )
        by = f"Painted by semcodec ({self.painter})"
        if self.restorer is not None:
            by += f", restored ({self.restorer})"
        if self.from_words:
            return f"{by} from its {self._said}: all that it shows is invented."
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
    def label(self) -> str:
        """For a band under the picture: `340 bytes received, 2 of 5 packets missing, texture restored`."""
        told = [f"{self.num_bytes:,} bytes received"] if self.num_bytes else []
        if self.packets is not None:
            num_missing, num_packets = self.packets[1] - self.packets[0], self.packets[1]
            all_of = "the only packet" if num_packets == 1 else f"all {num_packets} packets"
            told.append(f"{num_missing} of {num_packets} packets missing" if num_missing else all_of)
        if self.state != "whole" and (self.packets is None or self.packets[0] == self.packets[1]):
            told.append(f"the file is {self.state}")
        if self.from_words:
            told.append(f"all of it invented from the words{' and outlines' if self.along_outlines else ''}")
        elif self.repainted:
            told.append(f"repainted by {self.painter}")
        elif (self.parts_RK == Part.INVENTED).any():
            told.append("what is missing was invented")
        if self.restorer is not None:
            told.append("texture restored")
        return ", ".join(told)

    @property
    def shares(self) -> dict[str, float]:
        """Share of the blocks of `parts_RK` of each kind, by its name in small letters."""
        counts = np.bincount(self.parts_RK.ravel(), minlength=len(Part))
        return {part.name.lower(): float(counts[part]) / max(self.parts_RK.size, 1) for part in Part}

    @property
    def runs(self) -> str:
        """`parts_RK`, row by row, as lengths of equal blocks with the first letter of what they are: `380m570s`."""
        parts = self.parts_RK.ravel().astype(np.int8)
        starts = np.flatnonzero(np.diff(parts, prepend=-1))
        lengths = np.diff(starts, append=parts.size)
        return "".join(
            f"{length}{Part(parts[start]).name[0].lower()}" for start, length in zip(starts, lengths, strict=True)
        )

    @property
    def parts(self) -> str:
        """Which parts were in the file, and where the others come from, in a few words for a log."""
        if self.from_file:
            return f"restored by {self.restorer} from {self.from_file}"
        restored = "" if self.restorer is None else f", restored by {self.restorer}"
        if self.from_words:
            return f"painted by {self.painter} from its {self._said}{restored}"
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


def provenance(reading: Reading, painter: Painter) -> Provenance:
    """Of what a painter made of a file that was read."""
    told = _painted_by(reading.scene, painter)
    restorer = getattr(painter, "restorer", None)
    parts_RK = told.parts_RK
    if restorer is not None:
        parts_RK = np.where(parts_RK == Part.MISSING, Part.RESTORED, parts_RK).astype(np.uint8)
        if told.from_base:
            parts_RK[:] = Part.RESTORED
    return replace(
        told,
        restorer=restorer,
        packets=reading.packets,
        num_bytes=reading.num_bytes,
        state=state_of(reading),
        parts_RK=parts_RK,
    )


def state_of(reading: Reading) -> str:
    """`Provenance.state` of a file that was read."""
    if any(isinstance(problem, TruncatedError) for problem in reading.problems):
        return "cut short"
    return "damaged" if any(isinstance(problem, DamagedError) for problem in reading.problems) else "whole"


def _painted_by(scene: Scene, painter: Painter) -> Provenance:
    painter = getattr(painter, "painter", painter)  # (a restored one goes over what this one paints)
    is_decoder, keeps = getattr(painter, "is_decoder", False), getattr(painter, "keeps_tokens", False)
    if scene.pixels is not None:
        return _of_pixels(scene.pixels, painter.name, repainted=not keeps)
    if scene.base is not None:
        return _of_base(painter.name, scene.base, repainted=not is_decoder)
    if scene.tokens is None:
        nothing = np.full((1, 1), Part.INVENTED, dtype=np.uint8)
        follows = scene.structure is not None and getattr(painter, "follows_edges", False)
        return Provenance(
            1, 1, painter.name, repainted=not keeps, from_words=True, along_outlines=follows, parts_RK=nothing
        )
    draws_down_to = getattr(painter, "invents_down_to", None)
    return _of_tokens(
        scene.tokens,
        None if is_decoder else painter.name,
        repainted=not keeps,
        drawn_down_to=draws_down_to(scene) if draws_down_to else None,
    )


def _of_base(painter: str, base: BasePicture, *, repainted: bool) -> Provenance:
    rows, cols = -(-base.coded.height_px // PART_PX), -(-base.coded.width_px // PART_PX)
    parts_RK = np.full((rows, cols), Part.INVENTED if repainted else Part.SENT, dtype=np.uint8)
    return Provenance(1, 0, painter, repainted, from_base=str(base.coded), parts_RK=parts_RK)


def _of_pixels(grid: PixelGrid, painter: str, *, repainted: bool) -> Provenance:
    """A block is a cell."""
    num_cells = int(grid.known_RK.size)
    parts_RK = np.where(grid.known_RK, Part.SENT, Part.MISSING).astype(np.uint8)
    if repainted:
        parts_RK[:] = Part.INVENTED
    return Provenance(num_cells, num_cells - int(grid.known_RK.sum()), painter, repainted, parts_RK=parts_RK)


def _of_tokens(pyramid: TokenPyramid, painter: str | None, *, repainted: bool, drawn_down_to: int | None) -> Provenance:
    """`painter`: None is the family's own decoder, under the name of the family."""
    family = find_family(pyramid.family)
    by_stride = []
    all_grids = grids(pyramid.working, family.strides, family.blocks)
    for digits, grid, stride in zip(pyramid.digits, all_grids, family.strides, strict=True):
        missing_RK = digits[:, :, 0] == MISSING
        rows, cols = np.arange(0, grid.num_rows, grid.block), np.arange(0, grid.num_cols, grid.block)
        any_missing = np.logical_or.reduceat(np.logical_or.reduceat(missing_RK, rows, axis=0), cols, axis=1)
        by_stride.append((stride, grid.num_blocks, int(any_missing.sum())))
    num_blocks, num_painted = (sum(counts) for counts in list(zip(*by_stride, strict=True))[1:])
    from_words = all(bool((digits == MISSING).all()) for digits in pyramid.digits)
    # (as fine as the file is anywhere: a file of few bytes has nothing of the finest scales)
    scale = max((at for at, digits in enumerate(pyramid.digits) if (digits != MISSING).any()), default=0)
    rows, cols = (np.arange(side) * family.strides[-1] for side in missing_RK.shape)
    parts_RK = np.full(missing_RK.shape, Part.SENT, dtype=np.uint8)
    at_RK = np.ix_(rows // family.strides[scale], cols // family.strides[scale])
    parts_RK[pyramid.digits[scale][:, :, 0][at_RK] == MISSING] = Part.MISSING
    for digits, stride in zip(pyramid.digits, family.strides, strict=True):
        if drawn_down_to is not None and stride >= drawn_down_to:
            parts_RK[digits[:, :, 0][np.ix_(rows // stride, cols // stride)] == MISSING] = Part.INVENTED
    if repainted or from_words:
        parts_RK[:] = Part.INVENTED
    return Provenance(
        num_blocks,
        num_painted,
        painter or FAMILY_NAMES.get(pyramid.family, f"family {pyramid.family}"),
        repainted,
        from_words=from_words,
        by_stride=tuple(by_stride),
        drawn_down_to=drawn_down_to,
        parts_RK=parts_RK,
    )

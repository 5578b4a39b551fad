"""The token pyramid as a section: the `Layer` contract, for one whole Scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from semcodec.container.header import working_size
from semcodec.errors import FormatError, UnknownFamilyError
from semcodec.ids import LayerId
from semcodec.layers.tokens.decode import DecodedTokens, decode_tokens
from semcodec.layers.tokens.encode import encode_tokens
from semcodec.layers.tokens.family import Family, find_family
from semcodec.layers.tokens.grid import Grid, Sent, Step, grids
from semcodec.limits import Limits
from semcodec.types import MISSING, FileHeader, Scene, Section, Size, TokenPyramid


class TokenLayer:
    """Satisfies `contracts.Layer`."""

    id = LayerId.TOKENS
    name = "tokens"

    def pack(self, scene: Scene, header: FileHeader) -> Section | None:
        """Whole scales, coarse to fine; blocks with a missing token are left out."""
        if scene.tokens is None:
            return None
        family = find_family(scene.tokens.family)
        all_grids = grids(scene.tokens.working, family.strides, family.blocks)
        steps = scale_by_scale(scene.tokens, all_grids)
        encoded = encode_tokens(scene.tokens.digits, steps, family, all_grids)
        return Section(self.id, family.id, encoded.payload)

    def unpack(
        self, section: Section, header: FileHeader, scene: Scene, limits: Limits
    ) -> tuple[Scene, FormatError | None]:
        try:
            family = find_family(section.model)
        except UnknownFamilyError as unknown:
            return scene, UnknownFamilyError(f"{unknown} (section at offset {section.offset})", offset=section.offset)
        decoded, all_grids = read_section(section, header, family, limits)
        pyramid = as_pyramid(decoded, family, header, all_grids, num_bytes=len(section.payload))
        return replace(scene, tokens=pyramid), decoded.problem


def read_section(
    section: Section, header: FileHeader, family: Family, limits: Limits
) -> tuple[DecodedTokens, tuple[Grid, ...]]:
    """The tokens of a section of a known family, and the grids they lie on. Raises `LimitError`."""
    all_grids = grids(working_size(header), family.strides, family.blocks)
    check_grids(all_grids, family, limits, offset=section.offset)
    return decode_tokens(section, family, all_grids), all_grids


def check_grids(all_grids: Sequence[Grid], family: Family, limits: Limits, *, offset: int | None = None) -> None:
    """Raises `LimitError` where the grids have more blocks, or the picture on them more pixels, than allowed."""
    num_blocks = sum(grid.num_blocks for grid in all_grids)
    limits.ask("max_blocks", num_blocks, f"the tokens may lie in {num_blocks} blocks", offset=offset)
    coarsest, stride = all_grids[0], family.strides[0]
    size = Size(coarsest.num_cols * stride, coarsest.num_rows * stride)
    num_pixels = size.width_px * size.height_px
    limits.ask("max_working_pixels", num_pixels, f"the tokens paint {num_pixels} pixels, {size}", offset=offset)


def as_pyramid(
    decoded: DecodedTokens, family: Family, header: FileHeader, all_grids: Sequence[Grid], *, num_bytes: int = 0
) -> TokenPyramid:
    digits = []
    for tokens, grid, levels in zip(decoded.tokens, all_grids, family.levels, strict=True):
        flat = np.full((len(tokens), len(levels)), MISSING, dtype=np.uint8)
        there = [at for at, token in enumerate(tokens) if token is not None]
        if there:
            flat[there] = [token for token in tokens if token is not None]
        digits.append(flat.reshape(grid.num_rows, grid.num_cols, len(levels)))
    return TokenPyramid(family.id, working_size(header), tuple(digits), num_bytes)


def scale_by_scale(pyramid: TokenPyramid, all_grids: Sequence[Grid]) -> list[Step]:
    """One step a scale, with every block all of whose tokens are there and may be sent."""
    sent, steps = Sent(all_grids), []
    for scale, grid in enumerate(all_grids):
        there = (pyramid.digits[scale] != MISSING).all(axis=2).tolist()
        blocks = [
            block for block in sent.candidates(scale) if all(there[row][col] for row, col in grid.tokens_of(block))
        ]
        for block in blocks:
            sent.add(scale, block)
        if blocks:
            steps.append((scale, blocks))
    return steps

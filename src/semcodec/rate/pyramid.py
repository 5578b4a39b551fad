"""Chooses the working size, and the blocks that fill the budget.

Which blocks matter is seen in reconstructions with and without their scale: what of the picture's structure do they
bring? Up to effort 6 the working size comes from a rule, each network runs once, and the reconstructions are those that
encoding makes in any case (of the finest scale there is none: what the one before lacks stands for it, times the root
of what the digits say). From 7 on, a missing one is made; and neighbouring sizes are tried as well, of which the one is
kept whose reconstruction is nearest to the picture.

All of them are the predictor's: whatever paints the file for people changes nothing of what is written.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from semcodec.container.header import LAST_STEP, working_size
from semcodec.extractors.tokens import TokenExtractor
from semcodec.ids import LayerId
from semcodec.layers.catalog import unpack_layers
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import grids
from semcodec.limits import DEFAULT_LIMITS
from semcodec.nets.encoder import EncoderNets
from semcodec.painters.tokens import TokenPainter
from semcodec.pictures import resized
from semcodec.rate.budget import PAINTS_FROM_EFFORT, STEPS_BY_EFFORT, can_be_worked_on, step_for_budget
from semcodec.rate.fill import fill
from semcodec.rate.importance import Importance, OfBlocks, activity
from semcodec.rate.structure import structure_gain
from semcodec.types import FileHeader, Scene, Section, Size, TokenPyramid

if TYPE_CHECKING:
    from semcodec.types import Pixels


@dataclass(frozen=True, slots=True)
class ChosenTokens:
    """A payload and the header step it was made for. Where no block fits, `least_bytes` says what would do."""

    payload: bytes
    step: int
    num_blocks: int
    least_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Encoder:
    """What stands between a picture and its payloads."""

    nets: EncoderNets
    family: Family

    def tokens_at(self, image_HWC: Pixels, step: int, max_bytes: int, *, rebuilds: bool = False) -> ChosenTokens:
        """The blocks that fill the budget at one working size."""
        size = Size(image_HWC.shape[1], image_HWC.shape[0])
        working = working_size(FileHeader(size, step))
        small_HWC = resized(image_HWC, working)
        extractor = TokenExtractor(self.nets, self.family, working)
        tokens = extractor.extract(small_HWC, Scene(size)).tokens
        assert tokens is not None
        matters = self.importance(small_HWC, tokens, extractor.reconstructions, rebuilds=rebuilds)
        filled = fill(tokens.digits, matters, self.family, working, max_bytes)
        return ChosenTokens(filled.payload, step, filled.num_blocks)

    def importance(
        self, small_HWC: Pixels, tokens: TokenPyramid, made: Mapping[int, Pixels], *, rebuilds: bool
    ) -> Importance:
        """The gain of structure, by the reconstructions that were `made` (by the number of their scales); what the
        digits say where the one before the scale is not there. `rebuilds`: the one after it is made where it is not.
        """
        digits, working = tokens.digits, tokens.working
        says = activity(digits, working, self.family)
        all_grids = grids(working, self.family.strides, self.family.blocks)

        def of_scale(scale: int) -> OfBlocks:
            before, after = made.get(scale), made.get(scale + 1)
            if before is None:
                return says[scale]
            if after is None and rebuilds:
                after = self.nets.predictor.decode(digits[: scale + 1], working)
            whole = small_HWC if after is None else after
            gain = structure_gain(small_HWC, before, whole, self.family.strides[scale], all_grids[scale])
            if after is None:
                gain = gain * np.sqrt(says[scale])
            return gain

        return of_scale


def best_tokens(image_HWC: Pixels, encoder: Encoder, max_bytes: int, *, effort: int) -> ChosenTokens:
    family, rebuilds = encoder.family, effort >= PAINTS_FROM_EFFORT
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    step = step_for_budget(size, max_bytes, coarsest_stride=family.strides[0])
    best = encoder.tokens_at(image_HWC, step, max_bytes, rebuilds=rebuilds)
    if not best.num_blocks:
        return replace(best, least_bytes=_least_bytes(image_HWC, encoder, max_bytes))
    offsets = STEPS_BY_EFFORT.get(effort, ())
    if not offsets:
        return best
    others = [
        encoder.tokens_at(image_HWC, step + offset, max_bytes, rebuilds=rebuilds)
        for offset in offsets
        if 0 <= step + offset <= LAST_STEP and can_be_worked_on(size, step + offset, family.strides[0])
    ]
    tried = [best, *(other for other in others if other.num_blocks)]
    return min(tried, key=lambda tokens: _error(image_HWC, tokens, encoder))


def _least_bytes(image_HWC: Pixels, encoder: Encoder, too_few: int) -> int:
    """The least ceiling above `too_few` that one block fits under. The working sizes in question are thumbnails."""
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    num_bytes = max(too_few, 0) + 1
    coarsest = encoder.family.strides[0]
    while not encoder.tokens_at(
        image_HWC, step_for_budget(size, num_bytes, coarsest_stride=coarsest), num_bytes
    ).num_blocks:
        num_bytes += 1
    return num_bytes


def _error(image_HWC: Pixels, tokens: ChosenTokens, encoder: Encoder) -> float:
    """How far the reconstruction is from the picture."""
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    section = Section(LayerId.TOKENS, encoder.family.id, tokens.payload)
    scene, _ = unpack_layers([section], FileHeader(size, tokens.step), DEFAULT_LIMITS)
    return painted_error(image_HWC, TokenPainter(encoder.nets.predictor, name="predictor").render(scene))


def painted_error(image_HWC: Pixels, painted_HWC: Pixels) -> float:
    """Mean absolute difference of two pictures of one size, at full, half and quarter size, summed."""
    height_px, width_px = image_HWC.shape[:2]
    total = 0.0
    for octave in range(3):
        smaller = Size(max(1, width_px >> octave), max(1, height_px >> octave))
        a, b = (resized(picture, smaller).astype(np.int16) for picture in (image_HWC, painted_HWC))
        total += float(np.abs(a - b).mean())
    return total

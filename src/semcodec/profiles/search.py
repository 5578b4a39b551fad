"""Chooses the working size, and the blocks that fill the budget.

Up to effort 6 the working size comes from a rule and each network runs once. From 7 on, neighbouring sizes are tried
as well, and the one whose painting is nearest to the picture is kept.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from semcodec.container.header import LAST_STEP, working_size
from semcodec.extractors.tokens import TokenExtractor
from semcodec.generators.nano import NanoGenerator
from semcodec.ids import LayerId
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.layer import TokenLayer
from semcodec.limits import DEFAULT_LIMITS
from semcodec.nets.tokenizer import TokenizerNets
from semcodec.pictures import resized
from semcodec.profiles.budget import can_be_worked_on, step_for_budget
from semcodec.profiles.fill import activity, fill
from semcodec.types import FileHeader, Scene, Section, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

STEPS_BY_EFFORT = {7: (-1, 1), 8: (-2, -1, 1, 2), 9: (-3, -2, -1, 1, 2, 3)}


@dataclass(frozen=True, slots=True)
class ChosenTokens:
    """A payload and the header step it was made for. Where no block fits, `least_bytes` says what would do."""

    payload: bytes
    step: int
    num_blocks: int
    least_bytes: int = 0


def best_tokens(image_HWC: Pixels, nets: TokenizerNets, family: Family, max_bytes: int, *, effort: int) -> ChosenTokens:
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    step = step_for_budget(size, max_bytes, coarsest_stride=family.strides[0])
    best = _tokens_at(image_HWC, nets, family, step, max_bytes)
    if not best.num_blocks:
        return replace(best, least_bytes=_least_bytes(image_HWC, nets, family, max_bytes))
    offsets = STEPS_BY_EFFORT.get(effort, ())
    if not offsets:
        return best
    others = [
        _tokens_at(image_HWC, nets, family, step + offset, max_bytes)
        for offset in offsets
        if 0 <= step + offset <= LAST_STEP and can_be_worked_on(size, step + offset, family.strides[0])
    ]
    tried = [best, *(other for other in others if other.num_blocks)]
    return min(tried, key=lambda tokens: _error(image_HWC, tokens, nets, family))


def _tokens_at(image_HWC: Pixels, nets: TokenizerNets, family: Family, step: int, max_bytes: int) -> ChosenTokens:
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    working = working_size(FileHeader(size, step))
    small_HWC = resized(image_HWC, working)
    tokens = TokenExtractor(nets, family, working).extract(small_HWC, Scene(size)).tokens
    assert tokens is not None
    filled = fill(tokens.digits, activity(tokens.digits, working, family), family, working, max_bytes)
    return ChosenTokens(filled.payload, step, filled.num_blocks)


def _least_bytes(image_HWC: Pixels, nets: TokenizerNets, family: Family, too_few: int) -> int:
    """The least ceiling above `too_few` that one block fits under. The working sizes in question are thumbnails."""
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    num_bytes = max(too_few, 0) + 1
    coarsest = family.strides[0]
    while not _tokens_at(
        image_HWC, nets, family, step_for_budget(size, num_bytes, coarsest_stride=coarsest), num_bytes
    ).num_blocks:
        num_bytes += 1
    return num_bytes


def _error(image_HWC: Pixels, tokens: ChosenTokens, nets: TokenizerNets, family: Family) -> float:
    """How far the painting is from the picture: mean absolute difference at full, half and quarter size, summed."""
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    section = Section(LayerId.TOKENS, family.id, tokens.payload)
    scene, _ = TokenLayer().unpack(section, FileHeader(size, tokens.step), Scene(size), DEFAULT_LIMITS)
    painted_HWC = NanoGenerator(nets).render(scene)
    total = 0.0
    for octave in range(3):
        smaller = Size(max(1, size.width_px >> octave), max(1, size.height_px >> octave))
        a, b = (resized(picture, smaller).astype(np.int16) for picture in (image_HWC, painted_HWC))
        total += float(np.abs(a - b).mean())
    return total

"""What the curves in `base_curves.json` say: how far a base is shrunk, and which picture layer a budget gets."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from functools import lru_cache
from pathlib import Path
from typing import Any

from semcodec.container.header import LAST_STEP, working_size
from semcodec.layers.base.obus import MAX_SIDE_PX
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import FileHeader, Size

_LEAST_BPP = 1e-9


def picture_for(wish: str, size: Size, num_bytes: int) -> str:
    """ "tokens" or "base": what was wished for, or what looks better in that many bytes of picture."""
    if wish != "auto":
        return wish
    rows = _curves()["picture"]["rows"]
    bpp = _bpp(size, num_bytes)
    return "base" if _at(rows, "base", bpp) < _at(rows, "tokens", bpp) else "tokens"


def step_for_base(size: Size, num_bytes: int) -> int:
    """The step of the header that shrinks a picture of this size as the curve says for that many bytes."""
    ratio = _at(_curves()["shrink"], "ratio", _bpp(size, num_bytes))
    step = min(max(round(4 * math.log2(ratio)), 0), LAST_STEP)
    while not can_be_coded(size, step):
        step += 1
    return step


def can_be_coded(size: Size, step: int) -> bool:
    """Whether a base may have this coded size, and readers with default limits take it."""
    coded = working_size(FileHeader(size, step))
    sides = (coded.width_px, coded.height_px)
    return max(sides) <= MAX_SIDE_PX and sides[0] * sides[1] <= DEFAULT_LIMITS.max_working_pixels


def _bpp(size: Size, num_bytes: int) -> float:
    return max(8 * num_bytes / (size.width_px * size.height_px), _LEAST_BPP)


def _at(rows: list[dict[str, float]], name: str, bpp: float) -> float:
    after = bisect_left(rows, bpp, key=lambda row: row["bpp"])
    if after in (0, len(rows)):
        return rows[min(after, len(rows) - 1)][name]
    low, high = rows[after - 1], rows[after]
    share = math.log(bpp / low["bpp"]) / math.log(high["bpp"] / low["bpp"])
    return low[name] + share * (high[name] - low[name])


@lru_cache(maxsize=1)
def _curves() -> dict[str, Any]:
    text = Path(__file__).with_name("base_curves.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found

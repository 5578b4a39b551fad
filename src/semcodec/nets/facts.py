"""What stands beside a network's graphs: the facts that they cannot be run without, as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from semcodec.errors import WeightsError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FineFacts:
    """Of a network whose fine graph, near the pixels, runs in tiles, and its coarse one whole.

    Attributes:
        fine_stride: of the features between the graphs.
        reach_px: how far the fine graph sees; `margin_px`: of its tiles, which is at least that.
        tile_px: decides about memory and time, not about what comes out.
    """

    fine_stride: int
    reach_px: int
    margin_px: int
    tile_px: int


def read_facts(path: Path, understood: Callable[[dict[str, Any]], T], *, of: str) -> T:
    """What `understood` makes of the file. Raises `WeightsError` where it holds no facts of such a network."""
    try:
        return understood(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path}: holds no facts of {of} ({error!r}): install semcodec again") from error

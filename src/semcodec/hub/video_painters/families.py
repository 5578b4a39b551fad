"""The facts in `families.json`, found by the pipeline's class."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class VideoFamily:
    """What must be known to call a video pipeline well. The keys of `families.json` say what each fact means."""

    name: str
    title: str
    pipelines: tuple[str, ...]
    native_px: int
    multiple_px: int
    rate: int
    most_frames: int
    step_frames: int
    steps: int
    call: Mapping[str, Any]
    text: str | None = None
    image: str | None = None
    needs: tuple[str, ...] = field(default=())
    licence: str | None = None
    example: str | None = None

    def with_calls(self, steps: int | None, guidance: float | None) -> VideoFamily:
        call = self.call if guidance is None else {**self.call, "guidance_scale": guidance}
        return replace(self, steps=steps or self.steps, call=call)

    def num_frames_for(self, seconds: float) -> int:
        """Of a film that is as long, or as long as one can be: a multiple of `step_frames`, and one."""
        steps = max(1, math.ceil(seconds * self.rate / self.step_frames))
        return min(steps, (self.most_frames - 1) // self.step_frames) * self.step_frames + 1


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:
    text = (resources.files("semcodec.hub.video_painters") / "families.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


@lru_cache(maxsize=1)
def known_video_families() -> tuple[VideoFamily, ...]:
    return tuple(_as_family(name, facts) for name, facts in _facts()["families"].items())


def find_video_family(pipeline_class: str) -> VideoFamily | None:
    """The family that a pipeline class is of; None: it is none of those."""
    return next((family for family in known_video_families() if pipeline_class in family.pipelines), None)


def other_video_family() -> VideoFamily:
    """What is assumed of video pipelines that are of no family that is known."""
    return _as_family("other", _facts()["other"])


def _as_family(name: str, facts: Mapping[str, Any]) -> VideoFamily:
    lists = {key: tuple(facts.get(key, ())) for key in ("pipelines", "needs")}
    return VideoFamily(name=name, **{**facts, **lists})

"""The facts in `families.json`, found by the pipeline's class and the model's name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any

from semcodec.errors import ModelError


@dataclass(frozen=True, slots=True)
class Scheduler:
    """`class_name` in diffusers, and what is changed of the model's own scheduler configuration. `steps` and `guidance`
    are those that a few-step model wants; None: as without it."""

    name: str
    class_name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    steps: int | None = None
    guidance: float | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """What must be known to call a pipeline well. The keys of `families.json` say what each fact means."""

    name: str
    title: str
    start: str
    native_px: int
    multiple: int
    steps: int
    call: Mapping[str, Any]
    guidance_argument: str = "guidance_scale"
    controlnets: tuple[str, ...] = ()
    trains: str | None = None
    scheduler: str | None = None
    weights_gb: float | None = None
    licence: str | None = None
    example: str | None = None

    def with_guidance(self, guidance: float | None) -> Family:
        return self if guidance is None else replace(self, call={**self.call, self.guidance_argument: guidance})


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:
    text = (resources.files("semcodec.hub.painters") / "families.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


@lru_cache(maxsize=1)
def known_families() -> tuple[Family, ...]:
    return tuple(_as_family(name, facts) for name, facts in _facts()["families"].items())


def find_family(pipeline_class: str, model_name: str) -> Family:
    """The family of a pipeline class; for a few-step model (by its name) with the steps and guidance that it wants."""
    found = _as_family("other", _facts()["other"])
    for name, facts in _facts()["families"].items():
        if pipeline_class in facts["pipelines"]:
            found = _as_family(name, facts)
    for few in _facts()["few_step_names"]:
        if re.search(few["pattern"], model_name.lower()):
            few_steps = replace(found, steps=few["steps"], scheduler=few.get("scheduler"))
            return few_steps.with_guidance(few["guidance"])
    return found


def find_scheduler(name: str) -> Scheduler:
    """Raises `ModelError` for an unknown name."""
    known = _facts()["schedulers"]
    if name not in known:
        raise ModelError(f"there is no scheduler {name!r} here; there are {', '.join(known)}")
    facts = known[name]
    return Scheduler(name, facts["class"], facts.get("settings", {}), facts.get("steps"), facts.get("guidance"))


def _as_family(name: str, facts: Mapping[str, Any]) -> Family:
    known = {key: value for key, value in facts.items() if key not in ("pipelines", "controlnets")}
    return Family(name=name, controlnets=tuple(facts.get("controlnets", ())), **known)

"""The one loop of all trainings: progress, checkpoints, resuming, the log, an average of the weights.

    loop = Loop(out, {"model": model, "optimiser": optimiser}, device=device, log_every=50)
    for progress in loop.through(minutes=40):
        ...
        loop.add({"loss": loss}, crops=8)

Progress is the larger of the share of the time and the share of steps, so that a run ends in time on a slow machine
too. A run that was stopped goes on where its last checkpoint is; one that is done ends at once, and goes on if it is
given more minutes.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from semcodec_train.common.run import save

CHECKPOINT = "checkpoint.pt"
Log = Callable[[str], None]


def say(line: str) -> None:
    """The log on the screen."""
    print(line, flush=True)


class Stateful(Protocol):
    def state_dict(self) -> Any: ...

    def load_state_dict(self, state: Any) -> Any: ...


class Loop:
    """Promises: (1) `CHECKPOINT` in `out` is always whole; (2) what is told to `add` stands in `log.jsonl` as means
    of `log_every` steps, and in `losses`; (3) `steps`, `crops` and `seconds` count all stages and what was before an
    interruption.
    """

    def __init__(
        self,
        out: Path,
        state: Mapping[str, Stateful],
        *,
        device: str,
        log_every: int = 50,
        save_every_s: float = 180,
        of_processor: bool = False,
        on_save: Callable[[], None] | None = None,
        log: Log = say,
    ) -> None:
        """`state`: what a checkpoint holds. `of_processor`: on a CPU minutes are of processor time, so that a run on a
        shared core does as much work. `on_save` leaves weights wherever a checkpoint is left.
        """
        out.mkdir(parents=True, exist_ok=True)
        self.out, self.device = out, device
        self.stage, self.step, self.stage_s = 0, 0, 0.0  # of this stage
        self.steps, self.crops, self.past_s = 0, 0, 0.0  # of all; seconds of the stages before
        self.losses: dict[str, float] = {}
        self.ran = False  # since it was opened
        self._state, self._log_every, self._save_every_s, self._on_save = state, log_every, save_every_s, on_save
        self._now = time.process_time if of_processor and device == "cpu" else time.monotonic
        self._log = log
        self._told: dict[str, list[Tensor | float]] = {}  # since the last line
        if self.checkpoint.exists():
            saved = torch.load(self.checkpoint, weights_only=True, map_location=device)
            if set(saved) != {"state", "loop"}:
                raise ValueError(f"{self.checkpoint}: is no checkpoint of this loop; give another --out")
            for name, part in state.items():
                if name in saved["state"]:
                    part.load_state_dict(saved["state"][name])
            for name, value in saved["loop"].items():
                setattr(self, name, value)
            log(f"resumed at stage {self.stage}, step {self.step}" if self.stage else f"resumed at step {self.step}")

    @property
    def checkpoint(self) -> Path:
        return self.out / CHECKPOINT

    @property
    def seconds(self) -> float:
        return self.past_s + self.stage_s

    def enter(self, stage: int) -> bool:
        """The next stage begins, or goes on; False where it is past."""
        if stage > self.stage:
            self.past_s = self.seconds
            self.stage, self.step, self.stage_s = stage, 0, 0.0
        return stage == self.stage

    def through(self, minutes: float | None, num_steps: int | None = None) -> Iterator[float]:
        """Progress, 0 to 1, before each step of a stage; None: no bound."""
        began, saved = self._now() - self.stage_s, time.monotonic()
        while True:
            self.stage_s = self._now() - began
            progress = max(self.stage_s / 60 / minutes if minutes else 0.0, self.step / num_steps if num_steps else 0.0)
            if progress >= 1 or time.monotonic() - saved > self._save_every_s:
                if progress >= 1 and self._told:
                    self._take_means()
                self.save()
                saved = time.monotonic()
            if progress >= 1:
                return
            self.ran = True
            yield progress
            self.step += 1
            self.steps += 1
            if self.step % self._log_every == 0:
                self._take_means()
                where = {"stage": self.stage} if self.stage else {}
                seconds = round(self._now() - began)
                self.say({**where, "step": self.step, "crops": self.crops, "s": seconds, **self.losses})

    def add(self, parts: Mapping[str, Tensor | float], *, crops: int = 0) -> None:
        """What a step has to tell; not all parts come in all steps."""
        self.crops += crops
        for name, value in parts.items():
            self._told.setdefault(name, []).append(value.detach() if isinstance(value, Tensor) else value)

    def say(self, row: Mapping[str, Any]) -> None:
        """A line of the log."""
        line = json.dumps(row)
        self._log(line)
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def save(self) -> None:
        if self._on_save is not None:
            self._on_save()
        names = ("stage", "step", "stage_s", "steps", "crops", "past_s", "losses")
        save(
            self.checkpoint,
            {
                "state": {name: part.state_dict() for name, part in self._state.items()},
                "loop": {name: getattr(self, name) for name in names},
            },
        )

    def _take_means(self) -> None:
        self.losses = {name: float(f"{sum(map(float, found)) / len(found):.4g}") for name, found in self._told.items()}
        self._told = {}


def warming(keep: float, step: int) -> float:
    """How much an average keeps at a step: less at first, so that it forgets what the weights were made of."""
    return min(keep, (step + 1) / (step + 10))


class Average:
    """An exponential average of a model's weights, and of whatever else of floats is in its state."""

    def __init__(self, model: nn.Module) -> None:
        self.model = deepcopy(model).requires_grad_(False).eval()

    @torch.no_grad()
    def take(self, model: nn.Module, keep: float) -> None:
        for mine, theirs in zip(self.model.state_dict().values(), model.state_dict().values(), strict=True):
            if mine.is_floating_point():
                mine.lerp_(theirs, 1 - keep)

    def write(self, path: Path) -> None:
        """As safetensors in 16 bits; the file is always whole."""
        weights = {name: value.to("cpu", torch.float16).contiguous() for name, value in self.state_dict().items()}
        beside = path.with_name(f".{path.name}")
        save_file(weights, str(beside))
        beside.replace(path)

    def state_dict(self) -> Any:
        return self.model.state_dict()

    def load_state_dict(self, state: Any) -> Any:
        return self.model.load_state_dict(state)


class Best:
    """The weights that did best so far, and how well."""

    def __init__(self, model: nn.Module) -> None:
        self.score, self.weights = -math.inf, deepcopy(model.state_dict())

    def take(self, score: float, model: nn.Module) -> None:
        if score > self.score:
            self.score, self.weights = score, deepcopy(model.state_dict())

    def state_dict(self) -> Any:
        return {"score": self.score, "weights": self.weights}

    def load_state_dict(self, state: Any) -> Any:
        self.score, self.weights = state["score"], state["weights"]

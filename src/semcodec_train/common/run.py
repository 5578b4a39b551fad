"""`run.json`: what a training was made with and how it ended. It lies beside the weights and goes where they go.

    python -m semcodec_train.common.run run.json          # as a table for the model card

A training that began from other weights holds the `run.json` of those within its own, if they had one: so the last of
them tells of all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

RUN = "run.json"
KEYS = (
    "recipe", "settings", "parents", "networks", "data", "commit", "device", "seconds", "steps", "crops", "losses",
)  # fmt: skip


def device() -> str:
    """Where networks are trained: a GPU where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def save(path: Path, state: Any) -> None:
    """Beside, and then renamed."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def sha256_of(path: Path) -> str:
    """Of a file; of a folder, over the names and contents of all files in it."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            if path.is_dir():
                digest.update(f"{file.relative_to(path).as_posix()}\0{file.stat().st_size}\0".encode())
            with file.open("rb") as content:
                while some := content.read(1 << 20):
                    digest.update(some)
    return digest.hexdigest()


def run_beside(weights: Path) -> Path | None:
    """The `run.json` of weights, a file or a folder: of several weights in one folder, each has its NAME.run.json."""
    folder = weights if weights.is_dir() else weights.parent
    found = (weights.with_suffix(f".{RUN}"), folder / RUN)
    return next((path for path in found if path.is_file()), None)


def _parent(weights: Path) -> dict[str, Any]:
    run = run_beside(weights)
    known = {"sha256": sha256_of(weights)}
    return known if run is None else known | {"run": json.loads(run.read_text("utf-8"))}


@dataclass(frozen=True, slots=True)
class Sources:
    """What a training is made from: weights that it begins from, networks that only judge or teach, data."""

    parents: Mapping[str, Any] = field(default_factory=dict)
    networks: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        parents: Mapping[str, Path | None] | None = None,
        networks: Mapping[str, Path | None] | None = None,
        data: Mapping[str, Path | None] | None = None,
    ) -> Sources:
        """By name; None: not given to this training."""
        parents, networks, data = ({k: v for k, v in (said or {}).items() if v} for said in (parents, networks, data))
        return cls(
            {name: _parent(path) for name, path in parents.items()},
            {name: sha256_of(path) for name, path in networks.items()},
            {name: sha256_of(path) for name, path in data.items()},
        )


@dataclass(frozen=True, slots=True)
class Done:
    """How a training went, all its interruptions included; a `Loop` says the same of itself."""

    device: str
    seconds: float
    steps: int
    crops: int  # or pictures, or sentences: what a batch is made of
    losses: Mapping[str, float]
    ran: bool = True  # now; False: it was done before


def write_run(path: Path, recipe: Any, done: Done | Any, sources: Sources, **facts: Any) -> None:
    """`recipe` is the dataclass that was followed, `done` a `Loop` or a `Done`; `facts` are what else is worth knowing
    of this training. What a training that was done before has left stays as it is.
    """
    if path.exists() and not done.ran:
        return
    told = {
        "recipe": f"{type(recipe).__module__}.{recipe.name}",
        "settings": asdict(recipe),
        "parents": sources.parents,
        "networks": sources.networks,
        "data": sources.data,
        "commit": _commit(),
        "device": torch.cuda.get_device_name() if done.device.startswith("cuda") else done.device,
        "seconds": round(done.seconds),
        "steps": done.steps,
        "crops": done.crops,
        "losses": dict(done.losses),
    }
    assert tuple(told) == KEYS
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told | facts, indent=1) + "\n", "utf-8")
    part.replace(path)


def _commit() -> str | None:
    """Of the code, with a + if it was changed since; None outside of a repository."""
    here = Path(__file__).parent
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+"],
            cwd=here, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError:  # no git
        return None
    return said.stdout.strip() or None


def card(run: Mapping[str, Any]) -> str:
    """What a model card quotes of a run and of those before it: rows of Markdown, the first training first."""
    rows = []
    for parent in run["parents"].values():
        if "run" in parent:
            rows.append(card(parent["run"]))
    data = ", ".join(f"{name} `{str(said)[:12]}`" for name, said in run["data"].items()) or "not said"
    commit = run["commit"] or "unknown"
    losses = ", ".join(f"{name} {value}" for name, value in run["losses"].items())
    rows.append(
        f"| `{run['recipe']}` | commit `{commit[:12]}{commit[40:]}`, {run['device']}, {run['seconds']} s, "
        f"{run['steps']} steps, {run['crops']} crops; data: {data}; at the end: {losses} |"
    )
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="The rows of a model card that quote a run.json.")
    parser.add_argument("run", type=Path)
    print(card(json.loads(parser.parse_args().run.read_text("utf-8"))))


if __name__ == "__main__":
    main()

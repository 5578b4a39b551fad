"""A hub of one's own, and the program run against it with a cache of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .server import Hub, running_hub


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as served:
        yield served


@pytest.fixture
def program(hub: Hub, tmp_path: Path) -> Callable[..., Ran]:
    """`program("models", "hf:a/b", HF_HUB_OFFLINE="1")`: a process of its own: its settings are read at the start."""

    def run(*arguments: object, **settings: str) -> Ran:
        environment = {
            **os.environ,
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(tmp_path / "cache"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "OMP_NUM_THREADS": "1",
            **settings,
        }
        for name in ("HF_HUB_CACHE", "HF_TOKEN", "HF_HUB_OFFLINE"):
            if name not in settings:
                environment.pop(name, None)
        done = subprocess.run(
            [sys.executable, "-m", "semcodec", *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run

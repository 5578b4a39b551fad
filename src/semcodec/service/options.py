"""What a service is told: frozen, checked when it is made."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from semcodec.limits import Limits
from semcodec.models import ModelSettings

MIN_TOKEN_CHARS = 16
# 48 megapixels are what telephones make; encoding them in 4,000 bytes takes a worker 7 s of one core and 0.8 GB.
SERVICE_LIMITS = Limits(max_pixels=50_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """How a folder is served. Times are in seconds.

    Attributes:
        folder: whose .semc files are shown; it is never written to.
        token: what a client has to know; None: nothing.
        hosts: names, beside addresses and localhost, by which the service may be called.
        read_only: only the folder is shown; nothing can be uploaded to be encoded, decoded or described.
        limits: of files and pictures, as everywhere.
        settings: the networks that workers open.
        num_workers: processes that work on pictures.
        max_body_bytes: of an upload, and of a file of the folder.
        held_bytes: of all uploads that are there at a time.
        max_works: of all clients, waiting or worked on. max_works_each: of one client.
        work_s: how long a piece of work may take. wait_s: how long it may wait for a worker. body_s: how long an upload
            may take. gone_s: what work is given whose client has gone.
        worker_bytes: the most memory that a worker may have in its heap; one that holds more than half of it between
            two works is replaced.
        cache_bytes: of previews that are kept.
        fresh_s: how old a list of the folder may be; where looking takes long, ten times as long as that.
    """

    folder: Path
    token: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ()
    read_only: bool = False
    limits: Limits = SERVICE_LIMITS
    settings: ModelSettings = field(default_factory=ModelSettings)
    num_workers: int = field(default_factory=lambda: usual_workers())
    max_body_bytes: int = 32_000_000
    held_bytes: int = 1 << 28
    max_works: int = 64
    max_works_each: int = 16
    work_s: float = 60.0
    wait_s: float = 30.0
    body_s: float = 60.0
    gone_s: float = 2.0
    worker_bytes: int = 3 << 30
    cache_bytes: int = 1 << 25
    fresh_s: float = 3.0

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise ValueError(f"{self.folder}: is not a folder; name one with .semc files")
        if self.token is not None and not (
            len(self.token) >= MIN_TOKEN_CHARS and self.token.isascii() and self.token.isprintable()
        ):
            raise ValueError(f"the token is too easily guessed: take {MIN_TOKEN_CHARS} or more letters and digits")


def usual_workers() -> int:
    """Two, so that one picture never waits for another alone; of many cores up to four."""
    return max(2, min(4, num_cores()))


def num_cores() -> int:
    """Those that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

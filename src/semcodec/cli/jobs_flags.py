"""The flags that all `semcodec jobs` have: where the work is done, how sources are read, how results are written."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.paths import no_empty_names

if TYPE_CHECKING:
    from semcodec.jobs import Engine, Manner

Source = Annotated[
    str,
    typer.Argument(
        metavar="SRC",
        help="A file, a folder, a pattern, or a URL (s3://, gs://, ...) of one: files, *.tar shards, *.parquet tables.",
        callback=no_empty_names,
    ),
]
Target = Annotated[
    str, typer.Argument(metavar="DST", help="The folder of results, or its URL.", callback=no_empty_names)
]
Column = Annotated[
    str | None,
    typer.Option(
        "--column", help="Of Parquet: the column of inputs (bytes, or a struct with bytes).", show_default=False
    ),
]
NameColumn = Annotated[
    str | None, typer.Option("--name-column", help="Of Parquet: a column of names; else FILE#ROW.", show_default=False)
]

Failures = Annotated[
    str | None,
    typer.Option("--failures", metavar="FILE", help="Write failures as CSV, too.", callback=no_empty_names),
]


class EngineName(enum.StrEnum):
    AUTO = "auto"
    LOCAL = "local"
    RAY = "ray"


class Form(enum.StrEnum):
    PARQUET = "parquet"
    WEBDATASET = "webdataset"


@dataclass(frozen=True, slots=True)
class EngineFlags:
    """Where the work is done."""

    engine: Annotated[
        EngineName,
        typer.Option("--engine", help="local: this machine, without Ray. ray: a cluster. auto: ray with RAY_ADDRESS."),
    ] = EngineName.AUTO
    address: Annotated[
        str | None, typer.Option("--address", help="Of a Ray cluster: auto, ray://HOST:10001. Else one is begun here.")
    ] = None
    workers: Annotated[int, typer.Option("--workers", "-j", min=1, help="Processes, each with open networks.")] = 1
    cpus: Annotated[
        int | None,
        typer.Option("--cpus", min=1, help="Cores of a worker, a picture on each. By default all, shared out."),
    ] = None
    gpus: Annotated[float, typer.Option("--gpus", min=0, help="GPUs that Ray gives each worker; may be a part.")] = 0

    def __post_init__(self) -> None:
        if self.engine is EngineName.LOCAL and (self.address is not None or self.gpus):
            raise typer.BadParameter("--address and --gpus are about a Ray cluster; leave out --engine local")

    @property
    def threads(self) -> int:
        """Of each worker: inputs that it works on at once."""
        return self.cpus or max(1, (os.cpu_count() or 1) // self.workers)

    def chosen(self) -> Engine:
        from semcodec.jobs import Cluster, Engine

        is_ray = self.engine is EngineName.RAY or self.address is not None or self.gpus > 0
        if self.engine is EngineName.AUTO and os.environ.get("RAY_ADDRESS"):
            is_ray = True
        cluster = Cluster(self.address, self.workers, self.threads, self.gpus)
        return Engine("ray" if is_ray else "local", self.workers, cluster)


@dataclass(frozen=True, slots=True)
class ResultFlags:
    """How results are written, and what is done again."""

    to: Annotated[Form, typer.Option("--to", help="Tables, or tar shards for webdataset.")] = Form.PARQUET
    part: Annotated[int, typer.Option("--part", min=1, help="The most rows of a part of the results.")] = 1000
    batch: Annotated[int, typer.Option("--batch", min=1, help="Inputs that a worker takes together.")] = 16
    retry_errors: Annotated[
        bool, typer.Option("--retry-errors", help="Work again on inputs that had errors of their own.")
    ] = False
    failures: Failures = None

    def manner(self) -> Manner:
        from semcodec.jobs import Manner

        return Manner(self.part, self.batch)

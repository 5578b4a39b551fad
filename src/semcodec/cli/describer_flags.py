"""Flags about a foundation model that describes pictures, and the describer that they name."""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.exits import say
from semcodec.cli.once import Once
from semcodec.cli.painter_flags import PainterFlags, quieten_libraries

if TYPE_CHECKING:
    from semcodec.contracts import Extractor

_MOST_BITS = 256
_SHARE_OF_FILE = 4  # words get at most a fourth of a file whose size is given


class Task(enum.StrEnum):
    CAPTION = "caption"
    KEYWORDS = "keywords"
    REGIONS = "regions"


@dataclass(frozen=True, slots=True)
class DescriberFlags:
    """What is typed about a describer. Raises `typer.BadParameter` where the other flags come without one."""

    describer: Annotated[
        str | None,
        typer.Option(
            "--describer",
            metavar="MODEL",
            help="Describe by a model of transformers: hf:ORG/NAME[@REVISION], folder; or by the embedded one's name.",
        ),
    ] = None
    task: Annotated[Task, typer.Option("--task", help="What a describer is asked for.")] = Task.CAPTION
    caption_bits: Annotated[
        int | None,
        typer.Option("--caption-bits", min=1, help="The most that a describer's words may cost; 256, or 2 x --bytes."),
    ] = None
    captions: Annotated[
        int,
        typer.Option("--captions", min=1, max=64, help="Answers of a describer that are compared; the best is kept."),
    ] = 4
    judge: Annotated[
        str | None,
        typer.Option("--judge", metavar="MODEL", help="CLIP or SigLIP that compares them; none: the describer itself."),
    ] = None
    prompt: Annotated[str | None, typer.Option("--prompt", help="Asked in place of a describer's own question.")] = None

    def __post_init__(self) -> None:
        given = [field.name for field in fields(self) if getattr(self, field.name) != field.default]
        if self.describer is None and given:
            flag = given[0].replace("_", "-")
            raise typer.BadParameter(f"--{flag} is about a describer; give one with --describer")

    def max_bits(self, num_bytes: int | None) -> int:
        """Of words in a file of at most this many bytes."""
        if self.caption_bits is not None:
            return self.caption_bits
        if num_bytes is None:
            return _MOST_BITS
        return max(1, min(_MOST_BITS, num_bytes * 8 // _SHARE_OF_FILE))

    def opened(
        self, where: PainterFlags, *, language: str = "und", num_bytes: int | None = None, quiet: bool = False
    ) -> Once[Extractor | None]:
        """The describer that is named, opened when it is needed, on the device of `where`.

        `get` raises `ModelError`, `MissingExtraError`.
        """

        def opened() -> Extractor | None:
            if self.describer is None:
                return None
            import semcodec

            quieten_libraries()
            return semcodec.open_describer(
                self.describer,
                task=self.task.value,
                max_bits=self.max_bits(num_bytes),
                tries=self.captions,
                language="en" if language == "und" else language,
                judge=self.judge,
                prompt=self.prompt,
                device=where.device,
                dtype=where.dtype,
                trust_remote_code=where.trust_remote_code,
                say=None if quiet else say,
            )

        return Once(opened)

"""Options of commands that describe pictures by a foundation model, and the describer that they ask for."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.exits import say
from semcodec.cli.hub_options import quieten_libraries
from semcodec.errors import SemcodecError
from semcodec.forks import Lock

if TYPE_CHECKING:
    from semcodec.contracts import Extractor

_MOST_BITS = 256
_SHARE_OF_FILE = 4  # words get at most a fourth of a file whose size is given


class Task(enum.StrEnum):
    CAPTION = "caption"
    KEYWORDS = "keywords"
    REGIONS = "regions"


Describer = Annotated[
    str | None,
    typer.Option(
        "--describer",
        metavar="MODEL",
        help="Describe by a model of transformers: hf:ORG/NAME[@REVISION], folder; or by the embedded one's name.",
    ),
]
DescriberTask = Annotated[Task, typer.Option("--task", help="What a describer is asked for.")]
CaptionBits = Annotated[
    int | None,
    typer.Option("--caption-bits", min=1, help="The most that a describer's words may cost; 256, or 2 x --bytes."),
]
Captions = Annotated[
    int, typer.Option("--captions", min=1, max=64, help="Answers of a describer that are compared; the best is kept.")
]
JudgeModel = Annotated[
    str | None,
    typer.Option("--judge", metavar="MODEL", help="CLIP or SigLIP that compares them; none: the describer itself."),
]
Prompt = Annotated[str | None, typer.Option("--prompt", help="Asked in place of a describer's own question.")]


@dataclass(frozen=True, slots=True)
class DescriberFlags:
    """What was typed about a describer."""

    reference: str | None
    task: Task = Task.CAPTION
    caption_bits: int | None = None
    captions: int = 4
    judge: str | None = None
    prompt: str | None = None
    language: str = "und"
    num_bytes: int | None = None
    device: str = "auto"
    dtype: str = "auto"
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        """Raises `typer.BadParameter` where flags about a describer come without one."""
        about = {
            "--task": self.task is not Task.CAPTION,
            "--caption-bits": self.caption_bits is not None,
            "--captions": self.captions != 4,
            "--judge": self.judge is not None,
            "--prompt": self.prompt is not None,
        }
        for flag, given in about.items():
            if given and self.reference is None:
                raise typer.BadParameter(f"{flag} is about a describer; give one with --describer")

    @property
    def max_bits(self) -> int:
        if self.caption_bits is not None:
            return self.caption_bits
        if self.num_bytes is None:
            return _MOST_BITS
        return max(1, min(_MOST_BITS, self.num_bytes * 8 // _SHARE_OF_FILE))


class LazyDescriber:
    """Opens the describer when the first picture needs it, and keeps it for all others (from any thread).

    Keeps the error too, if it cannot be opened: a thousand pictures do not wait a thousand times for a dead network.
    """

    def __init__(self, flags: DescriberFlags, *, quiet: bool = False) -> None:
        self._flags, self._quiet, self._lock = flags, quiet, Lock()
        self._describer: Extractor | None = None
        self._error: SemcodecError | None = None

    def get(self) -> Extractor | None:
        """None where no describer is wanted. Raises `ModelError`, `MissingExtraError`."""
        if self._flags.reference is None:
            return None
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._describer is None:
                try:
                    self._describer = self._opened(self._flags.reference)
                except SemcodecError as error:
                    self._error = error
                    raise
            return self._describer

    def _opened(self, reference: str) -> Extractor:
        import semcodec

        quieten_libraries()
        flags = self._flags
        return semcodec.open_describer(
            reference,
            task=flags.task.value,
            max_bits=flags.max_bits,
            tries=flags.captions,
            language="en" if flags.language == "und" else flags.language,
            judge=flags.judge,
            prompt=flags.prompt,
            device=flags.device,
            dtype=flags.dtype,
            trust_remote_code=flags.trust_remote_code,
            say=None if self._quiet else say,
        )

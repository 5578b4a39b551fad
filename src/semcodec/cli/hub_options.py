"""Options of commands that run foundation models, and the painter that they ask for. Nothing heavy is imported here."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semcodec.cli.exits import say
from semcodec.forks import Lock

if TYPE_CHECKING:
    from semcodec import contracts

Device = Annotated[str, typer.Option("--device", help="For foundation models: auto, cuda, cuda:N, mps, cpu.")]
Dtype = Annotated[
    str, typer.Option("--dtype", help="For foundation models: auto, float32, float16, bfloat16.", metavar="NUMBERS")
]
TrustRemoteCode = Annotated[
    bool,
    typer.Option(
        "--trust-remote-code",
        help="Let a foundation model bring Python code of its own and run it with your rights. Off: such models fail.",
    ),
]
Painter = Annotated[
    str | None,
    typer.Option(
        "--painter",
        metavar="MODEL",
        help="Paint with a diffusers pipeline (hf:ORG/NAME[@REVISION], folder) or a generator (name, folder).",
    ),
]
Strength = Annotated[
    float | None,
    typer.Option(
        "--strength", min=0.01, max=1, help="How much a painter may change; less for fuller files if not set."
    ),
]
Steps = Annotated[int | None, typer.Option("--steps", min=1, help="Of a painter's noise schedule.")]
Guidance = Annotated[float | None, typer.Option("--guidance", help="How strongly the words pull a painter.")]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", help="ddim, dpm++, euler, unipc, flow-euler; few steps: lcm, lightning, turbo."),
]
Loras = Annotated[
    list[str] | None, typer.Option("--lora", metavar="MODEL", help="A LoRA adapter for the painter; may be repeated.")
]
Controls = Annotated[
    list[str] | None,
    typer.Option("--control", metavar="KIND=MODEL", help="A ControlNet: tile=MODEL, edges=MODEL; may be repeated."),
]


@dataclass(frozen=True, slots=True)
class PainterFlags:
    """What was typed about a painter."""

    reference: str | None
    strength: float | None = None
    steps: int | None = None
    guidance: float | None = None
    scheduler: str | None = None
    loras: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    device: str = "auto"
    dtype: str = "auto"
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        """Raises `typer.BadParameter` where flags about a painter come without one, or --control cannot be read."""
        about = {
            "--strength": self.strength is not None,
            "--steps": self.steps is not None,
            "--guidance": self.guidance is not None,
            "--scheduler": self.scheduler is not None,
            "--lora": bool(self.loras),
            "--control": bool(self.controls),
        }
        if self.reference is None:
            for flag, given in about.items():
                if given:
                    raise typer.BadParameter(f"{flag} is about a painter; give one with --painter")
        self.control_references()

    def chosen(self) -> tuple[tuple[str, Any], ...]:
        """What differs from the defaults, for `semcodec.open_painter`: (name, value)."""
        given = {
            "strength": self.strength,
            "steps": self.steps,
            "guidance": self.guidance,
            "scheduler": self.scheduler,
            "loras": self.loras or None,
            "controls": tuple(self.control_references().items()) or None,
            "device": None if self.device == "auto" else self.device,
            "dtype": None if self.dtype == "auto" else self.dtype,
            "trust_remote_code": self.trust_remote_code or None,
        }
        return tuple((name, value) for name, value in given.items() if value is not None)

    def control_references(self) -> dict[str, str]:
        references = {}
        for text in self.controls:
            kind, _, reference = text.partition("=")
            if kind not in ("tile", "edges") or not reference:
                raise typer.BadParameter(f"--control {text}: write tile=MODEL or edges=MODEL")
            references[kind] = reference
        return references


class LazyPainter:
    """Opens the painter when the first file needs it, and keeps it for all others (from any thread)."""

    def __init__(self, flags: PainterFlags) -> None:
        self._flags, self._lock = flags, Lock()
        self._painter: contracts.Painter | None = None

    def get(self) -> contracts.Painter | None:
        """None where no painter is wanted. Raises `ModelError`, `MissingExtraError`."""
        flags = self._flags
        if flags.reference is None:
            return None
        with self._lock:
            if self._painter is None:
                import semcodec

                quieten_libraries()
                options = dict(flags.chosen()) | {"controls": flags.control_references()}
                self._painter = semcodec.open_painter(flags.reference, **options, say=say)
            return self._painter


def quieten_libraries() -> None:
    """Keeps what torch, transformers and diffusers say to programmers away from users. Before they are imported."""
    for library in ("TRANSFORMERS", "DIFFUSERS"):
        os.environ.setdefault(f"{library}_VERBOSITY", "error")
    for module in ("torch", "transformers", "diffusers", "peft", "accelerate", "huggingface_hub"):
        warnings.filterwarnings("ignore", module=rf"{module}(\..*)?$")

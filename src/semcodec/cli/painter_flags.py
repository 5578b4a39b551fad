"""Flags about a foundation model that paints, and the painter that they name. Nothing heavy is imported here."""

from __future__ import annotations

import os
import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from semcodec.cli.exits import say
from semcodec.cli.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable

    from semcodec import contracts

_Painter = TypeVar("_Painter")

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


@dataclass(frozen=True, slots=True)
class PainterFlags:
    """What is typed about a painter."""

    strength: Annotated[
        float | None,
        typer.Option(
            "--strength", min=0.01, max=1, help="How much a painter may change; less for fuller files if not set."
        ),
    ] = None
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="Of a painter's noise schedule.")] = None
    guidance: Annotated[float | None, typer.Option("--guidance", help="How strongly the words pull a painter.")] = None
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="ddim, dpm++, euler, unipc, flow-euler; few steps: lcm, lightning, turbo."),
    ] = None
    loras: Annotated[
        list[str] | None,
        typer.Option("--lora", metavar="MODEL", help="A LoRA adapter for the painter; may be repeated."),
    ] = None
    controls: Annotated[
        list[str] | None,
        typer.Option("--control", metavar="KIND=MODEL", help="A ControlNet: tile=MODEL, edges=MODEL; may be repeated."),
    ] = None
    device: Annotated[str, typer.Option("--device", help="For foundation models: auto, cuda, cuda:N, mps, cpu.")] = (
        "auto"
    )
    dtype: Annotated[
        str,
        typer.Option("--dtype", help="For foundation models: auto, float32, float16, bfloat16.", metavar="NUMBERS"),
    ] = "auto"
    trust_remote_code: TrustRemoteCode = False

    def options_of(self, painter: str | None) -> tuple[tuple[str, Any], ...]:
        """What differs from the defaults, for `open_painter`: (name, value), picklable.

        Raises `typer.BadParameter` where flags about a painter come without one, or --control cannot be read.
        """
        controls = dict(map(_control, self.controls or ()))
        said = asdict(self) | {"loras": tuple(self.loras or ()) or None, "controls": tuple(controls.items()) or None}
        chosen = {name: value for name, value in said.items() if value != getattr(PainterFlags(), name)}
        about = [name for name in chosen if name not in ("device", "dtype", "trust_remote_code")]
        if painter is None and about:
            flag = {"loras": "lora", "controls": "control"}.get(about[0], about[0])
            raise typer.BadParameter(f"--{flag} is about a painter; give one with --painter")
        return tuple(chosen.items())

    def opened(self, reference: str | None) -> Once[contracts.Painter | None]:
        """The painter that is named, opened when it is needed. Raises as `options_of` at once.

        `get` raises `ModelError`, `MissingExtraError`.
        """

        def opened(options: dict[str, Any]) -> contracts.Painter:
            import semcodec

            return semcodec.open_painter(str(reference), **options, say=say)

        return self._opened(reference, opened)

    def opened_for_clips(self, reference: str | None) -> Once[contracts.Painter | contracts.VideoPainter | None]:
        """The same, of a painter that may film."""

        def opened(options: dict[str, Any]) -> contracts.Painter | contracts.VideoPainter:
            from semcodec import clips

            return clips.open_painter(str(reference), **options, say=say)

        return self._opened(reference, opened)

    def _opened(self, reference: str | None, opened: Callable[[dict[str, Any]], _Painter]) -> Once[_Painter | None]:
        options = dict(self.options_of(reference))
        options["controls"] = dict(options.get("controls", ()))

        def open_it() -> _Painter | None:
            if reference is None:
                return None
            quieten_libraries()
            return opened(options)

        return Once(open_it)


def _control(text: str) -> tuple[str, str]:
    kind, _, reference = text.partition("=")
    if kind not in ("tile", "edges") or not reference:
        raise typer.BadParameter(f"--control {text}: write tile=MODEL or edges=MODEL")
    return kind, reference


def quieten_libraries() -> None:
    """Keeps what torch, transformers and diffusers say to programmers away from users. Before they are imported."""
    for library in ("TRANSFORMERS", "DIFFUSERS"):
        os.environ.setdefault(f"{library}_VERBOSITY", "error")
    for module in ("torch", "transformers", "diffusers", "peft", "accelerate", "huggingface_hub"):
        warnings.filterwarnings("ignore", module=rf"{module}(\..*)?$")

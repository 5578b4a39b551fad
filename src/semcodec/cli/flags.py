"""Flags that several commands have. A group of them is a dataclass, and stands once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from semcodec.cli.exits import printable
from semcodec.cli.paths import no_empty_names

OutputDir = Annotated[
    str | None,
    typer.Option("--output-dir", help="Write there; the tree below input folders is kept.", callback=no_empty_names),
]
Redo = Annotated[
    bool, typer.Option("--overwrite", help="Redo outputs that exist; replace an OUTPUT that semcodec has not written.")
]
Verbose = Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say more, on stderr.")]
Layers = Annotated[
    str | None,
    typer.Option(
        "--layers",
        metavar="NAME,...",
        help="Only these: semantic (text, regions, vector), structure, signal (tokens, base, pixels), or single ones.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say only what failed.")]


def chosen_layers(text: str | None) -> tuple[str, ...] | None:
    """What is typed behind --layers. Raises `typer.BadParameter` for what is no layer."""
    if text is None:
        return None
    from semcodec.layers.catalog import layers_named

    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    try:
        layers_named(names)
    except ValueError as exc:
        raise typer.BadParameter(f"--layers {printable(text)}: {exc}") from exc
    return names


def with_groups(command: Callable[..., None]) -> Callable[..., None]:
    """A command as typer understands it: where a parameter is a dataclass, the fields of that are flags in its place.

    The command itself gets the object. What a group raises when it is made (`typer.BadParameter`) is wrong usage.
    """
    groups: dict[str, type] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        kind = parameter.annotation
        if not (isinstance(kind, type) and is_dataclass(kind)):
            parameters.append(parameter)
            continue
        groups[parameter.name], said = kind, get_type_hints(kind, include_extras=True)
        parameters += [
            parameter.replace(name=field.name, default=field.default, annotation=said[field.name])
            for field in fields(kind)
        ]

    @wraps(command)
    def typed(**values: Any) -> None:
        made = {
            name: kind(**{field.name: values.pop(field.name) for field in fields(kind)})
            for name, kind in groups.items()
        }
        command(**values, **made)

    vars(typed)["__signature__"] = inspect.Signature(parameters)
    typed.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return typed

"""`semcodec describe`: what the embedded describer says of pictures, sure or not; nothing is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.exits import ExitCode, printable, say, sentence
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.paths import no_empty_names
from semcodec.cli.streams import STANDARD, input_name, put, put_json, read_input
from semcodec.errors import SemcodecError
from semcodec.types import Region, Words

if TYPE_CHECKING:
    from semcodec.extractors.guess import Description, Guess
    from semcodec.limits import Limits


def describe(
    pictures: Annotated[
        list[str],
        typer.Argument(metavar="PICTURE...", help="Pictures to describe; - is stdin.", callback=no_empty_names),
    ],
    keywords: Annotated[
        bool, typer.Option("--keywords", help="Say keywords even if it is sure of its caption.")
    ] = False,
    regions: Annotated[bool, typer.Option("--regions", help="Say what is where, too.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object; for several pictures, a list of them in their order.")
    ] = False,
    max_pixels: MaxPixels = None,
) -> None:
    """Tell what the embedded describer sees in pictures, and how sure it is.

    Nothing is written. `semcodec encode` puts into a file only what it is sure enough of: its caption, else keywords.
    """
    tasks = ["caption", "keywords", *(["regions"] if regions else [])]
    limits = chosen_limits(max_pixels)
    objects: list[dict[str, object]] = []
    failed = damaged = False
    for path in pictures:
        name = input_name(path)
        try:
            found, damage = _described(path, tasks, limits)
            if not keywords and found.caption is not None and found.caption.is_sure:
                found = replace(found, keywords=None)
        except (SemcodecError, OSError) as exc:
            failed = True
            say(sentence(name, exc))
            objects.append({"file": name, "error": sentence(name, exc)})
            continue
        damaged = damaged or bool(damage)
        for problem in damage:
            say(f"{name}: {problem}")
        objects.append({"file": name, "error": None, **found.report()})
        if not json:
            put(_as_text(name, found))
    if json:
        put_json(objects[0] if len(pictures) == 1 else objects)
    raise typer.Exit(ExitCode.FAILURE if failed else ExitCode.DAMAGED if damaged else ExitCode.OK)


def _described(path: str, tasks: list[str], limits: Limits) -> tuple[Description, tuple[str, ...]]:
    """What is seen, and what is wrong with the file."""
    import semcodec
    from semcodec.pictures import load_picture

    source = read_input(path) if path == STANDARD else Path(path)
    loaded = load_picture(source, limits=limits)
    return semcodec.describe(loaded, tasks=tasks, limits=limits), loaded.damage


def _as_text(name: str, found: Description) -> str:
    rows = [("caption", found.caption), ("keywords", found.keywords), *(("region", guess) for guess in found.regions)]
    lines = [name, *(f"  {label:<8} {_guess(guess)}" for label, guess in rows if guess is not None)]
    if len(lines) == 1:
        lines.append("  nothing was found to say")
    return "".join(printable(line) + "\n" for line in lines)


def _guess(guess: Guess) -> str:
    said = guess.said
    text = f'"{said.text}"' if isinstance(said, Words) else f'"{said.phrase}", {_place(said)}'
    verdict = "" if guess.is_sure else f": too little for a file, which takes {guess.threshold:.0%}"
    return f"{text} ({guess.confidence:.0%} sure{verdict})"


def _place(region: Region) -> str:
    left, top, right, bottom = (
        f"{at / 64:.0%}" for at in (region.x, region.y, region.x + region.w + 1, region.y + region.h + 1)
    )
    return f"{left} to {right} across, {top} to {bottom} down"

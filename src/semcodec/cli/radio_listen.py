"""`semcodec radio listen`: keeps the pictures that arrive, and asks for what is missing."""

from __future__ import annotations

import time
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.flags import Quiet, with_groups
from semcodec.cli.limits import MaxPixels
from semcodec.cli.on_air import Counted, Pause, Via, opened, pace_on
from semcodec.cli.paths import no_empty_names
from semcodec.cli.radio_flags import ModemFlags
from semcodec.errors import SemcodecError

if TYPE_CHECKING:
    from semcodec.radio.intake import Intake
    from semcodec.radio.listening import Listener

_WISHES = ("all", "missing", "none")


@with_groups
def listen(
    folder: Annotated[
        str,
        typer.Argument(metavar="DIR", help="The folder for pictures; made if absent.", callback=no_empty_names),
    ],
    *,
    via: Via,
    want: Annotated[
        str,
        typer.Option("--want", metavar="all|missing|none", help="Ask for all; for what others fetch; for nothing."),
    ] = "all",
    until_whole: Annotated[int, typer.Option("--pictures", min=0, help="End when that many are whole.")] = 0,
    wait_s: Annotated[
        float | None, typer.Option("--wait", min=0, help="End when nothing was heard for that many seconds.")
    ] = None,
    patience_s: Annotated[
        float,
        typer.Option("--patience", min=0.05, help="Seconds of silence, at least, before what is missing is asked for."),
    ] = 3.0,
    modem: ModemFlags,
    pause_s: Pause = 0.0,
    limits: Annotated[
        list[str] | None,
        typer.Option("--limit", metavar="NAME=NUMBER", help="Of what strangers may send; may be repeated."),
    ] = None,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Listen for pictures, and keep them in a folder: packets, the picture so far (PNG, .semc), and a report.

    What arrives is on the disk at once: run it again to go on. What cannot be decoded is kept in DIR/undecoded, with
    the reason.

    Exit code 3: some pictures are not whole. 1: there is none.
    """
    if want not in _WISHES:
        raise typer.BadParameter(f"--want {want} is none of {', '.join(_WISHES)}")
    intake = _intake(limits or [], max_pixels)
    try:
        with opened(via) as transport:
            from semcodec.radio.listening import Listener, ListenOptions, Wish
            from semcodec.radio.station import run
            from semcodec.radio.store import Store

            pace = pace_on(modem.on(transport.link or None), pause_s=pause_s)
            options = ListenOptions(
                wish=Wish(want),
                intake=intake,
                max_bytes=transport.max_bytes,
                patience_s=patience_s + 3 * pace.airtime_s(transport.max_bytes),
                until_whole=until_whole,
                wait_s=wait_s,
            )
            store = Store(Path(folder), max_undecoded=intake.max_undecoded)
            if not quiet:
                say(f"{transport.name}: listening; Ctrl-C ends it")
            listener = Listener(
                store,
                options,
                say=(lambda text: None) if quiet else say,
                random=Random(),
                clock=time.monotonic,
            )
            run(listener, Counted(transport, "requests sent", quiet=quiet), pace)
    except (SemcodecError, OSError) as exc:
        say(sentence(via if isinstance(exc, SemcodecError) else folder, exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
    raise typer.Exit(_ended(listener, folder, quiet=quiet))


def _intake(texts: list[str], max_pixels: int | None) -> Intake:
    """The limits that were given. Raises `typer.BadParameter`."""
    from semcodec.radio.intake import Intake

    changed: dict[str, Any] = {}
    known = [field.name for field in fields(Intake) if field.name != "limits"]
    for text in texts:
        name, _, number = text.partition("=")
        if name not in known or not (number.isascii() and number.isdecimal()):
            raise typer.BadParameter(f"--limit {text} is not NAME=NUMBER with a NAME of {', '.join(known)}")
        changed[name] = int(number)
    intake = Intake(**changed)
    return intake if max_pixels is None else replace(intake, limits=replace(intake.limits, max_pixels=max_pixels))


def _ended(listener: Listener, folder: str, *, quiet: bool) -> ExitCode:
    pictures = listener.shelf.pictures.values()
    num_whole = sum(each.is_whole for each in pictures)
    told = [f"{num_whole} whole", *([f"{len(pictures) - num_whole} not whole"] if num_whole < len(pictures) else [])]
    told += [f"{count} left out ({why})" for why, count in sorted(listener.shelf.refused.items())]
    if not quiet:
        say(f"{folder}: {', '.join(told)}")
    if not pictures:
        return ExitCode.FAILURE
    return ExitCode.OK if num_whole == len(pictures) else ExitCode.DAMAGED

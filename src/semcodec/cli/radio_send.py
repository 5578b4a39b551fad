"""`semcodec radio send`: an envelope first, packets to those who ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.flags import Quiet, with_groups
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.on_air import Counted, Pause, Via, opened, pace_on
from semcodec.cli.paths import no_empty_names
from semcodec.cli.radio_flags import ModemFlags, OnLink
from semcodec.cli.streams import as_input, input_name, read_input
from semcodec.errors import SemcodecError

if TYPE_CHECKING:
    from semcodec.limits import Limits
    from semcodec.radio.pace import Pace
    from semcodec.radio.sending import Outgoing, Sender
    from semcodec.radio.transport import Transport


@with_groups
def send(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help=".semc files; - is stdin.", callback=no_empty_names)
    ],
    *,
    via: Via,
    send_all: Annotated[bool, typer.Option("--all", help="Send all packets at once, unasked.")] = False,
    mtu: Annotated[
        int | None, typer.Option("--mtu", min=40, max=65535, help="The most bytes of a packet, if not the radio's.")
    ] = None,
    repair: Annotated[
        int, typer.Option("--repair", min=0, max=255, metavar="N", help="N repair packets behind the others.")
    ] = 0,
    thumb: Annotated[int, typer.Option("--thumb", min=16, help="About how many bytes the thumb has.")] = 50,
    modem: ModemFlags,
    pause_s: Pause = 0.0,
    wait_s: Annotated[
        float, typer.Option("--wait", min=0, help="End when nobody has asked for that many seconds.")
    ] = 60.0,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Send .semc files over a radio.

    An envelope goes first: words, size and a thumb, in one packet. Who wants the rest asks for it, and asks again for
    what was lost (`semcodec radio listen`). The duty cycle of the link is kept to.

    Exit code 1: nobody has asked.
    """
    limits = chosen_limits(max_pixels)
    try:
        with opened(via) as transport:
            if not transport.reaches:
                raise typer.BadParameter(f"--via {via}: only hears; name whom to send to")
            on_link = modem.on(transport.link or None)
            outgoing = _outgoing(files, transport, mtu, repair=repair, thumb=thumb, limits=limits)
            for file in () if quiet else outgoing:
                say(f"{file.name}: an envelope of {len(file.envelope)} bytes; {_told(file, on_link)}")
            pace = pace_on(on_link, pause_s=pause_s)
            sender = _sent(outgoing, transport, pace, send_all=send_all, wait_s=wait_s, quiet=quiet)
    except (SemcodecError, OSError) as exc:
        say(sentence(via, exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
    is_heard = False
    for file in outgoing:
        progress = sender.progress[file.file_id]
        if progress.asked or progress.confirmed or send_all:
            is_heard = True
            on_air = f", {pace.total_s:.0f} s on the air" if pace.total_s else ""
            if not quiet:
                say(f"{file.name}: {progress.num_sent if file.packets else 'no'} packets sent{on_air}")
        else:
            say(f"{file.name}: nobody has asked for it in {wait_s:g} seconds; --all sends it unasked")
    raise typer.Exit(ExitCode.OK if is_heard else ExitCode.FAILURE)


def _outgoing(
    files: list[str], transport: Transport, mtu: int | None, *, repair: int, thumb: int, limits: Limits
) -> list[Outgoing]:
    from semcodec.radio.announcing import outgoing_of

    most = transport.max_bytes
    if mtu is not None and mtu > most:
        raise typer.BadParameter(f"--mtu {mtu}: a packet of {transport.name} has at most {most} bytes")
    found: dict[int, Outgoing] = {}
    for path in map(as_input, files):
        name = input_name(path)
        try:
            file = outgoing_of(name, read_input(path), mtu=mtu or most, repair=repair, thumb_bytes=thumb, limits=limits)
        except (SemcodecError, OSError) as exc:
            say(sentence(name, exc))
            raise typer.Exit(ExitCode.FAILURE) from exc
        if file.file_id in found:
            raise typer.BadParameter(f"{name} has the number of {found[file.file_id].name}; send one after the other")
        found[file.file_id] = file
    return list(found.values())


def _told(file: Outgoing, on_link: OnLink) -> str:
    return on_link.told(file.packets) if file.packets else "it is in there as a whole"


def _sent(
    outgoing: Sequence[Outgoing], transport: Transport, pace: Pace, *, send_all: bool, wait_s: float, quiet: bool
) -> Sender:
    from semcodec.radio.sending import Sender
    from semcodec.radio.station import run

    sender = Sender(
        outgoing,
        send_all=send_all,
        wait_s=wait_s,
        linger_s=2 + 4 * pace.airtime_s(transport.max_bytes),
        say=(lambda text: None) if quiet else say,
    )
    run(sender, Counted(transport, "packets sent", quiet=quiet), pace)
    return sender

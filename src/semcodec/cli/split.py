"""`semcodec split`: a file to packets for links that lose some, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.streams import OutputError, input_name, read_input, write_output
from semcodec.errors import SemcodecError

SUFFIX = ".semp"


def split(
    source: Annotated[str, typer.Argument(metavar="FILE", help="A .semc file; - is stdin.")],
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder for the packets; it is made if absent.")],
    mtu: Annotated[
        int,
        typer.Option(
            "--mtu", min=40, max=65535, help="The most bytes of a packet: LoRa 51 to 255, SMS 140, Iridium 340."
        ),
    ],
    repeat_first: Annotated[
        int,
        typer.Option(
            "--repeat-first", min=0, max=255, help="So many more copies of the first, spread over the others."
        ),
    ] = 0,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say how many packets and bytes, on stderr.")
    ] = False,
    max_pixels: MaxPixels = None,
) -> None:
    """Split a file into packets, of which any but the first may be lost.

    Their names are in the order to send them. `semcodec join` paints from those that arrive.
    """
    name = input_name(source)
    try:
        from semcodec import api

        data = read_input(source)
        packets = api.split(data, mtu=mtu, repeat_first=repeat_first, limits=chosen_limits(max_pixels))
        target = _made(folder)
        for file_name, packet in zip(_names(packets), packets, strict=True):
            write_output(str(target / file_name), packet)
    except (SemcodecError, OSError) as exc:
        say(sentence(name, exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
    if verbose:
        sent = sum(map(len, packets))
        share = (100 * sent + len(data) // 2) // len(data)
        say(f"{name}: {len(packets)} packets, {sent} bytes, {share} % of the file's {len(data)}")


def _made(folder: str) -> Path:
    """The folder, made if it was not there."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(f"{folder} cannot be made: {exc.strerror or exc}") from exc
    return path


def _names(packets: list[bytes]) -> list[str]:
    """Names that sort in the order to send: `3fa2-007.semp`; before it `3fa2-007.first.semp`, a copy of the first."""
    from semcodec.container.fragments import unpack_packet

    width = max(3, len(str(len(packets))))
    names: list[str] = []
    number = 0
    for packet in packets:
        found = unpack_packet(packet)
        is_copy = bool(names) and not found.number
        number = number if is_copy else found.number
        names.append(f"{found.file_id:04x}-{number + is_copy:0{width}}{'.first' if is_copy else ''}{SUFFIX}")
    return names

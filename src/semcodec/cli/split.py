"""`semcodec split`: a file to packets for links that lose some, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.flags import Quiet, with_groups
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import refuse_foreign
from semcodec.cli.paths import no_empty_names
from semcodec.cli.previews import refuse_strange_preview, write_preview
from semcodec.cli.radio_flags import LinkFlags, ModemFlags, PreviewFlags
from semcodec.cli.streams import (
    STANDARD,
    OutputError,
    as_input,
    as_output,
    input_name,
    output_name,
    read_input,
    write_output,
)
from semcodec.errors import FormatError, SemcodecError
from semcodec.ids import LayerId
from semcodec.radio.text_form import as_text, packets_in

SUFFIX = ".semp"


@with_groups
def split(
    source: Annotated[str, typer.Argument(metavar="FILE", help="A .semc file; - is stdin.", callback=no_empty_names)],
    out: Annotated[
        str,
        typer.Argument(
            metavar="OUT",
            help="The folder for the packets, made if absent; with --text a file (- is stdout).",
            callback=no_empty_names,
        ),
    ],
    *,
    over: LinkFlags,
    repeat_first: Annotated[
        int,
        typer.Option(
            "--repeat-first", min=0, max=255, help="So many more copies of the first, spread over the others."
        ),
    ] = 0,
    repair: Annotated[
        int,
        typer.Option(
            "--repair",
            min=0,
            max=65535,
            metavar="N",
            help="N repair packets behind them: as many as the file has, whichever arrive, give all of it.",
        ),
    ] = 0,
    only: Annotated[
        str | None,
        typer.Option(
            "--only",
            metavar="LIST",
            help="Only these packets, as they are asked for: 3,7-9, or what `join --missing` printed.",
        ),
    ] = None,
    modem: ModemFlags,
    seen: PreviewFlags,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say how many bytes more they are, too.")] = False,
    max_pixels: MaxPixels = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are no packets.")] = False,
    quiet: Quiet = False,
) -> None:
    """Split a file into packets, of which any but the first may be lost.

    Give --for LINK or --mtu. Their names are in the order to send them. `semcodec join` paints from those that arrive.
    Repair packets need the extra `radio`: pip install 'semcodec[radio]'. The airtime is Semtech's formula for the
    link's usual settings, unless others are given.
    """
    link = modem.on(over.link_name)
    mtu = over.packet_bytes(link.link)
    refuse_strange_preview(seen)
    if as_output(out) == STANDARD and not over.as_text:
        raise typer.BadParameter("packets are files in a folder; on stdout there is room for --text alone")
    if seen.loss is not None and seen.preview is None:
        raise typer.BadParameter("--loss says how many packets --preview loses; give --preview")
    source = as_input(source)
    name, limits = input_name(source), chosen_limits(max_pixels)
    try:
        import semcodec

        data = read_input(source)
        packets = semcodec.split(data, mtu=mtu, repeat_first=repeat_first, repair=repair, only=only, limits=limits)
        texts = [as_text(packet) for packet in packets] if over.as_text else None
        if texts is None:
            _write_packets(packets, out, overwrite=overwrite)
        else:
            out = as_output(out)
            refuse_foreign(out, _is_text, overwrite=overwrite)
            write_output(out, "".join(f"{text}\n" for text in texts).encode())
        previewed = None if seen.preview is None else write_preview(packets, seen, limits, overwrite=overwrite)
    except (SemcodecError, OSError) as exc:
        say(sentence(name, exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
    sent = sum(map(len, packets))
    if only is None and semcodec.info(data, limits=limits).has(LayerId.BASE):
        all_of_them = "as many packets as it has" if repair else "all of its packets"
        say(f"{name}: its base picture shows when {all_of_them} are there; fewer show only words and tokens")
    told = link.told(texts or packets)
    if verbose:
        share = (100 * sent + len(data) // 2) // len(data)
        say(f"{name}: {told}, {share} % of the file's {len(data)}")
    elif not quiet:
        say(f"{output_name(out)}: {told}" if packets else f"{name}: nothing is asked for")
    if previewed is not None and not quiet:
        say(previewed)


def _write_packets(packets: list[bytes], folder: str, *, overwrite: bool) -> None:
    target = _made(folder)
    files = [str(target / file_name) for file_name in _names(packets)]
    for file in files:  # (all are asked about before one is written)
        refuse_foreign(file, _is_packet, overwrite=overwrite)
    for file, packet in zip(files, packets, strict=True):
        write_output(file, packet)


def _made(folder: str) -> Path:
    """The folder, made if it was not there."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(f"{folder} cannot be made: {exc.strerror or exc}") from exc
    return path


def _is_packet(data: bytes) -> bool:
    from semcodec.container.packets.decode import unpack_packet

    try:
        unpack_packet(data)
    except FormatError:
        return False
    return True


def _is_text(data: bytes) -> bool:
    """Whether every line is the text of a packet."""
    lines = data.decode("utf-8", errors="replace").splitlines()
    return bool(lines) and all(len(list(packets_in(line))) == 1 for line in lines)


def _names(packets: list[bytes]) -> list[str]:
    """Names that sort in the order to send: `3fa2-007.semp`; before it `3fa2-007.first.semp`, a copy of the first;
    `3fa2-024.repair.semp`, a repair packet.
    """
    from semcodec.container.packets import PacketKind
    from semcodec.container.packets.decode import unpack_packet

    names: list[str] = []
    number = 0
    found = [unpack_packet(packet) for packet in packets]
    last = max([len(packets), *(packet.number for packet in found), *(packet.num_packets for packet in found)])
    width = max(3, len(str(last)))
    for packet in found:
        is_copy = bool(names) and not packet.number
        number = number if is_copy else packet.number
        kind = ".first" if is_copy else ".repair" if packet.kind == PacketKind.REPAIR else ""
        names.append(f"{packet.file_id:04x}-{number + is_copy:0{width}}{kind}{SUFFIX}")
    return names

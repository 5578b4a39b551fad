"""Flags about the link that packets are sent over, in groups. Each refuses what contradicts itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from semcodec.cli.paths import no_empty_names
from semcodec.container.packets import MAX_PACKET_BYTES, MIN_PACKET_BYTES
from semcodec.radio.links import Link, Modem, link_named, links

_USUAL = Modem(spreading_factor=7, bandwidth_khz=125, coding_rate=5, preamble_symbols=8)  # of LoRa modules
_LINKS = f"{', '.join(links())}"


def _known_link(name: str | None) -> str | None:
    if name is not None and name not in links():
        raise typer.BadParameter(f"no such link; there are {_LINKS}")
    return name


def _share(text: str | None) -> str | None:
    """Checked here, so that the message names the flag."""
    share_of(text)
    return text


def _duty_cycle(text: str | None) -> str | None:
    if text is not None and not share_of(text):
        raise typer.BadParameter(f"{text} leaves no time to send")
    return text


def share_of(text: str | None) -> float:
    """`20%` or `0.2`. Raises `typer.BadParameter`."""
    if text is None:
        return 0.0
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise typer.BadParameter(f"{text} is no share; write 20% or 0.2")
    return share


@dataclass(frozen=True, slots=True)
class LinkFlags:
    """Which link packets are for, and how many bytes one of them may have."""

    link_name: Annotated[
        str | None,
        typer.Option("--for", metavar="LINK", callback=_known_link, help=f"Packets for this link: {_LINKS}."),
    ] = None
    mtu: Annotated[
        int | None,
        typer.Option(
            "--mtu",
            min=MIN_PACKET_BYTES,
            max=MAX_PACKET_BYTES,
            help="The most bytes of a packet, where it is not the link's: LoRa 51 to 255, SMS 140, Iridium 340.",
        ),
    ] = None
    as_text: Annotated[
        bool, typer.Option("--text", help="Packets as text, a line each, for links that carry text.")
    ] = False

    def packet_bytes(self, link: Link | None) -> int:
        """The most bytes of a packet. Raises `typer.BadParameter` where nothing says it, or the link takes fewer."""
        from semcodec.radio.filling import mtu_of

        if link is None:
            if self.mtu is None:
                raise typer.BadParameter(f"how many bytes may a packet have? give --for LINK ({_LINKS}) or --mtu BYTES")
            return self.mtu
        try:
            most = mtu_of(link, as_text=self.as_text)
        except ValueError as exc:
            raise typer.BadParameter(f"--text: {exc}") from exc
        if self.mtu is not None and self.mtu > most:
            raise typer.BadParameter(f"--mtu {self.mtu}: a packet of {link.name} has at most {most} bytes")
        return most if self.mtu is None else self.mtu


@dataclass(frozen=True, slots=True)
class ModemFlags:
    """LoRa settings where they are not the link's usual ones."""

    sf: Annotated[int | None, typer.Option("--sf", min=5, max=12, help="Spreading factor, for the airtime.")] = None
    bw: Annotated[float | None, typer.Option("--bw", min=7, max=2000, help="Bandwidth in kHz.")] = None
    cr: Annotated[int | None, typer.Option("--cr", min=5, max=8, help="Coding rate: 5 is 4/5.")] = None
    preamble: Annotated[int | None, typer.Option("--preamble", min=0, max=65535, help="Symbols of the preamble.")] = (
        None
    )
    implicit_header: Annotated[bool, typer.Option("--implicit-header", help="Frames without the header of LoRa.")] = (
        False
    )
    duty_cycle: Annotated[
        str | None,
        typer.Option("--duty-cycle", metavar="SHARE", callback=_duty_cycle, help="How long one may send: 1%, or 0.01."),
    ] = None

    def on(self, link_name: str | None) -> OnLink:
        """Raises `typer.BadParameter` where the link is not LoRa."""
        link = None if link_name is None else link_named(link_name)
        is_given = self != ModemFlags()
        if link is not None and link.modem is None:
            if is_given:
                raise typer.BadParameter(f"{link.name} is not LoRa: leave out --sf, --bw, --cr and what goes with them")
            return OnLink(link, None, None)
        if link is None and not is_given:
            return OnLink(None, None, None)
        if link is not None and self.sf is not None:
            link = link.at(self.sf)
        usual = (link.modem if link is not None else None) or _USUAL
        modem = Modem(
            spreading_factor=usual.spreading_factor if self.sf is None else self.sf,
            bandwidth_khz=usual.bandwidth_khz if self.bw is None else self.bw,
            coding_rate=usual.coding_rate if self.cr is None else self.cr,
            preamble_symbols=usual.preamble_symbols if self.preamble is None else self.preamble,
            explicit_header=not self.implicit_header,
        )
        return OnLink(link, modem, None if self.duty_cycle is None else 100 * share_of(self.duty_cycle))


@dataclass(frozen=True, slots=True)
class OnLink:
    """A link as it is used: `modem` with what was said of it; None without LoRa, or where nothing is known of it."""

    link: Link | None
    modem: Modem | None
    duty_cycle_percent: float | None

    def told(self, packets: Sequence[bytes | str]) -> str:
        """`4 packets, 915 bytes, 8.6 s on the air (SF11, 250 kHz, 4/5), 86 s at a duty cycle of 10 %`."""
        from semcodec.radio.airtime import cost_of

        cost = cost_of(packets, self.link, modem=self.modem, duty_cycle_percent=self.duty_cycle_percent)
        what = "characters" if packets and isinstance(packets[0], str) else "bytes"
        parts = [f"{cost.num_packets} packet{'s' if cost.num_packets > 1 else ''}, {cost.num_bytes} {what}"]
        if cost.airtime_s is not None and self.modem is not None:
            modem = self.modem
            settings = f"SF{modem.spreading_factor}, {modem.bandwidth_khz:g} kHz, 4/{modem.coding_rate}"
            parts.append(f"{_time(cost.airtime_s)} on the air ({settings})")
        if cost.duty_cycle_s is not None and cost.airtime_s:
            percent = 100 * cost.airtime_s / cost.duty_cycle_s
            parts.append(f"{_time(cost.duty_cycle_s)} at a duty cycle of {percent:.3g} %")
        if cost.num_credits is not None and self.link is not None:
            parts.append(f"{cost.num_credits} credits of {self.link.credit_bytes} bytes")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class PreviewFlags:
    """What the recipient will see."""

    preview: Annotated[
        str | None,
        typer.Option(
            "--preview", metavar="PICTURE", callback=no_empty_names, help="Write what the recipient will see there."
        ),
    ] = None
    loss: Annotated[
        str | None,
        typer.Option("--loss", metavar="SHARE", callback=_share, help="How many packets are lost: 20%, or 0.2."),
    ] = None
    seed: Annotated[int, typer.Option("--seed", help="Which draw of lost packets --preview shows.")] = 0

    def __post_init__(self) -> None:
        if self.seed and self.preview is None:
            raise typer.BadParameter("--seed says which packets --preview loses; give --preview")


def _time(seconds: float) -> str:
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 9.95:
        return f"{minutes:.1f} min"
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"

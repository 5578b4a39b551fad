"""`semcodec encode --for LINK --packets N`: the file fills that many packets, and what they cost is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.previews import refuse_strange_preview, write_preview
from semcodec.cli.radio_flags import LinkFlags, ModemFlags, OnLink, PreviewFlags, share_of
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.options import EncodeOptions
    from semcodec.pictures import LoadedPicture
    from semcodec.radio.choice import Plan
    from semcodec.radio.filling import Filled
    from semcodec.types import Encoded

AUTO = "auto"


def _repair(text: str | None) -> str | None:
    if text is not None and text != AUTO and not (text.isascii() and text.isdecimal() and int(text) < 4096):
        raise typer.BadParameter(f"{text} is neither a number of packets nor {AUTO}")
    return text


@dataclass(frozen=True, slots=True)
class PacketFlags:
    """How many packets a file is made for."""

    packets: Annotated[
        int | None,
        typer.Option("--packets", min=1, max=4096, help="Fill exactly that many packets, in place of --bytes."),
    ] = None
    repeat_first: Annotated[
        int, typer.Option("--repeat-first", min=0, max=255, help="That many of them are copies of the first.")
    ] = 0
    repair: Annotated[
        str | None,
        typer.Option(
            "--repair",
            metavar="N",
            callback=_repair,
            help="That many of them are repair packets; auto: as many as are best at --loss.",
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.repair == AUTO and self.repeat_first:
            raise typer.BadParameter("--repair auto is in place of --repeat-first; give one")
        if self.packets is not None and self.packets <= self.repeat_first + self.num_repair:
            raise typer.BadParameter(f"--packets {self.packets} leave no room beside --repeat-first and --repair")

    @property
    def num_repair(self) -> int:
        """What was asked for; 0 for auto."""
        return 0 if self.repair in (None, AUTO) else int(self.repair or 0)


@dataclass(frozen=True, slots=True)
class ForPackets:
    """What was asked for, checked. `mtu`: the most bytes of a packet. `weighs_repair`: how many packets are repair
    packets is chosen for each picture.
    """

    link: OnLink
    mtu: int
    plan: Plan
    as_text: bool
    seen: PreviewFlags
    weighs_repair: bool

    def encoded(self, loaded: LoadedPicture, options: EncodeOptions, *, overwrite: bool) -> tuple[Encoded, list[str]]:
        """The file, and what is to be said of its packets. The preview is written where one is asked for."""
        from semcodec.radio.filling import encode_for_packets
        from semcodec.radio.text_form import as_text

        size = Size(loaded.image_HWC.shape[1], loaded.image_HWC.shape[0])
        best = self._best_plan(size)
        plan = best if self.weighs_repair else self.plan
        filled = encode_for_packets(loaded, mtu=self.mtu, plan=plan, options=options)
        packets = list(filled.packets)
        told = self.link.told([as_text(packet) for packet in packets] if self.as_text else packets)
        name = "" if self.link.link is None else f"{self.link.link.name}: "
        lines = [f"{name}{told}; {100 * filled.fill:.0f} % of their {self.mtu} bytes are used"]
        if len(packets) < (asked := plan.num_packets + plan.num_copies + plan.num_repair):
            lines.append(f"{len(packets)} packets, not {asked}: there is no more to say of this picture")
        if plan.num_repair:
            lines.append(f"{plan.num_repair} of them are repair packets: `semcodec split --repair {plan.num_repair}`")
        if filled.expected:
            lines.append(self._chosen(filled))
            if best.num_repair and not (plan.num_repair or plan.num_copies):
                lines.append(self._advised(best, size))
        if self.seen.preview is not None:
            lines.append(write_preview(packets, self.seen, options.limits, overwrite=overwrite))
        return filled.encoded, lines

    def _best_plan(self, size: Size) -> Plan:
        """With as many repair packets as are best at the loss that was told; what was asked for where that is not
        weighed.
        """
        from semcodec.radio.choice import MAX_WEIGHED_PACKETS, best_repair

        plan = self.plan
        if not plan.loss or plan.num_copies or plan.num_repair or plan.num_packets > MAX_WEIGHED_PACKETS:
            return plan
        num_repair = best_repair(size, self.mtu, plan.num_packets, plan.loss)
        return replace(plan, num_packets=plan.num_packets - num_repair, num_repair=num_repair)

    def _advised(self, best: Plan, size: Size) -> str:
        """`with --repair 2: 97 % of receivers see a picture, mean distance 0.72`."""
        from semcodec.radio.choice import expectations, nearer_of

        expected = expectations(size, self.mtu * best.num_packets, best)
        would = expected[nearer_of(expected)]
        sees = f"{100 * would.sees:.0f} % of receivers see a picture"
        return f"with --repair {best.num_repair}: {sees}, mean distance {would.distance:.2f}"

    def _chosen(self, filled: Filled) -> str:
        """`tokens: at 20 % loss 80 % of receivers see a picture, mean distance 1.14 (a base picture: 41 %, 1.18)`."""
        kinds = {"base": "a base picture", "tokens": "tokens"}
        sent = "base" if "base" in filled.encoded.bytes_by_layer else "tokens"
        other = "tokens" if sent == "base" else "base"
        mine, theirs = filled.expected[sent], filled.expected[other]
        return (
            f"{kinds[sent]}: at {100 * self.plan.loss:g} % loss {100 * mine.sees:.0f} % of receivers see a picture, "
            f"mean distance {mine.distance:.2f} ({kinds[other]}: {100 * theirs.sees:.0f} %, {theirs.distance:.2f})"
        )


def asked_for_packets(
    over: LinkFlags, asked: PacketFlags, modem: ModemFlags, seen: PreviewFlags, *, excluded: dict[str, bool]
) -> ForPackets | None:
    """None where nothing of it is asked for. `excluded`: what else was given that says how many bytes there are.

    Raises `typer.BadParameter`.
    """
    if asked.packets is None:
        if over != LinkFlags() or modem != ModemFlags() or seen != PreviewFlags() or asked != PacketFlags():
            raise typer.BadParameter("--for and what goes with it wants --packets N: how many may be sent?")
        return None
    for flag, is_given in excluded.items():
        if is_given:
            raise typer.BadParameter(f"--packets says how many bytes there are: leave out {flag}")
    refuse_strange_preview(seen)
    from semcodec.radio.choice import MAX_WEIGHED_PACKETS, Plan

    link = modem.on(over.link_name)
    plan = Plan(
        asked.packets - asked.repeat_first - asked.num_repair,
        share_of(seen.loss),
        num_copies=asked.repeat_first,
        num_repair=asked.num_repair,
    )
    if asked.repair == AUTO and not plan.loss:
        raise typer.BadParameter("--repair auto weighs what is lost: give --loss")
    if asked.repair == AUTO and asked.packets > MAX_WEIGHED_PACKETS:
        raise typer.BadParameter(f"--repair auto weighs at most {MAX_WEIGHED_PACKETS} packets; give a number")
    return ForPackets(link, over.packet_bytes(link.link), plan, over.as_text, seen, asked.repair == AUTO)

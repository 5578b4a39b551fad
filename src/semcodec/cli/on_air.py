"""What `radio send` and `radio listen` share: the radio that is named, and how it may be used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.paths import no_empty_names
from semcodec.cli.radio_flags import OnLink

if TYPE_CHECKING:
    from semcodec.radio.pace import Pace
    from semcodec.radio.transport import Transport

Via = Annotated[
    str,
    typer.Option(
        "--via",
        metavar="RADIO",
        help="meshtastic:, meshcore: and kiss: (//HOST or ///dev/PORT), lxmf:, mqtt://HOST/TOPIC, udp://:7000.",
        callback=no_empty_names,
    ),
]
Pause = Annotated[float, typer.Option("--pause", min=0, help="Seconds between two packets, for others to speak.")]


@contextmanager
def opened(via: str) -> Iterator[Transport]:
    """Raises `TransportError`, `MissingExtraError`."""
    from semcodec.radio.adapters.opening import open_transport

    transport = open_transport(via)
    try:
        yield transport
    finally:
        transport.close()


def pace_on(link: OnLink, *, pause_s: float) -> Pace:
    """The pace that the link's duty cycle leaves, or the one that was given."""
    from semcodec.radio.airtime import cost_of
    from semcodec.radio.pace import Pace

    def airtime_s(num_bytes: int) -> float:
        return cost_of([bytes(num_bytes)], link.link, modem=link.modem).airtime_s or 0.0

    usual = link.link.duty_cycle_percent if link.link is not None else None
    return Pace(airtime_s, duty_percent=link.duty_cycle_percent or usual or 100.0, pause_s=pause_s)


class Counted:
    """A radio that counts what it sends, on the last line of a terminal."""

    def __init__(self, transport: Transport, what: str, *, quiet: bool) -> None:
        self._transport, self._what = transport, what
        self.name, self.link, self.max_bytes = transport.name, transport.link, transport.max_bytes
        self.receive, self.close = transport.receive, transport.close
        self.num_sent = 0
        self._is_shown = sys.stderr.isatty() and not quiet

    @property
    def reaches(self) -> bool:
        return self._transport.reaches

    def send(self, data: bytes) -> None:
        self._transport.send(data)
        self.num_sent += 1
        if self._is_shown:
            sys.stderr.write(f"\r\x1b[Ksemcodec: {self.num_sent} {self._what}\r")
            sys.stderr.flush()

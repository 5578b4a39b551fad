"""What is true of each link that carries packets: sizes, usual modem settings, duty cycle; `links.json` says whence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Modem:
    """LoRa settings. `coding_rate` is n of 4/n (5 to 8). `explicit_header` and `crc`: whether a frame has them."""

    spreading_factor: int
    bandwidth_khz: float
    coding_rate: int
    preamble_symbols: int
    explicit_header: bool = True
    crc: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """What a link puts around a packet: `outer_bytes` beside what it encrypts, `inner_bytes` within, padded up to
    multiples of `block_bytes` (by a byte at least where it `always_pads`); what is longer than `most_bytes` goes out in
    parts with `part_bytes` more each.
    """

    outer_bytes: int = 0
    inner_bytes: int = 0
    block_bytes: int = 1
    always_pads: bool = False
    most_bytes: int = 255
    part_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Port:
    """The number by which a link tells ours from other packets, and what the link calls it."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class TextMessage:
    """The most `chars` of ASCII in one message of that kind."""

    chars: int
    kind: str


@dataclass(frozen=True, slots=True)
class Source:
    fact: str
    url: str


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What is otherwise at a spreading factor; None: nothing."""

    payload_bytes: int | None = None
    preamble_symbols: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """`payload_bytes`: the most bytes of one packet, so the MTU of `semcodec.split`. None: the link has no such thing
    (text, a number for applications, LoRa underneath, a duty cycle, credits of that many bytes).
    """

    name: str
    title: str
    payload_bytes: int
    text: TextMessage | None
    port: Port | None
    modem: Modem | None
    duty_cycle_percent: float | None
    credit_bytes: int | None
    frame: Frame
    text_frame: Frame
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    by_spreading_factor: Mapping[int, Otherwise]

    def at(self, spreading_factor: int) -> Link:
        """The link at another spreading factor. Raises ValueError where it is not LoRa."""
        if self.modem is None:
            raise ValueError(f"{self.name} is not LoRa and has no spreading factor")
        other = self.by_spreading_factor.get(spreading_factor, Otherwise())
        modem = replace(
            self.modem,
            spreading_factor=spreading_factor,
            preamble_symbols=other.preamble_symbols or self.modem.preamble_symbols,
        )
        return replace(self, modem=modem, payload_bytes=other.payload_bytes or self.payload_bytes)


def link_named(name: str) -> Link:
    """Raises ValueError for a name that no link has."""
    try:
        return links()[name]
    except KeyError:
        raise ValueError(f"{name}: no such link; there are {', '.join(links())}") from None


@lru_cache(maxsize=1)
def links() -> dict[str, Link]:
    """Every link by its name."""
    found = json.loads(Path(__file__).with_name("links.json").read_text("utf-8"))
    return {row["name"]: _link(row) for row in found["links"]}


def _link(row: dict[str, Any]) -> Link:
    return Link(
        name=row["name"],
        title=row["title"],
        payload_bytes=row["payload_bytes"],
        text=TextMessage(**row["text"]) if "text" in row else None,
        port=Port(**row["port"]) if "port" in row else None,
        modem=Modem(**row["modem"]) if "modem" in row else None,
        duty_cycle_percent=row.get("duty_cycle_percent"),
        credit_bytes=row.get("credit_bytes"),
        frame=Frame(**row.get("frame", {})),
        text_frame=Frame(**row.get("text_frame", row.get("frame", {}))),
        notes=tuple(row["notes"]),
        sources=tuple(Source(**source) for source in row["sources"]),
        by_spreading_factor={int(sf): Otherwise(**other) for sf, other in row.get("by_spreading_factor", {}).items()},
    )

"""How long a packet is on the air, and how long a duty cycle makes a sender wait.

Semtech, "LoRa Modem Designer's Guide" (AN1200.13), section 4, as in the SX1276 datasheet, section 4.1.1.7:

```text
symbol   = 2^SF / bandwidth
preamble = (preamble symbols + 4.25) * symbol
payload  = (8 + max(ceil((8 bytes - 4 SF + 28 + 16 crc - 20 implicit) / (4 (SF - 2 slow))) * coding rate, 0)) * symbol
```

`slow` (low data rate optimisation) is 1 where a symbol lasts 16 ms or longer. SF5 and SF6 are those of the SX1262
(its datasheet, section 6.1.4): 6.25 symbols behind the preamble, not 4.25, and no 8 of the 28.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semcodec.radio.links import Frame, Link, Modem

SLOW_FROM_MS = 16.0
SPREADING_FACTORS = range(5, 13)
CODING_RATES = range(5, 9)
MAX_PREAMBLE_SYMBOLS = 65535


@dataclass(frozen=True, slots=True)
class Cost:
    """Of all packets of a picture, copies too. `airtime_s`: None without LoRa. `duty_cycle_s`: how long they keep a
    sender who may send for that share of the time; None without a duty cycle. `num_credits`: what a provider takes.
    """

    num_packets: int
    num_bytes: int
    airtime_s: float | None = None
    duty_cycle_s: float | None = None
    num_credits: int | None = None


def airtime_ms(num_bytes: int, modem: Modem) -> float:
    """Of one frame of that many bytes on the air. Raises ValueError for settings that no modem has."""
    check_modem(modem)
    sf, is_early = modem.spreading_factor, modem.spreading_factor < 7
    symbol_ms = symbol_of(modem)
    is_slow = symbol_ms >= SLOW_FROM_MS
    bits = 8 * num_bytes - 4 * sf + (20 if is_early else 28) + 16 * modem.crc - 20 * (not modem.explicit_header)
    num_coded = max(math.ceil(bits / (4 * (sf - 2 * is_slow))) * modem.coding_rate, 0)
    return (modem.preamble_symbols + (6.25 if is_early else 4.25) + 8 + num_coded) * symbol_ms


def symbol_of(modem: Modem) -> float:
    """Milliseconds of a symbol."""
    return float(2**modem.spreading_factor / modem.bandwidth_khz)


def check_modem(modem: Modem) -> None:
    """Raises ValueError for settings that no modem has."""
    if modem.spreading_factor not in SPREADING_FACTORS:
        raise ValueError(f"a spreading factor of {modem.spreading_factor} is not within 5..12")
    if modem.coding_rate not in CODING_RATES:
        raise ValueError(f"a coding rate of 4/{modem.coding_rate} is not one of 4/5 to 4/8")
    if not 0 < modem.bandwidth_khz <= 2000:
        raise ValueError(f"a bandwidth of {modem.bandwidth_khz:g} kHz is not within 0..2000")
    if not 0 <= modem.preamble_symbols <= MAX_PREAMBLE_SYMBOLS:
        raise ValueError(f"a preamble of {modem.preamble_symbols} symbols is not within 0..{MAX_PREAMBLE_SYMBOLS}")


def frames_of(num_bytes: int, frame: Frame) -> list[int]:
    """The sizes in bytes of what goes on the air for a packet of that many bytes."""
    inner = num_bytes + frame.inner_bytes + frame.always_pads
    left = frame.outer_bytes + -(-inner // frame.block_bytes) * frame.block_bytes
    room = frame.most_bytes - frame.part_bytes
    num_parts = max(1, -(-left // room))
    return [min(room, left - n * room) + frame.part_bytes for n in range(num_parts)]


def cost_of(
    packets: Sequence[bytes | str],
    link: Link | None = None,
    *,
    modem: Modem | None = None,
    duty_cycle_percent: float | None = None,
) -> Cost:
    """What packets, or texts, cost on a link, with its usual modem and duty cycle unless others are given.

    Raises:
        ValueError: settings that no modem has, or a duty cycle that is not within 0..100.
    """
    num_bytes = sum(map(len, packets))
    modem = modem or (link.modem if link else None)
    if duty_cycle_percent is None and link is not None:
        duty_cycle_percent = link.duty_cycle_percent
    if duty_cycle_percent is not None and not 0 < duty_cycle_percent <= 100:
        raise ValueError(f"a duty cycle of {duty_cycle_percent:g} % is not above 0 and at most 100")
    if modem is None:
        credit = link.credit_bytes if link else None
        num_credits = None if credit is None else sum(-(-len(packet) // credit) for packet in packets)
        return Cost(len(packets), num_bytes, num_credits=num_credits)
    on_air = [num for packet in packets for num in _on_air(packet, link)]
    airtime_s = sum(airtime_ms(num, modem) for num in on_air) / 1000
    waits = None if duty_cycle_percent in (None, 100) else airtime_s * 100 / (duty_cycle_percent or 100)
    return Cost(len(packets), num_bytes, airtime_s, waits)


def _on_air(packet: bytes | str, link: Link | None) -> list[int]:
    if link is None:
        return [len(packet)]
    return frames_of(len(packet), link.text_frame if isinstance(packet, str) else link.frame)

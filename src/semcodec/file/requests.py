"""What a receiver lacks, in a line that fits into one packet, and what a sender makes of it.

```text
request = [file ":"] [range *("," range)]      file: 4 hexadecimal digits
range   = number | number "-" [number]         without its last number: up to the file's last packet
```

`3fa2:3,7-9` asks for packets 3, 7, 8 and 9 of file 3fa2, `3fa2:0,5-` for its first packet and all from 5 on, and
`3fa2:` for none: everything is there. Numbers from the count of packets on are repair packets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from semcodec.arguments import door
from semcodec.container.packets import MIN_PACKET_BYTES, Packet
from semcodec.errors import RequestError
from semcodec.file.pile import Pile, by_file, unpack
from semcodec.file.repairing import Repair

_RANGE = re.compile(r"(\d{1,9})(?:(-)(\d{1,9})?)?")
_FORM = "write 3,7-9, or what `semcodec join --missing` says: 3fa2:3,7-9"


@door()
def missing(packets: Iterable[bytes], *, file_id: int | None = None) -> list[str]:
    """What has to arrive yet of each file that packets are of (or of one), as requests: `["3fa2:3,7-9"]`. No network.

    Only as many packets are asked for as give the whole file together with the repair packets that are there, coarse
    ones first. A request is no longer than the longest packet of its file (or 40 bytes): what has no room in it is
    asked for when that has arrived. `["3fa2:"]`: nothing is missing. `split(..., only=request)` answers.

    Raises NotAPacketError where no good packet is there.
    """
    arrived = list(packets)
    unpacked = list(map(unpack, arrived))
    requests = []
    for one, places in sorted(by_file(unpacked, file_id).items()):
        pile = Pile(one, unpacked, arrived, places)
        repair = Repair(pile)
        count = repair.num_packets if pile.first is None else pile.first.num_packets
        room = max(MIN_PACKET_BYTES, *(len(arrived[at]) for at in places))
        settled = [*pile.numbers, *repair.spared()]
        ranges: list[tuple[int, int | None]] = [
            *gaps(settled, max(settled, default=-1) + 1 if count is None else count)
        ]
        if count is None:
            ranges.append((max(settled, default=-1) + 1, None))
        requests.append(_request(one, ranges, room))
    return requests


def gaps(numbers: Iterable[int], count: int) -> Iterator[tuple[int, int]]:
    """The ranges of 0 to count - 1 that are not among the numbers."""
    expected = 0
    for number in [*sorted(number for number in numbers if number < count), count]:
        if number > expected:
            yield expected, number - 1
        expected = number + 1


def _request(file_id: int, ranges: Iterable[tuple[int, int | None]], room: int) -> str:
    request = f"{file_id:04x}:"
    for first, last in ranges:
        shown = str(first) if last == first else f"{first}-{'' if last is None else last}"
        longer = request + "," * (request[-1] != ":") + shown
        if len(longer) > room:
            break
        request = longer
    return request


def asked_for(request: str, packets: Sequence[Packet]) -> list[int]:
    """The numbers that a request asks for, sorted. `packets` are all that the sender has, in their order.

    Raises RequestError.
    """
    file, colon, ranges = request.strip().lower().rpartition(":")
    file_id = packets[0].file_id
    if colon and not re.fullmatch("[0-9a-f]{4}", file):
        raise RequestError(f"{request!r} is no list of packets: a file's number is 4 hexadecimal digits; {_FORM}")
    if colon and int(file, 16) != file_id:
        raise RequestError(
            f"{request!r} asks for packets of file {file}, and these are of {file_id:04x}; give the file, and the MTU "
            "and the repair packets, that were sent"
        )
    wanted: set[int] = set()
    num_packets = packets[0].num_packets
    for part in ranges.replace(" ", "").split(",") if ranges.strip() else ():
        found = _RANGE.fullmatch(part)
        if found is None:
            raise RequestError(f"{request!r} is no list of packets: {part!r} is none of their numbers; {_FORM}")
        first = int(found[1])
        if found[2] and not found[3]:
            wanted.update(range(first, num_packets))
            continue
        last = int(found[3] or first)
        if not first <= last < len(packets):
            raise RequestError(
                f"{request!r} asks for packets {part}, and the file has {_counted(num_packets, len(packets))}"
            )
        wanted.update(range(first, last + 1))
    if not colon and not ranges.strip():
        raise RequestError(f"{request!r} is no list of packets; {_FORM}")
    return sorted(wanted)


def _counted(num_packets: int, num_sent: int) -> str:
    repair = f" with repair packets {num_packets} to {num_sent - 1}" if num_sent > num_packets else ""
    return f"packets 0 to {num_packets - 1}{repair}; ask for more repair packets to have higher numbers"

"""A picture that arrives: what is there of it, what is missing, and what it shows so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec

from semcodec.container.packets import Packet, PacketKind
from semcodec.container.packets.decode import unpack_repair_body
from semcodec.errors import NoPictureError, SemcodecError
from semcodec.file.packets import join
from semcodec.file.reading import read
from semcodec.file.requests import gaps, missing
from semcodec.limits import Limits
from semcodec.options import PaintOptions
from semcodec.painting import Painting, paint_reading
from semcodec.radio.asking import Asking
from semcodec.radio.messages import MOST_NUMBER, Envelope, Ranges
from semcodec.types import Reading, Size

CAN_REPAIR = find_spec("reedsolo") is not None  # what repair packets would give is else asked for
Key = tuple[str, int]  # sender, number of the file
Place = tuple[bool, int]  # whether it is a repair packet (a false one is not to stand for another), number
FIRST: Place = (False, 0)
MOST_PIXELS_SO_FAR = 1 << 20  # of a picture that is not whole: one of 12 megapixels takes seconds, each time
WHOLE_FILE = 1 << 16  # of the number of a file that came as one message: those of packets are below it


@dataclass(slots=True)
class Incoming:
    """`packets` by their numbers. `num_packets`: how many the file has; None: nothing has said so yet. `whole`: the
    file itself, where it came as one message. `changed`: since it was painted last; `paint_at`: not before.
    `num_bytes`: of what arrived; `shown_bytes`: of what was written beside it.
    """

    key: Key
    folder: str
    asking: Asking
    heard_at: float = 0.0
    envelope: Envelope | None = None
    packets: dict[Place, bytes] = field(default_factory=dict)
    num_packets: int | None = None
    whole: bytes | None = None
    is_whole: bool = False
    changed: bool = True
    paint_at: float = 0.0
    num_bytes: int = 0
    shown_bytes: int = 0

    @property
    def missing(self) -> Ranges:
        """The numbers of the packets that are to be asked for, as far as anything is known of them.

        Those that repair packets will give are not among them.
        """
        if self.num_packets is None or self.is_whole:
            return ()
        plain = {number for is_repair, number in self.packets if not is_repair}
        needed = _needed(list(self.packets.values()), self.key[1]) if CAN_REPAIR and self.packets else ()
        # (where repair packets were to give all that is missing, and have not, one of them lies)
        return needed or tuple(gaps(plain, self.num_packets))

    @property
    def so_far(self) -> str:
        """`5 of 12 packets`."""
        return f"{len(self.packets)} of {'?' if self.num_packets is None else self.num_packets} packets"

    def add(self, packet: Packet, data: bytes) -> None:
        """The first packet knows better than the envelope how many the file has, and that better than a repair packet.

        Raises FormatError for a repair packet that contradicts itself.
        """
        place = place_of(packet)
        if place == FIRST:
            self.num_packets = packet.num_packets
        elif place[0]:
            said = unpack_repair_body(packet).num_packets
            self.num_packets = said if self.num_packets is None else self.num_packets
        self.packets[place] = data
        self._grown(len(data))

    def announce(self, envelope: Envelope, num_bytes: int) -> None:
        self.envelope = envelope
        if FIRST not in self.packets:
            self.num_packets = envelope.num_packets
        self._grown(num_bytes)

    def take_whole(self, data: bytes) -> None:
        self.whole = data
        self._grown(len(data))

    def _grown(self, num_bytes: int) -> None:
        """(Whether repair packets give what is missing shows when they are joined: `Shown.is_whole`.)"""
        self.num_bytes += num_bytes
        self.changed = True
        is_in_envelope = self.envelope is not None and not self.envelope.num_packets
        self.is_whole = self.is_whole or self.whole is not None or is_in_envelope or self._has_all()

    def _has_all(self) -> bool:
        count = self.num_packets
        return (
            count is not None and len(self.packets) >= count and all((False, n) in self.packets for n in range(count))
        )


def place_of(packet: Packet) -> Place:
    return packet.kind == PacketKind.REPAIR, packet.number


def _needed(packets: list[bytes], file_id: int) -> Ranges:
    """What has to arrive yet, of a request in words: `3fa2:3,7-9`."""
    (request,) = missing(packets, file_id=file_id)
    ranges = []
    for part in filter(None, request.partition(":")[2].split(",")):
        first, dash, last = part.partition("-")
        ranges.append((int(first), int(last) if last else MOST_NUMBER if dash else int(first)))
    return tuple(ranges)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a picture shows so far. `data`: as a file, and `is_whole`: all of it. `painting`: None where nothing can be
    seen yet. `problem`: what is wrong with what arrived; None: nothing.
    """

    data: bytes | None = None
    is_whole: bool = False
    painting: Painting | None = None
    problem: str | None = None
    from_preview: bool = False


def shown(incoming: Incoming, limits: Limits) -> Shown:
    """Joins and paints what is there. Whatever a stranger has sent, this returns."""
    read_so_far = _read(incoming, limits)
    data, reading, is_whole = read_so_far.data, read_so_far.reading, read_so_far.is_whole
    preview = incoming.envelope.preview if incoming.envelope is not None else None
    painting, problem = None, read_so_far.problem
    if reading is not None and (preview is None or is_whole or _says_more(reading, data, preview)):
        painting, problem = _painted(reading, limits, is_whole=is_whole)
    if painting is not None or preview is None:
        return Shown(data, is_whole, painting, problem)
    try:
        painting, of_preview = _painted(read(preview, limits=limits), limits, is_whole=False)
    except SemcodecError as refused:
        of_preview = str(refused)
    return Shown(data, is_whole, painting, problem or of_preview, from_preview=True)


def _says_more(reading: Reading, data: bytes | None, preview: bytes) -> bool:
    """Than the preview: a base that is not whole shows nothing, and a first packet of 51 bytes less than a thumb."""
    scene = reading.scene
    has_picture = scene.base is not None or scene.pixels is not None or scene.has_tokens
    return has_picture and data is not None and len(data) > len(preview)


@dataclass(frozen=True, slots=True)
class _Read:
    data: bytes | None = None
    is_whole: bool = False
    reading: Reading | None = None
    problem: str | None = None


def _read(incoming: Incoming, limits: Limits) -> _Read:
    data, envelope = incoming.whole, incoming.envelope
    if data is None and envelope is not None and not envelope.num_packets:
        data = envelope.preview
    try:
        if data is not None:
            return _Read(data, True, read(data, limits=limits))
        if not incoming.packets:
            return _Read()
        joined = join(incoming.packets.values(), file_id=incoming.key[1], limits=limits)
    except SemcodecError as refused:
        return _Read(data, incoming.is_whole, problem=str(refused))
    # What strangers' repair packets give may be another file than the one that was announced.
    is_given = not joined.missing and (envelope is None or envelope.is_of(joined.data))
    return _Read(joined.data, incoming.is_whole or is_given, joined.reading)


def _painted(reading: Reading, limits: Limits, *, is_whole: bool) -> tuple[Painting | None, str | None]:
    """(painting, why not). What is not whole will be painted again: smaller, and never from its words alone."""
    size = reading.scene.size
    shrunk = None if is_whole else _at_most(size, MOST_PIXELS_SO_FAR)
    options = PaintOptions(limits=limits, size=shrunk, invent=None if is_whole else False)
    try:
        return paint_reading(reading, options), None
    except NoPictureError as none:
        return None, str(none)
    except (SemcodecError, MemoryError) as refused:
        return None, str(refused) or type(refused).__name__


def _at_most(size: Size, num_pixels: int) -> Size | None:
    """A smaller size of that many pixels; None where it is not larger."""
    share = (num_pixels / (size.width_px * size.height_px)) ** 0.5
    if share >= 1:
        return None
    return Size(max(1, round(size.width_px * share)), max(1, round(size.height_px * share)))

"""Listening: what arrives is kept, painted when nothing else arrives, and asked for again where it is missing."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from semcodec.container.packets import Packet, PacketKind
from semcodec.container.packets.decode import unpack_repair_body
from semcodec.errors import FormatError, LimitError, SemcodecError
from semcodec.file.reading import read
from semcodec.radio.intake import Intake
from semcodec.radio.messages import Envelope, Request, Want, digest_of, pack_request, read_datagram
from semcodec.radio.picture import WHOLE_FILE, Incoming, place_of
from semcodec.radio.shelf import Shelf
from semcodec.radio.store import Store
from semcodec.radio.transport import Datagram

STALE_S = 600.0  # of silence, after which the number of a file may mean another one
REST = 4  # a picture is not painted again for that many times as long as it took


class Wish(enum.StrEnum):
    """What a listener asks for."""

    ALL = "all"
    MISSING = "missing"  # of pictures of which packets arrive anyway
    NONE = "none"  # it never sends


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """`max_bytes`: of a request. `patience_s`: the shortest silence after which what is missing is asked for.
    `until_whole`: it ends when that many pictures have become whole; 0: never. `wait_s`: it ends when nothing was heard
    for that long; None: never.
    """

    wish: Wish = Wish.ALL
    intake: Intake = Intake()
    max_bytes: int = 64
    patience_s: float = 3.0
    until_whole: int = 0
    wait_s: float | None = None


class Listener:
    """A station that keeps the pictures it hears. Whatever strangers send, only the disk makes it raise (OSError).

    Args:
        store: what is there from before is gone on with.
        say: for sentences.
        random: spreads the requests of several listeners.
        clock: in seconds.
    """

    def __init__(
        self,
        store: Store,
        options: ListenOptions,
        *,
        say: Callable[[str], None],
        random: Random,
        clock: Callable[[], float],
    ) -> None:
        self.num_whole = 0
        self.shelf = Shelf(store, options.intake, patience_s=options.patience_s, random=random, say=say)
        self._options, self._say, self._clock = options, say, clock
        self._given: Incoming | None = None
        self._heard_at = clock()
        self.shelf.resume(self._heard_at)
        for picture in self.shelf.pictures.values():
            if not picture.is_whole:
                self._ask(picture, self._heard_at, is_announced=True)

    def take(self, datagram: Datagram, now: float) -> None:
        self._heard_at = now
        try:
            said = read_datagram(datagram.data)
            if said is None:
                self._take_whole(datagram, now)
            elif isinstance(said, Envelope):
                self._take_envelope(said, datagram, now)
            elif isinstance(said, Packet):
                self._take_packet(said, datagram, now)
            # (a request is for a sender)
        except SemcodecError as refused:
            self.shelf.keep_undecoded(datagram.data, datagram.sender, str(refused))

    def next(self, now: float) -> bytes | None:
        asking = [each for each in self.shelf.pictures.values() if each.asking.due_at is not None]
        self._given = min(asking, key=lambda each: each.asking.due_at or 0.0, default=None)
        if self._given is None or (self._given.asking.due_at or 0.0) > now:
            return None
        return pack_request(_request(self._given), most_bytes=self._options.max_bytes)

    def sent(self, now: float) -> None:
        picture = self._given
        assert picture is not None, "something was given"
        goes_on = picture.asking.asked(now)
        if picture.is_whole:
            picture.asking.stop()
        elif not goes_on:
            self._say(f"{picture.folder}: no answer to {picture.asking.times} requests; {picture.so_far}")

    def work(self, now: float) -> bool:
        """Paints a picture."""
        due = [each for each in self.shelf.pictures.values() if each.changed and each.paint_at <= now]
        if not due:
            return False
        picture, began = min(due, key=lambda each: each.paint_at), self._clock()
        was_whole = picture.is_whole
        self.shelf.show(picture)
        if picture.is_whole and not was_whole:  # (repair packets have given what was missing)
            self._became_whole(picture, now)
            self._ask(picture, now, is_announced=False)
        picture.paint_at = now + REST * (self._clock() - began)
        return True

    def is_done(self, now: float) -> bool:
        pictures = self.shelf.pictures.values()
        if any(each.changed for each in pictures):
            return False
        if self._options.until_whole and self.num_whole >= self._options.until_whole:
            return not any(each.is_whole and each.asking.due_at is not None for each in pictures)
        return self._options.wait_s is not None and now - self._heard_at >= self._options.wait_s

    def _take_envelope(self, envelope: Envelope, datagram: Datagram, now: float) -> None:
        self._check(envelope.num_bytes, envelope.num_packets)
        key = (datagram.sender, envelope.file_id)
        picture = self.shelf.pictures.get(key)
        if picture is not None and picture.envelope not in (None, envelope):
            if not picture.is_whole and now - picture.heard_at < STALE_S:
                raise FormatError(f"another envelope of file {envelope.file_id:04x}, of which there is one already")
            del self.shelf.pictures[key]  # (it stays in its folder)
            picture = None
        picture = picture or self.shelf.begin(key, now)
        if picture is None:
            return
        if picture.envelope is None:
            self._grow(picture, now, lambda: self.shelf.add_envelope(picture, envelope, datagram.data))
        picture.heard_at = now
        self._ask(picture, now, is_announced=True)

    def _take_packet(self, packet: Packet, datagram: Datagram, now: float) -> None:
        key, data = (datagram.sender, packet.file_id), datagram.data
        if packet.kind == PacketKind.REPAIR:
            unpack_repair_body(packet)  # (one that contradicts itself begins no picture)
        picture = self.shelf.pictures.get(key)
        self._check(
            (picture.num_bytes if picture is not None else 0) + len(data), max(packet.number, packet.num_packets)
        )
        there = picture.packets.get(place_of(packet)) if picture is not None else None
        if there not in (None, data):
            raise FormatError(f"not the packet {packet.number} of file {packet.file_id:04x} that was there before it")
        picture = picture or self.shelf.begin(key, now)
        if picture is None:
            return
        if there is None and not picture.is_whole:
            self._grow(picture, now, lambda: self.shelf.add_packet(picture, packet, data))
            picture.asking.progressed(now)
        picture.heard_at = now
        self._ask(picture, now, is_announced=False)

    def _take_whole(self, datagram: Datagram, now: float) -> None:
        self._check(len(datagram.data), 0)
        read(datagram.data, limits=self._options.intake.limits)
        key = (datagram.sender, WHOLE_FILE | int.from_bytes(digest_of(datagram.data), "big"))
        picture = None if key in self.shelf.pictures else self.shelf.begin(key, now)
        if picture is not None:
            self._grow(picture, now, lambda: self.shelf.add_whole(picture, datagram.data))

    def _check(self, num_bytes: int, num_packets: int) -> None:
        most = self._options.intake
        if num_bytes > most.max_picture_bytes:
            raise LimitError(f"a picture of {num_bytes} bytes, above max_picture_bytes={most.max_picture_bytes}")
        if num_packets > most.max_packets:
            raise LimitError(f"a picture of {num_packets} packets, above max_packets={most.max_packets}")

    def _grow(self, picture: Incoming, now: float, add: Callable[[], None]) -> None:
        was_whole = picture.is_whole
        add()
        if picture.is_whole and not was_whole:
            self._became_whole(picture, now)

    def _became_whole(self, picture: Incoming, now: float) -> None:
        self.num_whole += 1
        picture.paint_at = now
        picture.asking.restart()

    def _ask(self, picture: Incoming, now: float, *, is_announced: bool) -> None:
        """Decides when its sender is to be asked for something, or told that nothing more is wanted."""
        wish = self._options.wish
        if wish is Wish.NONE or picture.whole is not None:
            picture.asking.stop()
        elif picture.is_whole:
            picture.asking.stop()
            picture.asking.soon(now)
        elif is_announced and (wish is Wish.ALL or picture.packets):
            picture.asking.soon(now)
        elif picture.packets:
            picture.asking.wait(now)


def _request(picture: Incoming) -> Request:
    number = picture.key[1]
    if picture.is_whole:
        return Request(number, Want.NOTHING)
    if picture.num_packets is None:
        return Request(number, Want.ENVELOPE)
    if not picture.packets:
        return Request(number, Want.ALL)
    return Request(number, Want.THESE, picture.missing)

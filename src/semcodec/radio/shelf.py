"""The pictures that a listener has: on the disk and in memory, as many as are allowed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random

from semcodec.container.packets import Packet
from semcodec.errors import SemcodecError
from semcodec.pictures import Beside, picture_bytes
from semcodec.radio.asking import Asking
from semcodec.radio.intake import Beginnings, Intake
from semcodec.radio.messages import Envelope, digest_of, read_datagram
from semcodec.radio.picture import WHOLE_FILE, Incoming, Key, Shown, place_of, shown
from semcodec.radio.report import report_of, sentence_of
from semcodec.radio.store import Kept, Store


class Shelf:
    """Adds, drops and shows pictures. `random` and `patience_s` are for their `Asking`. Raises OSError alone."""

    def __init__(
        self, store: Store, intake: Intake, *, patience_s: float, random: Random, say: Callable[[str], None]
    ) -> None:
        self.pictures: dict[Key, Incoming] = {}
        self.refused: Counter[str] = Counter()  # what was left out, by the reason
        self._store, self._intake, self._patience_s, self._random, self._say = store, intake, patience_s, random, say
        self._beginnings = Beginnings(intake.max_new_a_minute)
        self._num_bytes = 0  # in the folder

    def begin(self, key: Key, now: float) -> Incoming | None:
        """A new picture; None where too many begin. One in flight that was not heard for the longest may go for it."""
        if not self._beginnings.allow(now):
            self._refuse(f"more than {self._intake.max_new_a_minute} new pictures within a minute")
            return None
        in_flight = [each for each in self.pictures.values() if not each.is_whole]
        if len(in_flight) >= self._intake.max_in_flight:
            self._drop(min(in_flight, key=lambda each: each.heard_at))
        picture = self._placed(key, self._store.new_folder(key[0], key[1]), now)
        self._write(picture, Shown())  # (a folder knows from its beginning whose it is)
        return picture

    def add_envelope(self, picture: Incoming, envelope: Envelope, data: bytes) -> None:
        if self._make_room(len(data), picture):
            self._store.keep_envelope(picture, data)
            picture.announce(envelope, len(data))

    def add_packet(self, picture: Incoming, packet: Packet, data: bytes) -> None:
        if self._make_room(len(data), picture):
            picture.add(packet, data)
            self._store.keep_packet(picture, place_of(packet), data)

    def add_whole(self, picture: Incoming, data: bytes) -> None:
        if self._make_room(len(data), picture):
            self._store.keep_whole(picture, data)
            picture.take_whole(data)

    def keep_undecoded(self, data: bytes, sender: str, reason: str) -> None:
        self.refused["could not be decoded"] += 1
        self._store.keep_undecoded(data, {"sender": sender, "bytes": len(data), "reason": reason})

    def show(self, picture: Incoming) -> None:
        """Paints it, and writes what it shows. It may turn out to be whole."""
        found = shown(picture, self._intake.limits)
        picture.is_whole, picture.changed = found.is_whole, False
        self._write(picture, found)
        self._say(sentence_of(picture, found))

    def resume(self, now: float) -> None:
        """Puts back what is here from before. What is not whole is painted again: its last packets may be newer."""
        for kept in self._store.kept():
            for data in kept.datagrams:
                with suppress(SemcodecError):  # (somebody has changed the file)
                    picture = self._put_back(kept, data, now)
                    picture.is_whole = picture.is_whole or kept.was_whole
        for picture in self.pictures.values():
            if picture.is_whole:
                picture.changed = False
            else:
                self._say(f"{picture.folder}: {picture.so_far} from before")

    def _put_back(self, kept: Kept, data: bytes, now: float) -> Incoming:
        said = read_datagram(data)
        number = WHOLE_FILE | int.from_bytes(digest_of(data), "big") if said is None else said.file_id
        key = (kept.sender, number)
        picture = self.pictures.get(key)
        if picture is None or picture.folder != kept.folder:  # (a later picture of the same number)
            picture = self._placed(key, kept.folder, now)
            picture.shown_bytes = kept.shown_bytes
            self._num_bytes += kept.shown_bytes
        if said is None:
            picture.take_whole(data)
        elif isinstance(said, Envelope):
            picture.announce(said, len(data))
        elif isinstance(said, Packet):
            picture.add(said, data)
        self._num_bytes += len(data)
        return picture

    def _placed(self, key: Key, folder: str, now: float) -> Incoming:
        picture = Incoming(key, folder, Asking(self._patience_s, self._random), heard_at=now)
        self.pictures[key] = picture
        return picture

    def _make_room(self, num_bytes: int, picture: Incoming) -> bool:
        """Whether there is room for that many bytes more of this picture."""
        while self._num_bytes + num_bytes > self._intake.max_bytes:
            others = [each for each in self.pictures.values() if not each.is_whole and each is not picture]
            if not others:
                self._refuse("the folder is full: move pictures out of it and begin again")
                return False
            self._drop(min(others, key=lambda each: each.heard_at))
        self._num_bytes += num_bytes
        return True

    def _drop(self, picture: Incoming) -> None:
        self._say(f"{picture.folder}: dropped for newer ones, with {picture.so_far}")
        self.refused["dropped for newer ones"] += 1
        self._store.forget(picture)
        del self.pictures[picture.key]
        self._num_bytes -= picture.num_bytes + picture.shown_bytes

    def _refuse(self, why: str) -> None:
        self.refused[why] += 1
        if self.refused[why] == 1:
            self._say(f"left out: {why}")

    def _write(self, picture: Incoming, found: Shown) -> None:
        painting, png = found.painting, None
        if painting is not None:
            kept = painting.reading.metadata
            beside = Beside(painting.alpha_HW, kept.icc_profile, kept.exif, kept.xmp, painting.provenance)
            png = picture_bytes(painting.image_HWC, format="png", beside=beside)
        report = report_of(picture, found, self._intake.limits)
        self._num_bytes -= picture.shown_bytes
        picture.shown_bytes = self._store.keep_shown(picture, found.data, png, report)
        self._num_bytes += picture.shown_bytes

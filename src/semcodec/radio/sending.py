"""Sending: an envelope first, and packets to those who ask for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from semcodec.errors import FormatError
from semcodec.radio.messages import Request, Want, numbers_of, unpack_message
from semcodec.radio.transport import Datagram

MOST_TIMES = 8  # that one packet is sent: whoever asks may be a stranger, or out of reach
MOST_ENVELOPES = 5  # that nobody answers, each after twice the time of the one before


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file that is to be sent. `packets` are in the order to send them, each at the place of its number."""

    name: str
    file_id: int
    envelope: bytes
    packets: tuple[bytes, ...]


@dataclass(slots=True)
class Progress:
    """What became of a file. `confirmed`: somebody said that nothing more of it is wanted."""

    asked: bool = False
    confirmed: bool = False
    num_sent: int = 0
    num_envelopes: int = 0
    announced_at: float = 0.0
    asking: set[str] = field(default_factory=set)
    times: Counter[int] = field(default_factory=Counter)


class Sender:
    """A station that has files to send.

    Args:
        files: in the order to announce them.
        send_all: packets go out behind their envelope, unasked.
        wait_s: it ends when nobody has asked for anything for that long.
        linger_s: it ends that long after all who asked have what they want. (Where a link does not say who speaks,
            another may still be missing something.)
        say: for sentences.
    """

    def __init__(
        self,
        files: Sequence[Outgoing],
        *,
        send_all: bool,
        wait_s: float,
        linger_s: float,
        say: Callable[[str], None],
    ) -> None:
        self._files = {file.file_id: file for file in files}
        self.progress = {file.file_id: Progress() for file in files}
        self._all, self._wait_s, self._linger_s, self._say = send_all, wait_s, min(linger_s, wait_s), say
        self._due: dict[tuple[int, int | None], None] = {}  # (file, number; None: its envelope), in order
        self._given: tuple[int, int | None] | None = None
        self._active_at: float | None = None
        for file in files:
            self._due[file.file_id, None] = None
        for file in files if send_all else ():
            self._put(file, range(len(file.packets)))

    def take(self, datagram: Datagram, now: float) -> None:
        """What is no request for one of these files is passed over: it is meant for others."""
        try:
            message = unpack_message(datagram.data)
        except FormatError:
            return
        if not isinstance(message, Request) or message.file_id not in self._files:
            return
        file, progress = self._files[message.file_id], self.progress[message.file_id]
        who = datagram.sender or "somebody"
        self._active_at = now
        if message.want is Want.NOTHING:
            if not progress.confirmed:
                self._say(f"{file.name}: {who} wants no more of it")
            progress.confirmed = True
            progress.asking.discard(datagram.sender)
        elif message.want is Want.ENVELOPE:
            self._due[file.file_id, None] = None
        else:
            if not progress.asked:
                self._say(f"{file.name}: {who} asks for it")
            progress.asked = True
            progress.asking.add(datagram.sender)
            count = len(file.packets)
            self._put(file, range(count) if message.want is Want.ALL else numbers_of(message.ranges, below=count))

    def next(self, now: float) -> bytes | None:
        self._announce_again(now)
        self._given = next(iter(self._due), None)
        if self._given is None:
            return None
        file_id, number = self._given
        file = self._files[file_id]
        return file.envelope if number is None else file.packets[number]

    def sent(self, now: float) -> None:
        assert self._given is not None, "something was given"
        file_id, number = self._given
        del self._due[self._given]
        progress = self.progress[file_id]
        if number is None:
            progress.announced_at, progress.num_envelopes = now, progress.num_envelopes + 1
            self._active_at = now if self._active_at is None else self._active_at
        else:
            progress.num_sent += 1
            progress.times[number] += 1
            self._active_at = now

    def work(self, now: float) -> bool:
        return False

    def is_done(self, now: float) -> bool:
        if self._due or self._active_at is None:
            return False
        is_satisfied = all(each.confirmed and not each.asking for each in self.progress.values())
        return now - self._active_at >= (self._linger_s if is_satisfied else self._wait_s)

    def _put(self, file: Outgoing, numbers: Iterable[int]) -> None:
        times = self.progress[file.file_id].times
        for number in numbers:
            if times[number] < MOST_TIMES:
                self._due[file.file_id, number] = None
            elif times[number] == MOST_TIMES:
                times[number] += 1  # (said once)
                self._say(f"{file.name}: packet {number} was sent {MOST_TIMES} times, and will not be again")

    def _announce_again(self, now: float) -> None:
        """An envelope may have been lost like anything else."""
        if self._due or not self._wait_s:
            return
        for file_id, progress in self.progress.items():
            if (
                0 < progress.num_envelopes < MOST_ENVELOPES
                and not (progress.asked or progress.confirmed)
                and now - progress.announced_at >= self._linger_s * 2 ** (progress.num_envelopes - 1)
            ):
                self._due.setdefault((file_id, None))

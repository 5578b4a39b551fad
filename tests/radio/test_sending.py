"""The sender: an envelope first, the rest on request, and nobody makes it send for ever."""

from __future__ import annotations

from collections.abc import Callable

from semcodec.radio.messages import Request, Want, pack_request
from semcodec.radio.sending import MOST_ENVELOPES, MOST_TIMES, Outgoing, Sender
from semcodec.radio.transport import Datagram

from .air import Air


def ask(file: Outgoing, want: Want, *ranges: tuple[int, int], sender: str = "b") -> Datagram:
    return Datagram(pack_request(Request(file.file_id, want, ranges), most_bytes=100), sender)


def drained(sender: Sender, now: float) -> list[bytes]:
    found = []
    while (data := sender.next(now)) is not None:
        found.append(data)
        sender.sent(now)
    return found


def test_the_envelope_goes_out_and_nothing_else_until_somebody_asks(sender: Callable, macaws: Outgoing):
    station = sender(macaws)
    assert drained(station, 0) == [macaws.envelope]
    assert drained(station, 1) == []
    station.take(ask(macaws, Want.ALL), 2)
    assert drained(station, 2) == list(macaws.packets)


def test_what_is_asked_for_is_sent_once_and_in_order(sender: Callable, macaws: Outgoing):
    station = sender(macaws)
    drained(station, 0)
    station.take(ask(macaws, Want.THESE, (4, 4), (6, 9999)), 2)
    station.take(ask(macaws, Want.THESE, (4, 4)), 2)
    assert drained(station, 2) == [macaws.packets[4], *macaws.packets[6:]]
    station.take(ask(macaws, Want.ENVELOPE), 3)
    assert drained(station, 3) == [macaws.envelope]


def test_with_all_packets_follow_their_envelopes_unasked(sender: Callable, macaws: Outgoing, caps: Outgoing):
    station = sender(macaws, caps, send_all=True)
    assert drained(station, 0) == [macaws.envelope, caps.envelope, *macaws.packets, *caps.packets]


def test_an_envelope_that_nobody_answers_is_repeated_a_few_times_and_then_it_ends(sender: Callable, macaws: Outgoing):
    air = Air()
    air.add("a", sender(macaws, wait_s=100, linger_s=5))
    air.run()
    assert [data for _, _, data in air.log] == [macaws.envelope] * MOST_ENVELOPES
    assert [round(time) for time, _, _ in air.log] == [0, 5, 15, 35, 75]
    assert 100 <= air.now < 101


def test_it_ends_soon_after_all_who_asked_have_what_they_want(sender: Callable, macaws: Outgoing, said: list[str]):
    station = sender(macaws, wait_s=60, linger_s=5)
    drained(station, 0)
    station.take(ask(macaws, Want.ALL, sender="b"), 1)
    station.take(ask(macaws, Want.ALL, sender="c"), 1)
    drained(station, 2)
    station.take(ask(macaws, Want.NOTHING, sender="b"), 3)
    assert not station.is_done(20)
    station.take(ask(macaws, Want.NOTHING, sender="c"), 30)
    assert not station.is_done(34) and station.is_done(35)
    assert said == ["macaws: b asks for it", "macaws: b wants no more of it"]


def test_nobody_makes_it_send_a_packet_for_ever(sender: Callable, macaws: Outgoing, said: list[str]):
    station = sender(macaws)
    drained(station, 0)
    sent = []
    for now in range(1, 50):
        station.take(ask(macaws, Want.THESE, (3, 3), sender=str(now)), now)
        sent += drained(station, now)
    assert sent == [macaws.packets[3]] * MOST_TIMES
    assert said.count(f"macaws: packet 3 was sent {MOST_TIMES} times, and will not be again") == 1


def test_what_is_no_request_for_its_files_is_passed_over(sender: Callable, macaws: Outgoing, caps: Outgoing):
    station = sender(macaws)
    drained(station, 0)
    for data in (
        b"",
        b"talk",
        caps.envelope,
        macaws.packets[0],
        ask(caps, Want.ALL).data,
        ask(macaws, Want.ALL).data[:-1],
    ):
        station.take(Datagram(data), 1)
    assert drained(station, 1) == [] and not station.progress[macaws.file_id].asked

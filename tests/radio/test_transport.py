"""What waits between a radio's thread and whoever asks: bounded, and errors are told once."""

from __future__ import annotations

import pytest

from semcodec.radio.transport import MOST_BYTES, MOST_WAITING, Datagram, Inbox, TransportError


def test_datagrams_come_out_in_their_order_and_nothing_is_none():
    inbox = Inbox()
    inbox.put(b"a", "x")
    inbox.put(bytearray(b"b"))
    assert [inbox.get(0), inbox.get(0.1), inbox.get(0), inbox.get(0.01)] == [
        Datagram(b"a", "x"),
        Datagram(b"b"),
        None,
        None,
    ]


def test_where_too_many_wait_the_oldest_go():
    inbox = Inbox()
    for number in range(MOST_WAITING + 3):
        inbox.put(number.to_bytes(2, "big"))
    first = inbox.get(0)
    assert first is not None and first.data == (3).to_bytes(2, "big")


def test_of_a_huge_one_only_the_beginning_is_kept():
    inbox = Inbox()
    inbox.put(bytes(1 << 20))
    found = inbox.get(0)
    assert found is not None and len(found.data) == MOST_BYTES


def test_an_error_of_the_radio_reaches_who_asks():
    inbox = Inbox()
    inbox.put(b"a")
    inbox.fail(TransportError("gone"))
    assert inbox.get(0) == Datagram(b"a")
    with pytest.raises(TransportError, match="gone"):
        inbox.get(0)

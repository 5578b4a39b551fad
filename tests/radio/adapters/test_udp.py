"""The simulator: real sockets, losses by a seed."""

from __future__ import annotations

import pytest

from semcodec.radio.adapters.opening import open_transport
from semcodec.radio.adapters.udp import UdpTransport
from semcodec.radio.channel import Weather
from semcodec.radio.pace import Pace
from semcodec.radio.transport import TransportError

from .pairs import arrives, check_pair


def test_two_hear_each_other():
    one = UdpTransport()
    other = UdpTransport(peers=(("127.0.0.1", one.port),))
    other.send(b"hello")  # (who only hears answers those who have spoken)
    assert arrives(one) == (b"hello", "127.0.0.1")
    check_pair(one, other)
    one.close()
    other.close()


def test_losses_and_doubles_are_those_of_the_seed():
    one = UdpTransport()

    def through(seed: int) -> list[bytes]:
        weather = Weather(loss=0.4, duplicates=0.3, seed=seed)
        other = UdpTransport(peers=(("127.0.0.1", one.port),), weather=weather)
        for number in range(40):
            other.send(bytes([number]))
        other.close()
        found = []
        while (datagram := one.receive(0.05)) is not None:
            found.append(datagram.data)
        return found

    first = through(1)
    assert first == through(1) != through(2)
    assert 10 < len(set(first)) < 38 and len(first) > len(set(first))
    one.close()


def test_what_is_on_its_way_arrives_later():
    one = UdpTransport()
    other = UdpTransport(peers=(("127.0.0.1", one.port),), weather=Weather(delay_s=0.2))
    other.send(b"late")
    assert one.receive(0.05) is None
    assert other.receive(0.3) is None  # (who waits lets time pass)
    assert arrives(one)[0] == b"late"
    one.close()
    other.close()


def test_what_is_sent_beyond_the_duty_cycle_is_lost_as_firmware_does_it():
    one, now = UdpTransport(), [0.0]
    pace = Pace(lambda num_bytes: 100.0, duty_percent=10)
    other = UdpTransport(peers=(("127.0.0.1", one.port),), pace=pace, clock=lambda: now[0])
    for number in range(6):
        other.send(bytes([number]))
        now[0] += 110
    assert [arrives(one)[0] for _ in range(3)] == [b"\0", b"\1", b"\2"]
    assert one.receive(0.05) is None and other.num_over_duty == 3
    now[0] = 3600
    other.send(b"\7")
    assert arrives(one)[0] == b"\7"
    one.close()
    other.close()


def test_addresses_say_all_of_it():
    transport = open_transport("udp://127.0.0.1:7000,127.0.0.1:7001?loss=0.5&delay=1&seed=3&link=meshtastic&duty=10")
    assert (transport.link, transport.max_bytes) == ("meshtastic", 231)
    transport.close()
    transport = open_transport("udp://127.0.0.1:7000?mtu=51")
    assert (transport.link, transport.max_bytes) == ("", 51)
    transport.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("udp:", "name a port to hear at"),
        ("udp://127.0.0.1", "has no port"),
        ("udp://127.0.0.1:7000?loss=2", "loss=2.0 is not within 0..1"),
        ("udp://127.0.0.1:7000?los=0.2", "no option los; there are: loss"),
        ("udp://127.0.0.1:7000?link=pigeon", "pigeon: no such link"),
        ("carrier-pigeon://x", "no such radio; there are kiss:, lxmf:, meshcore:, meshtastic:, mqtt:, udp:"),
        ("/dev/ttyUSB0", "no such radio"),
        ("udp://[", "Invalid IPv6 URL"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(address: str, sentence: str):
    with pytest.raises(TransportError, match=sentence):
        open_transport(address)


def test_a_port_that_is_taken_is_one_sentence():
    one = UdpTransport()
    with pytest.raises(TransportError, match="cannot be opened: Address already in use"):
        open_transport(f"udp://:{one.port}")
    one.close()

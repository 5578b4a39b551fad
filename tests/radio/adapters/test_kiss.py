"""KISS: frames in a stream of bytes, and a TNC on a serial line, played over pseudo-terminals."""

from __future__ import annotations

import os
import select
import socketserver
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.radio.adapters.kiss import MOST_FRAME_BYTES, Unframer, ax25_address, framed, read_ax25
from semcodec.radio.adapters.opening import open_transport
from semcodec.radio.sending import Outgoing
from semcodec.radio.transport import TransportError

from .pairs import arrives, check_pair, check_picture


def test_frames_are_these_literal_bytes():
    assert framed(b"TEST") == b"\xc0\x00TEST\xc0"
    assert framed(b"\xc0\xdb", port=5) == b"\xc0\x50\xdb\xdc\xdb\xdd\xc0"  # the examples of the specification


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.lists(st.integers(1, 9)), st.binary(max_size=9))
def test_frames_are_found_wherever_the_stream_is_cut(datagrams: list[bytes], cuts: list[int], noise: bytes):
    stream = noise.replace(b"\xc0", b"") + b"".join(framed(data) for data in datagrams)
    unframer, found, at = Unframer(), [], 0
    for length in [*cuts, len(stream)]:
        found += unframer.feed(stream[at : at + length])
        at += length
    assert found == [b"\0" + data for data in datagrams]


@given(st.binary(max_size=200))
def test_noise_makes_no_trouble(noise: bytes):
    unframer = Unframer()
    unframer.feed(noise)
    assert b"\0good" in unframer.feed(b"\xc0" + framed(b"good"))


def test_frames_that_are_broken_or_without_end_are_left_out():
    unframer = Unframer()
    assert unframer.feed(b"\xc0\x00ab\xdbx\xc0" + b"\xc0\x00ab\xdb\xc0" + framed(b"good")) == [b"\0good"]
    assert unframer.feed(b"\xc0" + bytes(2 * MOST_FRAME_BYTES)) == []
    assert unframer.feed(framed(b"good")) == [b"\0good"]


def test_ax25_frames_carry_call_signs():
    header = ax25_address("SEMC", last=False) + ax25_address("N0CALL-7", last=True) + b"\x03\xf0"
    assert header == b"\xa6\x8a\x9a\x86\x40\x40\xe0" + b"\x9c\x60\x86\x82\x98\x98\x6f" + b"\x03\xf0"
    assert read_ax25(header + b"data") == ("N0CALL-7", b"data")
    repeated = header[:13] + b"\x6e" + ax25_address("DIGI", last=True) + b"\x03\xf0data"
    assert read_ax25(repeated) == ("N0CALL-7", b"data")
    for wrong in (b"", header[:9], header[:-1], header[:14] + b"\x00\xf0data", bytes(90), b"\xff" * 90):
        assert read_ax25(wrong) is None
    for call in ("", "TOOLONGCALL", "N0CALL-16", "N0-CALL", "N0CÄLL"):
        with pytest.raises(ValueError, match="call sign"):
            ax25_address(call, last=True)


class Line:
    """Two serial ports whose TNCs hear each other: what goes into one comes out of the other."""

    def __init__(self) -> None:
        self._masters, slaves = zip(*(os.openpty() for _ in range(2)), strict=True)
        for slave in slaves:
            tty.setraw(slave)
        self.ports, self._slaves = [os.ttyname(slave) for slave in slaves], slaves
        self._is_open = True
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        one, other = self._masters
        while self._is_open:
            for ready in select.select([one, other], [], [], 0.05)[0]:
                os.write(other if ready == one else one, os.read(ready, 7))  # (in small pieces, as a UART does)

    def close(self) -> None:
        self._is_open = False
        self._thread.join()
        for descriptor in (*self._masters, *self._slaves):
            os.close(descriptor)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.mark.parametrize("options", ["?baud=9600", "?port=3&mtu=120", "?call=N0CALL-1"])
def test_two_tncs_on_serial_lines_hear_each_other(line: Line, options: str, macaws: Outgoing, tmp_path: Path):
    one, other = (open_transport(f"kiss://{port}{options}") for port in line.ports)
    check_pair(one, other)
    check_picture(one, other, macaws, tmp_path / "heard")
    one.send(b"x")
    assert arrives(other) == (b"x", "N0CALL-1" if "call" in options else "")
    one.close()
    other.close()


def test_a_tnc_on_a_network_port_is_heard_until_it_goes():
    class Tnc(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            heard = self.rfile.read(len(framed(b"hello")))
            self.wfile.write(heard + framed(b"of another port", port=1))

    with socketserver.TCPServer(("127.0.0.1", 0), Tnc) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        transport = open_transport(f"kiss://127.0.0.1:{server.server_address[1]}")
        transport.send(b"hello")
        assert arrives(transport)[0] == b"hello"
        with pytest.raises(TransportError, match="is gone"):
            transport.receive(10)
        transport.close()
        server.shutdown()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("kiss:///dev/no-such-port", "cannot be opened: .*no-such-port"),
        ("kiss:", "name a serial port"),
        ("kiss:///dev/x?port=16", "0 to 15"),
        ("kiss:///dev/x?call=TOOLONGCALL", "no call sign"),
        ("kiss://127.0.0.1:1", "cannot be opened: .*refused"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(address: str, sentence: str):
    with pytest.raises(TransportError, match=sentence):
        open_transport(address)

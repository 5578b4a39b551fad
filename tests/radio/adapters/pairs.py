"""What every adapter must do, asked of two that are in range of each other."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from random import Random

import semcodec
from semcodec.radio.listening import Listener, ListenOptions
from semcodec.radio.pace import Pace
from semcodec.radio.sending import Outgoing, Sender
from semcodec.radio.station import run
from semcodec.radio.store import Store
from semcodec.radio.transport import Transport

PATIENCE_S = 20.0


def arrives(to: Transport) -> tuple[bytes, str]:
    datagram = to.receive(PATIENCE_S)
    assert datagram is not None, f"{to.name}: nothing arrived"
    return datagram.data, datagram.sender


def check_picture(one: Transport, other: Transport, file: Outgoing, heard: Path) -> None:
    """A picture is announced by one and fetched by the other, both in threads of their own."""
    sender = Sender([file], send_all=False, wait_s=PATIENCE_S, linger_s=0.1, say=lambda text: None)
    options = ListenOptions(max_bytes=other.max_bytes, patience_s=0.5, until_whole=1, wait_s=PATIENCE_S)
    listener = Listener(
        Store(heard, max_undecoded=9), options, say=lambda text: None, random=Random(1), clock=time.monotonic
    )
    stations = ((listener, other), (sender, one))
    threads = [
        threading.Thread(target=run, args=(station, transport, Pace(lambda num_bytes: 0.0)))
        for station, transport in stations
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE_S)
    (path,) = heard.glob("*/picture.semc")
    assert path.read_bytes() == semcodec.join(file.packets).data
    assert sender.progress[file.file_id].confirmed and listener.shelf.refused == {}


def check_pair(one: Transport, other: Transport) -> None:
    """All bytes and the longest datagrams arrive in both directions, in their order; nobody hears itself."""
    every = bytes(range(256))
    datagrams = [every[at : at + 60] for at in range(0, 256, 60)]
    datagrams += [bytes([7]) * one.max_bytes, (every * 6)[-one.max_bytes :], b"\xf8" * 9]
    for sender, receiver in ((one, other), (other, one)):
        for data in datagrams:
            sender.send(data)
        assert [arrives(receiver)[0] for _ in datagrams] == datagrams
    assert one.receive(0.0) is None and other.receive(0.0) is None

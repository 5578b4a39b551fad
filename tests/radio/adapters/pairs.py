"""What every adapter must do, asked of two that are in range of each other."""

from __future__ import annotations

from semcodec.radio.transport import Transport

PATIENCE_S = 20.0


def arrives(to: Transport) -> tuple[bytes, str]:
    datagram = to.receive(PATIENCE_S)
    assert datagram is not None, f"{to.name}: nothing arrived"
    return datagram.data, datagram.sender


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

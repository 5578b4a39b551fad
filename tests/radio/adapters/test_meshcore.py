"""MeshCore, with the real package over TCP to companions that are played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from semcodec.radio.adapters.opening import open_transport
from semcodec.radio.sending import Outgoing
from semcodec.radio.transport import TransportError

from .meshcore_nodes import Mesh
from .pairs import arrives, check_pair, check_picture


@pytest.fixture
def mesh() -> Iterator[Mesh]:
    with Mesh() as mesh:
        yield mesh
        mesh.shutdown()


def test_two_companions_hear_each_other_and_no_other_application(mesh: Mesh, macaws: Outgoing, tmp_path: Path):
    one = open_transport(f"meshcore://127.0.0.1:{mesh.port}")
    other = open_transport(f"meshcore://127.0.0.1:{mesh.port}")
    try:
        assert (one.max_bytes, one.link) == (163, "meshcore")
        check_pair(one, other)
        check_picture(one, other, macaws, tmp_path / "heard")
        mesh.companions[1].hear(0, b"\x34\x12", b"another application's")
        mesh.companions[1].hear(1, b"\x53\xff", b"another channel's")
        one.send(b"ours")
        assert arrives(other) == (b"ours", "")
    finally:
        one.close()
        other.close()


def test_a_node_that_refuses_or_goes_is_one_sentence(mesh: Mesh):
    transport = open_transport(f"meshcore://127.0.0.1:{mesh.port}?channel=7")
    try:
        with pytest.raises(TransportError, match="the node does not send"):
            transport.send(b"x")
        mesh.companions[0].connection.shutdown(2)
        with pytest.raises(TransportError, match="is gone"):
            transport.receive(10)
    finally:
        transport.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("meshcore:///dev/no-such-port", "cannot be opened"),
        ("meshcore://127.0.0.1:1", "cannot be opened: .*127.0.0.1"),
        ("meshcore:", "name a serial port"),
        ("meshcore://127.0.0.1:port", "no port from 0 to 65535"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(address: str, sentence: str):
    with pytest.raises(TransportError, match=sentence):
        open_transport(address)

"""Meshtastic, with the real package over TCP to nodes that are played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from semcodec.radio.adapters.opening import open_transport
from semcodec.radio.sending import Outgoing
from semcodec.radio.transport import TransportError

from .meshtastic_nodes import Mesh
from .pairs import arrives, check_pair, check_picture


@pytest.fixture
def mesh() -> Iterator[Mesh]:
    with Mesh() as mesh:
        yield mesh
        mesh.shutdown()


def test_two_nodes_hear_each_other_and_no_chat(mesh: Mesh, macaws: Outgoing, tmp_path: Path):
    one = open_transport(f"meshtastic://127.0.0.1:{mesh.port}")
    other = open_transport(f"meshtastic://127.0.0.1:{mesh.port}")
    try:
        assert (one.max_bytes, one.link) == (231, "meshtastic")
        check_pair(one, other)
        check_picture(one, other, macaws, tmp_path / "heard")
        mesh.nodes[1].hear_text("good morning")
        one.send(b"a picture's")
        assert arrives(other) == (b"a picture's", "!a1b20000")
    finally:
        one.close()
        other.close()


def test_a_channel_hears_only_itself(mesh: Mesh):
    one = open_transport(f"meshtastic://127.0.0.1:{mesh.port}?channel=1")
    other = open_transport(f"meshtastic://127.0.0.1:{mesh.port}?channel=2")
    third = open_transport(f"meshtastic://127.0.0.1:{mesh.port}?channel=1&to=!a1b20000")
    try:
        one.send(b"x")
        assert arrives(third)[0] == b"x" and other.receive(0.2) is None
    finally:
        for transport in (one, other, third):
            transport.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("meshtastic:///dev/no-such-port", "cannot be opened: .*No such file"),
        ("meshtastic://127.0.0.1:1", "cannot be opened: .*refused"),
        ("meshtastic:", "name a serial port"),
        ("meshtastic:///dev/x?chanel=1", "no option chanel; there are: channel"),
        ("meshtastic:///dev/x?channel=one", "channel=one cannot be"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(address: str, sentence: str):
    with pytest.raises(TransportError, match=sentence) as caught:
        open_transport(address)
    assert "\n" not in str(caught.value)

"""MQTT, with the real client and a real broker (amqtt)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from amqtt.broker import Broker

from semcodec.radio.adapters.opening import open_transport
from semcodec.radio.sending import Outgoing
from semcodec.radio.transport import TransportError

from .pairs import arrives, check_pair, check_picture


class Running:
    """A broker whose loop runs in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._broker = self._do(self._started())
        listener: Any = self._broker._servers["default"]
        self.port = listener.instance.sockets[0].getsockname()[1]

    async def _started(self) -> Broker:
        plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
        broker = Broker({"listeners": {"default": {"type": "tcp", "bind": "127.0.0.1:0"}}, "plugins": plugins})
        await broker.start()
        return broker

    def _do(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    def close(self) -> None:
        self._do(self._broker.shutdown())
        self._loop.call_soon_threadsafe(self._loop.stop)


@pytest.fixture
def broker() -> Iterator[Running]:
    running = Running()
    yield running
    running.close()


def test_two_at_one_topic_hear_each_other(broker: Running, macaws: Outgoing, tmp_path: Path):
    one = open_transport(f"mqtt://127.0.0.1:{broker.port}/pictures")
    other = open_transport(f"mqtt://127.0.0.1:{broker.port}/pictures?mtu=300&qos=1")
    elsewhere = open_transport(f"mqtt://127.0.0.1:{broker.port}/others")
    try:
        assert (one.max_bytes, other.max_bytes) == (1024, 300)
        check_pair(other, one)
        check_picture(one, other, macaws, tmp_path / "heard")
        one.send(b"x")
        data, sender = arrives(other)
        one.send(b"y")
        assert data == b"x" and arrives(other) == (b"y", sender) and len(sender) == 8
        assert elsewhere.receive(0.1) is None
    finally:
        for transport in (one, other, elsewhere):
            transport.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mqtt://127.0.0.1:1/pictures", "cannot be reached: Connection refused"),
        ("mqtt://127.0.0.1", "name a broker and a topic"),
        ("mqtt://127.0.0.1/a/+", "name a broker and a topic"),
        ("mqtt://127.0.0.1/a?topic=b", "no option topic"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(address: str, sentence: str):
    with pytest.raises(TransportError, match=sentence):
        open_transport(address)

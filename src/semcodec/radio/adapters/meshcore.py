"""A MeshCore companion, on a serial port, on the network or over Bluetooth: data in one of its channels.

The package is made for asyncio: a loop of its own runs in a thread here.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from semcodec.radio.adapters.address import Address
from semcodec.radio.adapters.require import require
from semcodec.radio.links import link_named
from semcodec.radio.transport import Datagram, Inbox, TransportError

T = TypeVar("T")

PORT = 5000
MAX_BYTES = 163  # of `send_channel_data` in meshcore 2.3.17; newer firmware takes 165
COMMAND_S = 30.0
_OPTIONS = "channel (its index), type (of the data, 65363), baud (serial)"


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="meshcore", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T], *, timeout_s: float = COMMAND_S) -> T:
        """Raises what it raises, and TimeoutError."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout_s)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=2)
        self._loop.close()


class MeshCoreTransport:
    """`node` is a connected `meshcore.MeshCore` of that loop. Packets of a channel do not say who sent them."""

    link = "meshcore"
    reaches = True

    def __init__(self, node: Any, loop: Loop, name: str, *, data_type: int, channel: int = 0) -> None:
        self.name, self.max_bytes = name, min(MAX_BYTES, link_named(self.link).payload_bytes)
        self._node, self._loop, self._data_type, self._channel = node, loop, data_type, channel
        self._inbox = Inbox()
        loop.run(self._start())

    def send(self, data: bytes) -> None:
        try:
            answer = self._loop.run(self._node.commands.send_channel_data(self._channel, self._data_type, data))
        except (Exception, asyncio.CancelledError) as gone:
            raise TransportError(f"{self.name}: the node does not send: {gone}") from gone
        if answer.is_error():
            raise TransportError(f"{self.name}: the node does not send: {_reason(answer.payload)}")

    def receive(self, timeout_s: float) -> Datagram | None:
        return self._inbox.get(timeout_s)

    def close(self) -> None:
        with contextlib.suppress(Exception):  # (it may be gone already)
            self._loop.run(self._node.disconnect(), timeout_s=5)
        self._loop.close()

    async def _start(self) -> None:
        events = require("meshcore", package="meshcore").EventType
        self._node.subscribe(events.CHANNEL_DATA_RECV, self._take, {"channel_idx": self._channel})
        self._node.subscribe(events.DISCONNECTED, self._lost)
        await self._node.start_auto_message_fetching()

    def _take(self, event: Any) -> None:
        if event.payload["data_type"] == self._data_type:
            self._inbox.put(bytes.fromhex(event.payload["payload"]))

    def _lost(self, event: Any) -> None:
        reason = event.payload.get("reason", "")
        if reason != "manual_disconnect":
            self._inbox.fail(TransportError(f"{self.name} is gone: {reason or 'the node has closed the connection'}"))


def opened(address: Address) -> MeshCoreTransport:
    """`meshcore:///dev/ttyUSB0`, `meshcore://host:5000`, `meshcore://ble/NAME`.

    Raises `TransportError`, `MissingExtraError`.
    """
    module = require("meshcore", package="meshcore")
    number = link_named("meshcore").port
    assert number is not None, "MeshCore has numbers for applications"
    data_type = address.option("type", int, number.number)
    channel, baud = address.option("channel", int, 0), address.option("baud", int, 115200)
    address.done(_OPTIONS)
    is_ble = address.place == "ble"
    host = None if is_ble else address.host(PORT)
    if host is None and not address.path.strip("/"):
        raise TransportError(f"{address.text}: name a serial port (meshcore:///dev/ttyUSB0), a host or ble/NAME")
    loop = Loop()
    try:
        if is_ble:
            made = module.MeshCore.create_ble(address.path.strip("/"))
        elif host is not None:
            made = module.MeshCore.create_tcp(*host)
        else:
            made = module.MeshCore.create_serial(address.path, baud)
        node = loop.run(made)
        if node is None:
            raise TransportError("the node does not answer; is it a companion?")
        return MeshCoreTransport(node, loop, address.text, data_type=data_type, channel=channel)
    except Exception as refused:
        loop.close()
        raise TransportError(f"{address.text} cannot be opened: {refused or type(refused).__name__}") from refused


def _reason(payload: Any) -> str:
    said = payload if isinstance(payload, dict) else {}
    return str(said.get("reason") or said.get("error") or said.get("code_string") or payload)

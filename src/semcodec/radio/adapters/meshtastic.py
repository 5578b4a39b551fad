"""A Meshtastic node, on a serial port or on the network: data of a private application in one of its channels."""

from __future__ import annotations

from typing import Any

from semcodec.radio.adapters.address import Address
from semcodec.radio.adapters.require import require
from semcodec.radio.links import link_named
from semcodec.radio.transport import Datagram, Inbox, TransportError

PORT = 4403
CONNECT_S = 30
_TOPIC, _LOST = "meshtastic.receive", "meshtastic.connection.lost"
_OPTIONS = "channel (its index), to (a node, !1a2b3c4d; else all), hops, port (of the application, 256)"


class MeshtasticTransport:
    """`interface` is an open `SerialInterface` or `TCPInterface`."""

    link = "meshtastic"
    reaches = True

    def __init__(
        self,
        interface: Any,
        name: str,
        *,
        port_number: int,
        channel: int = 0,
        to: str = "^all",
        hops: int | None = None,
    ) -> None:
        self.name, self.max_bytes = name, link_named(self.link).payload_bytes
        self._interface, self._port_number = interface, port_number
        self._channel, self._to, self._hops = channel, to, hops
        self._inbox, self._pub = Inbox(), require("pubsub.pub", package="meshtastic")
        self._pub.subscribe(self._take, _TOPIC)  # (it keeps a weak reference to what is called)
        self._pub.subscribe(self._lost, _LOST)

    def send(self, data: bytes) -> None:
        try:
            self._interface.sendData(
                data,
                destinationId=self._to,
                portNum=self._port_number,
                channelIndex=self._channel,
                hopLimit=self._hops,
                priority=None,
            )
        except (Exception, SystemExit) as gone:  # (the package ends the process where it knows no way out)
            raise TransportError(f"{self.name}: the node does not send: {gone}") from gone

    def receive(self, timeout_s: float) -> Datagram | None:
        return self._inbox.get(timeout_s)

    def close(self) -> None:
        self._pub.unsubscribe(self._take, _TOPIC)
        self._pub.unsubscribe(self._lost, _LOST)
        self._interface.close()

    def _take(self, packet: dict[str, Any], interface: Any) -> None:
        raw = packet.get("raw")
        if interface is not self._interface or raw is None or raw.decoded.portnum != self._port_number:
            return
        if raw.channel == self._channel or raw.pki_encrypted:
            self._inbox.put(raw.decoded.payload, f"!{packet['from']:08x}")

    def _lost(self, interface: Any) -> None:
        if interface is self._interface:
            self._inbox.fail(TransportError(f"{self.name} is gone: the node has closed the connection"))


def opened(address: Address) -> MeshtasticTransport:
    """`meshtastic:///dev/ttyUSB0`, `meshtastic://host`. Raises `TransportError`, `MissingExtraError`."""
    kind = "tcp_interface" if address.place else "serial_interface"
    module = require(f"meshtastic.{kind}", package="meshtastic")
    host, device = address.host(PORT), address.path
    if host is None and not device:
        raise TransportError(f"{address.text}: name a serial port (meshtastic:///dev/ttyUSB0) or a host")
    port = link_named("meshtastic").port
    assert port is not None, "Meshtastic has a number for applications"
    port_number = address.option("port", int, port.number)
    channel, to = address.option("channel", int, 0), address.option("to", str, "^all")
    hops = address.option("hops", int, -1)
    address.done(_OPTIONS)
    try:
        if host is not None:
            interface = module.TCPInterface(host[0], portNumber=host[1], noNodes=True, timeout=CONNECT_S)
        else:
            interface = module.SerialInterface(device, noNodes=True, timeout=CONNECT_S)
    except (Exception, SystemExit) as refused:
        raise TransportError(f"{address.text} cannot be opened: {refused}") from refused
    return MeshtasticTransport(
        interface, address.text, port_number=port_number, channel=channel, to=to, hops=None if hops < 0 else hops
    )

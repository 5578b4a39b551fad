"""A topic of an MQTT broker as a radio channel: all who subscribe hear all who publish."""

from __future__ import annotations

import secrets
from typing import Any

from semcodec.radio.adapters.address import Address
from semcodec.radio.adapters.require import require
from semcodec.radio.transport import Datagram, Inbox, TransportError

PORT, TLS_PORT = 1883, 8883
MAX_BYTES = 1024
CONNECT_S = 10.0
_OPTIONS = "mtu, user, password, tls (1), qos (0 or 1)"


class MqttTransport:
    """`client` is a connected `paho.mqtt.client.Client` whose loop runs. Every station has a topic of its own below the
    common one, so none hears itself, and its name is the sender's.
    """

    link = ""
    reaches = True

    def __init__(self, client: Any, topic: str, name: str, *, max_bytes: int = MAX_BYTES, qos: int = 0) -> None:
        self.name, self.max_bytes = name, max_bytes
        self._client, self._topic, self._qos = client, topic.strip("/"), qos
        self._own = f"{self._topic}/{secrets.token_hex(4)}"
        self._inbox = Inbox()
        client.on_message = self._take
        client.on_disconnect = self._lost
        client.subscribe(f"{self._topic}/+", qos)

    def send(self, data: bytes) -> None:
        sent = self._client.publish(self._own, data, qos=self._qos)
        if sent.rc:
            raise TransportError(f"{self.name} is gone: the broker cannot be reached")

    def receive(self, timeout_s: float) -> Datagram | None:
        return self._inbox.get(timeout_s)

    def close(self) -> None:
        self._client.on_disconnect = None
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, client: object, userdata: object, message: Any) -> None:
        if message.topic != self._own:
            self._inbox.put(message.payload, message.topic.rpartition("/")[2])

    def _lost(self, *said: object) -> None:
        self._inbox.fail(TransportError(f"{self.name} is gone: the broker has closed the connection"))


def opened(address: Address) -> MqttTransport:
    """`mqtt://broker/topic`. Raises `TransportError`, `MissingExtraError`."""
    paho = require("paho.mqtt.client", package="paho-mqtt")
    has_tls = address.option("tls", int, 0)
    host = address.host(TLS_PORT if has_tls else PORT)
    topic = address.path.strip("/")
    if host is None or not topic or set(topic) & set("+#"):
        raise TransportError(f"{address.text}: name a broker and a topic: mqtt://localhost/pictures")
    user, password = address.option("user", str, ""), address.option("password", str, "")
    max_bytes, qos = address.option("mtu", int, MAX_BYTES), address.option("qos", int, 0)
    address.done(_OPTIONS)
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    if user:
        client.username_pw_set(user, password or None)
    if has_tls:
        client.tls_set()
    name = f"mqtt {host[0]}:{host[1]}/{topic}"
    arrived = Inbox()  # of the answer to the connection
    client.on_connect = lambda client, userdata, flags, reason, properties: arrived.put(str(reason).encode())
    try:
        client.connect(*host)
    except OSError as refused:
        raise TransportError(f"{name} cannot be reached: {refused.strerror or refused}") from refused
    client.loop_start()
    answer = arrived.get(CONNECT_S)
    if answer is None or answer.data != b"Success":
        client.loop_stop()
        why = "it does not answer" if answer is None else answer.data.decode()
        raise TransportError(f"{name} cannot be opened: {why}")
    return MqttTransport(client, topic, name, max_bytes=max_bytes, qos=qos)

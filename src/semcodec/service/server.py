"""The socket, and uvicorn behind it: what holds before a request is one.

Promises
1. A connection that has not sent the head of its request within `HEAD_S` is closed, and one client has at most
   `MAX_CONNECTIONS_EACH` connections, all together `MAX_CONNECTIONS`.
2. Interrupted (Ctrl-C, SIGTERM) it takes no more, lets what runs end for `STOP_S`, ends all workers, and returns.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import os
import signal
import socket
from collections import Counter
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from semcodec.errors import SemcodecError
from semcodec.service.gate import client_named

HEAD_S = 10.0
KEEP_ALIVE_S = 15
STOP_S = 5
MAX_CONNECTIONS, MAX_CONNECTIONS_EACH = 256, 64
MAX_HEAD_BYTES = 1 << 14


class AddressError(SemcodecError):
    """The service cannot have the address that is wanted."""


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens. Port 0 is any free one. Raises `AddressError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _, address = found[0]
        listening = socket.socket(family, kind, proto)
    except (OSError, UnicodeError) as error:
        raise AddressError(f"--host {host}: is no address or name of this machine ({error})") from error
    try:
        if os.name == "posix":  # (on Windows it would let two programs have the same port)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        raise AddressError(_why(host, port, error)) from error
    return listening


def _why(host: str, port: int, error: Exception) -> str:
    at = f"port {port} of {host}"
    sentences = {
        errno.EADDRINUSE: f"{at} is taken by another program; name another with --port, or --port 0 for a free one",
        errno.EACCES: f"{at} is not for you (below 1024 they are the system's); name another with --port",
        errno.EADDRNOTAVAIL: f"--host {host}: is no address of this machine; 127.0.0.1 is for this machine alone, "
        "0.0.0.0 for all",
    }
    return sentences.get(getattr(error, "errno", None) or 0, f"{at} cannot be had: {error}")


def is_loopback(listening: socket.socket) -> bool:
    """Whether only this machine can reach it."""
    return ipaddress.ip_address(listening.getsockname()[0].split("%")[0]).is_loopback


def address_of(listening: socket.socket) -> str:
    """Where a browser of this machine finds it."""
    host, port = listening.getsockname()[:2]
    address = ipaddress.ip_address(host.split("%")[0])
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"http://{f'[{address}]' if address.version == 6 else address}:{port}/"


def make_server(app: Any) -> uvicorn.Server:
    """The server of an app; `run` and `serve` take the sockets that it listens on."""
    config = uvicorn.Config(
        app,
        http=_Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # whoever sends X-Forwarded-For might be anybody
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        limit_concurrency=MAX_CONNECTIONS,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # (defects are logged where they happen)
    return uvicorn.Server(config)


def run(app: Any, listening: socket.socket) -> None:
    """Serves until it is interrupted. Raises `AddressError` where the app does not start."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)  # (uvicorn raises again what it was stopped by)
    try:
        make_server(app).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        listening.close()


class _Connection(H11Protocol):
    """A connection that has to say what it wants in time."""

    _late: asyncio.TimerHandle | None = None
    _client = ""
    _counts: Counter[str]
    _num_left = 0  # bytes of the last answer that were not taken when it was last looked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        connected = cast(asyncio.Transport, transport)  # (a socket's is one)
        super().connection_made(connected)
        self._client = client_named(self.client[0] if self.client else "")
        self._counts = self.app_state.setdefault("connections", Counter())
        self._counts[self._client] += 1
        if self._counts[self._client] > MAX_CONNECTIONS_EACH:
            connected.abort()
        else:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unset_late()
        self._counts[self._client] -= 1
        if not self._counts[self._client]:
            del self._counts[self._client]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_between_requests() and self._late is None:
            self._wait_for_head()
        super().data_received(data)
        if not self._is_between_requests():
            self._unset_late()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._num_left = self.transport.get_write_buffer_size() + 1

    def timeout_keep_alive_handler(self) -> None:
        """Who still takes the end of an answer has time for it; who takes nothing has not."""
        num_left = self.transport.get_write_buffer_size()
        if not num_left:
            super().timeout_keep_alive_handler()
        elif num_left >= self._num_left:
            self.transport.abort()
        else:
            self._num_left = num_left
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait_for_head(self) -> None:
        self._late = self.loop.call_later(HEAD_S, self._close_late)

    def _close_late(self) -> None:
        self._late = None
        if self._is_between_requests():
            self.transport.abort()

    def _unset_late(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

"""Reticulum: datagrams as images of LXMF messages, `FIELD_IMAGE = ["semc", bytes]`. Reticulum itself sends again what
was lost on the way.

The packages `rns` and `lxmf` are under the Reticulum licence: not for harming people, not for making training data.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from semcodec.radio.adapters.address import Address
from semcodec.radio.adapters.require import require
from semcodec.radio.links import link_named
from semcodec.radio.transport import Datagram, Inbox, TransportError

FORMAT = "semc"
HASH_BYTES = 16
PATH_S = 30.0  # for which a destination is waited for that nobody has announced yet
CLOSE_S = 5.0
MOST_PEERS = 16  # that are answered: those that were heard last
ANNOUNCE_S = 600.0
_OPTIONS = "config (a folder of Reticulum's), mtu"


class LxmfTransport:
    """Sends to `to` if that is given, else to all whom it has heard. Its own address is announced now and then."""

    link = "lxmf"

    def __init__(self, rns: Any, lxmf: Any, folder: Path, *, to: bytes | None = None, max_bytes: int) -> None:
        """`rns` and `lxmf` are the packages, Reticulum runs; `folder` keeps who we are."""
        self._rns, self._lxmf, self._to, self.max_bytes = rns, lxmf, to, max_bytes
        identity = self._identity_in(folder)
        self._router = lxmf.LXMRouter(identity=identity, storagepath=str(folder), enforce_stamps=False)
        self._source = self._router.register_delivery_identity(identity, display_name="semcodec")
        self.address = self._source.hash.hex()
        self.name = f"lxmf {self.address}"
        self._heard, self._inbox = deque[bytes](maxlen=MOST_PEERS), Inbox()
        self._router.register_delivery_callback(self._take)
        self._announced_at = -ANNOUNCE_S
        self._announce()

    @property
    def reaches(self) -> bool:
        return self._to is not None or bool(self._heard)

    def send(self, data: bytes) -> None:
        self._announce()
        for destination_hash in dict.fromkeys([self._to] if self._to is not None else self._heard):
            identity = self._identity_of(destination_hash, wait_s=PATH_S if self._to is not None else 0.0)
            if identity is not None:
                self._send_to(identity, data)

    def receive(self, timeout_s: float) -> Datagram | None:
        self._announce()
        return self._inbox.get(timeout_s)

    def close(self) -> None:
        """What was sent last may still be on its way. (Reticulum itself ends with the process.)"""
        end = time.monotonic() + CLOSE_S
        while self._router.pending_outbound and time.monotonic() < end:
            time.sleep(0.05)
        self._router.exit_handler()

    def _send_to(self, identity: Any, data: bytes) -> None:
        rns, lxmf = self._rns, self._lxmf
        destination = rns.Destination(identity, rns.Destination.OUT, rns.Destination.SINGLE, "lxmf", "delivery")
        message = lxmf.LXMessage(
            destination,
            self._source,
            fields={lxmf.FIELD_IMAGE: [FORMAT, data]},
            desired_method=lxmf.LXMessage.OPPORTUNISTIC,
        )
        self._router.handle_outbound(message)

    def _identity_of(self, destination_hash: bytes, *, wait_s: float) -> Any:
        """None for a peer that is not known any more. Raises `TransportError` for one that is not found in time."""
        end = time.monotonic() + wait_s
        while (identity := self._rns.Identity.recall(destination_hash)) is None:
            if not wait_s:
                return None
            if time.monotonic() > end:
                raise TransportError(
                    f"{self.name}: nothing is heard of {destination_hash.hex()}: is it running, and announced?"
                )
            self._rns.Transport.request_path(destination_hash)
            time.sleep(0.5)
        return identity

    def _announce(self) -> None:
        if time.monotonic() - self._announced_at >= ANNOUNCE_S:
            self._announced_at = time.monotonic()
            self._router.announce(self._source.hash)

    def _take(self, message: Any) -> None:
        image = message.fields.get(self._lxmf.FIELD_IMAGE) if isinstance(message.fields, dict) else None
        if not (isinstance(image, list) and len(image) == 2 and isinstance(image[1], bytes)):
            return
        if image[0] in (FORMAT, FORMAT.encode()) and message.signature_validated:
            if message.source_hash not in self._heard:
                self._heard.append(message.source_hash)
            self._inbox.put(image[1], message.source_hash.hex())

    def _identity_in(self, folder: Path) -> Any:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "identity"
        identity = self._rns.Identity.from_file(str(path)) if path.exists() else None
        if identity is None:
            identity = self._rns.Identity()
            identity.to_file(str(path))
        return identity


def opened(address: Address) -> LxmfTransport:
    """`lxmf:` hears and answers; `lxmf://ADDRESS` sends there. Raises `TransportError`, `MissingExtraError`."""
    rns, lxmf = require("RNS", package="rns"), require("LXMF", package="lxmf")
    to = None
    if address.place:
        try:
            to = bytes.fromhex(address.place)
        except ValueError:
            to = b""
        if len(to) != HASH_BYTES:
            raise TransportError(f"{address.text}: an address of LXMF has {2 * HASH_BYTES} hexadecimal digits")
    config = address.option("config", str, "") or None
    max_bytes = address.option("mtu", int, link_named("lxmf").payload_bytes)
    address.done(_OPTIONS)
    with _handlers_kept():
        try:
            rns.Reticulum(configdir=config, loglevel=rns.LOG_CRITICAL)
            folder = Path(rns.Reticulum.storagepath) / "semcodec"
            return LxmfTransport(rns, lxmf, folder, to=to, max_bytes=max_bytes)
        except (OSError, ValueError) as refused:
            raise TransportError(f"{address.text}: Reticulum cannot be started: {refused}") from refused


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Ctrl-C stays what it was: Reticulum and LXMF put in handlers that end the process."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in kept.items():
                signal.signal(number, handler)

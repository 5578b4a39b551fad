"""`open_transport("meshcore:///dev/ttyUSB0")`: what stands before `:` names the adapter.

A radio's package is imported when one is opened; the extra `radio` has all of them.
"""

from __future__ import annotations

import importlib

from semcodec.radio.adapters.address import Address
from semcodec.radio.transport import Transport, TransportError

# Scheme: the module whose `opened` takes the address.
SCHEMES = {
    "kiss": "semcodec.radio.adapters.kiss",
    "lxmf": "semcodec.radio.adapters.lxmf",
    "meshcore": "semcodec.radio.adapters.meshcore",
    "meshtastic": "semcodec.radio.adapters.meshtastic",
    "mqtt": "semcodec.radio.adapters.mqtt",
    "udp": "semcodec.radio.adapters.udp",
}


def open_transport(text: str) -> Transport:
    """Raises `TransportError`, `MissingExtraError`."""
    address = Address.read(text)
    if address.scheme not in SCHEMES:
        raise TransportError(f"{text}: no such radio; there are {', '.join(f'{name}:' for name in SCHEMES)}")
    transport: Transport = importlib.import_module(SCHEMES[address.scheme]).opened(address)
    return transport

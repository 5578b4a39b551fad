"""A small file, and stations that speak of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from PIL import Image

import semcodec
from semcodec.radio.announcing import outgoing_of
from semcodec.radio.listening import Listener, ListenOptions
from semcodec.radio.sending import Outgoing, Sender
from semcodec.radio.store import Store

from .air import Air

MTU = 100


def encoded(path: Path, **options: object) -> bytes:
    with Image.open(path) as picture:
        small = picture.crop((100, 60, 420, 300))
    return semcodec.encode(small, bytes=600, language="en", **options).data


@pytest.fixture(scope="session")
def macaws(photo_path: Path) -> Outgoing:
    """600 bytes of tokens, with words, in packets of 100."""
    return outgoing_of("macaws", encoded(photo_path, caption="Two macaws.", picture="tokens"), mtu=MTU)


@pytest.fixture(scope="session")
def repaired(macaws: Outgoing) -> Outgoing:
    """The same, with four repair packets."""
    return outgoing_of("macaws", semcodec.join(macaws.packets).data, mtu=MTU, repair=4)


@pytest.fixture(scope="session")
def caps(other_photo_path: Path) -> Outgoing:
    """600 bytes with a base picture, which shows when it is whole."""
    return outgoing_of("caps", encoded(other_photo_path, caption="Caps on a wall.", picture="base"), mtu=MTU)


@pytest.fixture
def said() -> list[str]:
    """What stations have said."""
    return []


@pytest.fixture
def sender(said: list[str]) -> Callable[..., Sender]:
    def make(*files: Outgoing, send_all: bool = False, wait_s: float = 60, linger_s: float = 5) -> Sender:
        return Sender(files, send_all=send_all, wait_s=wait_s, linger_s=linger_s, say=said.append)

    return make


@pytest.fixture
def listener(tmp_path: Path, said: list[str]) -> Callable[..., Listener]:
    def make(air: Air, folder: str = "heard", *, seed: int = 1, max_undecoded: int = 5, **options: object) -> Listener:
        store = Store(tmp_path / folder, max_undecoded=max_undecoded)
        chosen = ListenOptions(max_bytes=MTU, **options)
        return Listener(store, chosen, say=said.append, random=Random(seed), clock=air.clock)

    return make

"""Networks are opened once, whoever asks first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import semcodec
from semcodec.nets import decoder
from semcodec.nets.decoder import DecoderNets


def test_threads_that_ask_at_once_get_one_network_that_was_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    openings: list[int] = []

    class Watched(DecoderNets):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            openings.append(threading.get_ident())
            super().__init__(*arguments, **options)

    monkeypatch.setattr(decoder, "DecoderNets", Watched)
    models, ready = semcodec.Models(), threading.Barrier(4)

    def asked(_: int) -> DecoderNets:
        ready.wait()
        return models.decoder(1)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(asked, range(4)))
    assert len(openings) == 1
    assert all(one is found[0] for one in found)
    assert models.but(threads=1).decoder(1) is not found[0]  # (another setting is another network)
    assert len(openings) == 2

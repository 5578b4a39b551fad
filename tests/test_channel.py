"""The simulated link of `benchmarks/channel.py`, and that its page shows the committed results."""

from __future__ import annotations

import io
import json
from importlib import util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageFile

import semcodec
from semcodec.types import Size


@pytest.fixture(scope="module")
def channel(root: Path) -> ModuleType:
    spec = util.spec_from_file_location("channel", root / "benchmarks" / "channel.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    import sys

    sys.modules["channel"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def picture(photo_path: Path) -> Image.Image:
    with Image.open(photo_path) as whole:
        return whole.crop((100, 60, 420, 300))


def test_the_page_shows_the_committed_results(channel: ModuleType) -> None:
    results = json.loads(channel.RESULTS.read_text("utf-8"))
    page = channel.PAGE.read_text("utf-8")
    between = page.split(channel.BEGIN)[1].split(channel.END)[0]
    assert between == channel.tables(results), "run benchmarks/channel.py --page-only"
    assert channel.PLOT.read_text("utf-8") == channel.plot(results)
    assert all(row["joined_files_are_the_same"] for row in results["overhead"])


def test_losses_are_seeded_and_grow(channel: ModuleType) -> None:
    few, many = channel.arrivals(2000, 0.1, "a"), channel.arrivals(2000, 0.4, "a")
    assert few == channel.arrivals(2000, 0.1, "a") != channel.arrivals(2000, 0.1, "b")
    assert all(channel.arrivals(50, 0.0, "a"))
    assert 0.07 < few.count(False) / 2000 < 0.13 and 0.35 < many.count(False) / 2000 < 0.45
    assert all(there for there, later in zip(few, many, strict=True) if later)


def test_packets_fill_what_may_be_sent(channel: ModuleType, picture: Image.Image) -> None:
    link = channel.Link("test", 500, 51)
    for copies in (0, 2):
        packets = channel.semcodec_packets(picture, link, copies)
        assert 450 <= sum(map(len, packets)) <= 500
        assert packets.count(packets[0]) == copies + 1
        whole = channel.show_semcodec(packets, [True] * len(packets))
        assert np.array_equal(whole, semcodec.render(semcodec.join(packets).reading.scene))
    assert channel.show_semcodec(packets, [packet != packets[0] for packet in packets]) is None


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_a_peer_shows_what_pillow_makes_of_what_is_left(channel: ModuleType, picture: Image.Image, kind: str) -> None:
    out = io.BytesIO()
    picture.save(out, kind, quality=10)
    data, size = out.getvalue(), Size(picture.width, picture.height)
    num_pieces = -(-len(data) // 51)
    (whole,) = channel.show_peer(data, 51, [True] * num_pieces, size)
    assert np.array_equal(whole, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    assert channel.show_peer(data, 51, [False] * num_pieces, size) == []
    for shown in channel.show_peer(data, 51, [n != num_pieces - 2 for n in range(num_pieces)], size):
        assert shown.shape == whole.shape and not np.array_equal(shown, whole)
    assert not ImageFile.LOAD_TRUNCATED_IMAGES

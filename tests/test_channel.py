"""The simulated link of `benchmarks/channel.py`, its peers, and that its page shows the committed results."""

from __future__ import annotations

import io
import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageFile

from semcodec.types import Size


@pytest.fixture(scope="module", autouse=True)
def benchmarks_are_modules(root: Path) -> None:
    sys.path.insert(0, str(root / "benchmarks"))


@pytest.fixture(scope="module")
def channel(benchmarks_are_modules: None) -> ModuleType:
    return import_module("channel")


@pytest.fixture(scope="module")
def link(benchmarks_are_modules: None) -> ModuleType:
    return import_module("channel_link")


@pytest.fixture(scope="module")
def receivers(benchmarks_are_modules: None) -> ModuleType:
    return import_module("channel_receivers")


@pytest.fixture(scope="module")
def page(benchmarks_are_modules: None) -> ModuleType:
    return import_module("channel_page")


@pytest.fixture(scope="module")
def ssdv(benchmarks_are_modules: None) -> ModuleType:
    return import_module("ssdv_model")


@pytest.fixture(scope="module")
def picture(photo_path: Path) -> Image.Image:
    with Image.open(photo_path) as whole:
        return whole.crop((100, 60, 420, 300))


def test_the_page_shows_the_committed_results(page: ModuleType) -> None:
    results = json.loads(page.RESULTS.read_text("utf-8"))
    between = page.PAGE.read_text("utf-8").split(page.BEGIN)[1].split(page.END)[0]
    assert between == page.tables(results), "run benchmarks/channel_page.py"
    assert page.PLOT.read_text("utf-8") == page.plot(results)
    assert all(row["joined_files_are_the_same"] for row in results["overhead"])


def test_losses_are_seeded_and_grow(link: ModuleType) -> None:
    few, many = (link.arrivals(2000, loss, "independent", "a") for loss in (0.1, 0.4))
    assert few == link.arrivals(2000, 0.1, "independent", "a") != link.arrivals(2000, 0.1, "independent", "b")
    assert all(link.arrivals(50, 0.0, "independent", "a")) and all(link.arrivals(50, 0.0, "bursts", "a"))
    assert 0.07 < few.count(False) / 2000 < 0.13 and 0.35 < many.count(False) / 2000 < 0.45
    assert all(there for there, later in zip(few, many, strict=True) if later)


def test_bursts_lose_as_much_in_fewer_gaps(link: ModuleType) -> None:
    there = link.arrivals(20_000, 0.2, "bursts", "a")
    num_bursts = sum(before and not here for before, here in zip([True, *there], there, strict=False))
    assert 0.18 < there.count(False) / 20_000 < 0.22
    assert 2.7 < there.count(False) / num_bursts < 3.3


def test_the_share_that_has_enough_is_exact(link: ModuleType) -> None:
    assert link.share_of_enough(2, 3, 0.5, "independent") == pytest.approx(0.5)
    assert link.share_of_enough(1, 1, 0.2, "bursts") == pytest.approx(0.8)
    for kind in link.CHANNELS:
        draws = [link.arrivals(10, 0.3, kind, str(n)) for n in range(4000)]
        counted = sum(sum(there) >= 6 for there in draws) / 4000
        assert link.share_of_enough(6, 10, 0.3, kind) == pytest.approx(counted, abs=0.03)
    needed = link.repair_needed(8, 0.2, "independent")
    assert link.share_of_enough(8, 8 + needed, 0.2, "independent") >= 0.99
    assert link.share_of_enough(8, 7 + needed, 0.2, "independent") < 0.99
    assert link.repair_needed(8, 0.2, "bursts") > needed


def test_packets_fill_what_may_be_sent(receivers: ModuleType, picture: Image.Image) -> None:
    link = receivers.Link("test", 60, 9, soft=2, whole=3)
    for way in link.ways:
        packets = receivers.semcodec_packets(picture, link, way)
        assert len(packets) == 9 and max(map(len, packets)) <= 60 and sum(map(len, packets)) > 8 * 50
        assert packets.count(packets[0]) == way.copies + 1
        assert sum(packet[0] == 0xFC for packet in packets) == way.repair
    receiver = receivers.of_semcodec(picture, link, receivers.Way("test", "tokens", repair=2))
    for arrived in ([True] * 9, [False, False, *[True] * 7], [False] * 3 + [True] * 6, [True] + [False] * 8):
        assert (receiver.show(arrived) is not None) == receiver.sees(arrived)
    assert not receiver.sees([False] * 3 + [True] * 6)
    base = receivers.of_semcodec(picture, link, receivers.Way("test", "base", repair=2))
    assert base.sees([False, False, *[True] * 7]) and not base.sees([True] + [False] * 8)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_a_peer_shows_what_pillow_makes_of_its_beginning(
    receivers: ModuleType, picture: Image.Image, kind: str
) -> None:
    out = io.BytesIO()
    picture.save(out, kind, quality=10)
    data, size = out.getvalue(), Size(picture.width, picture.height)
    num_pieces = -(-len(data) // 51)
    show = receivers.beginnings(data, 51, size)
    whole = show([True] * num_pieces)
    assert np.array_equal(whole, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    assert show([False] * num_pieces) is None
    part = show([n != num_pieces - 2 for n in range(num_pieces)])
    assert part is None or (part.shape == whole.shape and not np.array_equal(part, whole))
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_ssdv_costs_what_libjpeg_writes_with_its_tables(ssdv: ModuleType, picture: Image.Image) -> None:
    sent = ssdv.send(picture, 320, 240, 4, 256)
    scan = sent.num_packets * (256 - ssdv.FRAME_BYTES)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=50, optimize=False)  # quality 4 of SSDV is libjpeg's 50
    assert 0.95 < scan / (len(out.getvalue()) - 623) < 1.1
    whole = np.asarray(ssdv.show(sent, [True] * sent.num_packets), float)
    same = np.asarray(Image.open(io.BytesIO(out.getvalue())), float)
    assert np.abs(whole - same).mean() < 2.5


def test_a_lost_packet_of_ssdv_smears_its_own_part_alone(ssdv: ModuleType, picture: Image.Image) -> None:
    sent = ssdv.send(picture, 320, 240, 4, 256)
    whole = np.asarray(ssdv.show(sent, [True] * sent.num_packets), int)
    part = np.asarray(ssdv.show(sent, [n != 3 for n in range(sent.num_packets)]), int)
    changed = np.abs(whole - part).max(axis=2).reshape(15, 16, 20, 16).max(axis=(1, 3)).ravel() > 40
    first, last = (np.flatnonzero(sent.packets_M2[:, at] == 3) for at in (1, 0))
    assert changed.any() and not changed[: first[0]].any() and not changed[last[-1] + 20 :].any()
    assert ssdv.show(sent, [False] * sent.num_packets) is None


def test_what_was_measured_is_not_measured_again(
    channel: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "CACHE", tmp_path)
    calls: list[int] = []
    for key in (1, 1, 2):
        assert channel.cached("name", key, lambda: calls.append(0) or [len(calls)]) == [len(calls)]
    assert len(calls) == 2


def test_a_summary_is_a_mean_over_pictures(channel: ModuleType) -> None:
    row = {"codec": "x", "channel": "independent", "loss": 0.1, "bytes": 10}
    units = [[row | {"draws": [(0.2, 0.4, True), (0.6, 0.8, shown)]}] for shown in (True, False)]
    (found,) = channel.summary(units)
    assert (found["lpips"], found["mobilenet"], found["seen"], found["bytes"]) == (0.4, 0.6, 0.75, 10)

"""The listener: keeps what it hears, asks for what is missing, and trusts nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import semcodec
from semcodec.container.encode import write_file
from semcodec.container.packets import Packet, PacketKind
from semcodec.container.packets.encode import pack_packet
from semcodec.radio.channel import Weather
from semcodec.radio.intake import Intake
from semcodec.radio.listening import Listener, ListenOptions, Wish
from semcodec.radio.messages import Envelope, Request, Want, pack_envelope, read_datagram
from semcodec.radio.sending import Outgoing
from semcodec.radio.store import Store
from semcodec.radio.transport import Datagram
from semcodec.types import FileHeader, Section, Size

from .air import Air


def report_in(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text())


def folder_of(file: Outgoing, heard: Path, sender: str = "a") -> Path:
    return heard / f"{file.file_id:04x}-{sender}"


def asked(air: Air, name: str = "b") -> list[Request]:
    return [found for _, who, data in air.log if who == name and isinstance(found := read_datagram(data), Request)]


def test_a_picture_is_announced_asked_for_kept_and_painted(
    sender: Callable, listener: Callable, macaws: Outgoing, tmp_path: Path
):
    air = Air()
    air.add("a", sender(macaws))
    air.add("b", listener(air, until_whole=1))
    air.run()
    folder = folder_of(macaws, tmp_path / "heard")
    data = semcodec.join(macaws.packets).data
    assert (folder / "picture.semc").read_bytes() == data
    with Image.open(folder / "picture.png") as picture:
        assert np.array_equal(np.asarray(picture), semcodec.decode(data))
    report = report_in(folder)
    assert (report["state"], report["matches"], report["shows"], report["problem"]) == ("whole", True, "picture", None)
    assert report["words"] == {"text": "Two macaws.", "language": "en", "origin": "human"}
    assert (report["sender"], report["size"], report["bytes"]) == ("a", [320, 240], len(data))
    assert [each.want for each in asked(air)] == [Want.ALL, Want.NOTHING]
    joined = semcodec.join([path.read_bytes() for path in (folder / "packets").iterdir()])
    assert joined.data == data and not joined.missing


def test_before_packets_come_the_thumb_shows(listener: Callable, caps: Outgoing, tmp_path: Path):
    air = Air()
    station = listener(air)
    station.take(Datagram(caps.envelope, "a"), 0)
    assert station.work(0)
    folder = folder_of(caps, tmp_path / "heard")
    assert (report_in(folder)["state"], report_in(folder)["shows"]) == ("announced", "preview")
    thumb = (folder / "picture.png").read_bytes()
    for packet in caps.packets[:-1]:
        station.take(Datagram(packet, "a"), 1)
    assert station.work(100)
    # A base shows nothing before it is whole: the thumb stays.
    assert (report_in(folder)["state"], report_in(folder)["shows"]) == ("part", "preview")
    assert (folder / "picture.png").read_bytes() == thumb
    station.take(Datagram(caps.packets[-1], "a"), 101)
    assert station.work(101)
    assert (report_in(folder)["state"], report_in(folder)["shows"]) == ("whole", "picture")
    assert (folder / "picture.png").read_bytes() != thumb


@pytest.mark.parametrize("seed", [1, 3])
def test_through_a_bad_channel_two_pictures_come_whole_to_two_listeners(
    sender: Callable, listener: Callable, macaws: Outgoing, caps: Outgoing, tmp_path: Path, seed: int
):
    air = Air(Weather(loss=0.25, duplicates=0.2, reordered=0.3, delay_s=0.4, seed=seed))
    air.add("a", sender(macaws, wait_s=600))
    air.add("c", sender(caps, wait_s=600))
    for number, name in enumerate(("b", "d")):
        air.add(name, listener(air, name, seed=number, until_whole=2))
    air.run()
    for name in ("b", "d"):
        for file, who in ((macaws, "a"), (caps, "c")):
            folder = folder_of(file, tmp_path / name, who)
            assert report_in(folder)["state"] == "whole" and report_in(folder)["matches"] is not False
            assert (folder / "picture.semc").read_bytes() == semcodec.join(file.packets).data
    # Missing packets alone are asked for again: less than three times what a channel without losses takes.
    sent = sum(who in ("a", "c") for _, who, _ in air.log)
    assert sent < 3 * (len(macaws.packets) + len(caps.packets) + 2)


def test_a_listener_that_asks_for_nothing_never_sends(sender: Callable, listener: Callable, macaws: Outgoing):
    air = Air()
    air.add("a", sender(macaws, send_all=True))
    station = listener(air, wish=Wish.NONE, until_whole=1)
    air.add("b", station)
    air.run()
    assert asked(air) == [] and station.num_whole == 1


def test_with_missing_it_asks_only_for_pictures_that_others_fetch(
    sender: Callable, listener: Callable, macaws: Outgoing, caps: Outgoing
):
    air = Air(Weather(loss=0.3, seed=2))
    air.add("a", sender(macaws, send_all=True))
    air.add("c", sender(caps))
    air.add("b", listener(air, wish=Wish.MISSING, wait_s=200))
    air.run()
    assert {each.file_id for each in asked(air)} == {macaws.file_id}


def test_after_a_restart_only_what_is_missing_is_asked_for(
    sender: Callable, listener: Callable, macaws: Outgoing, tmp_path: Path, said: list[str]
):
    air = Air()
    air.add("b", listener(air))
    for packet in (macaws.packets[0], macaws.packets[2]):
        air.send("a", packet)
    air.send("a", macaws.envelope)
    air.run(until=lambda: folder_of(macaws, tmp_path / "heard").joinpath("picture.png").exists())
    air.remove("b")
    air.log.clear()
    said.clear()
    air.add("a", sender(macaws))
    air.add("b", listener(air, until_whole=1))
    assert said == [f"{macaws.file_id:04x}-a: 2 of {len(macaws.packets)} packets from before"]
    air.run()
    packets = [data for _, who, data in air.log if who == "a" and data in macaws.packets]
    assert sorted(map(macaws.packets.index, packets)) == [1, *range(3, len(macaws.packets))]
    assert report_in(folder_of(macaws, tmp_path / "heard"))["state"] == "whole"
    again = listener(air)
    assert not again.work(air.now), "what is whole is not painted again"


def test_whoever_missed_the_envelope_asks_for_it(sender: Callable, listener: Callable, macaws: Outgoing):
    air = Air()
    air.add("a", sender(macaws))
    air.run(until=lambda: len(air.log) == 1)
    air.add("b", listener(air, until_whole=1))
    air.send("a", macaws.packets[5])
    air.run()
    assert [each.want for each in asked(air)] == [Want.ENVELOPE, Want.THESE, Want.NOTHING]


def test_it_does_not_ask_for_ever(listener: Callable, macaws: Outgoing, said: list[str]):
    air = Air()
    air.add("b", listener(air, wait_s=10_000))
    air.send("a", macaws.envelope)
    air.run(most_s=20_000)
    times = [time for time, who, _ in air.log if who == "b"]
    assert len(times) == 8
    pauses = [after - before for before, after in zip(times, times[1:], strict=False)]
    assert all(after > before for before, after in zip(pauses, pauses[1:], strict=False))
    assert any("no answer to 8 requests; 0 of" in sentence for sentence in said)


def test_what_cannot_be_decoded_is_kept_with_the_reason(listener: Callable, macaws: Outgoing, tmp_path: Path):
    air = Air()
    station = listener(air)
    damaged = bytearray(macaws.packets[3])
    damaged[9] ^= 4
    other = pack_packet(Packet(PacketKind.TOKENS, macaws.file_id, 2, b"a stranger's"))
    for data in (b"hello all", bytes(damaged), macaws.packets[2], other):
        station.take(Datagram(data, "x"), 0)
    kept = sorted((tmp_path / "heard" / "undecoded").glob("*.json"))
    reasons = [json.loads(path.read_text()) for path in kept]
    assert [path.with_suffix(".bin").read_bytes() for path in kept] == [b"hello all", bytes(damaged), other]
    for said, sentence in zip(reasons, ("no packet: it begins with 68 65", "damaged", "there before it"), strict=True):
        assert sentence in said["reason"] and said["sender"] == "x"
    for number in range(20):
        station.take(Datagram(b"noise %d" % number), 0)
    left = sorted((tmp_path / "heard" / "undecoded").glob("*.bin"))
    assert [path.read_bytes() for path in left] == [b"noise %d" % number for number in range(15, 20)]
    assert len(list((tmp_path / "heard" / "undecoded").iterdir())) == 10


def test_a_picture_that_this_build_cannot_decode_is_kept_and_named(listener: Callable, tmp_path: Path):
    data = write_file(FileHeader(Size(64, 64), 0), [Section(2, 99, bytes(90))])
    air = Air()
    station = listener(air)
    for packet in semcodec.split(write_file(FileHeader(Size(64, 64), 0), [Section(9, 1, bytes(90))]), mtu=60):
        station.take(Datagram(packet, "a"), 0)
    station.take(Datagram(data, "b"), 0)
    while station.work(1):
        pass
    reports = {report["sender"]: report for report in map(report_in, (tmp_path / "heard").glob("*-*"))}
    assert reports["a"]["state"] == "whole" and "holds no picture" in reports["a"]["problem"]
    assert "install a newer semcodec" in reports["b"]["problem"]


def test_a_whole_file_in_one_message_is_a_picture(listener: Callable, macaws: Outgoing, tmp_path: Path):
    air = Air()
    station = listener(air)
    data = semcodec.join(macaws.packets).data
    for _ in range(2):
        station.take(Datagram(data, "a"), 0)
    assert station.work(0) and not station.work(0)
    assert station.num_whole == 1 and station.next(100) is None
    (folder,) = (tmp_path / "heard").glob("*-a")
    assert (folder / "picture.semc").read_bytes() == data


def test_repair_packets_make_it_whole_though_nobody_can_be_asked(
    listener: Callable, repaired: Outgoing, tmp_path: Path
):
    air = Air()
    station = listener(air, wish=Wish.NONE)
    for number, packet in enumerate(repaired.packets):
        if number not in (0, 2, 3, 5):
            station.take(Datagram(packet, "a"), 0)
    assert station.work(0) and station.num_whole == 1
    folder = folder_of(repaired, tmp_path / "heard")
    assert (folder / "picture.semc").read_bytes() == semcodec.join(repaired.packets).data
    assert listener(air, wish=Wish.NONE).shelf.pictures[("a", repaired.file_id)].is_whole


def test_what_repair_packets_will_give_is_not_asked_for(sender: Callable, listener: Callable, repaired: Outgoing):
    air = Air()
    air.add("a", sender(repaired))
    air.add("b", listener(air, until_whole=1))
    for number in (0, 3, 4, 5, 6, 8):  # (1 and 2 are lost, and one repair packet is there)
        air.send("a", repaired.packets[number])
    air.run()
    these = [each.ranges for each in asked(air) if each.want is Want.THESE]
    assert these == [((1, 1),)]


def test_a_false_repair_packet_stands_for_no_other(listener: Callable, repaired: Outgoing, tmp_path: Path):
    station = listener(Air())
    for number in range(1, 8):
        body = b"\x01\xff\x01" + bytes(60)
        station.take(Datagram(pack_packet(Packet(PacketKind.REPAIR, repaired.file_id, number, body)), "a"), 0)
    for packet in repaired.packets:
        station.take(Datagram(packet, "a"), 1)
        while station.work(1000):
            pass
    folder = folder_of(repaired, tmp_path / "heard")
    assert report_in(folder)["state"] == "whole"
    assert (folder / "picture.semc").read_bytes() == semcodec.join(repaired.packets).data
    contradictory = pack_packet(Packet(PacketKind.REPAIR, 5, 1, b"\x07\x09" + bytes(60)))
    station.take(Datagram(contradictory, "a"), 2)
    assert ("a", 5) not in station.shelf.pictures


def begin(station: Listener, number: int, now: float, sender: str = "x") -> None:
    packet = pack_packet(Packet(PacketKind.TOKENS, number, 1, bytes([number % 256]) * 20))
    station.take(Datagram(packet, sender), now)


def test_old_pictures_in_flight_make_room_for_new_ones(listener: Callable, tmp_path: Path):
    air = Air()
    station = listener(air, intake=Intake(max_in_flight=3))
    for number in range(6):
        begin(station, number, float(number))
    folders = {path.name for path in (tmp_path / "heard").iterdir()} - {"undecoded"}
    assert folders == {"0003-x", "0004-x", "0005-x"}
    assert len(station.shelf.pictures) == 3


def test_new_pictures_may_not_begin_too_often(listener: Callable, said: list[str]):
    air = Air()
    station = listener(air, intake=Intake(max_new_a_minute=5))
    for number in range(50):
        begin(station, number, now=number / 10)
    assert len(station.shelf.pictures) == 5
    assert said == ["left out: more than 5 new pictures within a minute"]
    begin(station, 60, now=61)
    assert len(station.shelf.pictures) == 6


def test_the_folder_does_not_grow_beyond_its_limit(listener: Callable, macaws: Outgoing, tmp_path: Path):
    air = Air()
    most = 4000
    station = listener(air, intake=Intake(max_bytes=most, max_new_a_minute=1000))
    for number in range(200):
        begin(station, number, now=float(number))
        station.take(Datagram(pack_packet(Packet(PacketKind.TOKENS, number, 2, bytes(70))), "x"), number)
    kept = [path for path in (tmp_path / "heard").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in kept) <= most + 1000  # (a report is written when it is known)
    assert "00c7-x" in {path.name for path in (tmp_path / "heard").iterdir()}


@pytest.mark.parametrize(
    "data",
    [
        pack_envelope(Envelope(7, 2000, 999, bytes(4), write_file(FileHeader(Size(9, 9)), [Section(1, 1, b"")]))),
        pack_envelope(Envelope(7, 9, 1 << 20, bytes(4), write_file(FileHeader(Size(9, 9)), [Section(1, 1, b"")]))),
        pack_packet(Packet(PacketKind.TOKENS, 7, 1 << 20, b"x")),
        pack_packet(Packet(PacketKind.FIRST, 7, 0, b"x", 1 << 20)),
        pack_packet(Packet(PacketKind.TOKENS, 7, 1, bytes(60_000))) + b"",
    ],
    ids=["envelope, packets", "envelope, bytes", "number", "count", "large"],
)
def test_pictures_that_claim_too_much_do_not_begin(listener: Callable, data: bytes):
    station = listener(Air(), intake=Intake(max_picture_bytes=50_000))
    station.take(Datagram(data), 0)
    assert station.shelf.pictures == {} and station.shelf.refused["could not be decoded"] == 1


def test_a_picture_that_claims_millions_of_pixels_is_not_painted(listener: Callable, tmp_path: Path):
    data = write_file(FileHeader(Size(16384, 16384), 20), [Section(2, 1, b"xyz")])
    station = listener(Air())
    station.take(Datagram(pack_envelope(Envelope(7, 3, 300, bytes(4), data)), "x"), 0)
    assert station.work(0)
    assert "max_pixels" in report_in(tmp_path / "heard" / "0007-x")["problem"]


def test_a_large_picture_is_shown_small_until_it_is_whole(listener: Callable, tmp_path: Path):
    data = semcodec.encode(np.full((1500, 2000, 3), 90, np.uint8), bytes=300).data
    station = listener(Air())
    station.take(Datagram(pack_envelope(Envelope(7, 3, 300, bytes(4), data)), "x"), 0)
    station.take(Datagram(data, "y"), 0)
    while station.work(0):
        pass
    sizes = {}
    for folder in (tmp_path / "heard").glob("*-*"):
        with Image.open(folder / "picture.png") as picture:
            sizes[folder.name[-1]] = picture.size
    assert sizes == {"x": (1182, 887), "y": (2000, 1500)}


def test_a_stranger_cannot_take_over_a_picture(listener: Callable, macaws: Outgoing, tmp_path: Path):
    station = listener(Air())
    station.take(Datagram(macaws.envelope, "a"), 0)
    other = read_datagram(macaws.envelope)
    assert isinstance(other, Envelope)
    forged = Datagram(pack_envelope(replace(other, num_packets=1)), "a")
    station.take(forged, 1)
    for packet in macaws.packets:
        station.take(Datagram(packet, "a"), 2)
        station.take(Datagram(pack_packet(Packet(PacketKind.FIRST, macaws.file_id, 0, b"z", 1)), "b"), 2)
    assert station.work(3)
    assert station.shelf.pictures[("a", macaws.file_id)].is_whole
    # The same number means another picture when the first one is whole: it gets a folder of its own.
    station.take(forged, 2000)
    assert (tmp_path / "heard" / f"{macaws.file_id:04x}-a.2" / "envelope.bin").exists()
    assert report_in(folder_of(macaws, tmp_path / "heard"))["state"] == "whole"


def test_names_of_senders_make_no_paths(listener: Callable, macaws: Outgoing, tmp_path: Path):
    station = listener(Air())
    for sender in ("../../etc", "/", "\0", "a" * 500, "é", "!1a2b", "10.0.0.7"):
        station.take(Datagram(macaws.envelope, sender), 0)
    names = {path.name for path in (tmp_path / "heard").iterdir()} - {"undecoded"}
    stem = f"{macaws.file_id:04x}"
    assert names == {
        f"{stem}-etc",
        stem,
        f"{stem}.2",
        f"{stem}-{'a' * 32}",
        f"{stem}.3",
        f"{stem}-1a2b",
        f"{stem}-10-0-0-7",
    }


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2**32), st.binary(max_size=60)), max_size=12), st.integers(0, 1000))
def test_nothing_that_strangers_send_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, macaws: Outgoing, hostile: list[tuple[int, bytes]], seed: int
):
    """Good datagrams among damaged and forged ones, and some whose check holds."""
    random, good = Random(seed), [macaws.envelope, *macaws.packets]
    options = ListenOptions(intake=Intake(max_in_flight=2, max_new_a_minute=6, max_bytes=200_000))
    store = Store(tmp_path_factory.mktemp("heard"), max_undecoded=3)
    station = Listener(store, options, say=lambda _: None, random=random, clock=lambda: 0.0)
    for now, (at, data) in enumerate(hostile):
        kind = PacketKind(at % 4)
        forged = pack_packet(Packet(kind, macaws.file_id if at & 64 else at % 9, 1 + at % 300, data, 1 + at % 300))
        flipped = bytearray(random.choice(good))
        flipped[at % len(flipped)] ^= 1 << at % 8
        for candidate in (data, forged, bytes(flipped), random.choice(good)):
            station.take(Datagram(candidate, "ab"[at % 2]), float(now))
        station.next(float(now))
    while station.work(1000.0):
        pass

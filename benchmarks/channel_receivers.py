"""What `channel.py` sends with each codec for the same packets on the air, and what a receiver shows of what arrives.

Shapes: H, W = pixels; C = 3.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageFile
from ssdv_model import send as send_ssdv
from ssdv_model import show as show_ssdv

import semcodec
from semcodec.errors import SemcodecError
from semcodec.evaluation.ladders import Ladder, code_with_peer
from semcodec.evaluation.peers.peer import Peer, enlarge
from semcodec.evaluation.peers.registry import open_peers
from semcodec.types import Size

Pixels = np.ndarray

NUM_TRIES = 6  # to fill the packets
SSDV_SIZES = ((48, 32), (96, 64), (144, 96), (192, 128), (240, 160), (288, 192), (384, 256))


@dataclass(frozen=True)
class Way:
    """How semcodec sends: with which picture, copies of the first packet, repair packets."""

    name: str
    picture: str
    copies: int = 0
    repair: int = 0


@dataclass(frozen=True)
class Link:
    """`soft` and `whole`: repair packets with which 99 % see a picture of tokens, and a whole one, at 20 % loss."""

    name: str
    mtu: int
    num_packets: int
    soft: int
    whole: int

    @property
    def ways(self) -> tuple[Way, ...]:
        return (
            Way("tokens", "tokens"),
            Way("tokens, packet 0 three times", "tokens", copies=2),
            Way("tokens, repaired", "tokens", repair=self.soft),
            Way("base", "base"),
            Way("base, repaired", "base", repair=self.whole),
        )


LINKS = (
    Link("LoRaWAN, 24 packets of 51 bytes", 51, 24, soft=9, whole=10),
    Link("MeshCore, 10 packets of 163 bytes", 163, 10, soft=5, whole=5),
    Link("Meshtastic, 8 packets of 233 bytes", 233, 8, soft=4, whole=5),
)


@dataclass(frozen=True)
class Sees:
    """Whether a picture is seen: with packet 0 if it `is_soft`, else with `num_needed` different ones of `numbers`."""

    numbers: tuple[int, ...]
    num_needed: int
    is_soft: bool = False

    def __call__(self, arrived: Sequence[bool]) -> bool:
        there = {number for number, has_arrived in zip(self.numbers, arrived, strict=True) if has_arrived}
        return len(there) >= self.num_needed or (self.is_soft and 0 in there)


@dataclass(frozen=True)
class Receiver:
    """`show` paints what arrived, or gives None; `sees` says whether it would, if nothing need be painted for that."""

    num_bytes: int
    num_packets: int
    show: Callable[[Sequence[bool]], Pixels | None]
    sees: Sees | None = None


def semcodec_packets(image: Image.Image, link: Link, way: Way) -> list[bytes]:
    """Of a large file whose packets, copies and repair packets among them, are no more than the link sends.

    As large as a few tries find: up to 3 bytes a packet are left.
    """
    num_packets = link.num_packets - way.copies - way.repair
    room = num_packets * (link.mtu - 6 - 3 * bool(way.repair)) - 8
    low, high, best = 20, room, list[bytes]()
    budget = room if way.picture == "base" else room - room // 25
    for _ in range(NUM_TRIES):
        data = semcodec.encode(image, bytes=budget, picture=way.picture).data
        packets = semcodec.split(data, mtu=link.mtu, repeat_first=way.copies, repair=way.repair)
        if len(packets) <= link.num_packets:
            low, best = budget, packets
        else:
            high = budget - 1
        if high - low <= num_packets * 3 and best:
            break
        budget = min((low + high + 1) // 2, budget + room // 40) if best else budget - room // 20
    return best


def of_semcodec(image: Image.Image, link: Link, way: Way) -> Receiver:
    packets = semcodec_packets(image, link, way)
    num_needed = len(packets) - way.copies - way.repair
    numbers = {packet: number for number, packet in enumerate(dict.fromkeys(packets))}

    def show(arrived: Sequence[bool]) -> Pixels | None:
        there = [packet for packet, has_arrived in zip(packets, arrived, strict=True) if has_arrived]
        try:
            return semcodec.render(semcodec.join(there).reading.scene)
        except SemcodecError:
            return None

    sees = Sees(tuple(numbers[packet] for packet in packets), num_needed, way.picture == "tokens")
    return Receiver(sum(map(len, packets)), len(packets), show, sees)


def of_a_peer(data: bytes, size: Size, link: Link, repair: int) -> Receiver:
    """Of a file in pieces, with repair packets or none; what they cannot give is what its beginning shows."""
    shown, part = decode_leniently(data, size), beginnings(data, link.mtu, size)
    num_pieces = -(-len(data) // link.mtu)
    sees = Sees(tuple(range(num_pieces + repair)), num_pieces)

    def show(arrived: Sequence[bool]) -> Pixels | None:
        return shown if sees(arrived) else part(arrived[:num_pieces])

    return Receiver(len(data) + repair * link.mtu, num_pieces + repair, show)


def of_ssdv(image: Image.Image, link: Link, distance: Callable[[Pixels], float]) -> Receiver:
    """At the best of all sizes and qualities that fit."""
    size, best = Size(image.width, image.height), []
    for width_px, height_px in SSDV_SIZES:
        for quality in reversed(range(8)):
            sent = send_ssdv(image, width_px, height_px, quality, link.mtu)
            if sent.num_packets <= link.num_packets:
                whole = show_ssdv(sent, [True] * sent.num_packets)
                assert whole is not None
                best.append((distance(enlarge(np.asarray(whole), size)), len(best), sent))
                break
    sent = min(best)[2]

    def show(arrived: Sequence[bool]) -> Pixels | None:
        shown = show_ssdv(sent, arrived)
        return None if shown is None else enlarge(np.asarray(shown), size)

    return Receiver(sent.num_bytes, sent.num_packets, show)


def peers_files(image_HWC: Pixels, distance: Callable[[Pixels], float]) -> dict[str, dict[str, str]]:
    """The files of WebP, AVIF and grey AVIF for each number of bytes that a link leaves them, in base64."""
    rooms = sorted({link.mtu * (link.num_packets - repair) for link in LINKS for repair in (0, link.whole)})
    files: dict[str, dict[str, str]] = {"AVIF, grey 256 px": _grey_avif(image_HWC, rooms)}
    for peer in open_peers(("webp", "avif"))[0]:
        coded = code_with_peer(peer, image_HWC, tuple(rooms))
        for room in rooms:
            best = min((one for one in coded if room in one.budgets), key=lambda one: distance(one.image_HWC))
            files.setdefault(peer.title, {})[str(room)] = b64encode(best.data).decode()
    return files


def _grey_avif(image_HWC: Pixels, rooms: Sequence[int]) -> dict[str, str]:
    """As meshcore-sar sends it: grey, the longer side 256 pixels, at the highest quality that fits."""
    picture = Image.fromarray(image_HWC).convert("L")
    picture.thumbnail((256, 256), Image.Resampling.LANCZOS)

    def encode(image_HW: Pixels, quality: float) -> bytes:
        out = io.BytesIO()
        Image.fromarray(image_HW).save(out, "AVIF", quality=int(quality), speed=4, subsampling="4:0:0", max_threads=1)
        return out.getvalue()

    ladder = Ladder(Peer("grey", "", "", tuple(range(101)), encode, lambda data, size: image_HWC), np.asarray(picture))
    rungs = {room: ladder.best(room) for room in rooms}
    # (Where not even the lowest quality fits, it may send that for nothing more.)
    return {str(room): b64encode(ladder.rung(rung or 0)).decode() for room, rung in rungs.items()}


def beginnings(data: bytes, mtu: int, size: Size) -> Callable[[Sequence[bool]], Pixels | None]:
    """What Pillow shows of a file up to its first gap, with zeros behind: its decoder of WebP shows no less of that."""

    @cache
    def shown(gap: int) -> Pixels | None:
        return decode_leniently(data[: gap * mtu].ljust(len(data), b"\0"), size) if gap else None

    return lambda arrived: shown(next((n for n, has_arrived in enumerate(arrived) if not has_arrived), len(arrived)))


def decode_leniently(data: bytes, size: Size) -> Pixels | None:
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return enlarge(np.asarray(picture.convert("RGB")), size)
    except Exception:  # whatever a decoder says of a broken file: it shows nothing
        return None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before

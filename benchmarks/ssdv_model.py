"""SSDV, as balloons and amateur satellites send pictures: a faithful model of `fsphil/ssdv`, for packets of any length.

A baseline JPEG (4:2:0, the standard Huffman tables, quantisation of one of eight qualities) without its headers, cut
into packets. Each has 15 bytes of header and 4 of CRC, and says where its first MCU (16x16 pixels) begins; that one's
DC values are absolute, so a packet can be read without those before it. A lost MCU is painted in the DC values of the
last one (`ssdv_fill_gap`); one that lies in two packets needs both. Reed-Solomon inside packets, which mends bits and
no losses, is left out, as its no-FEC mode has it. The program itself knows packets of 256 bytes; the model takes any.

Facts are from the program's source (GPL 3, https://github.com/fsphil/ssdv); nothing of it is used.

Shapes: M = MCUs, row by row; B = 6 blocks of an MCU (4 of Y, Cb, Cr); K = 64 coefficients in zigzag order.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

FRAME_BYTES = 15 + 4
SCALES = (5000, 357, 172, 116, 100, 58, 28, 0)  # of the quantisation tables, in hundredths, at qualities 0 to 7
_DCT = np.array(
    [[np.sqrt((1 + (u > 0)) / 8) * np.cos((2 * x + 1) * u * np.pi / 16) for x in range(8)] for u in range(8)]
)
_ZIGZAG = np.array(sorted(range(64), key=lambda at: (at // 8 + at % 8, (at // 8, at % 8)[(at // 8 + at % 8 + 1) % 2])))


@dataclass(frozen=True)
class Sent:
    """A picture in packets. `packets_M2`: the first and the last packet of each MCU."""

    width_px: int
    height_px: int
    quality: int
    levels_MBK: np.ndarray
    packets_M2: np.ndarray
    num_packets: int
    packet_bytes: int

    @property
    def num_bytes(self) -> int:
        return self.num_packets * self.packet_bytes


def send(image: Image.Image, width_px: int, height_px: int, quality: int, packet_bytes: int) -> Sent:
    """Sides are multiples of 16."""
    small = image.resize((width_px, height_px), Image.Resampling.LANCZOS).convert("YCbCr")
    planes = [np.asarray(plane, np.float64) - 128 for plane in small.split()]
    chroma = [plane.reshape(height_px // 2, 2, width_px // 2, 2).mean(axis=(1, 3)) for plane in planes[1:]]
    blocks = np.concatenate([_luma_blocks(planes[0]), *(_blocks(plane)[:, None] for plane in chroma)], axis=1)
    coefficients = (_DCT @ blocks @ _DCT.T).reshape(*blocks.shape[:2], 64)[..., _ZIGZAG]
    levels_MBK = np.rint(coefficients / _steps(quality)).astype(int)
    packets, num_packets = _packets_of(levels_MBK, 8 * (packet_bytes - FRAME_BYTES))
    return Sent(width_px, height_px, quality, levels_MBK, packets, num_packets, packet_bytes)


def show(sent: Sent, arrived: Sequence[bool]) -> Image.Image | None:
    """None where no packet arrived."""
    if not any(arrived):
        return None
    levels, last = np.zeros_like(sent.levels_MBK), np.zeros(3, int)
    for mcu, (first_packet, last_packet) in enumerate(sent.packets_M2):
        if all(arrived[first_packet : last_packet + 1]):
            levels[mcu] = sent.levels_MBK[mcu]
            last = levels[mcu, 3:, 0]
        else:
            levels[mcu, :, 0] = last[[0, 0, 0, 0, 1, 2]]
    coefficients = np.zeros(levels.shape)
    coefficients[..., _ZIGZAG] = levels * _steps(sent.quality)
    blocks = _DCT.T @ coefficients.reshape(*levels.shape[:2], 8, 8) @ _DCT
    rows, cols = sent.height_px // 16, sent.width_px // 16
    luma = blocks[:, :4].reshape(rows, cols, 2, 2, 8, 8).transpose(0, 2, 4, 1, 3, 5).reshape(rows * 16, cols * 16)
    chroma = [
        blocks[:, at].reshape(rows, cols, 8, 8).transpose(0, 2, 1, 3).reshape(rows * 8, cols * 8) for at in (4, 5)
    ]
    planes = [
        Image.fromarray(np.clip(np.rint(plane + 128), 0, 255).astype(np.uint8))
        for plane in (luma, *(block.reshape(rows * 8, cols * 8) for block in chroma))
    ]
    whole = [planes[0], *(plane.resize(planes[0].size, Image.Resampling.BILINEAR) for plane in planes[1:])]
    return Image.merge("YCbCr", whole).convert("RGB")


def _blocks(plane: np.ndarray) -> np.ndarray:
    rows, cols = plane.shape[0] // 8, plane.shape[1] // 8
    return plane.reshape(rows, 8, cols, 8).transpose(0, 2, 1, 3).reshape(-1, 8, 8)


def _luma_blocks(plane: np.ndarray) -> np.ndarray:
    rows, cols = plane.shape[0] // 16, plane.shape[1] // 16
    return plane.reshape(rows, 2, 8, cols, 2, 8).transpose(0, 3, 1, 4, 2, 5).reshape(-1, 4, 8, 8)


@cache
def _steps(quality: int) -> np.ndarray:
    """(B, K): the standard tables (those of libjpeg's quality 50), scaled."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG", quality=50)
    with Image.open(out) as picture:
        tables = picture.quantization  # type: ignore[attr-defined]
    scaled = [np.clip((np.array(tables[at]) * SCALES[quality] + 50) // 100, 1, 255) for at in (0, 1)]
    return np.stack([scaled[0].reshape(64)[_ZIGZAG]] * 4 + [scaled[1].reshape(64)[_ZIGZAG]] * 2)


@cache
def _code_lengths() -> dict[tuple[int, int], dict[int, int]]:
    """(0 DC or 1 AC, 0 luma or 1 chroma) -> symbol -> bits: of the standard tables, as libjpeg writes them."""
    out, found = io.BytesIO(), {}
    Image.new("RGB", (16, 16)).save(out, "JPEG", optimize=False)
    data, at = out.getvalue(), 2
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length] if data[at + 1] == 0xC4 else b""
        while body:
            counts, symbols = body[1:17], body[17 : 17 + sum(body[1:17])]
            lengths = [bits + 1 for bits, count in enumerate(counts) for _ in range(count)]
            found[body[0] >> 4, body[0] & 15] = dict(zip(symbols, lengths, strict=True))
            body = body[17 + len(symbols) :]
        at += 2 + length
    return found


def _packets_of(levels_MBK: np.ndarray, payload_bits: int) -> tuple[np.ndarray, int]:
    """(M, 2), and how many packets. MCUs follow each other without gaps; the first to begin in a packet is absolute."""
    found, at, last_started = [], 0, -1
    previous = np.zeros(3, int)
    for levels_BK in levels_MBK:
        first = at // payload_bits
        before = previous if first == last_started else np.zeros(3, int)
        at += _num_bits(levels_BK, before)
        found.append((first, (at - 1) // payload_bits))
        previous, last_started = levels_BK[3:, 0], first
    return np.array(found), found[-1][1] + 1


def _num_bits(levels_BK: np.ndarray, before: np.ndarray) -> int:
    """Of an MCU behind one with these DC values."""
    lengths, total = _code_lengths(), 0
    last = [before[0], before[1], before[2]]
    for block, levels in enumerate(levels_BK.tolist()):
        component, is_chroma = max(0, block - 3), int(block > 3)
        category = abs(levels[0] - int(last[component])).bit_length()
        last[component] = levels[0]
        total += lengths[0, is_chroma][category] + category
        ac, run = lengths[1, is_chroma], 0
        for level in levels[1:]:
            if not level:
                run += 1
                continue
            category = abs(level).bit_length()
            total += (run >> 4) * ac[0xF0] + ac[(run & 15) << 4 | category] + category
            run = 0
        total += ac[0] if run else 0
    return total

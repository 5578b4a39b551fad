"""BlurHash and ThumbHash: placeholders of a few dozen bytes, written from their published algorithms.

The packages on PyPI were tried: one draws every pixel with the cosines of the first one, the others share its import
name.

Shapes: H, W = pixels; C = 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.peers.peer import Peer, shrink
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

Floats = NDArray[np.float64]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


def blurhash() -> Peer:
    return Peer(
        "blurhash",
        "BlurHash",
        "4x3 components (3x4 upright), 28 characters counted as 28 bytes",
        (0,),
        lambda image, _: (
            encode_blurhash(_small(image), 4, 3).encode("ascii")
            if image.shape[1] >= image.shape[0]
            else encode_blurhash(_small(image), 3, 4).encode("ascii")
        ),
        lambda data, size: decode_blurhash(data.decode("ascii"), size),
        scales=(1,),
    )


def thumbhash() -> Peer:
    return Peer(
        "thumbhash",
        "ThumbHash",
        "as published, of the picture at 100 px, raw bytes",
        (0,),
        lambda image, _: encode_thumbhash(_small(image)),
        decode_thumbhash,
        scales=(1,),
    )


def _small(image_HWC: Pixels) -> Pixels:
    return shrink(image_HWC, -(-max(image_HWC.shape[:2]) // 100))


# BlurHash (Dag Agren, Wolt): linear-light cosines, base 83.


def encode_blurhash(image_HWC: Pixels, num_x: int, num_y: int) -> str:
    linear_HWC = _to_linear(image_HWC.astype(np.float64) / 255)
    height, width = image_HWC.shape[:2]
    x = np.cos(np.pi * np.outer(np.arange(num_x), np.arange(width)) / width)
    y = np.cos(np.pi * np.outer(np.arange(num_y), np.arange(height)) / height)
    factors = np.einsum("jh,iw,hwc->jic", y, x, linear_HWC) / (width * height)
    factors = (2 * factors).reshape(-1, 3)
    dc, ac = factors[0] / 2, factors[1:]
    red, green, blue = (int(v) for v in np.floor(_to_srgb(dc) * 255 + 0.5))
    text = _base83((num_x - 1) + (num_y - 1) * 9, 1)
    largest = int(max(0, min(82, np.floor(np.abs(ac).max() * 166 - 0.5)))) if len(ac) else 0
    text += _base83(largest, 1) + _base83((red << 16) + (green << 8) + blue, 4)
    scaled = ac / ((largest + 1) / 166)
    digits = np.clip(np.floor(np.sign(scaled) * np.sqrt(np.abs(scaled)) * 9 + 9.5), 0, 18).astype(int)
    return text + "".join(_base83(int(r * 361 + g * 19 + b), 2) for r, g, b in digits)


def decode_blurhash(text: str, size: Size) -> Pixels:
    num_y, num_x = (n + 1 for n in divmod(_unbase83(text[0]), 9))
    largest = (_unbase83(text[1]) + 1) / 166
    value = _unbase83(text[2:6])
    dc = _to_linear(np.array([value >> 16, value >> 8 & 255, value & 255]) / 255)
    rows = [dc]
    for at in range(6, len(text), 2):
        code = _unbase83(text[at : at + 2])
        digits = (np.array([code // 361, code // 19 % 19, code % 19]) - 9) / 9
        rows.append(np.sign(digits) * digits**2 * largest)
    factors = np.stack(rows).reshape(num_y, num_x, 3)
    x = np.cos(np.pi * np.outer(np.arange(num_x), np.arange(size.width_px)) / size.width_px)
    y = np.cos(np.pi * np.outer(np.arange(num_y), np.arange(size.height_px)) / size.height_px)
    linear_HWC = np.einsum("jh,iw,jic->hwc", y, x, factors)
    return np.floor(_to_srgb(linear_HWC) * 255 + 0.5).astype(np.uint8)


def _to_linear(srgb: Floats) -> Floats:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _to_srgb(linear: Floats) -> Floats:
    v = np.clip(linear, 0, 1)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)


def _base83(value: int, length: int) -> str:
    return "".join(_ALPHABET[value // 83**i % 83] for i in reversed(range(length)))


def _unbase83(text: str) -> int:
    value = 0
    for letter in text:
        value = value * 83 + _ALPHABET.index(letter)
    return value


# ThumbHash (Evan Wallace): luma and two colour differences, 4-bit cosines in a triangle. Opaque pictures only.


def encode_thumbhash(image_HWC: Pixels) -> bytes:
    """`image_HWC` has sides of at most 100 px."""
    height, width = image_HWC.shape[:2]
    red, green, blue = np.moveaxis(image_HWC.astype(np.float64) / 255, 2, 0)
    longest = max(height, width)
    num_x, num_y = max(1, _round(7 * width / longest)), max(1, _round(7 * height / longest))
    luma = _thumb_channel((red + green + blue) / 3, max(3, num_x), max(3, num_y))
    yellow = _thumb_channel((red + green) / 2 - blue, 3, 3)
    rose = _thumb_channel(red - green, 3, 3)
    wide = int(width > height)
    head = _round(63 * luma[0]) | _round(31.5 + 31.5 * yellow[0]) << 6 | _round(31.5 + 31.5 * rose[0]) << 12
    head |= _round(31 * luma[2]) << 18
    shape = (num_y if wide else num_x) | _round(63 * yellow[2]) << 3 | _round(63 * rose[2]) << 9 | wide << 15
    nibbles = [_round(15 * value) for channel in (luma, yellow, rose) for value in channel[1]]
    nibbles += [0] * (len(nibbles) % 2)
    body = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return head.to_bytes(3, "little") + shape.to_bytes(2, "little") + body


def decode_thumbhash(data: bytes, size: Size) -> Pixels:
    head, shape = int.from_bytes(data[:3], "little"), int.from_bytes(data[3:5], "little")
    wide = shape >> 15
    num_x, num_y = max(3, 7 if wide else shape & 7), max(3, shape & 7 if wide else 7)
    nibbles = [value for byte in data[5:] for value in (byte & 15, byte >> 4)]
    luma, nibbles = _thumb_paint(nibbles, num_x, num_y, (head & 63) / 63, (head >> 18 & 31) / 31, size)
    yellow, nibbles = _thumb_paint(nibbles, 3, 3, (head >> 6 & 63) / 31.5 - 1, (shape >> 3 & 63) / 63 * 1.25, size)
    rose, _ = _thumb_paint(nibbles, 3, 3, (head >> 12 & 63) / 31.5 - 1, (shape >> 9 & 63) / 63 * 1.25, size)
    blue = luma - 2 / 3 * yellow
    red = (3 * luma - blue + rose) / 2
    image_HWC = np.stack([red, red - rose, blue], axis=2)
    return np.floor(np.clip(image_HWC, 0, 1) * 255 + 0.5).astype(np.uint8)


def _thumb_order(num_x: int, num_y: int) -> list[tuple[int, int]]:
    return [(cx, cy) for cy in range(num_y) for cx in range(num_x) if cx * num_y < num_x * (num_y - cy)]


def _thumb_channel(channel_HW: Floats, num_x: int, num_y: int) -> tuple[float, list[float], float]:
    height, width = channel_HW.shape
    x = np.cos(np.pi / width * np.outer(np.arange(num_x), np.arange(width) + 0.5))
    y = np.cos(np.pi / height * np.outer(np.arange(num_y), np.arange(height) + 0.5))
    factors = y @ channel_HW @ x.T / (width * height)
    ac = [float(factors[cy, cx]) for cx, cy in _thumb_order(num_x, num_y)[1:]]
    largest = max(map(abs, ac))
    return float(factors[0, 0]), [0.5 + 0.5 / largest * v if largest else v for v in ac], largest


def _thumb_paint(
    nibbles: list[int], num_x: int, num_y: int, dc: float, largest: float, size: Size
) -> tuple[Floats, list[int]]:
    order = _thumb_order(num_x, num_y)
    factors = np.zeros((num_y, num_x))
    factors[0, 0] = dc
    for (cx, cy), nibble in zip(order[1:], nibbles, strict=False):
        factors[cy, cx] = (nibble / 7.5 - 1) * largest * 2
    x = np.cos(np.pi / size.width_px * np.outer(np.arange(num_x), np.arange(size.width_px) + 0.5))
    y = np.cos(np.pi / size.height_px * np.outer(np.arange(num_y), np.arange(size.height_px) + 0.5))
    return y.T @ factors @ x, nibbles[len(order) - 1 :]


def _round(value: float) -> int:
    """Half up, as JavaScript rounds."""
    return int(np.floor(value + 0.5))

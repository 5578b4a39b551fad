"""PNG files written by hand: what Pillow does not write."""

from __future__ import annotations

import struct
import zlib

import numpy as np

GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
_NUM_CHANNELS = {GREY: 1, COLOUR: 3, PALETTE: 1, GREY_ALPHA: 2, COLOUR_ALPHA: 4}


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(samples: np.ndarray, bits: int, colour_type: int, *before: bytes) -> bytes:
    """Of samples (H, W) or (H, W, C), whole numbers below 2**bits. `before`: chunks before the pixels."""
    height_px, width_px = samples.shape[:2]
    rows = samples.reshape(height_px, width_px * _NUM_CHANNELS[colour_type])
    shifts = np.arange(bits)[::-1]
    packed = np.packbits(((rows[:, :, None] >> shifts) & 1).astype(np.uint8).reshape(height_px, -1), axis=1)
    lines = np.hstack([np.zeros((height_px, 1), np.uint8), packed])
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, bits, colour_type, 0, 0, 0)),
            *before,
            chunk(b"IDAT", zlib.compress(lines.tobytes())),
            chunk(b"IEND", b""),
        ]
    )


def flat(rgb: tuple[int, ...], *before: bytes, bits: int = 8) -> bytes:
    """A picture of one colour."""
    return png(np.tile(np.array(rgb), (16, 16, 1)), bits, COLOUR, *before)

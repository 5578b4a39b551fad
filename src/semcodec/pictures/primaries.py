"""Colour spaces of three primaries: their names and numbers, and profiles made from these.

The numbers of primaries and curves are those of ITU-T H.273, which PNG (cICP), AVIF and HEIF (nclx) use. A space is
written as an ICC profile, so that colours that a file declares in numbers go the way of those that come with a profile.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    Matrix: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
    Point: TypeAlias = tuple[float, float]

D65, _D50, _DCI_WHITE = (0.3127, 0.3290), (0.3457, 0.3585), (0.314, 0.351)
# The XYZ of D50 as ICC profiles write it.
_D50_XYZ = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


class Curve(StrEnum):
    """How samples tell light, where it is no mere power."""

    SRGB = "sRGB"
    PQ = "PQ"
    HLG = "HLG"


@dataclass(frozen=True, slots=True)
class Primaries:
    """Chromaticities (x, y) of white and of the three primaries."""

    white: Point
    red: Point
    green: Point
    blue: Point

    def is_near(self, other: Primaries, tolerance: float = 0.005) -> bool:
        """Whether they are the same but for rounding."""
        both = zip(self._points(), other._points(), strict=True)
        return all(abs(a - b) <= tolerance for mine, others in both for a, b in zip(mine, others, strict=True))

    def is_sensible(self) -> bool:
        """Whether they span colours at all: points in the diagram, and white inside the triangle."""
        if not all(0 <= x <= 1 and 0 < y <= 1 for x, y in self._points()):
            return False
        try:
            return bool(np.isfinite(self.to_xyz()).all() and (self._weights() > 0).all())
        except np.linalg.LinAlgError:
            return False

    def to_xyz(self) -> Matrix:
        """Light in these primaries to XYZ under D50 (3, 3), white adapted after Bradford."""
        there = _BRADFORD @ _xyz(self.white)
        adapted = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ _D50_XYZ) / there) @ _BRADFORD
        return np.asarray(adapted @ (self._columns() * self._weights()))

    def luminance(self) -> Matrix:
        """How much each primary gives to the luminance of white (3,)."""
        return np.asarray((self._columns() * self._weights())[1])

    def _points(self) -> tuple[Point, ...]:
        return self.white, self.red, self.green, self.blue

    def _columns(self) -> Matrix:
        return np.stack([_xyz(self.red), _xyz(self.green), _xyz(self.blue)], axis=1)

    def _weights(self) -> Matrix:
        return np.asarray(np.linalg.solve(self._columns(), _xyz(self.white)))


def srgb_samples(light: Matrix) -> Matrix:
    """sRGB's curve: light 0..1 to samples 0..1."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def unusual_gamma(told: object) -> float | None:
    """Samples are light to this power; None where a file says nothing sensible, or the usual 1/2.2, which is sRGB for
    all that people mean by it.
    """
    return told if isinstance(told, float) and 0.1 <= told <= 2 and abs(told - 1 / 2.2) >= 0.03 else None


def _xyz(point: Point) -> Matrix:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


SRGB = Primaries(D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
BT2020 = Primaries(D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
DISPLAY_P3 = Primaries(D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB = Primaries(D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
_NTSC = Primaries((0.310, 0.316), (0.67, 0.33), (0.21, 0.71), (0.14, 0.08))
_BT601_625 = Primaries(D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06))
_BT601_525 = Primaries(D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
_FILM = Primaries((0.310, 0.316), (0.681, 0.319), (0.243, 0.692), (0.145, 0.049))
_DCI_P3 = Primaries(_DCI_WHITE, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
_EBU_3213 = Primaries(D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077))
ROMM = Primaries(_D50, (0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))

ADOBE_GAMMA = 563 / 256
PRIMARIES_OF = {
    1: ("BT.709", SRGB),
    4: ("BT.470 M", _NTSC),
    5: ("BT.601 (625 lines)", _BT601_625),
    6: ("BT.601 (525 lines)", _BT601_525),
    7: ("SMPTE 240M", _BT601_525),
    8: ("film", _FILM),
    9: ("BT.2020", BT2020),
    11: ("DCI-P3", _DCI_P3),
    12: ("Display P3", DISPLAY_P3),
    22: ("EBU 3213", _EBU_3213),
}


@dataclass(frozen=True, slots=True)
class ColourSpace:
    """`curve`: one of the named ones, or light is the sample to this power."""

    name: str
    primaries: Primaries
    curve: Curve | float

    def profile(self) -> bytes:
        """An ICC profile (version 4) of some 500 bytes. Not for PQ and HLG, which no such profile can tell."""
        if self.curve is Curve.SRGB:
            curve = _parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        else:
            assert isinstance(self.curve, float)
            curve = _parametric(0, self.curve)
        red, green, blue = self.primaries.to_xyz().T
        tags = {
            b"desc": _text(self.name),
            b"cprt": _text("CC0"),
            b"wtpt": _xyz_tag(_D50_XYZ),
            b"rXYZ": _xyz_tag(red),
            b"gXYZ": _xyz_tag(green),
            b"bXYZ": _xyz_tag(blue),
            b"rTRC": curve,
            b"gTRC": curve,
            b"bTRC": curve,
        }
        return _profile(tags)


def _profile(tags: dict[bytes, bytes]) -> bytes:
    places: dict[bytes, int] = {}  # equal bodies are written once
    body, at = b"", 128 + 4 + 12 * len(tags)
    for tag_body in tags.values():
        if tag_body not in places:
            places[tag_body] = at + len(body)
            body += tag_body + bytes(-len(tag_body) % 4)
    table = struct.pack(">I", len(tags))
    table += b"".join(struct.pack(">4sII", tag, places[body_of], len(body_of)) for tag, body_of in tags.items())
    head = struct.pack(">I4sI4s4s4s", at + len(body), bytes(4), 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _fixed(*_D50_XYZ) + bytes(48)
    return head + table + body


def _fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def _xyz_tag(xyz: Matrix) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(*xyz)


def _parametric(kind: int, *parameters: float) -> bytes:
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + _fixed(*parameters)


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded

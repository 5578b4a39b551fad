"""High dynamic range (PQ, HLG) to 8-bit sRGB by a fixed, documented tone curve.

```text
samples --curve--> light in cd/m2 --BT.2390--> at most 203 cd/m2, which is white --primaries--> sRGB
```

PQ is SMPTE ST 2084; HLG is BT.2100's, shown on a screen of 1000 cd/m2 (system gamma 1.2). Diffuse white has 203 cd/m2
in both (BT.2408). The curve is the one of BT.2390, from 1000 to 203 cd/m2, applied to the largest of three channels, so
that hues stay: up to some 90 cd/m2 light stays what it is, above it is compressed, beyond 1000 all is white. Colours
that sRGB lacks are clipped.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.pictures.primaries import SRGB, Curve, srgb_samples

if TYPE_CHECKING:
    from semcodec.pictures.primaries import ColourSpace
    from semcodec.types import Pixels

    Floats = np.ndarray[Any, np.dtype[np.float32]]

WHITE_CD_M2, PEAK_CD_M2 = 203.0, 1000.0
_PQ_CD_M2 = 10000.0
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
_HLG_A, _HLG_B, _HLG_C, _HLG_GAMMA = 0.17883277, 0.28466892, 0.55991073, 1.2
_STRIP_PX = 1 << 20  # that many pixels at a time: 12 bytes of floats each, a few times over
_STEPS = 1 << 14  # of the table of sRGB's curve: five for its steepest level


def to_sdr(image_HWC: Pixels, space: ColourSpace) -> Pixels:
    """uint8 samples of a space with the curve PQ or HLG to uint8 sRGB."""
    assert space.curve in {Curve.PQ, Curve.HLG}
    to_srgb = (np.linalg.inv(SRGB.to_xyz()) @ space.primaries.to_xyz()).astype(np.float32)
    luminance = space.primaries.luminance().astype(np.float32)
    samples = np.linspace(0, 1, 256)
    levels = (_pq_light(samples) if space.curve is Curve.PQ else _hlg_scene_light(samples)).astype(np.float32)
    srgb_levels = _srgb_levels()
    tone_from, tone_to = _tone_table()
    shown_HWC = np.empty_like(image_HWC)
    num_rows = max(1, _STRIP_PX // image_HWC.shape[1])
    for row in range(0, image_HWC.shape[0], num_rows):
        light = levels[image_HWC[row : row + num_rows]]
        if space.curve is Curve.HLG:
            scene = np.maximum(light @ luminance, 1e-6)
            light *= (PEAK_CD_M2 * scene ** np.float32(_HLG_GAMMA - 1))[..., None]
        brightest = light.max(axis=-1)
        light *= np.interp(brightest, tone_from, tone_to).astype(np.float32)[..., None]
        linear = (light / np.float32(WHITE_CD_M2)) @ to_srgb.T
        shown_HWC[row : row + num_rows] = srgb_levels[(linear.clip(0, 1) * (_STEPS - 1) + 0.5).astype(np.int32)]
    return shown_HWC


def _tone_table() -> tuple[Any, Any]:
    """By what light is multiplied, for light from almost none to the most that PQ knows."""
    light = _pq_light(np.linspace(0, 1, 4096))
    peak, white = _pq_sample(np.array([PEAK_CD_M2, WHITE_CD_M2]))
    most = white / peak
    knee = 1.5 * most - 0.5
    sample = np.minimum(_pq_sample(light) / peak, 1)
    t = np.maximum((sample - knee) / (1 - knee), 0)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * most
    shown = np.where(sample < knee, light, _pq_light(spline * peak))
    return light, np.where(light > 0, shown / np.maximum(light, 1e-9), 1)


def _pq_light(samples: Any) -> Any:
    """cd/m2."""
    root = samples ** (1 / _M2)
    return _PQ_CD_M2 * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1)


def _pq_sample(light: Any) -> Any:
    power = (light / _PQ_CD_M2) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


def _hlg_scene_light(samples: Any) -> Any:
    """0..1."""
    return np.where(samples <= 0.5, samples**2 / 3, (np.exp((samples - _HLG_C) / _HLG_A) + _HLG_B) / 12)


def _srgb_levels() -> Pixels:
    return np.asarray(np.rint(srgb_samples(np.linspace(0, 1, _STEPS)) * 255), np.uint8)

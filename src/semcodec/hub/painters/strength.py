"""How much of the embedded decoder's picture a painter may change: less, the more the file says.

The rule. A file whose tokens are all there down to some scale settles the picture at that scale's stride: what is
coarser is known, what is finer is to be invented. With `share(s)` the part of scale s's tokens that the file has,

```text
 settled stride = side in shown pixels of a token of scale 0 / 2^(share(1) + share(2) + ...)
 strength       = 0.30 + 0.12 * log2(settled stride / 8),  within 0.20 .. 0.90
```

so an octave more of detail in the file takes 0.12 from the strength, whether it comes from finer scales or from a
larger working size. Strength is diffusers' word: the part of the noise schedule that is walked; 1 forgets the picture.
A base picture settles what is coarser than 4 of its pixels. The numbers suit latents of stride 8. They were checked for
their shape (falling), not for beauty: no real weights here.
"""

from __future__ import annotations

import math

from semcodec.types import MISSING, Scene

AT_STRIDE_8, PER_OCTAVE = 0.30, 0.12
LEAST, MOST = 0.20, 0.90
BASE_PIXELS = 4


def settled_stride_px(scene: Scene) -> float | None:
    """The stride in pixels of the shown picture down to which its base, its tokens or the cells of its grid of colours
    settle it; None without any.
    """
    if scene.base is not None:
        return max(1.0, BASE_PIXELS * scene.size.width_px / scene.base.coded.width_px)
    if scene.pixels is not None:
        return math.sqrt(scene.size.width_px * scene.size.height_px / scene.pixels.known_RK.size)
    if scene.tokens is None:
        return None
    shares = [float((digits[:, :, 0] != MISSING).mean()) for digits in scene.tokens.digits]
    if not shares[0]:
        return None
    num_coarsest = scene.tokens.digits[0].shape[0] * scene.tokens.digits[0].shape[1]
    coarsest = math.sqrt(scene.size.width_px * scene.size.height_px / num_coarsest)
    # (a file without all of scale 0 settles even less: the share of it counts below 1)
    return coarsest * 2 ** (1 - sum(shares))


def strength_for(scene: Scene) -> float:
    """Within 0.2 .. 0.9 for a Scene with a picture, 1 for one without."""
    stride = settled_stride_px(scene)
    if stride is None:
        return 1.0
    return min(MOST, max(LEAST, AT_STRIDE_8 + PER_OCTAVE * math.log2(stride / 8)))

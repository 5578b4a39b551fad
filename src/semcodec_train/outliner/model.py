"""The outliner: a picture to where its outlines are.

Shapes: N = pictures; C = channels; H, W = pixels, multiples of 16.

A picture network (EfficientNet-lite2, down to stride 16) sees the picture; its maps are added up from coarse to fine,
as in feature pyramids (Lin et al., 2017, arXiv 1612.03144), and each gives a map of outlines that is taught by itself,
as HED does (Xie & Tu, 2015, arXiv 1504.06375); the finest is what is used. It lies at stride 2: human annotators are
further apart than that.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from semcodec_train.judges.efficientnet import EfficientNetLite

STRIDES = (2, 4, 8, 16)


class Outliner(nn.Module):
    """RGB in -1..1 to logits of outlines at strides 2, 4, 8 and 16."""

    def __init__(self, backbone: EfficientNetLite, width: int = 32) -> None:
        super().__init__()
        ends = [at for at, stride in enumerate(backbone.strides) if stride == 2]
        self.strides = backbone.strides[: ends[len(STRIDES) - 1]]
        self.stem, self.blocks = backbone.stem, nn.ModuleList(list(backbone.blocks)[: len(self.strides)])
        self.look = nn.ModuleList(nn.Conv2d(c, width, 1) for c in backbone.feature_channels[:4])
        self.think = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in STRIDES)
        heads = [nn.Conv2d(width, 1, 3, padding=1) for _ in STRIDES]
        self.say = nn.ModuleList(heads)
        self.requires_grad_(True)
        for head in heads:
            assert head.bias is not None
            nn.init.normal_(head.weight, std=0.02)
            nn.init.constant_(head.bias, -2.5)

    def maps(self, image_NCHW: Tensor) -> list[Tensor]:
        x = F.relu6(self.stem(image_NCHW * (127.5 / 128) + 0.5 / 128))
        maps = []
        for block, stride in zip(self.blocks, self.strides, strict=True):
            if stride == 2:
                maps.append(x)
            x = block(x)
        return [*maps, x]

    def forward(self, image_NCHW: Tensor) -> list[Tensor]:
        """Per stride (N, 1, H / stride, W / stride), the finest first."""
        said: list[Tensor] = []
        state: Tensor | None = None
        for look, think, say, seen in reversed(
            list(zip(self.look, self.think, self.say, self.maps(image_NCHW), strict=True))
        ):
            x = look(seen)
            if state is not None:
                x = x + F.interpolate(state, scale_factor=2.0, mode="bilinear", align_corners=False)
            state = x + F.relu(think(F.relu(x)))
            said.append(say(state))
        return said[::-1]

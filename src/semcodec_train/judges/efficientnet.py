"""EfficientNet-lite (Liu, 2020: EfficientNet, arXiv 1905.11946, without squeeze-and-excitation, with ReLU6), batch norm
folded in. A fixed network in losses, and a picture network to begin from.

Shapes: N = pictures; C = channels; H, W = pixels. Pictures are RGB in -1..1.

The weights are read from a safetensors file whose metadata has the list of blocks: [in, middle, out, kernel, stride].
"""

from __future__ import annotations

import json
from pathlib import Path

import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn

from semcodec_train.judges.mobilenet import same_padding


class _Convolution(nn.Conv2d):
    """With TensorFlow's SAME padding."""

    def forward(self, x: Tensor) -> Tensor:
        x, padding = same_padding(x, self.kernel_size[0], self.stride[0])
        return F.conv2d(x, self.weight, self.bias, self.stride, padding, groups=self.groups)


class _Block(nn.Module):
    """An inverted bottleneck: 1x1 up, depthwise, 1x1 down."""

    def __init__(self, channels: int, middle: int, out: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.expand = _Convolution(channels, middle, 1) if middle != channels else None
        self.depth = _Convolution(middle, middle, kernel, stride, groups=middle)
        self.project = _Convolution(middle, out, 1)
        self.skips = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depth(y)))
        return x + y if self.skips else y


class EfficientNetLite(nn.Module):
    def __init__(self, path: Path) -> None:
        super().__init__()
        with safe_open(str(path), framework="pt") as weights:
            spec = json.loads(weights.metadata()["spec"])
            values = {name: weights.get_tensor(name).float() for name in weights.keys()}  # noqa: SIM118
        self.stem = _Convolution(3, 32, 3, 2)
        self.blocks = nn.ModuleList(_Block(*block) for block in spec)
        self.strides: tuple[int, ...] = tuple(block[4] for block in spec)
        self.head = _Convolution(spec[-1][2], values["head.weight"].shape[0], 1)
        self.fc = nn.Linear(values["fc.weight"].shape[1], values["fc.weight"].shape[0])
        self.load_state_dict(values)
        self.eval().requires_grad_(False)
        self.feature_channels = [block[0] for block in spec if block[4] == 2] + [spec[-1][2]]

    def features(self, image_NCHW: Tensor) -> list[Tensor]:
        """The last map of each stride: 2, 4, 8, 16, 32."""
        x = F.relu6(self.stem(image_NCHW * (127.5 / 128) + 0.5 / 128))
        maps = []
        for block, stride in zip(self.blocks, self.strides, strict=True):
            if stride == 2:
                maps.append(x)
            x = block(x)
        return [*maps, x]

    def forward(self, image_NCHW: Tensor) -> Tensor:
        """(N, classes) logits of ImageNet."""
        return self.fc(F.relu6(self.head(self.features(image_NCHW)[-1])).mean((2, 3)))

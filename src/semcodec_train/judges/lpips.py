"""LPIPS v0.1 with AlexNet (Zhang et al., CVPR 2018) as a loss.

Shapes: N = pictures; C = channels; H, W = pixels. Pictures are RGB in -1..1.

The weights are read from a safetensors file with the names of the official package: `net.slice1.0.weight` ... of
ImageNet's AlexNet, `lin0.model.1.weight` ... of the learned weights of channels.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

_CONVOLUTIONS = ("slice1.0", "slice2.3", "slice3.6", "slice4.8", "slice5.10")
_STRIDES_AND_PADDINGS = ((4, 2), (1, 2), (1, 1), (1, 1), (1, 1))


class LpipsAlex(nn.Module):
    def __init__(self, path: Path) -> None:
        super().__init__()
        values = load_file(str(path))
        for at, name in enumerate(_CONVOLUTIONS):
            self.register_buffer(f"convs_{at}_weight", values[f"net.{name}.weight"].float())
            self.register_buffer(f"convs_{at}_bias", values[f"net.{name}.bias"].float())
            self.register_buffer(f"heads_{at}", values[f"lin{at}.model.1.weight"].float())
        self.register_buffer("shift", torch.tensor([-0.030, -0.088, -0.188])[:, None, None])
        self.register_buffer("scale", torch.tensor([0.458, 0.448, 0.450])[:, None, None])

    def features(self, image_NCHW: Tensor) -> list[Tensor]:
        """The five maps behind a ReLU, each vector of channels of unit length."""
        x = (image_NCHW - self.shift) / self.scale
        maps = []
        for at, (stride, padding) in enumerate(_STRIDES_AND_PADDINGS):
            if at in (1, 2):
                x = F.max_pool2d(x, 3, 2)
            x = F.relu(
                F.conv2d(x, getattr(self, f"convs_{at}_weight"), getattr(self, f"convs_{at}_bias"), stride, padding)
            )
            y = x.float()
            maps.append(y * torch.rsqrt(y.square().sum(1, keepdim=True) + 1e-8))
        return maps

    def distance(self, a: list[Tensor], b: list[Tensor]) -> Tensor:
        """(N,) between the features of two pictures."""
        total = torch.zeros((), device=a[0].device)
        for at, (x, y) in enumerate(zip(a, b, strict=True)):
            total = total + ((x - y).square() * getattr(self, f"heads_{at}").view(1, -1, 1, 1)).sum(1).mean((1, 2))
        return total

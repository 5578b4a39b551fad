"""The training judge: MobileNetV2 features, and the distance between two pictures' features.

Shapes: N = pictures; C = channels; H, W = pixels.

The weights are read from a safetensors file that the user names (batch norm folded in, TensorFlow SAME padding, RGB in
-1..1); its metadata lists the layers. The network is a fixed judge here: it is never trained and never shipped.

The distance is that of LPIPS (Zhang et al., CVPR 2018) without learned weights: features are normalised to unit length
over channels, squared differences are summed over channels, and averaged over positions and over the depths in
`DEPTHS`.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn

# Positions in the file's layer list: the last block output at stride 2, 4, 8, 16 (64 channels), 16 (96) and 32.
DEPTHS = (2, 9, 20, 35, 46, 60)


class MobileNetV2(nn.Module):
    """The feature network, run layer by layer as the file's own list says."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        with safe_open(str(path), framework="pt") as weights:
            self.layers = json.loads(weights.metadata()["layers"])
            for name in weights.keys():  # noqa: SIM118 - a safetensors handle is no mapping
                self.register_buffer(name.replace(".", "_"), weights.get_tensor(name).float())

    def forward(self, image_NCHW: Tensor, last: int | None = None) -> dict[int, Tensor]:
        """RGB in -1..1 to {position in the layer list: features}, up to and including `last`."""
        outputs: dict[int, Tensor] = {}
        x = image_NCHW
        for at, layer in enumerate(self.layers):
            if last is not None and at > last:
                break
            if layer["op"] == "add":
                x = outputs[layer["a"]] + outputs[layer["b"]]
            elif layer["op"] == "average_pool":
                x = x.mean(dim=(2, 3), keepdim=True)
            else:
                weight = getattr(self, f"{layer['index']}_weight")
                bias = getattr(self, f"{layer['index']}_bias")
                groups = weight.shape[0] if layer["op"] == "depthwise" else 1
                x, padding = same_padding(x, layer["kernel"], layer["stride"])
                x = F.conv2d(x, weight, bias, layer["stride"], padding, groups=groups)
                if layer["relu6"]:
                    x = F.relu6(x)
            outputs[at] = x
        return outputs


def same_padding(x: Tensor, kernel: int, stride: int) -> tuple[Tensor, tuple[int, int]]:
    """TensorFlow's SAME: outputs are ceil(n / stride), the odd pixel of padding goes to the end.

    What is the same on both sides (rows, columns) is left to the convolution: a padded copy of all features takes an
    H200 a fifth of this network's time.
    """
    rows, cols = (max((-(-n // stride) - 1) * stride + kernel - n, 0) for n in x.shape[2:])
    if rows % 2 or cols % 2:
        return F.pad(x, (cols // 2, cols - cols // 2, rows // 2, rows - rows // 2)), (0, 0)
    return x, (rows // 2, cols // 2)


def feature_distance(a: dict[int, Tensor], b: dict[int, Tensor], depths: tuple[int, ...] = DEPTHS) -> Tensor:
    """(N,) distance between two sets of features; 0 for equal pictures."""
    total = torch.zeros((), device=a[depths[0]].device)
    for depth in depths:
        x, y = a[depth].float(), b[depth].float()
        x = x * torch.rsqrt(x.square().sum(1, keepdim=True) + 1e-6)
        y = y * torch.rsqrt(y.square().sum(1, keepdim=True) + 1e-6)
        total = total + (x - y).square().sum(1).mean(dim=(1, 2))
    return total / len(depths)


def class_divergence(seen: dict[int, Tensor], wanted: dict[int, Tensor]) -> Tensor:
    """(N,) Kullback-Leibler divergence of the classes seen from the classes wanted, in nats. Both are whole passes."""
    log_seen, log_wanted = (F.log_softmax(x[max(x)].float().flatten(1), dim=1) for x in (seen, wanted))
    return F.kl_div(log_seen, log_wanted, reduction="none", log_target=True).sum(1)

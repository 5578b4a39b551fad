"""The restorer: one network behind every picture layer; the enlarged decoded picture in, the restored picture out.

Shapes: N = pictures; C = channels; K = numbers that it is told; H, W = pixels, multiples of 16.

A plain U-Net of 3x3 residual blocks at strides 4, 8 and 16 (pixel shuffles between pixels and stride 4), whose residue
is added to the picture. No layer takes a statistic over the picture, so tiles with margins give what the whole gives.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FINE, COARSE, MULTIPLE = 4, 8, 16  # strides of the three levels; pictures are padded to the last
BITS_PER_PIXEL = (0.0012, 0.16)  # that it is trained for: 60 to 8,000 bytes of a 768x512 picture


@dataclass(frozen=True, slots=True)
class RestorerSize:
    """`widths` are the channels at strides 4, 8 and 16, `blocks` how many residual blocks stand there (at strides 4 and
    8 on either side of the coarsest level); `half` and `last` the channels at stride 2 and 1; `conditions` how many
    numbers it is told.
    """

    widths: tuple[int, int, int] = (64, 128, 192)
    blocks: tuple[int, int, int] = (3, 5, 9)
    half: int = 32
    last: int = 16
    conditions: int = 2

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> RestorerSize:
        """The size of the network that these are the weights of."""
        widths = tuple(weights[f"{name}.weight"].shape[0] for name in ("inp", "d1", "d2"))
        blocks = tuple(
            1 + max(int(name.split(".")[1]) for name in weights if name.startswith(f"e{n}.")) for n in (0, 1, 2)
        )
        half, last, conditions = (
            weights[f"{name}.weight"].shape[at] for name, at in (("hr", 0), ("fin", 1), ("inp", 1))
        )
        return cls(widths, blocks, half, last, conditions - 3 * FINE**2)  # type: ignore[arg-type]

    def margins_px(self) -> dict[str, int]:
        """How far each graph of `restorer.export` sees beyond what it gives, in whole multiples of 16 pixels."""
        fine, middle, coarse = self.blocks
        reach = {
            "head": FINE * (1 + 2 * fine),
            "body": COARSE * 4 * middle + MULTIPLE * 2 * coarse,
            "tail": 1 + 2 + 2 + FINE * (1 + 2 * fine),
        }
        # (a cell is seen whole where a part of it is: up to 8 pixels more)
        return {graph: -(-(px + COARSE) // MULTIPLE) * MULTIPLE for graph, px in reach.items()}


class Residual(nn.Module):
    """(N, C, H, W) -> the same shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(channels, channels, 3, 1, 1)
        self.b = nn.Conv2d(channels, channels, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = x + self.b(F.gelu(self.a(x)))
        return found


class Restorer(nn.Module):
    """image (N, 3, H, W) in -1..1 and condition (N, K) -> (N, 3, H, W) in about -1..1."""

    def __init__(
        self,
        widths: tuple[int, int, int] = (64, 128, 192),
        blocks: tuple[int, int, int] = (3, 5, 9),
        half: int = 32,
        last: int = 16,
        conditions: int = 2,
    ) -> None:
        super().__init__()
        self.size, self.num_conditions = RestorerSize(widths, blocks, half, last, conditions), conditions

        def stack(level: int) -> nn.Sequential:
            return nn.Sequential(*[Residual(widths[level]) for _ in range(blocks[level])])

        self.inp = nn.Conv2d(3 * FINE**2 + conditions, widths[0], 3, 1, 1)
        self.e0, self.d1 = stack(0), nn.Conv2d(widths[0], widths[1], 2, 2)
        self.e1, self.d2 = stack(1), nn.Conv2d(widths[1], widths[2], 2, 2)
        self.e2, self.u2 = stack(2), nn.Conv2d(widths[2], widths[1] * 4, 1)
        self.f1, self.u1 = stack(1), nn.Conv2d(widths[1], widths[0] * 4, 1)
        self.f0, self.up = stack(0), nn.Conv2d(widths[0], half * 4, 3, 1, 1)
        self.hr, self.out = nn.Conv2d(half, half, 3, 1, 1), nn.Conv2d(half, last * 4, 3, 1, 1)
        self.fin = nn.Conv2d(last, 3, 3, 1, 1)

    @classmethod
    def with_weights(cls, weights: Mapping[str, Tensor]) -> Restorer:
        """The network that these are the weights of; its numbers of blocks and channels are theirs."""
        size = RestorerSize.of(weights)
        model = cls(size.widths, size.blocks, size.half, size.last, size.conditions)
        model.load_state_dict({name: values.float() for name, values in weights.items()})
        return model

    def forward(self, image_NCHW: Tensor, condition_NK: Tensor) -> Tensor:
        fine, coarse = self.head(image_NCHW, condition_NK)
        return self.tail(image_NCHW, fine, self.body(coarse))

    def head(self, image_NCHW: Tensor, condition_NK: Tensor) -> tuple[Tensor, Tensor]:
        """Features at stride 4, and what the body is given of them at stride 8."""
        x = F.pixel_unshuffle(image_NCHW, FINE)
        told = condition_NK[:, :, None, None].expand(-1, -1, x.shape[2], x.shape[3])
        fine: Tensor = self.e0(self.inp(torch.cat([x, told], 1)))
        return fine, self.d1(fine)

    def body(self, coarse: Tensor) -> Tensor:
        """Stride 8 to stride 8, by way of stride 16."""
        seen = self.e1(coarse)
        found: Tensor = self.f1(seen + F.pixel_shuffle(self.u2(self.e2(self.d2(seen))), 2))
        return found

    def tail(self, image_NCHW: Tensor, fine: Tensor, coarse: Tensor) -> Tensor:
        x = self.f0(fine + F.pixel_shuffle(self.u1(coarse), 2))
        x = F.gelu(F.pixel_shuffle(self.up(x), 2))
        x = F.gelu(self.hr(x))
        restored: Tensor = image_NCHW + self.fin(F.gelu(F.pixel_shuffle(self.out(x), 2)))
        return restored

    def begin_from(self, weights: Mapping[str, Tensor]) -> None:
        """Takes weights of the same or a smaller network, and does at first what that one does: further residual blocks
        begin as identities, further channels at random, and what was there before does not look at them yet (Chen et
        al., Net2Net, arXiv 1511.05641). Raises `ValueError` for weights of any other network.
        """
        own = self.state_dict()
        larger = [name for name, values in weights.items() if name not in own or not _holds(own[name], values)]
        if larger:
            raise ValueError(f"weights of another or a larger network: {sorted(larger)[:3]}")
        for name, begun in own.items():
            if name in weights:
                own[name] = _widened(begun, weights[name])
            elif name.rsplit(".", 2)[-2] == "b":
                own[name] = torch.zeros_like(begun)
        self.load_state_dict(own)


def _holds(begun: Tensor, weights: Tensor) -> bool:
    return begun.ndim == weights.ndim and all(map(operator.le, weights.shape, begun.shape))


def _widened(begun: Tensor, weights: Tensor) -> Tensor:
    """Weights in the place of the first channels of `begun`, those of an input to the network included."""
    if begun.ndim == 1:
        return torch.cat([weights, begun[len(weights) :]])
    widened = begun.clone()
    widened[: len(weights)] = 0
    widened[: weights.shape[0], : weights.shape[1]] = weights
    return widened

"""What tokens cost while they are being learned: a small model of the digits, and weights that hold a target.

Shapes: N = pictures; R, K = token rows, columns; D = digits.

The tables that code a finished family are trees over integers (`tables.tokens`), which no gradient passes. In their
place stands a logistic around 0 for every digit, whose width depends on what the trees see too: how far from 0 the
neighbours left, up, up-left and up-right, the parent and the token's digits so far are. A flat sky is then cheap, and
the encoder is paid for leaving its digits at 0 (entropy-constrained quantisation; Chou, Lookabaugh & Gray, 1989; the
learned width follows the scale hyperprior of Balle et al., arXiv 1802.01436).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec_train.tokenizer.model import PyramidSpec

LAST_DIGIT_PRICE = 1.2
_CAUSAL = ((0, 1), (1, 0), (1, 1), (1, -1))  # how far the map is shifted: left, up, up-left, up-right neighbours


def _shifted(x_NDRK: Tensor, down: int, right: int) -> Tensor:
    return torch.roll(F.pad(x_NDRK, (1, 1, 1, 1)), (down, right), (2, 3))[:, :, 1:-1, 1:-1]


class RateModel(nn.Module):
    """Quantised values per learned scale (see `tokenizer.quantise`) -> bits of each digit, (N, D, R, K) per scale."""

    def __init__(self, spec: PyramidSpec, hidden: int = 48) -> None:
        super().__init__()
        self.spec = spec
        self.own = nn.ParameterList(torch.zeros(2, len(levels), 1, 1) for levels in spec.learned_levels)
        depths = [len(levels) for levels in spec.learned_levels]
        self.width = nn.ModuleList()
        for scale, depth in enumerate(depths):
            seen = depth * len(_CAUSAL) + (2 * depths[scale - 1] if scale else 0)
            self.width.append(nn.Sequential(nn.Conv2d(seen, hidden, 1), nn.LeakyReLU(0.1), nn.Conv2d(hidden, depth, 1)))
            nn.init.constant_(self.width[-1][2].bias, -1.0)  # type: ignore[arg-type]

    def forward(self, values: list[Tensor]) -> list[Tensor]:
        result = []
        for scale, (value, levels) in enumerate(zip(values, self.spec.learned_levels, strict=True)):
            far = value.detach().abs()
            seen = [_shifted(far, *shift) for shift in _CAUSAL]
            if scale:
                parent = values[scale - 1].detach().abs()
                around = F.avg_pool2d(F.pad(parent, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
                seen += [F.interpolate(p, scale_factor=2.0, mode="nearest") for p in (parent, around)]
            before = F.pad(far, (0, 0, 0, 0, 1, 0))[:, :-1]
            so_far = before.cumsum(1)
            width = self.width[scale](torch.cat(seen, dim=1)).float()
            width = width + self.own[scale][0] * before + self.own[scale][1] * torch.log1p(4 * so_far)
            width = width.clamp(-4.0, 2.0).exp()
            count = torch.tensor(levels, dtype=torch.float32, device=value.device).view(1, -1, 1, 1)
            half = 1 / count
            above = torch.where(value > 1 - 1.5 * half, 1.0, torch.sigmoid((value + half) / width))
            below = torch.where(value < 1.5 * half - 1, 0.0, torch.sigmoid((value - half) / width))
            result.append(-(above - below).clamp_min(1e-6).log2())
        return result


class RateWeights:
    """The price of a bit at each scale, raised while tokens cost more than their target and lowered while less.

    A token's last digit costs up to `LAST_DIGIT_PRICE` times its first one, so that digits sort themselves: what is
    needed most often comes first, and a token can end early.

    Targets in bits per token make sizes what the budgets need, whatever the units of the other losses are.
    """

    def __init__(self, targets: tuple[float, ...], *, start: float = 0.004, pace: float = 0.004) -> None:
        self.targets, self._pace = targets, pace
        self.prices = [start] * len(targets)

    def loss(self, bits: list[Tensor]) -> tuple[Tensor, list[float]]:
        """(what the bits cost, mean bits per token of each scale); moves the prices one step."""
        total = torch.zeros((), device=bits[0].device)
        spent = []
        for price, bits_NDRK in zip(self.prices, bits, strict=True):
            mean_D = bits_NDRK.mean(dim=(0, 2, 3))
            dearer = torch.linspace(1.0, LAST_DIGIT_PRICE, len(mean_D), device=mean_D.device)
            total = total + price * (mean_D * dearer).sum()
            spent.append(float(mean_D.detach().sum()))
        for scale, (mean, target) in enumerate(zip(spent, self.targets, strict=True)):
            excess = min(1.0, max(-1.0, (mean - target) / target))
            self.prices[scale] = min(1.0, max(1e-5, self.prices[scale] * (1 + self._pace * excess)))
        return total, spent

    def state_dict(self) -> list[float]:
        return list(self.prices)

    def load_state_dict(self, state: list[float]) -> None:
        self.prices = list(state)

"""A discriminator: patches of pixels, and the judge's own features, real or painted.

Shapes: N = pictures; C = channels; H, W = pixels.

The patch network sees pixels at stride 8 (Isola et al., arXiv 1611.07004). Small heads look at the features that the
perceptual loss has computed anyway, so they cost next to nothing (projected discriminators; Sauer et al., arXiv
2111.01007). Hinge loss, held down by the LeCam regulariser (Tseng et al., arXiv 2104.03310): with few pictures a
discriminator learns them by heart.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec_train.judges.mobilenet import DEPTHS

FEATURE_CHANNELS = (16, 24, 32, 64, 96, 160)  # of the judge at `DEPTHS`
LECAM = 0.1


def _patch_network(widths: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    before = 3
    for width in widths:
        layers += [nn.Conv2d(before, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        before = width
    return nn.Sequential(
        *layers, nn.Conv2d(before, before, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(before, 1, 3, padding=1)
    )


def _head(channels: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, width, 1), nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3), nn.LeakyReLU(0.2),
        nn.Conv2d(width, 1, 1),
    )  # fmt: skip


class Adversary(nn.Module):
    """Scores above 0 mean real. `learn` takes one step of its own optimiser."""

    def __init__(
        self, lr: float = 2e-4, patch_widths: tuple[int, ...] = (48, 96, 160), head_width: int = 64, num_heads: int = 5
    ) -> None:
        super().__init__()
        self.patches = _patch_network(patch_widths)
        self.heads = nn.ModuleList(_head(c, head_width) for c in FEATURE_CHANNELS[:num_heads])
        self.register_buffer("mean_real", torch.zeros(1 + num_heads))
        self.register_buffer("mean_fake", torch.zeros(1 + num_heads))
        self.optimiser = torch.optim.AdamW(self.parameters(), lr=lr, betas=(0.5, 0.98), weight_decay=0.01)

    def scores(self, image_NCHW: Tensor, features: dict[int, Tensor]) -> list[Tensor]:
        """Score maps of the patches and of every head."""
        result = [self.patches(image_NCHW).float()]
        for head, depth in zip(self.heads, DEPTHS, strict=False):
            unit = features[depth] * torch.rsqrt(features[depth].square().sum(1, keepdim=True) + 1e-6)
            result.append(head(unit * features[depth].shape[1] ** 0.5).float())
        return result

    def fooled(self, image_NCHW: Tensor, features: dict[int, Tensor]) -> Tensor:
        """(N,) the painter's loss: how far from real its pictures look."""
        return -torch.stack([s.mean(dim=(1, 2, 3)) for s in self.scores(image_NCHW, features)]).mean(0)

    def learn(
        self, real: tuple[Tensor, dict[int, Tensor]], fake: tuple[Tensor, dict[int, Tensor]], weight_N: Tensor
    ) -> dict[str, Tensor]:
        """One step on a batch of both (no gradient flows back into the pictures)."""
        on_real = self.scores(*real)
        on_fake = self.scores(fake[0].detach(), {at: f.detach() for at, f in fake[1].items()})
        loss = torch.zeros((), device=weight_N.device)
        weight = weight_N.view(-1, 1, 1, 1) / weight_N.mean().clamp_min(1e-3)
        for at, (a, b) in enumerate(zip(on_real, on_fake, strict=True)):
            loss = loss + (weight * (F.relu(1 - a) + F.relu(1 + b))).mean()
            loss = loss + LECAM * ((a - self.mean_fake[at]).square().mean() + (b - self.mean_real[at]).square().mean())
            with torch.no_grad():
                self.mean_real[at].lerp_(a.mean(), 0.01)
                self.mean_fake[at].lerp_(b.mean(), 0.01)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters(), 5.0)
        self.optimiser.step()
        right = [(a > 0).float().mean() + (b < 0).float().mean() for a, b in zip(on_real, on_fake, strict=True)]
        return {"discerned": torch.stack(right).mean() / 2}

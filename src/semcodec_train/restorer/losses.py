"""What a restored picture is judged by: pixels, fixed networks, lattices, and a projected discriminator.

Shapes: N = pictures; C = channels; H, W = pixels. Pictures are RGB in -1..1.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec_train.judges.efficientnet import EfficientNetLite
from semcodec_train.restorer.model import Restorer

LATTICE_PERIODS_PX = (2, 4, 8, 16)
RESCALED_PX = 32  # sizes are multiples of it: on a GPU a size that was not there before costs 8 s (cuDNN's plans)
# Features of the shipped restorer stay below 16 on most crops. Without normalisation a stack of residual blocks can
# learn to answer a rare crop with ever larger ones (60, then 1,000, then 20,000 at stride 16 within 200 steps, one crop
# in 500); leaving such steps out, for their gradients of 1e4, kept the very steps out that would have unlearnt it.
HELD_BELOW = 16.0
_WINDOW_PX, _FLAT_SHARE = 64, 0.15
_NOT_WIPED = 0.25  # what energy that is missing in flat areas costs, beside a grid that stands out
_DIRECTIONS, _BESIDE = ((0, 1), (1, 0), (1, 1), (1, -1)), (-3, -2, 2, 3)
_ROUNDING = 3 / 12 / 127.5**2  # of 8-bit pixels of three colours


def unit(features: Tensor) -> Tensor:
    """Vectors of channels of unit length."""
    x = features.float()
    return x * torch.rsqrt(x.square().sum(1, keepdim=True) + 1e-6)


def unit_distance(a: list[Tensor], b: list[Tensor]) -> Tensor:
    """(N,) mean over depths of the squared difference of unit vectors."""
    total = torch.zeros((), device=a[0].device)
    for x, y in zip(a, b, strict=True):
        total = total + (unit(x) - unit(y)).square().sum(1).mean((1, 2))
    return total / len(a)


def lattice_energy(difference_NCHW: Tensor, window_px: int = 96) -> Tensor:
    """(N,) energy of what repeats in a difference at fixed phases of 2, 4, 8 and 16 px.

    A network with strides paints the same small error in every cell. Averaged over all cells of a window, what the
    picture lacks cancels out and that error stays.
    """
    energy = torch.zeros((), device=difference_NCHW.device)
    num, channels, height, width = difference_NCHW.shape
    x = difference_NCHW.float().view(num, channels, height // window_px, window_px, width // window_px, window_px)
    for period in LATTICE_PERIODS_PX:
        cells = x.view(*x.shape[:3], window_px // period, period, x.shape[4], window_px // period, period)
        mean = cells.mean((3, 6))
        energy = energy + (mean - mean.mean((3, 5), keepdim=True)).square().mean((1, 2, 3, 4, 5))
    return energy


def lattices_over(restored_NCHW: Tensor, original_NCHW: Tensor) -> Tensor:
    """Scalar: how far grids of 2, 4, 8 and 16 px stand out of the flattest windows, over the original's, in nats.

    What the benchmark measures (`semcodec.evaluation.measures.lattice`) of the `_FLAT_SHARE` of all windows of a batch
    whose originals have the lowest mean gradient; only what is above the original's counts. `lattice_energy` sees
    errors that keep their phase over a window; a weave that a network draws by itself comes and goes.

    A wave is held against the waves beside it in the same picture, and those may not fall below the original's: held
    against the original's, the network wiped flat areas clean (2 px: 0.02 of the original's after 1,600 steps of 6
    crops, DISTS .210 to .233 at 340 bytes, three Kodak pictures).
    """
    a, b = (_windows(image) for image in (restored_NCHW, original_NCHW))
    with torch.no_grad():
        slope = b.diff(dim=2).abs().mean((1, 2, 3)) + b.diff(dim=3).abs().mean((1, 2, 3))
        flattest = slope.topk(max(1, round(_FLAT_SHARE * len(slope))), largest=False).indices
        peaks, around = (energy.log() for energy in _waves(b[flattest]))
    seen, beside = (energy.log() for energy in _waves(a[flattest]))
    return F.relu(seen - beside - (peaks - around)).mean() + _NOT_WIPED * F.relu(around - beside).mean()


def _windows(image_NCHW: Tensor) -> Tensor:
    """(windows, 3, 64, 64) at every 32 px, in -1..1."""
    windows = image_NCHW.float().unfold(2, _WINDOW_PX, _WINDOW_PX // 2).unfold(3, _WINDOW_PX, _WINDOW_PX // 2)
    return windows.permute(0, 2, 3, 1, 4, 5).reshape(-1, image_NCHW.shape[1], _WINDOW_PX, _WINDOW_PX)


def _waves(windows: Tensor) -> tuple[Tensor, Tensor]:
    """(windows, periods) energy at each period, and that of the waves beside it (geometric mean)."""
    taps = torch.hann_window(_WINDOW_PX, device=windows.device)
    spectrum = torch.fft.fft2((windows - windows.mean((2, 3), keepdim=True)) * torch.outer(taps, taps))
    power = spectrum.abs().square().sum(1) + _ROUNDING * float(torch.outer(taps, taps).square().sum())

    def along(wave: int) -> Tensor:
        return torch.stack([power[:, wave * dy % _WINDOW_PX, wave * dx % _WINDOW_PX] for dy, dx in _DIRECTIONS]).sum(0)

    at = [_WINDOW_PX // period for period in LATTICE_PERIODS_PX]
    peaks = torch.stack([along(wave) for wave in at], 1)
    around = torch.stack([torch.stack([along(wave + step).log() for step in _BESIDE]).mean(0) for wave in at], 1)
    return peaks, around.exp()


def shifted_and_rescaled(images: tuple[Tensor, ...], rng: torch.Generator) -> tuple[Tensor, ...]:
    """All of them moved by the same random 0 to 7 px and half the time rescaled by 0.6 to 1.15: AlexNet's first layer
    has stride 4, and what is trained at one phase and scale paints that stride's grid.
    """
    top, left = torch.randint(0, 8, (2,), generator=rng).tolist()
    side = images[0].shape[-1] - 8
    moved = tuple(image[..., top : top + side, left : left + side] for image in images)
    if torch.rand((), generator=rng) < 0.5:
        return moved
    size = RESCALED_PX * round(side * (0.6 + 0.55 * float(torch.rand((), generator=rng))) / RESCALED_PX)
    return tuple(
        F.interpolate(image, size=(size, size), mode="bicubic", antialias=True, align_corners=False) for image in moved
    )


class ProjectedDiscriminator(nn.Module):
    """Small heads on fixed features, mixed across scales by random 1x1 convolutions (Sauer et al., Projected GANs,
    NeurIPS 2021). Scores above 0 mean real; hinge loss.
    """

    def __init__(self, channels: list[int], width: int = 64) -> None:
        super().__init__()
        rng = torch.Generator().manual_seed(0)
        for at, count in enumerate(channels):
            self.register_buffer(f"mix_{at}", torch.randn(width, count, 1, 1, generator=rng) * count**-0.5)
            if at:
                smooth = torch.randn(width, width, 3, 3, generator=rng) * (9 * width) ** -0.5
                self.register_buffer(f"smooth_{at}", smooth)
        self.num = len(channels)
        self.heads = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, width, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3, 1, 1),
                nn.LeakyReLU(0.2), nn.Conv2d(width, 1, 3, 1, 1),
            )
            for _ in channels
        )  # fmt: skip

    def scores(self, maps: list[Tensor]) -> list[Tensor]:
        """Score maps, the finest depth first."""
        mixed: list[Tensor] = []
        above: Tensor | None = None
        for at in range(self.num - 1, -1, -1):
            x = unit(maps[at]) * maps[at].shape[1] ** 0.5
            x = F.conv2d(x, getattr(self, f"mix_{at}"))
            if above is not None:
                x = x + F.interpolate(above, size=x.shape[2:], mode="nearest")
                x = x * 0.7
            above = F.conv2d(x, getattr(self, f"smooth_{at}"), padding=1) if at else None
            mixed.append(x)
        return [head(x).float() for head, x in zip(self.heads, mixed[::-1], strict=True)]

    def fooled(self, maps: list[Tensor]) -> Tensor:
        """The restorer's loss: how far from real its pictures look."""
        scores = self.scores(maps)
        return -torch.stack([score.mean() for score in scores]).mean()

    def loss(self, real: list[Tensor], restored: list[Tensor]) -> tuple[Tensor, Tensor]:
        """The discriminator's own loss, and the share of scores that are right."""
        pairs = list(zip(self.scores(real), self.scores(restored), strict=True))
        total = torch.stack([F.relu(1 - a).mean() + F.relu(1 + b).mean() for a, b in pairs]).mean()
        right = torch.stack([((a > 0).float().mean() + (b < 0).float().mean()) / 2 for a, b in pairs]).mean()
        return total, right


class Meaning:
    """How far what a describer sees in two pictures is apart: of EfficientNet's pooled features the cosine, of its
    classes the divergence of Jensen and Shannon in nats. The consistency of words and picture in training; `side_px` is
    the side at which the describer looks.
    """

    def __init__(self, network: EfficientNetLite, side_px: int = 256) -> None:
        self._network, self._side_px = network, side_px

    def of(self, image_NCHW: Tensor) -> tuple[Tensor, Tensor]:
        """(N, F) features and (N, classes) logits."""
        side = self._side_px
        seen = F.interpolate(image_NCHW, size=(side, side), mode="bicubic", antialias=True, align_corners=False)
        coarsest = self._network.features(seen.contiguous(memory_format=torch.channels_last))[-1]
        pooled = F.relu6(self._network.head(coarsest)).mean((2, 3))
        return pooled, self._network.fc(pooled)

    def distance(self, a: tuple[Tensor, Tensor], b: tuple[Tensor, Tensor]) -> Tensor:
        """(N,) of what `of` gives: 0 where both show the same, at most 1 + ln 2 (features are never negative)."""
        cosine = F.cosine_similarity(a[0].float(), b[0].float())
        p, q = (F.log_softmax(logits.float(), 1) for _, logits in (a, b))
        mean = torch.logaddexp(p, q) - math.log(2)
        divergence = (p.exp() * (p - mean) + q.exp() * (q - mean)).sum(1) / 2
        return 1 - cosine + divergence


class Growth:
    """How far the features behind each stack of residual blocks go beyond `HELD_BELOW`."""

    def __init__(self, model: Restorer) -> None:
        self._seen: list[Tensor] = []
        for stack in (model.e0, model.e1, model.e2, model.f1, model.f0):
            stack.register_forward_hook(self._see)

    def _see(self, stack: nn.Module, inputs: tuple[Tensor, ...], features: Tensor) -> None:
        self._seen.append(features)

    def beyond(self) -> Tensor:
        """Mean square over the features of the last forward pass; a scalar."""
        beyond = [F.relu(features.float().abs() - HELD_BELOW).square().mean() for features in self._seen]
        self._seen.clear()
        return torch.stack(beyond).sum()

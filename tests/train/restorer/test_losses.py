"""What a restored picture is judged by."""

from __future__ import annotations

from pathlib import Path

import torch

from semcodec_train.judges.efficientnet import EfficientNetLite
from semcodec_train.restorer.losses import (
    Growth,
    Meaning,
    ProjectedDiscriminator,
    lattice_energy,
    lattices_over,
    shifted_and_rescaled,
)
from semcodec_train.restorer.model import Restorer


def test_a_lattice_is_seen_and_grain_is_not() -> None:
    rng = torch.Generator().manual_seed(0)
    grain = torch.randn(1, 3, 192, 192, generator=rng) * 0.02
    for period in (2, 4, 8, 16):
        lattice = torch.zeros(1, 3, 192, 192)
        lattice[..., ::period, ::period] = 0.01 * period
        with_it, without = lattice_energy(grain + lattice), lattice_energy(grain)
        assert with_it > 1.5 * without
        # (the same energy, in places that do not repeat)
        scattered = lattice.flatten()[torch.randperm(lattice.numel(), generator=rng)].view_as(lattice)
        assert lattice_energy(lattice) > 10 * lattice_energy(scattered)


def test_a_weave_that_comes_and_goes_in_flat_areas_is_seen_where_it_repeats() -> None:
    rng = torch.Generator().manual_seed(5)
    original = torch.randn(1, 3, 192, 192, generator=rng) * 0.02
    comes_and_goes = torch.sign(torch.arange(192) % 96 - 47.5)  # so its mean over windows of 96 px is none
    for period in (2, 4, 8, 16):
        weave = (0.03 * comes_and_goes * (2 * torch.pi / period * torch.arange(192)).cos()).expand(1, 3, 192, 192)
        weave.requires_grad_()
        over = lattices_over(original + weave, original)
        assert over > 0.2 and lattice_energy(weave) < 1e-9
        over.backward()
        assert weave.grad is not None and weave.grad.abs().sum() > 0
    assert lattices_over(original, original) == 0
    assert lattices_over(original * 2, original) < 0.01  # rougher, with no grid


def test_wiping_flat_areas_clean_is_no_way_out() -> None:
    original = torch.randn(1, 3, 192, 192, generator=torch.Generator().manual_seed(5)) * 0.02
    wiped = [float(lattices_over(original * left, original)) for left in (1, 0.7, 0.3, 0.1)]
    assert wiped[0] == 0 and wiped == sorted(wiped) and wiped[-1] > 0.5


def test_what_is_shifted_and_rescaled_stays_in_step() -> None:
    image, rng = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(1)), torch.Generator().manual_seed(2)
    sides = set()
    for _ in range(8):
        a, b = shifted_and_rescaled((image, 2 * image), rng)
        assert torch.allclose(2 * a, b, atol=1e-5)
        sides.add(a.shape[-1])
    assert 88 in sides and len(sides) > 2 and all(0.6 * 88 - 1 <= side <= 1.15 * 88 for side in sides)


def test_the_discriminator_learns_what_can_be_told_apart() -> None:
    torch.manual_seed(0)
    net, rng = ProjectedDiscriminator([6, 8], width=16), torch.Generator().manual_seed(3)
    optimiser = torch.optim.AdamW(net.heads.parameters(), lr=2e-3, betas=(0.0, 0.99))

    def maps(first: float) -> list[torch.Tensor]:
        found = [torch.randn(4, c, side, side, generator=rng) for c, side in ((6, 16), (8, 8))]
        for x in found:
            x[:, 0] += first
        return found

    losses, shares = [], []
    for _ in range(30):
        loss, right = net.loss(maps(2.0), maps(-2.0))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        shares.append(right)
    assert losses[-1] < 0.6 * losses[0] and shares[-1] > 0.9
    assert net.fooled(maps(2.0)) < net.fooled(maps(-2.0))


def test_what_a_describer_sees_is_the_same_in_a_picture_and_itself_and_drifts_with_noise(picture_network: Path) -> None:
    rng = torch.Generator().manual_seed(4)
    image, noise = torch.rand(2, 3, 96, 96, generator=rng) - 0.5, torch.randn(2, 3, 96, 96, generator=rng)
    meaning = Meaning(EfficientNetLite(picture_network), side_px=64)
    seen = meaning.of(image)
    assert [part.shape for part in seen] == [(2, 8), (2, 7)]
    assert meaning.distance(seen, meaning.of(image)).abs().max() < 1e-5
    further = [meaning.distance(seen, meaning.of(image + much * noise)) for much in (0.05, 0.2, 0.8)]
    assert 1e-5 < further[0].min() and (further[0] < further[1]).all() and (further[1] < further[2]).all()


def test_classes_count_where_features_are_alike(picture_network: Path) -> None:
    meaning = Meaning(EfficientNetLite(picture_network))
    features, sure = torch.ones(1, 8), torch.tensor([[9.0, -9.0]])
    assert torch.allclose(meaning.distance((features, sure), (features, -sure)), torch.tensor(2.0).log())


def test_features_that_grow_without_end_are_held() -> None:
    model = Restorer((4, 6, 8), (1, 1, 1), 4, 2)
    growth, image, condition = Growth(model), torch.zeros(1, 3, 32, 32), torch.zeros(1, 2)
    model(image, condition)
    assert growth.beyond() == 0
    torch.nn.init.constant_(model.d2.bias, 100.0)  # what goes into the stack at stride 16
    model(image, condition)
    beyond = growth.beyond()
    beyond.backward()
    assert beyond > 1000 and model.d2.bias.grad is not None and (model.d2.bias.grad > 0).any()

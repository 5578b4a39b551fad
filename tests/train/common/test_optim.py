"""Optimisers: which steps are taken, and how far."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from semcodec_train.common.optim import MuonAdam, clip, warm_cosine


@pytest.mark.parametrize(
    ("norm", "good"), [(0.5, True), (7.9, True), (8.0, False), (math.inf, False), (math.nan, False)]
)
def test_a_gradient_is_held_to_its_norm_and_a_wild_one_is_left_out(norm: float, good: bool) -> None:
    weight = nn.Parameter(torch.zeros(4))
    weight.grad = torch.full((4,), norm / 2)
    found, taken = clip([weight], 1.0, worst=8.0)
    assert taken is good
    if math.isfinite(norm):
        assert float(found) == pytest.approx(norm)
        assert float(weight.grad.norm()) == pytest.approx(min(norm, 1.0), rel=1e-4)


def test_no_step_is_taken_from_what_is_no_number() -> None:
    kernel, other = nn.Parameter(torch.eye(4)), nn.Parameter(torch.ones(4))
    optimiser = MuonAdam([kernel], [other], muon_lr=0.1, adam_lr=0.1, clip_at=1.0)
    optimiser.step((kernel.sum() + other.sum()) * math.nan, 1.0)
    assert torch.equal(kernel.data, torch.eye(4)) and torch.equal(other.data, torch.ones(4))
    optimiser.step((kernel.square().sum() + other.square().sum()), 1.0)
    assert kernel.square().sum().item() < 4 and other.square().sum().item() < 4


def test_a_saved_optimiser_goes_on_as_if_it_had_not_been() -> None:
    def model() -> tuple[nn.Parameter, nn.Parameter]:
        return nn.Parameter(torch.eye(4) + 0.1), nn.Parameter(torch.ones(4))

    def trained(saved_at: int) -> torch.Tensor:
        kernel, other = model()
        optimiser = MuonAdam([kernel], [other], muon_lr=0.1, adam_lr=0.1, clip_at=1.0, kernel_decay=0.1)
        for step in range(4):
            if step == saved_at:
                state = optimiser.state_dict()
                optimiser = MuonAdam([kernel], [other], muon_lr=0.1, adam_lr=0.1, clip_at=1.0, kernel_decay=0.1)
                optimiser.load_state_dict(state)
            optimiser.step(kernel.square().sum() + other.square().sum(), 0.5)
        return torch.cat([kernel.data.flatten(), other.data])

    assert torch.equal(trained(2), trained(9))


def test_rates_rise_and_fall() -> None:
    shares = [warm_cosine(at / 100, 0.1) for at in range(101)]
    assert shares[0] < 0.02 and max(shares) > 0.98 and shares[-1] == pytest.approx(0.1)

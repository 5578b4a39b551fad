"""Maps moved along flows, and flows carried to another time."""

from __future__ import annotations

import torch

from semcodec_train.interpolator.warping import carried, correlation, filled, warp


def moved(cols: float, rows: float, height: int = 12, width: int = 16) -> torch.Tensor:
    return torch.tensor([cols, rows])[None, :, None, None].expand(1, 2, height, width)


def test_a_map_is_read_from_where_the_flow_points() -> None:
    image = torch.rand(1, 3, 12, 16)
    found = warp(image, moved(2, -1))
    assert torch.allclose(found[:, :, 1:, :-2], image[:, :, :-1, 2:], atol=1e-5)


def test_beyond_the_edge_the_edge_is_repeated() -> None:
    image = torch.rand(1, 1, 12, 16)
    assert torch.allclose(warp(image, moved(40, 0)), image[..., -1:].expand_as(image), atol=1e-5)


def test_motion_lands_where_its_path_leads_and_holes_take_it_from_around() -> None:
    velocity = moved(4, 0)
    sums = carried(velocity, torch.ones(1, 1, 12, 16), velocity * 0.5)
    assert torch.allclose(sums[:, 0, :, 2:], torch.tensor(4.0)) and torch.all(sums[:, :, :, :2] == 0)
    assert torch.allclose(filled(sums)[:, 0], torch.tensor(4.0), atol=0.01)


def test_what_is_carried_between_cells_is_shared_by_them() -> None:
    weight = torch.zeros(1, 1, 12, 16)
    weight[0, 0, 5, 5] = 1
    sums = carried(moved(1, 1), weight, moved(0.25, 0.5))
    assert torch.allclose(sums[0, 2, 5:7, 5:7], torch.tensor([[0.375, 0.125], [0.375, 0.125]]))


def test_of_two_that_land_on_one_cell_the_heavier_is_heard() -> None:
    velocity, weight = torch.zeros(1, 2, 4, 8), torch.full((1, 1, 4, 8), 0.01)
    velocity[:, 0, :, :4], weight[..., :4] = 4.0, 1.0
    found = filled(carried(velocity, weight, velocity))
    assert torch.all(found[:, 0, :, 4:] > 3.8)


def test_features_are_most_alike_at_the_offset_that_they_moved_by() -> None:
    first = torch.randn(1, 16, 10, 10)
    found = correlation(first, torch.roll(first, (1, 2), (2, 3)), 2)
    assert found.shape == (1, 25, 10, 10)
    assert torch.all(found[0, :, 3:7, 3:7].argmax(0) == 3 * 5 + 4)

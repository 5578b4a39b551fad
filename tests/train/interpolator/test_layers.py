"""Moving, layered photographs: the motion that is told is the motion that is seen."""

from __future__ import annotations

import torch

from semcodec_train.interpolator.layers import LayeredPhotos
from semcodec_train.interpolator.warping import warp


def smooth_photos() -> torch.Tensor:
    rng = torch.Generator().manual_seed(1)
    small = torch.rand(3, 3, 10, 10, generator=rng) * 255
    return torch.nn.functional.interpolate(small, 320, mode="bicubic").clamp(0, 255).to(torch.uint8)


def test_frames_read_along_the_motion_are_alike() -> None:
    scene = LayeredPhotos(smooth_photos(), seed=5).get(16, 96, reach=0.15)
    first_to_last, last_to_first, to_first, to_last = scene.flows
    for here, there, flow in (
        (scene.first, scene.last, first_to_last),
        (scene.last, scene.first, last_to_first),
        (scene.middle, scene.first, to_first),
        (scene.middle, scene.last, to_last),
    ):
        # (where something is covered, or comes in from outside, nothing is alike: medians; a third grows brighter)
        moved, still = ((picture - here).abs().flatten(1).median(1).values for picture in (warp(there, flow), there))
        assert (moved < 0.1 * still).sum() >= 9


def test_the_middle_lies_between_at_its_time() -> None:
    scene = LayeredPhotos(smooth_photos(), seed=6).get(16, 96, reach=0.3)
    forth, back = (flow.norm(dim=1).flatten(1).median(1).values for flow in scene.flows[2:])
    share = forth / (forth + back)
    assert torch.all((share - scene.time[:, 0]).abs() < 0.1)


def test_layers_cover_a_part_of_what_is_behind() -> None:
    scene = LayeredPhotos(smooth_photos(), seed=7).get(12, 96, reach=0.3)
    motion = scene.flows[0]
    edges = (torch.diff(motion, dim=3).abs().amax(1) > 1).flatten(1).float().mean(1)
    assert (edges > 0).sum() >= 6 and edges.max() < 0.1


def test_one_seed_gives_one_scene() -> None:
    one, same, other = (LayeredPhotos(smooth_photos(), seed=seed).get(2, 64, reach=0.3) for seed in (1, 1, 2))
    assert torch.equal(one.middle, same.middle) and not torch.equal(one.middle, other.middle)

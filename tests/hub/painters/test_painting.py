"""Tiny pipelines paint a photograph's file: everything that a user can turn changes the painting, and nothing else."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import semcodec
from semcodec.contracts import Painter
from semcodec.errors import ModelError, NoPictureError
from semcodec.hub.painters.pixels import PainterWarning
from semcodec.types import Scene, Size, Words

from .conftest import mean_change

FAMILIES = ("stable-diffusion", "stable-diffusion-xl", "stable-diffusion-3", "sana")


def painter_of(folder: Path, **options: object) -> Painter:
    return semcodec.open_painter(str(folder), **{"device": "cpu", "steps": 3, "strength": 0.7} | options)


@pytest.fixture(scope="module")
def painters(tiny: Callable[[str], Path]) -> Callable[[str], Painter]:
    opened: dict[str, Painter] = {}

    def get(family: str) -> Painter:
        if family not in opened:
            opened[family] = painter_of(tiny(family))
        return opened[family]

    return get


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_is_painted_at_its_size_and_unlike_the_embedded_decoder_does(painters, scene: Scene, family: str):
    painter = painters(family)
    painted = painter.render(scene)
    assert isinstance(painter, Painter)
    assert painted.shape == (120, 160, 3)
    assert painted.dtype == np.uint8
    assert mean_change(painted, semcodec.render(scene)) > 1
    assert painter.name == f"tiny-{family}"
    assert painter.revision == ""


@pytest.mark.parametrize("family", FAMILIES)
def test_the_prompt_and_the_seed_change_the_painting(painters, scene: Scene, family: str):
    painter = painters(family)
    painted = painter.render(scene)
    assert np.array_equal(painter.render(scene), painted), "the same seed paints the same"
    assert mean_change(painter.render(scene, seed=1), painted) > 0.5
    assert mean_change(painter.render(replace(scene, words=Words("a red car"))), painted) > 0.1
    assert mean_change(painter.render(replace(scene, words=None)), painted) > 0.1


@pytest.mark.parametrize("family", FAMILIES)
def test_words_alone_are_painted_and_nothing_at_all_is_an_error(painters, scene: Scene, family: str):
    painter = painters(family)
    from_words = painter.render(replace(scene, tokens=None))
    assert from_words.shape == (120, 160, 3)
    assert mean_change(from_words, painter.render(replace(scene, tokens=None), seed=1)) > 0.5
    with pytest.raises(NoPictureError, match="neither words nor picture data"):
        painter.render(Scene(Size(16, 16)))


@pytest.mark.parametrize("family", ["stable-diffusion", "stable-diffusion-3", "sana"])
def test_strength_decides_how_far_the_painting_goes_from_the_known_picture(tiny, scene: Scene, family: str):
    """Compared before coarse colours are put back: with a network of noise they hide what strength does."""
    pipeline = painter_of(tiny(family), steps=10)._pipeline
    size = Size(128, 128)
    known = semcodec.render(scene, size=size)
    weak, medium, strong = (
        pipeline.paint("x", size, seed=0, known_HWC=known, strength=strength).images[0] * 255
        for strength in (0.1, 0.5, 0.9)
    )
    assert mean_change(np.rint(weak).astype(np.uint8), np.rint(strong).astype(np.uint8)) > 0.5
    assert mean_change(np.rint(weak).astype(np.uint8), np.rint(medium).astype(np.uint8)) > 0.5


def test_flux_paints_a_file(tiny, scene: Scene):
    painter = painter_of(tiny("flux"), strength=1.0)
    assert painter._pipeline.native_px == 1024
    painter._pipeline.family = replace(painter._pipeline.family, native_px=128)  # not in its configuration
    painted = painter.render(scene)
    assert painted.shape == (120, 160, 3)
    assert mean_change(painted, semcodec.render(scene)) > 1
    assert not np.array_equal(painter.render(replace(scene, words=Words("a red car"))), painted)


def test_the_rule_sets_the_strength_where_the_user_does_not(tiny, scene: Scene):
    from semcodec.hub.painters.strength import strength_for

    by_rule = painter_of(tiny("stable-diffusion"), strength=None).render(scene)
    by_hand = painter_of(tiny("stable-diffusion"), strength=strength_for(scene)).render(scene)
    other = painter_of(tiny("stable-diffusion"), strength=0.99).render(scene)
    assert np.array_equal(by_rule, by_hand)
    assert mean_change(by_rule, other) > 0.5


def test_steps_guidance_and_scheduler_change_the_painting(tiny, scene: Scene):
    folder = tiny("stable-diffusion")
    painted = painter_of(folder).render(scene)
    for change in ({"steps": 5}, {"guidance": 1.0}, {"scheduler": "lcm"}, {"scheduler": "lightning"}):
        assert mean_change(painter_of(folder, **change).render(scene), painted) > 0.1, change


def test_a_few_step_scheduler_walks_at_least_one_step_at_any_strength(tiny, scene: Scene):
    from semcodec.hub.painters.pipeline import steps_that_paint

    assert [steps_that_paint(steps, 0.2) for steps in (1, 4, 5, 30)] == [5, 5, 5, 30]
    painter = painter_of(tiny("stable-diffusion"), scheduler="turbo", steps=1, strength=0.2)
    assert painter.render(scene).shape == (120, 160, 3)


@pytest.mark.parametrize("size", [Size(40, 24), Size(301, 200)], ids=str)
@pytest.mark.parametrize("family", ["stable-diffusion", "stable-diffusion-3"])
def test_any_size_is_painted_in_tiles_where_it_is_large(painters, scene: Scene, family: str, size: Size):
    painter = painters(family)
    assert painter.render(scene, size=size).shape == (size.height_px, size.width_px, 3)
    from_words = painter.render(replace(scene, tokens=None), size=size)
    assert from_words.shape == (size.height_px, size.width_px, 3)


def test_a_control_net_and_its_map_change_the_painting(tiny, tiny_control: Path, scene: Scene):
    folder, control = tiny("stable-diffusion"), str(tiny_control)
    painted = painter_of(folder).render(scene)
    by_tile = painter_of(folder, controls={"tile": control}).render(scene)
    by_edges = painter_of(folder, controls={"edges": control})
    by_both = painter_of(folder, controls={"tile": control, "edges": control}).render(scene)
    striped = np.zeros((120, 160), np.uint8)
    striped[:, ::8] = 255
    traced, given = by_edges.render(scene), by_edges.render(replace(scene, edges=striped))
    for a, b in ((painted, by_tile), (by_tile, traced), (traced, given), (by_both, by_tile), (by_both, traced)):
        assert not np.array_equal(a, b)


def test_edges_of_a_scene_without_tokens_guide_text_to_image(tiny, tiny_control: Path, scene: Scene):
    painter = painter_of(tiny("stable-diffusion"), controls={"edges": str(tiny_control), "tile": str(tiny_control)})
    words_alone = replace(scene, tokens=None)
    striped = np.zeros((120, 160), np.uint8)
    striped[:, ::8] = 255
    assert not np.array_equal(painter.render(words_alone), painter.render(replace(words_alone, edges=striped)))


def test_a_control_net_of_another_family_is_a_sentence(tiny, tiny_control: Path, scene: Scene):
    painter = painter_of(tiny("stable-diffusion-3"), controls={"tile": str(tiny_control)})
    with pytest.raises(ModelError, match=r"is a ControlNetModel; Stable Diffusion 3, 3\.5 takes SD3ControlNetModel"):
        painter.render(scene)


def test_pixels_that_are_no_numbers_leave_the_embedded_picture_and_a_warning(tiny, scene: Scene):
    painter = painter_of(tiny("stable-diffusion"))
    painter._pipeline.base.vae.decoder.conv_out.bias.data.fill_(float("nan"))
    with pytest.warns(PainterWarning, match="100% with values that are not numbers"):
        painted = painter.render(scene)
    assert mean_change(painted, semcodec.render(scene)) < 1
    with pytest.raises(ModelError, match="not numbers"):
        painter.render(replace(scene, tokens=None))


def test_a_model_that_paints_the_wrong_size_is_resized_with_a_warning(tiny, scene: Scene):
    """Its text-to-image call takes `height` for a count of other cells than its decoder paints."""
    painter = painter_of(tiny("stable-diffusion"))
    painter._pipeline.base.vae_scale_factor = 16
    with pytest.warns(PainterWarning, match="was asked for: resized"):
        painted = painter.render(replace(scene, tokens=None), size=Size(128, 128))
    assert painted.shape == (128, 128, 3)


def test_what_the_user_is_told_goes_to_him_instead_of_a_warning(tiny, scene: Scene):
    said: list[str] = []
    painter = painter_of(tiny("stable-diffusion"), say=said.append)
    painter._pipeline.base.vae.decoder.conv_out.bias.data.fill_(float("nan"))
    painter.render(scene)
    assert len(said) >= 1
    assert said[0].startswith("tiny-stable-diffusion painted 100%")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"strength": 1.5}, "strength 1.5 is not above 0"),
        ({"strength": 0.0}, "strength 0 is not above 0"),
        ({"steps": 0}, "0 steps are too few"),
        ({"scheduler": "magic"}, "no scheduler 'magic'"),
        ({"controls": {"smoke": "x"}}, "no control of kind 'smoke'"),
        ({"device": "toaster"}, "toaster"),
        ({"loras": ["nowhere"]}, "'nowhere' is no folder"),
    ],
    ids=str,
)
def test_options_that_cannot_be_are_one_sentence(tiny, options: dict[str, object], sentence: str):
    with pytest.raises(ModelError, match=sentence):
        painter_of(tiny("stable-diffusion"), **options)


def test_half_precision_paints_nearly_the_same(tiny, scene: Scene):
    painted = painter_of(tiny("stable-diffusion"), dtype="bfloat16").render(scene)
    assert painted.shape == (120, 160, 3)
    assert mean_change(painted, painter_of(tiny("stable-diffusion")).render(scene)) < 20


def test_opening_twice_gives_painters_that_do_not_disturb_each_other(tiny, scene: Scene):
    first = painter_of(tiny("stable-diffusion"))
    before = first.render(scene)
    other = painter_of(tiny("stable-diffusion"), scheduler="euler", steps=5)
    other.render(scene)
    del other
    gc.collect()
    assert np.array_equal(first.render(scene), before)

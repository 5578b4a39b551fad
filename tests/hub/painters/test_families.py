"""The facts about families: complete, found by class and name, and nowhere else in the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import semcodec
from semcodec.errors import ModelError
from semcodec.hub.painters.families import find_family, find_scheduler, known_families


def test_the_families_of_the_issue_are_known():
    names = {family.name for family in known_families()}
    assert {"stable-diffusion", "stable-diffusion-xl", "stable-diffusion-3", "flux", "sana"} <= names


@pytest.mark.parametrize("family", known_families(), ids=lambda family: family.name)
def test_a_family_has_facts_that_can_be(family):
    assert family.start in {"image", "latents", "none"}
    assert family.native_px in range(256, 4097)
    assert 1 <= family.steps <= 100
    assert family.multiple in {1, 2, 4}
    assert family.weights_gb > 0
    assert family.licence
    assert family.example


def test_every_class_that_the_facts_name_is_in_diffusers():
    import json
    from importlib import resources

    import diffusers

    facts = json.loads((resources.files("semcodec.hub.painters") / "families.json").read_text("utf-8"))
    named = {name for family in facts["families"].values() for name in family["pipelines"]}
    named |= {name for family in facts["families"].values() for name in family.get("controlnets", ())}
    named |= {scheduler["class"] for scheduler in facts["schedulers"].values()}
    assert named
    assert not [name for name in sorted(named) if not hasattr(diffusers, name)]


def test_few_step_models_are_found_by_name_and_bring_their_steps():
    base = find_family("StableDiffusionPipeline", "stable-diffusion-v1-5/stable-diffusion-v1-5")
    turbo = find_family("StableDiffusionPipeline", "stabilityai/sd-turbo")
    lightning = find_family("StableDiffusionXLPipeline", "ByteDance/SDXL-Lightning")
    lcm = find_family("StableDiffusionPipeline", "someone/dreamshaper-lcm")
    schnell = find_family("FluxPipeline", "black-forest-labs/FLUX.1-schnell")
    assert (base.steps, base.call["guidance_scale"]) == (30, 7.5)
    assert (turbo.name, turbo.steps, turbo.call["guidance_scale"]) == ("stable-diffusion", 4, 0.0)
    assert (lightning.name, lightning.scheduler) == ("stable-diffusion-xl", "lightning")
    assert lcm.steps == 6
    assert (schnell.name, schnell.steps) == ("flux", 4)


def test_an_unknown_pipeline_is_called_with_nothing_special():
    family = find_family("NobodysPipeline", "nobody/nothing")
    assert (family.name, dict(family.call)) == ("other", {})


def test_guidance_goes_where_a_family_takes_it():
    qwen = find_family("QwenImagePipeline", "Qwen/Qwen-Image").with_guidance(2.0)
    assert qwen.call == {"true_cfg_scale": 2.0}


def test_an_unknown_scheduler_is_a_sentence_that_names_the_known_ones():
    with pytest.raises(ModelError, match=r"no scheduler 'magic'.*lcm"):
        find_scheduler("magic")


def test_no_module_asks_for_a_family_by_its_name():
    folder = Path(semcodec.__file__).parent / "hub" / "painters"
    names = {family.name for family in known_families()}
    for path in folder.glob("*.py"):
        constants = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
        assert not constants & names, path.name

"""The facts about families of video pipelines: complete, in the guide, and nowhere else in the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import semcodec
from semcodec.hub.catalog import _use_of
from semcodec.hub.video_painters.families import find_video_family, known_video_families, other_video_family


def test_the_families_of_the_issue_are_known():
    assert {family.name for family in known_video_families()} == {"ltx", "cogvideox", "wan", "animatediff"}


@pytest.mark.parametrize("family", known_video_families(), ids=lambda family: family.name)
def test_a_family_has_facts_that_can_be(family):
    import diffusers

    assert family.native_px in range(256, 2049)
    assert 8 <= family.rate <= 60
    assert family.most_frames % family.step_frames in (0, 1)
    assert family.licence
    assert family.example
    for name in (*family.pipelines, family.text, family.image):
        assert name is None or hasattr(diffusers, name)


@pytest.mark.parametrize("family", known_video_families(), ids=lambda family: family.name)
def test_the_guide_has_a_row_of_each_family(family, root: Path):
    page = (root / "docs" / "use-your-own-models.md").read_text("utf-8")
    seconds = family.most_frames / family.rate
    assert f"| {family.title} | `{family.example}` | {family.licence} | {family.rate} | {seconds:.1f} s |" in page


def test_films_have_as_many_frames_as_their_model_can_make():
    cogvideox = find_video_family("CogVideoXPipeline")
    assert [cogvideox.num_frames_for(seconds) for seconds in (0, 0.5, 1, 100)] == [5, 5, 9, 49]
    assert find_video_family("AnimateDiffPipeline").num_frames_for(60) == 16


def test_an_unknown_pipeline_is_called_with_nothing_special():
    assert find_video_family("NobodysPipeline") is None
    assert dict(other_video_family().call) == {}


def test_the_catalogue_says_that_a_model_films():
    assert _use_of(None, "LTXPipeline", "Lightricks/LTX-Video") == ("painter", "LTX-Video, films")


def test_no_module_asks_for_a_family_by_its_name():
    folder = Path(semcodec.__file__).parent / "hub" / "video_painters"
    names = {family.name for family in known_video_families()}
    for path in folder.glob("*.py"):
        constants = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
        assert not constants & names, path.name

"""Words that the embedded describer finds, and how sure of them it has to be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from semcodec.contracts import Extractor
from semcodec.extractors.guess import Guess
from semcodec.extractors.words import WordsExtractor, coded_bits
from semcodec.ids import Origin
from semcodec.nets.describer import DescriberNets
from semcodec.types import Region, Scene, Size, Words

SCENE = Scene(Size(144, 96))


@pytest.fixture(scope="module")
def nets(debug_package: dict[str, Path]) -> DescriberNets:
    return DescriberNets(debug_package)


def test_it_is_an_extractor_and_what_it_says_is_a_machines(nets: DescriberNets, red_HWC: np.ndarray) -> None:
    describer = WordsExtractor(nets)
    assert isinstance(describer, Extractor)
    assert describer.extract(red_HWC, SCENE).words == Words("A red cap on the wall.", "en", Origin.MACHINE)


def test_a_picture_of_any_shape_is_seen_whole(nets: DescriberNets, red_HWC: np.ndarray) -> None:
    describer = WordsExtractor(nets)
    for shape in ((1, 1), (1, 96), (96, 3)):
        assert describer.describe(red_HWC[: shape[0], : shape[1]]).caption == describer.describe(red_HWC).caption


def test_what_it_is_not_sure_of_stays_out_but_is_told_who_asks(nets: DescriberNets, grey_HWC: np.ndarray) -> None:
    describer = WordsExtractor(nets)
    assert describer.extract(grey_HWC, SCENE) == SCENE
    guess = describer.describe(grey_HWC).caption
    assert guess is not None
    assert isinstance(guess.said, Words) and guess.said.text
    assert 0.8 < guess.confidence < guess.threshold == pytest.approx(0.9)
    assert not guess.is_sure


def test_words_that_are_too_dear_are_said_in_fewer_bits_and_never_cut(nets: DescriberNets, red_HWC: np.ndarray) -> None:
    describer = WordsExtractor(nets)
    features_1PF = describer.see(red_HWC)
    whole, short = Words("A red cap on the wall.", "en", Origin.MACHINE), Words("Cap.", "en", Origin.MACHINE)
    assert coded_bits(short) < coded_bits(whole)
    said = {bits: describer.words(features_1PF, max_bits=bits) for bits in range(0, coded_bits(whole) + 1, 8)}
    for bits, guess in said.items():
        expected = whole if bits >= coded_bits(whole) else short if bits >= coded_bits(short) else None
        assert (guess.said if guess is not None else None) == expected


def test_keywords_are_the_things_that_are_seen_as_many_as_are_sure_and_fit(
    debug_package: dict[str, Path], red_HWC: np.ndarray, tmp_path: Path
) -> None:
    facts = json.loads(debug_package["words.json"].read_text())
    cap, sea, wall = (facts["vocabulary"].index(word) for word in (" cap", " sea", " wall"))
    # (the features are the mean colour: much red, little blue)
    facts |= {"evidence": {str(cap): 0, str(wall): 3, str(sea): 2}, "evidence_from": 0, "evidence_weight": 0.5}
    facts["calibration"] = {"keywords": [[-1.0, 0.0], [1.0, 1.0]]}
    facts["confidence"]["keywords"] = 0.6
    (tmp_path / "words.json").write_text(json.dumps(facts))
    describer = WordsExtractor(DescriberNets(debug_package | {"words.json": tmp_path / "words.json"}))
    features_1PF = describer.see(red_HWC)
    both = describer.words(features_1PF, task="keywords")
    assert both is not None and both.said == Words("cap, wall", "en", Origin.MACHINE) and both.is_sure
    one = Words("cap", "en", Origin.MACHINE)
    fitting = describer.words(features_1PF, task="keywords", max_bits=coded_bits(one))
    assert fitting is not None and fitting.said == one
    assert describer.words(features_1PF, task="keywords", max_bits=0) is None
    unsure = describer.words(np.zeros_like(features_1PF), task="keywords")
    assert unsure is not None and not unsure.is_sure


def test_keywords_take_the_place_of_a_caption(nets: DescriberNets, red_HWC: np.ndarray) -> None:
    assert WordsExtractor(nets, tasks=("keywords",)).extract(red_HWC, SCENE).words == Words(
        "red, cap", "en", Origin.MACHINE
    )


def test_regions_lie_inside_the_picture_and_each_is_as_sure_as_its_phrase(
    nets: DescriberNets, red_HWC: np.ndarray, grey_HWC: np.ndarray
) -> None:
    describer = WordsExtractor(nets)
    # (the network says a width of 31 columns from column 40 on)
    cap, wall = Region(40, 9, 23, 31, "cap"), Region(0, 1, 62, 61, "wall")
    found = describer.describe(red_HWC, tasks=("regions",))
    assert [guess.said for guess in found.regions] == [cap, wall]
    assert all(guess.is_sure for guess in found.regions)
    assert found.caption is None and found.keywords is None
    unsure = describer.describe(grey_HWC, tasks=("regions",)).regions
    assert [(guess.said, guess.is_sure) for guess in unsure] == [(cap, False), (wall, True)]


def test_regions_that_are_sure_go_into_the_scene_as_many_as_fit(nets: DescriberNets, red_HWC: np.ndarray) -> None:
    both = WordsExtractor(nets, tasks=("caption", "regions")).extract(red_HWC, SCENE)
    assert both.words is not None and both.regions is not None
    assert (both.regions.language, both.regions.origin) == ("en", Origin.MACHINE)
    assert {region.phrase for region in both.regions.items} == {"cap", "wall"}
    found = [
        WordsExtractor(nets, tasks=("regions",), max_bits=bits).extract(red_HWC, SCENE) for bits in range(0, 200, 8)
    ]
    phrases = [tuple(region.phrase for region in scene.regions.items) if scene.regions else () for scene in found]
    assert [len(some) for some in phrases] == sorted(len(some) for some in phrases)
    assert set(phrases) == {(), ("wall",), ("wall", "cap")}


def test_a_describer_that_never_ends_is_not_believed(
    debug_package: dict[str, Path], red_HWC: np.ndarray, tmp_path: Path
) -> None:
    facts = json.loads(debug_package["words.json"].read_text())
    facts["max_tokens"] = 6  # the prompt, and four words of seven
    facts["specials"]["lambda"] = facts["specials"]["lambda"][:1]  # (in fewer bits it would come to its end)
    (tmp_path / "words.json").write_text(json.dumps(facts))
    describer = WordsExtractor(DescriberNets({**debug_package, "words.json": tmp_path / "words.json"}))
    guess = describer.describe(red_HWC, tasks=("caption",)).caption
    assert guess == Guess(Words("A red cap on.", "en", Origin.MACHINE), 0.0, guess.threshold)
    assert not guess.is_sure
    assert describer.extract(red_HWC, SCENE) == SCENE


@pytest.mark.parametrize(
    ("max_tokens", "num_whole"), [(2, 0), (5, 0), (6, 0), (7, 0), (8, 1), (12, 1), (13, 2), (32, 2)]
)
def test_a_region_that_was_cut_off_is_left_out(
    debug_package: dict[str, Path], red_HWC: np.ndarray, tmp_path: Path, max_tokens: int, num_whole: int
) -> None:
    facts = json.loads(debug_package["words.json"].read_text())
    (tmp_path / "words.json").write_text(json.dumps({**facts, "max_tokens": max_tokens}))
    describer = WordsExtractor(DescriberNets({**debug_package, "words.json": tmp_path / "words.json"}))
    assert len(describer.describe(red_HWC, tasks=("regions",)).regions) == num_whole


@pytest.mark.parametrize("tasks", [(), ("poem",), ("caption", "keywords")])
def test_tasks_that_make_no_sense_are_refused(nets: DescriberNets, tasks: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="at most one of caption and keywords"):
        WordsExtractor(nets, tasks=tasks)

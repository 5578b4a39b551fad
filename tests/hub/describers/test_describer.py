"""Every family describes a photograph, through file and command line; and no answer breaks a file."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import semcodec
from semcodec.cli import main
from semcodec.cli.describer_flags import DescriberFlags
from semcodec.cli.painter_flags import PainterFlags
from semcodec.contracts import Extractor
from semcodec.errors import ModelError
from semcodec.hub.describers.ask import Said, VisionLanguageModel
from semcodec.hub.describers.describer import Describer, load_describer
from semcodec.hub.describers.families import Family, find_family
from semcodec.hub.describers.fit import coded_bits
from semcodec.hub.devices import choose_placement
from semcodec.hub.fetch import fetch
from semcodec.hub.references import parse_reference
from semcodec.ids import Origin
from semcodec.layers.regions.encode import pack_regions
from semcodec.types import Region, Regions, Scene, Size

from . import tiny

FAMILIES = sorted(tiny.DESCRIBERS)
SCENE = Scene(Size(320, 240))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """`run("encode", ...)` -> exit code and stderr, in this process."""

    def call(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["semcodec", *map(str, arguments)])
        code = main()
        return code, capfd.readouterr().err

    return call


@dataclass
class Parrot:
    """A model that says what it was told to: stands where a `VisionLanguageModel` does."""

    answers: list[str]
    family: Family = field(default_factory=lambda: find_family("qwen2_5_vl"))
    likelihood: float = 0.5

    def ask(self, image_HWC: np.ndarray, question: str, **_: object) -> list[Said]:
        return [
            Said(text, self.likelihood, (float(image_HWC.shape[1]), float(image_HWC.shape[0]))) for text in self.answers
        ]


def is_another_answer(one: Said, other: Said) -> bool:
    """Other words, or the same ones surer or less sure by more than the rounding of any processor."""
    return one.text != other.text or abs(math.log(one.likelihood / other.likelihood)) > 0.01


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_describes_a_folder_of_photographs(
    name: str, model_folder: Callable, run: Callable, image_HWC: np.ndarray, tmp_path: Path
):
    folder = tmp_path / "album"
    folder.mkdir()
    Image.fromarray(image_HWC).save(folder / "one.png")
    Image.fromarray(image_HWC[:, ::-1]).save(folder / "two.png")
    code, err = run(
        "encode", folder, "--bytes", 220, "--describer", model_folder(name), "--captions", 2, "--device", "cpu"
    )
    assert code == 0, err
    for path in (folder / "one.semc", folder / "two.semc"):
        data = path.read_bytes()
        words = semcodec.read_words(data)
        assert words is not None
        assert (words.language, words.origin) == ("en", Origin.MACHINE)
        assert set(words.text.replace(",", " ").replace(".", " ").split()) <= set(tiny.PIECES)
        assert 0 < coded_bits(words.text, "en") <= 256
        assert len(data) <= 220
    code, err = run("decode", folder / "one.semc", tmp_path / "one.png")
    assert code == 0, err
    with Image.open(tmp_path / "one.png") as painted:
        assert painted.size == (320, 240)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_same_picture_is_described_the_same_way_and_torch_is_left_as_it_was(
    name: str, model_folder: Callable, image_HWC: np.ndarray
):
    describer = load_describer(str(model_folder(name)), judge="none", device="cpu", tries=3)
    assert isinstance(describer, Extractor)
    state = torch.random.get_rng_state()
    first, again = describer.extract(image_HWC, SCENE), describer.extract(image_HWC, SCENE)
    assert first == again
    assert first.words is not None
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_the_model_says_depends_on_the_picture(name: str, model_folder: Callable, image_HWC: np.ndarray):
    model = VisionLanguageModel(fetch(parse_reference(str(model_folder(name)))), choose_placement("cpu"))
    question = model.family.prompt("caption", num_words=8, language="en")
    (light,) = model.ask(image_HWC, question, max_tokens=12)
    (dark,) = model.ask(255 - image_HWC // 2, question, max_tokens=12)
    assert 0 < light.likelihood <= 1
    assert is_another_answer(light, dark)


def test_what_the_model_says_depends_on_the_question(model_folder: Callable, image_HWC: np.ndarray):
    model = VisionLanguageModel(fetch(parse_reference(str(model_folder("qwen2_5_vl")))), choose_placement("cpu"))
    (one,), (other,) = (model.ask(image_HWC, question, max_tokens=12) for question in ("a red bird", "two dark boats"))
    assert is_another_answer(one, other)


def test_rounding_alone_makes_no_other_answer():
    said = Said("a red bird", 0.25, (320.0, 240.0))
    assert not is_another_answer(said, Said("a red bird", 0.2501, said.seen))
    assert is_another_answer(said, Said("a red bird", 0.3, said.seen))
    assert is_another_answer(said, Said("a blue bird", 0.25, said.seen))


def test_places_come_out_of_florence_with_their_words(model_folder: Callable, image_HWC: np.ndarray):
    describer = load_describer(str(model_folder("florence2")), task="regions", judge="none", device="cpu", tries=2)
    regions = describer.regions(image_HWC)
    assert regions
    for region in regions:
        assert 0 <= region.left < region.right <= 1
        assert set(region.label.split()) <= set(tiny.PIECES)


def test_boxes_of_qwen_are_counted_in_the_picture_that_it_saw(image_HWC: np.ndarray):
    said = json.dumps([{"bbox_2d": [32, 24, 160, 120], "label": "a red parrot"}])
    describer = Describer(Parrot([said]), task="regions")
    (region,) = describer.regions(image_HWC)
    assert (region.left, region.top, region.right, region.bottom) == (0.1, 0.1, 0.5, 0.5)
    scene = describer.extract(image_HWC, SCENE)
    assert scene.words is not None and scene.regions is not None
    assert scene.words.text == "a red parrot"
    assert scene.regions == Regions((Region(6, 6, 25, 25, "a red parrot"),), "en", Origin.MACHINE)


def test_regions_that_cost_more_bits_than_the_words_may_are_left_out_the_smallest_first(image_HWC: np.ndarray):
    boxes = [{"bbox_2d": [0, 0, 300 - 9 * at, 220 - 9 * at], "label": "a parrot"} for at in range(20)]
    describer = Describer(Parrot([json.dumps(boxes)]), task="regions", max_bits=128)
    scene = describer.extract(image_HWC, SCENE)
    assert scene.regions is not None
    assert 8 * len(pack_regions(scene.regions, scene.words).payload) <= 128
    assert 2 <= len(scene.regions.items) < 20


def test_other_tasks_give_words_alone(image_HWC: np.ndarray):
    assert Describer(Parrot(["a red parrot"])).extract(image_HWC, SCENE).regions is None


def test_a_judge_chooses_among_what_is_said(model_folder: Callable, image_HWC: np.ndarray):
    from semcodec.hub.describers.judge import Judge

    answers = ["a red bird", "two boats on the sea", "a small white house under a tree"]
    judge = Judge(fetch(parse_reference(str(model_folder("clip")))), choose_placement("cpu"))
    scores = dict(zip(answers, judge.score(image_HWC, answers), strict=True))
    best = Describer(Parrot(answers), judge=judge, price=0.0).best(image_HWC)
    assert best is not None
    assert best.text == max(scores, key=scores.__getitem__)
    assert best.quality == pytest.approx(scores[best.text])


def test_dear_bits_choose_the_shorter_caption(image_HWC: np.ndarray):
    short, long = "two parrots", "two parrots on a branch before green leaves, one red and one blue"
    for price, chosen in ((0.0, long), (1.0, short)):
        candidates = Describer(Parrot([short, long]), price=price).candidates(image_HWC)
        assert {candidate.text for candidate in candidates} == {short, long}
        by_text = {candidate.text: candidate for candidate in candidates}
        assert by_text[short].num_bits < by_text[long].num_bits
        equal = by_text[short].worth - by_text[long].worth
        assert (equal > 0) == (chosen == short)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "\n\n",
        "\x00\x01\x07",
        "\u202e\ufeff",
        "...",
        "🦜" * 40,
        "<|endoftext|>" * 500,
        "\ud800 a bird",
        "a bird\x1b]0;title\x07",
        "a" * 10_000,
        "bird " * 2000,
        "\n".join(f"line {number}" for number in range(1500)),
        "鳥" * 10_000,
        "".join(chr(code) for code in range(1, 0x3000, 7)),
    ],
)
def test_no_answer_breaks_a_file(said: str, image_HWC: np.ndarray):
    describer = Describer(Parrot([said, said]), max_bits=200)
    encoded = semcodec.encode(image_HWC, bytes=200, describer=describer)
    assert len(encoded.data) <= 200
    words = semcodec.read_words(encoded.data)
    if words is None:
        assert any("the file has no words" in note for note in encoded.notes)
    else:
        assert words.text == " ".join(words.text.split())
        assert encoded.bytes_by_layer["text"] * 8 <= 200
    assert semcodec.decode(encoded.data).shape == image_HWC.shape


def test_a_real_model_of_nasty_words_breaks_no_file(image_HWC: np.ndarray, tmp_path: Path):
    pieces = ["\x07", "\x1b[31m", "\u202e", "\ufeff", "\ue000", "z" * 900, "\u0301", "🦜", *tiny.PIECES[:6]]
    describer = load_describer(str(tiny.blip(tmp_path, pieces)), judge="none", device="cpu")
    encoded = semcodec.encode(image_HWC, bytes=300, describer=describer)
    assert len(encoded.data) <= 300
    assert semcodec.decode(encoded.data).shape == image_HWC.shape


def test_a_likelihood_that_is_no_number_loses(image_HWC: np.ndarray):
    folder_model = Parrot(["a bird"], likelihood=0.0)
    best = Describer(folder_model).best(image_HWC)
    assert best is not None
    assert best.quality == 0.0


def test_a_large_picture_is_shown_to_the_model_at_a_size_that_it_can_take():
    seen = []

    class Looking(Parrot):
        def ask(self, image_HWC: np.ndarray, question: str, **_: object) -> list[Said]:
            seen.append(image_HWC.shape)
            return super().ask(image_HWC, question)

    Describer(Looking(["a bird"])).best(np.zeros((30, 3000, 3), np.uint8))
    assert seen == [(10, 1024, 3)]


def test_the_model_stays_loaded_for_all_pictures(model_folder: Callable):
    describer = DescriberFlags(str(model_folder("blip")), judge="none").opened(PainterFlags(device="cpu"))
    assert describer.get() is describer.get()


def test_a_model_that_cannot_be_opened_is_tried_once(tmp_path: Path):
    describer = DescriberFlags(str(tmp_path)).opened(PainterFlags())
    with pytest.raises(ModelError) as first:
        describer.get()
    with pytest.raises(ModelError) as second:
        describer.get()
    assert second.value is first.value


def test_words_get_a_fourth_of_a_small_file():
    assert DescriberFlags("m").max_bits(None) == 256
    assert DescriberFlags("m").max_bits(44) == 88
    assert DescriberFlags("m").max_bits(10_000) == 256
    assert DescriberFlags("m", caption_bits=999).max_bits(44) == 999


def test_a_folder_of_another_kind_is_refused_in_a_sentence(model_folder: Callable, tmp_path: Path):
    with pytest.raises(ModelError, match="cannot be opened as an image-text-to-text model"):
        load_describer(str(model_folder("clip")), judge="none", device="cpu")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--describer", "x", "--caption", "y"], "exclude each other"),
        (["--task", "regions"], "--task is about a describer"),
        (["--caption-bits", "9"], "--caption-bits is about a describer"),
        (["--judge", "none"], "--judge is about a describer"),
        (["--prompt", "What?"], "--prompt is about a describer"),
        (["--captions", "2"], "--captions is about a describer"),
    ],
)
def test_flags_that_make_no_sense_together(arguments: list[str], sentence: str, run: Callable, photo_path: Path):
    code, err = run("encode", photo_path, "out.semc", *arguments)
    assert code == 2
    assert sentence in " ".join(err.replace("│", " ").split())


def test_a_caption_and_a_describer_exclude_each_other(image_HWC: np.ndarray):
    with pytest.raises(ValueError, match="exclude each other"):
        semcodec.encode(image_HWC, caption="a", describer=Describer(Parrot(["b"])))

"""The describer's whole chain on debug recipes: seeing, words, bits, package, and what the runtime makes of it."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from semcodec.evaluation.measures.cider import words_of
from semcodec.nets.describer import DescriberNets
from semcodec.nets.embedder import Embedder, numbers_of
from semcodec.zoo.catalog import package_at
from semcodec_train.common.run import Sources
from semcodec_train.describer.caption_bits import CaptionBits, payload_bits
from semcodec_train.describer.class_words import words_of_classes
from semcodec_train.describer.data import (
    CAPTION,
    END,
    Box,
    Photo,
    Vocabulary,
    cells_of,
    class_numbers,
    load_index,
    region_ids,
    simulated_logits,
    split_photos,
    words_told,
)
from semcodec_train.describer.decoded import decoded_file, make, see_decoded
from semcodec_train.describer.kinds import persons_seen
from semcodec_train.describer.model import Detector
from semcodec_train.describer.objects import absent, unheard
from semcodec_train.describer.package import is_right, kinds_from, package, rising_points
from semcodec_train.describer.recipes import describer_debug, self_critical_debug
from semcodec_train.describer.self_critical import train_self_critical
from semcodec_train.describer.train import Trained, train_describer
from semcodec_train.embedder import train as embedding
from semcodec_train.embedder.model import STEP
from semcodec_train.embedder.recipes import embedder_debug

COLOURS = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (40, 60, 220)}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _picture(colour: str, at: int) -> np.ndarray:
    """A square of a colour on grey."""
    pixels = np.full((80, 100, 3), 128, np.uint8)
    left = 5 + at % 30
    pixels[20:70, left : left + 50] = COLOURS[colour]
    return pixels


@pytest.fixture(scope="module")
def data(picture_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the project's collection is laid out: 24 pictures with captions and boxes, of which 6 are held out."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "photos" / "train").mkdir(parents=True)
    (folder / "captions").mkdir()
    index, sentences, held_out = [], [], []
    for at in range(24):
        colour = list(COLOURS)[at % 3]
        name = f"train/flickr8k-{at:03d}"
        Image.fromarray(_picture(colour, at)).save(folder / "photos" / f"{name}.webp")
        captions = [f"A {colour} square on grey .", f"a {colour} box", f"The {colour} square, number {at} ."]
        boxes = [{"label": "square", "xywh": [(5 + at % 30) / 100, 0.25, 0.5, 0.625]}]
        about = {"file": f"{name}.webp", "source": "flickr8k", "width": 100, "height": 80}
        index.append(json.dumps({**about, "captions": captions, "boxes": boxes}))
        sentences += [json.dumps({"id": Path(name).name, "text": text}) for text in captions]
        if at >= 18:
            held_out.append({"file": f"{name}.webp", "sha256": ""})
    (folder / "photos" / "index.jsonl").write_text("\n".join(index))
    with gzip.open(folder / "captions" / "train.jsonl.gz", "wt") as lines:
        lines.write("\n".join(sentences))
    (folder / "held-out.json").write_text(json.dumps({"files": held_out}))
    (folder / "perceptual").mkdir()
    shutil.copyfile(picture_network, folder / "perceptual" / "efficientnet_lite2.safetensors")
    return folder


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    out = tmp_path_factory.mktemp("trained")
    return train_describer(describer_debug(), data, [data / "held-out.json"], out, log=lambda _: None)


def test_held_out_pictures_and_what_was_said_of_them_are_nowhere(trained: Trained, data: Path) -> None:
    held_out = {photo.file for photo in trained.photos("test")}
    assert len(held_out) == 6
    assert not held_out & {photo.file for part in ("train", "choose") for photo in trained.photos(part)}
    assert not {"18", "20", "23"} & {word for group in trained.language.groups for text in group for word in text}
    split = split_photos(load_index(data / "photos"), frozenset(held_out), num_choose=4)
    assert [len(split.train), len(split.choose), len(split.test)] == [14, 4, 6]


def test_a_second_run_finds_its_files_and_gives_the_same_describer(trained: Trained, data: Path) -> None:
    lines: list[str] = []
    out = Path(trained.seen.maps.filename).parent  # type: ignore[attr-defined] - a memory map knows its file
    again = train_describer(describer_debug(), data, [data / "held-out.json"], out, log=lines.append)
    assert lines == ["resumed at step 60", "resumed at step 40"]
    run = json.loads((out / "run.json").read_text())
    assert (run["steps"], run["crops"]) == (100, 800) and set(run["stages"]) == {"language", "pictures"}
    for name, value in again.model.state_dict().items():
        assert torch.equal(value, trained.model.state_dict()[name]), name


def test_an_embedder_is_made_from_it_and_is_the_same_in_its_package(
    trained: Trained, data: Path, tmp_path: Path
) -> None:
    folder = Path(trained.seen.maps.filename).parent  # type: ignore[attr-defined] - a memory map knows its file
    lessons = embedding.lessons_of(describer_debug(), data, [data / "held-out.json"], folder)
    assert len(lessons.captions) == 14 and len(lessons.sentences) == 14, "neither held out nor for choosing"
    # (three colours are three directions, which is too few)
    lessons = replace(lessons, logits=torch.randn(lessons.logits.shape, generator=torch.Generator().manual_seed(1)))
    model = embedding.train(embedder_debug(), lessons, tmp_path, Sources(), log=lambda _: None)
    embedding.package(model, lessons, tmp_path, space=1)
    embedder = Embedder(package_at(tmp_path).files)
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["steps"] == 40 and all(np.isfinite(loss) for loss in run["losses"].values())
    words = [lessons.vocabulary.words[number] for caption in lessons.captions[:3] for number in caption[0]]
    assert all(embedder.query(word) is not None for word in words)
    seen = lessons.logits.flatten(0, 1)[:, None].numpy()
    vocabulary = SimpleNamespace(evidence_from=0)
    levels = np.stack([np.frombuffer(embedder.vector_of(one[None], vocabulary).levels, np.uint8) for one in seen])
    exact = model.of_pictures(lessons.logits.flatten(0, 1)).detach().numpy()
    used = exact.std(0) > 0.05
    wanted = ((exact - exact.mean(0)) / exact.std(0).clip(1e-6) / STEP)[:, used]
    likeness = np.corrcoef(wanted.ravel(), numbers_of(levels)[:, used].ravel())[0, 1]
    assert used.sum() > 8 and likeness > 0.97, "the 8-bit tables and the levels are what was learnt"


def test_pictures_of_other_manifests_are_nowhere(data: Path, tmp_path: Path) -> None:
    unseen = "train/flickr8k-001.webp"
    (tmp_path / "more.json").write_text(json.dumps({"files": [{"file": unseen, "sha256": ""}]}))
    manifests = [data / "held-out.json", tmp_path / "more.json"]
    recipe = replace(describer_debug(), language_steps=1, pictures_steps=1)
    trained = train_describer(recipe, data, manifests, tmp_path, log=lambda _: None)
    assert unseen not in {photo.file for photo in trained.seen.photos}
    assert len(trained.seen.photos) == 23


def test_the_runtime_says_what_the_trained_network_says(trained: Trained, data: Path, tmp_path: Path) -> None:
    recipe = describer_debug()
    paths = package(trained, recipe, data / "photos", tmp_path, rate=1, beam=1, log=lambda _: None)
    nets = DescriberNets(package_at(tmp_path).files)
    image = torch.full((1, 3, 64, 64), 0.3)
    image[:, 0, 10:50, 20:60] = -0.8
    vocabulary = trained.language.vocabulary
    with torch.no_grad():
        sight = trained.model.eval().see(image)
        logits = trained.model.memory.concept_logits(sight)
        memory = trained.model.memory(sight)
        doubts = torch.zeros(1, len(vocabulary))
        doubts[:, vocabulary.ids(trained.language.concepts)] = trained.model.doubts(logits)
        begun = torch.tensor([[CAPTION, vocabulary.first_rate + 1, *vocabulary.ids(["a", "red"])]])
        mine = (trained.model.writer(begun, memory)[0, -1] + doubts[0]).numpy()
    pixels = ((image[0].permute(1, 2, 0).numpy() + 1) * 127.5).round().astype(np.uint8)
    features = nets.see(pixels)
    assert np.abs(features[:, : memory.shape[1]] - memory.numpy()).mean() < 0.1
    told = features[0, memory.shape[1] :].reshape(-1)[: logits.shape[1]]
    assert np.abs(told - logits[0].numpy()).max() < 0.2
    theirs = nets.next_log_odds(begun.numpy(), features)[0]
    assert np.abs(mine - theirs).max() < 0.1 * mine.std()
    assert sum(path.stat().st_size for path in paths.values()) < 150_000


def test_kinds_learn_from_pictures_that_were_only_looked_at_for_persons(
    trained: Trained, data: Path, tmp_path: Path
) -> None:
    paths = package(trained, describer_debug(), data / "photos", tmp_path, rate=1, beam=1, log=lambda _: None)
    before = json.loads(paths["words.json"].read_text("utf-8"))["kinds"]
    for file, _ in zip(persons_seen(), range(3), strict=False):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        Image.fromarray(_picture("red", 1)).save(tmp_path / file)
    after = kinds_from(trained, DescriberNets(package_at(tmp_path).files), tmp_path)
    assert {name for name in before["fits"] if before["fits"][name] != after["fits"][name]} == {"person"}


def test_self_critical_learning_keeps_the_best_writer_it_saw(trained: Trained, tmp_path: Path) -> None:
    lines: list[str] = []
    train_self_critical(trained, describer_debug(), self_critical_debug(), tmp_path, seed=1, log=lines.append)
    chosen = [json.loads(line)["choose"] for line in lines]
    assert len(chosen) == 3
    assert max(chosen) >= chosen[0]


def test_a_writer_may_have_the_detector_of_a_packaged_describer(trained: Trained, data: Path, tmp_path: Path) -> None:
    recipe, photos = describer_debug(), data / "photos"
    package(trained, recipe, photos, tmp_path / "first", rate=1, beam=1, log=lambda _: None)
    other = replace(trained, model=deepcopy(trained.model))
    with torch.no_grad():
        for weight in other.model.memory.parameters():
            weight.add_(0.3 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)))
    picture = _picture("red", 1)[:64, :64]

    def told(name: str) -> np.ndarray:
        nets = DescriberNets(package_at(tmp_path / name).files)
        return nets.vocabulary.told(nets.see(picture))

    package(other, recipe, photos, tmp_path / "its own", rate=1, beam=1, log=lambda _: None)
    sees = package_at(tmp_path / "first")
    package(other, recipe, photos, tmp_path / "second", rate=1, beam=1, sees=sees, log=lambda _: None)
    assert np.array_equal(told("second"), told("first"))
    assert np.abs(told("its own") - told("first")).max() > 0.1
    first, second = (json.loads((tmp_path / name / "words.json").read_text("utf-8")) for name in ("first", "second"))
    assert second["kinds"] == first["kinds"]
    assert second["calibration"].get("keywords") == first["calibration"].get("keywords")


def test_what_is_said_of_decoded_pictures_is_rewarded_too(trained: Trained, data: Path, tmp_path: Path) -> None:
    photos = [photo for part in ("train", "choose") for photo in trained.photos(part)]
    for photo in photos:
        path = tmp_path / decoded_file(photo)
        path.parent.mkdir(exist_ok=True)
        with Image.open(data / "photos" / photo.file) as picture:
            picture.resize((12, 10)).save(path)
    make(data / "photos", [(photos[0], 1000.0), (photos[1], 1000.0)], tmp_path / "made")
    assert [path.name for path in sorted((tmp_path / "made" / "train").iterdir())] == sorted(
        Path(decoded_file(photo)).name for photo in photos[:2]
    )
    decoded = see_decoded(trained, tmp_path, describer_debug(), tmp_path / "out")
    assert decoded.photos("train") == trained.photos("train") and decoded.seen.num_views == 2
    rows = trained.rows["train"]
    assert not torch.equal(decoded.logits[: len(rows), 0], trained.logits[rows, 0])
    again = see_decoded(trained, tmp_path, describer_debug(), tmp_path / "out")
    assert torch.equal(again.logits, decoded.logits)
    drawn = []
    for side in (None, decoded):
        out, lines = tmp_path / ("with" if side else "without"), list[str]()
        recipe = replace(self_critical_debug(), judge_every=1)
        train_self_critical(trained, describer_debug(), recipe, out, seed=1, decoded=side, log=lines.append)
        drawn.append([json.loads(line)["drawn"] for line in lines[1:]])
    assert len(drawn[0]) == len(drawn[1]) == 6 and drawn[0] != drawn[1], "as many steps, half of them about these"


def test_a_caption_costs_what_its_payload_has_but_for_the_head_and_the_rounding() -> None:
    prices = CaptionBits()
    for text in ("A dog runs on the beach.", "Two men in red hats sit on a bench near the old harbour."):
        assert 0 <= payload_bits(text) - prices.bits(text) <= 20
    assert prices.bits("A dog runs.") < prices.bits("A dog runs on the beach.")


def test_made_up_detections_are_calibrated_and_better_with_sensitivity() -> None:
    rng = np.random.default_rng(1)
    said_of, mean_share = np.array([0.1, 0.5]), np.array([0.6, 0.4])
    shares = [{c: mean_share[c] for c in range(2) if rng.random() < said_of[c]} for _ in range(4000)]
    true = np.array([[known.get(c, 0.0) for c in range(2)] for known in shares])
    errors = []
    for d in (0.5, 2.0):
        chance = 1 / (1 + np.exp(-simulated_logits(shares, said_of, mean_share, rng, (d, d))))
        assert np.allclose(chance.mean(0), said_of * mean_share, atol=0.02)
        errors.append(np.square(chance - true).mean())
    assert errors[1] < errors[0]


def test_boxes_become_cells_and_a_flip_mirrors_them() -> None:
    assert cells_of((0.0, 0.0, 1.0, 1.0)) == (0, 0, 63, 63)
    assert cells_of((0.999, 0.5, 0.001, 0.001)) == (63, 32, 0, 0)
    vocabulary = Vocabulary([",", "dog", "traffic", "light"], num_rates=1)
    small, large = Box("traffic light", (0.0, 0.0, 0.25, 0.25)), Box("dog", (0.5, 0.0, 0.5, 1.0))
    first = vocabulary.first_cell
    dog, traffic, light = vocabulary.ids(["dog", "traffic", "light"])
    ids = region_ids([small, large], vocabulary, flipped=False, max_tokens=20)
    assert ids == [first + 32, first, first + 31, first + 63, dog, first, first, first + 15, first + 15, traffic, light]
    assert region_ids([large], vocabulary, flipped=True, max_tokens=20)[:4] == [first, first, first + 31, first + 63]
    assert region_ids([small, large], vocabulary, flipped=False, max_tokens=7) == ids[:5]


def test_words_name_an_absent_object_where_no_box_and_no_label_has_it() -> None:
    beach = Photo("train/coco-1.webp", "coco", boxes=(Box("person", (0, 0, 1, 1)), Box("bear", (0, 0, 1, 1))))
    assert absent("a man and a dog on a bike".split(), beach) == {"dog", "bike"}
    assert not absent("two bears and people on the sand".split(), beach)
    macaw = Photo("train/imagenet-1.webp", "imagenet", label="macaw", things=("bird", "parrot", "macaw"))
    assert absent("a dog on a table".split(), macaw) == {"dog"}
    assert not absent("a bird and a dog".split(), macaw)
    assert not absent("a man in the snow".split(), macaw)


def test_words_are_right_that_people_used_and_that_name_nothing_of_another_kind() -> None:
    photo = Photo("train/a.webp", "flickr8k", captions=("A puppy runs on grass.", "Brown dog in the green grass"))
    assert is_right(words_of("A brown dog runs."), photo)
    assert is_right(words_of("A dog on the grass"), photo)
    assert not is_right(words_of("A brown dog runs on grass with a man"), photo)
    assert not is_right(words_of("A white dog is sleeping"), photo)
    assert unheard(["poodle", "horse"], ["puppy"]) == {"horse"}


def test_captions_are_asked_for_by_their_length(trained: Trained) -> None:
    first = trained.language.vocabulary.first_rate
    assert trained.language.rate_of(range(1)) == first + 1
    assert trained.language.rate_of(range(20)) == first


def test_labels_tell_words_that_captions_use(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("background\ntench, Tinca tinca\ngoldfish\n")
    classes = class_numbers(tmp_path / "labels.txt")
    assert classes == {"tench": 0, "goldfish": 1}
    assert words_told({"source": "imagenet", "label": "tench"}, classes) == ("fish",)
    assert words_told({"source": "caltech", "label": "ibis"}, classes) == ("bird",)
    about = {"source": "coco", "boxes": [{"label": "cell phone"}, {"label": "dog"}], "tags": ["Nice", "big dog"]}
    assert words_told(about, classes) == ("phone", "dog", "nice")
    assert "parrot" in words_of_classes()[88] and "dog" in words_of_classes()[207] and len(words_of_classes()) == 1000


def test_a_class_is_evidence_for_its_words_alone() -> None:
    detector = Detector(4, 3, ("dog", "grass", "cat"), (("dog",), ("cat",), ()))
    detector.eval().begin(torch.full((3,), 0.2))
    pooled, classes = torch.zeros(2, 4), torch.tensor([[9.0, 0, 0], [0, 0, 9.0]])
    told = detector(pooled, classes).detach()
    assert told[0, 0] > told[1, 0] + 1
    assert told[0, 1] == told[1, 1]
    assert abs(float(told[0, 2] - told[1, 2])) < 0.1


def test_a_text_is_a_sentence_and_unknown_words_are_marked() -> None:
    vocabulary = Vocabulary([",", "a", "man", "'s", "dog"], num_rates=1)
    ids = vocabulary.ids(["a", "man", "'s", "dog"])
    assert vocabulary.text_of([*ids, END]) == "A man's dog."
    assert vocabulary.words_of(ids) == ["a", "man", "'s", "dog"]
    assert vocabulary.ids(["zebra"]) == [2]


def test_calibration_points_never_fall() -> None:
    points = rising_points([-3.0, -2.0, -1.0, -0.5], [True, False, False, True], groups=4)
    assert points == [[-2.0, 0.3333], [-0.5, 1.0]]

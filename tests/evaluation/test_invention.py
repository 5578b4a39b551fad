"""The measurement of the generator, on small pictures and with tiny networks; and the page's tables are its results."""

from __future__ import annotations

import json
import sys
from importlib import util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.evaluation.measures.pixels import psnr_db
from semcodec.evaluation.network import LayerNetwork
from semcodec.evaluation.sets import load_set
from semcodec.types import MISSING
from semcodec.zoo.catalog import package_at

DISTANCES = ("mobilenet_distance", "judge2_distance")


def script(root: Path, name: str):
    spec = util.spec_from_file_location(name, root / "benchmarks" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = util.module_from_spec(spec)  # (dataclasses look for their module there)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def invention(root: Path):
    return script(root, "invention")


@pytest.fixture
def bench(invention, tiny_generator: Path, tiny_network: Path):
    network = LayerNetwork(tiny_network)
    painters = invention.open_painters(package_at(tiny_generator))
    return invention.Bench(painters, {"mobilenet": network, "judge2": network})


@pytest.fixture
def pictures(picture_folder: Path):
    return load_set(picture_folder).pictures


# ---- with and without


def test_a_way_of_painting_is_measured_on_what_it_paints(invention, bench, pictures) -> None:
    told = invention.over_budgets(bench, pictures, (120,), ("without", "with"))["budgets"]["120"]
    images = [picture.load() for picture in pictures]
    files = [semcodec.encode(image, bytes=120).data for image in images]
    filled = [psnr_db(image, semcodec.decode(data)) for image, data in zip(images, files, strict=True)]
    assert told["without"]["psnr_db"] == pytest.approx(np.mean(filled), abs=1e-4)
    assert (
        told["with"]["file_bytes"]
        == told["without"]["file_bytes"]
        == pytest.approx(np.mean([*map(len, files)]), abs=1e-4)
    )
    assert told["with"]["psnr_db"] != told["without"]["psnr_db"]  # a random generator does draw something


def test_the_gain_is_what_one_way_has_over_the_other(invention, bench, pictures) -> None:
    told = invention.over_budgets(bench, pictures, (120,), ("without", "with"))["budgets"]["120"]
    for name in invention.DISTANCES:
        ratio = told["with"]["over_without"][name]
        assert ratio["mean"] == pytest.approx(told["with"][name] / told["without"][name], abs=1e-3)
        assert ratio["low"] <= ratio["mean"] <= ratio["high"]
    less = told["with"]["less_without"]
    assert less["psnr_db"]["mean"] == pytest.approx(told["with"]["psnr_db"] - told["without"]["psnr_db"], abs=1e-3)
    assert less["kid_judge2"][0] == pytest.approx(
        told["with"]["kid_judge2"][0] - told["without"]["kid_judge2"][0], abs=1e-4
    )


def test_a_painter_gains_nothing_over_itself(invention, bench, pictures) -> None:
    decoder = bench.painters["without"]
    same = invention.Bench({"without": decoder, "with": decoder}, bench.networks)
    told = invention.over_budgets(same, pictures, (120,), ("without", "with"))["budgets"]["120"]
    assert told["with"]["over_without"] == {name: {"mean": 1, "low": 1, "high": 1} for name in invention.DISTANCES}
    assert told["with"]["less_without"]["same_class"] == {"mean": 0, "low": 0, "high": 0}
    assert told["with"]["less_without"]["kid_mobilenet"] == [0, 0]


def test_the_generator_is_also_made_to_invent_what_it_leaves_to_the_decoder(invention, bench, pictures) -> None:
    assert list(bench.painters) == ["without", "with", "with, down to 8"]  # the tiny one stops at 16
    scene = semcodec.read(semcodec.encode(pictures[0].load(), bytes=120).data).scene
    known = {way: bench.painters[way].complete(scene).digits for way in list(bench.painters)[1:]}
    assert (known["with"][-1][..., 0] == MISSING).any()
    assert not (known["with, down to 8"][-1] == MISSING).any()


# ---- words alone


def test_an_original_is_ranked_by_how_like_the_painting_it_is(invention) -> None:
    originals = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    painted = np.array([[0.9, 0.3], [0.3, 0.9], [0.9, 0.3]])
    assert invention.ranks(invention.cosines(painted, originals), [0, 0, 2]) == [0, 1, 3]


def test_what_all_originals_have_in_common_does_not_count(invention) -> None:
    originals = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    painted = np.array([[0.9, 0.3], [-0.3, 0.9]])
    np.testing.assert_allclose(invention.cosines(painted + 7, originals + 7), invention.cosines(painted, originals))


def test_originals_that_are_as_like_count_half(invention) -> None:
    assert invention.ranks(np.array([[0.8, 0.8, 0.1, 0.9]]), [0]) == [1.5]


def test_a_picture_is_at_no_distance_from_itself(invention, bench, pictures) -> None:
    images = [picture.load() for picture in pictures]
    found = invention.distances(bench.networks["judge2"], images, images)
    np.testing.assert_array_equal(np.diag(found), 0)
    assert invention.ranks(-found, [0, 1, 2]) == [0, 0, 0]


def test_recall_is_the_share_among_the_first(invention) -> None:
    told = invention.recalls([0, 0.5, 4, 5, 9.5, 40])
    assert [told[f"recall@{cutoff}"]["mean"] for cutoff in (1, 5, 10)] == pytest.approx([2 / 6, 3 / 6, 5 / 6], abs=1e-4)
    assert told["recall@5"]["low"] < 0.5 < told["recall@5"]["high"]


def test_the_shape_of_a_picture_does_not_tell_which_it_is(invention, bench) -> None:
    grey = [np.full((height, width, 3), 90, np.uint8) for height, width in ((64, 96), (96, 64), (200, 40))]
    seen = list(invention.signatures(bench.networks["judge2"], grey, 64))
    np.testing.assert_allclose(seen[1:], seen[:1] * 2, rtol=1e-6)


def test_words_alone_are_sent_painted_and_looked_for(invention, bench, pictures, debug_describer: str) -> None:
    captions = {"one": "a red dog", "two": "the blue sea"}
    told = invention.from_words(bench, pictures, captions)
    assert told["originals"] == told["describer"]["paintings"] == 3
    assert told["people"]["paintings"] == told["describer_where_people_spoke"]["paintings"] == 2
    assert told["people"]["mean_file_bytes"] < 20
    for said in ("describer", "people", "tokens_100_bytes"):
        assert told[said]["judge2"]["recall@5"]["mean"] == 1  # of three originals
        assert told[said]["judge2_distance"]["recall@5"]["mean"] == 1


def test_pictures_that_people_spoke_of_come_first(invention, pictures) -> None:
    chosen = invention.for_text(pictures, {"one": "a", "three": "b"}, 2)
    assert [picture.name for picture in chosen] == ["one", "three"]
    assert {picture.name for picture in invention.for_text(pictures, {"one": "a"}, 3)} == {"one", "two", "three"}


# ---- words beside tokens


def test_words_that_the_painter_does_not_hear_change_nothing(invention, bench, pictures) -> None:
    deaf = invention.Bench({"with": bench.painters["without"]}, bench.networks)
    captions = {"one": "a red dog", "two": "the blue sea", "three": "a boat"}
    told = invention.beside_words(deaf, pictures, captions, (120,))["budgets"]["120"]
    for said in ("none_less_right", "wrong_less_right"):
        assert told[said] == {name: {"mean": 0, "low": 0, "high": 0} for name in invention.DISTANCES}


def test_words_are_those_of_the_picture_none_or_anothers(invention, bench, pictures) -> None:
    heard: list[tuple[str, str | None]] = []

    class Listening:
        def render(self, scene: semcodec.Scene) -> np.ndarray:
            heard.append(scene.words and scene.words.text)
            return bench.painters["without"].render(scene)

    captions = {"one": "first", "three": "third", "two": "second"}
    invention.beside_words(invention.Bench({"with": Listening()}, bench.networks), pictures, captions, (120,))
    assert heard == ["first", None, "third", "third", None, "second", "second", None, "first"]


# ---- the page


def budget(*, ratio: float, kid: float, same_class: tuple[float, float]) -> dict:
    """What is looked at of a budget's results, to see whether an aim is reached."""
    low, high = same_class
    less = {
        "same_class": {"mean": (low + high) / 2, "low": low, "high": high},
        "kid_mobilenet": [kid, 0.1],
        "kid_judge2": [kid, 0.1],
    }
    over = {name: {"mean": ratio, "low": ratio, "high": ratio} for name in DISTANCES}
    return {"with": {"over_without": over, "less_without": less}}


@pytest.mark.parametrize(
    ("found", "reached"),
    [
        (budget(ratio=0.9, kid=-0.21, same_class=(0.01, 0.05)), ["yes", "yes", "yes"]),
        (budget(ratio=0.91, kid=-0.19, same_class=(0.0, 0.05)), ["no", "no", "no"]),
        (budget(ratio=1.1, kid=0.5, same_class=(-0.05, -0.01)), ["no", "no", "no"]),
    ],
)
def test_an_aim_is_reached_or_not(invention, found: dict, reached: list[str]) -> None:
    results = {"kodak": {"budgets": {"340": found}}, "photos": {"budgets": {"340": found}}}
    rows = [line.strip("| ").split(" | ") for line in invention.aims_table(results).splitlines()[2:]]
    assert [row[-1] for row in rows] == reached


@pytest.mark.parametrize(("recall", "reached"), [(0.2, "yes"), (0.19, "no")])
def test_a_fifth_of_the_originals_among_the_first_five_is_the_aim_of_words_alone(
    invention, recall: float, reached: str
) -> None:
    share = {"mean": recall, "low": 0, "high": 1}
    text = {"describer": {"judge2": {"recall@5": share}}, "chance": {"recall@5": 0.05}}
    assert invention.aims_table({"text": text}).rstrip("|\n ").endswith(reached)


def test_the_tables_in_the_page_are_those_of_the_committed_results(invention, root: Path) -> None:
    results = json.loads((root / "benchmarks" / "results" / "invention.json").read_text())
    bits = json.loads(invention.BITS_PATH.read_text()) if invention.BITS_PATH.exists() else None
    page = invention.PAGE.read_text()
    assert set(results) == set(invention.PARTS)
    assert invention.with_tables(page, invention.tables(results, bits)) == page


def test_bits_are_told_for_every_scale_and_beside_the_tables(invention) -> None:
    """In the form of `semcodec_train.generator.bits`: [mean, standard error] by scale."""
    per_scale = [[10.0, 0.5], [8.0, 0.25]]
    names = ("right", "none", "wrong", "none_minus_right", "wrong_minus_right")
    found = {"strides": [32, 16], "integer_tables": [[12.0, 0.1], [16.0, 0.1]]}
    found |= {hidden: dict.fromkeys(names, tuple(per_scale)) for hidden in ("all_hidden", "one_by_one")}
    told = invention.tables({}, {"words_of_people": found})
    assert "8.00 / 16.00 = **0.500**" in told["aims"]
    assert len(told["bits"].splitlines()) == 2 + 2 * 2


def test_a_new_table_takes_the_place_of_the_old_one(invention) -> None:
    begins, ends = invention.marks("text")
    page = f"before\n{begins}| old |\n{ends}\nafter\n"
    assert invention.with_tables(page, {"text": "| new |\n"}) == f"before\n{begins}| new |\n{ends}\nafter\n"


def test_a_quick_run_does_not_become_the_result(invention, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["invention.py", "--quick"])
    with pytest.raises(SystemExit):
        invention.main()
    assert "give --out" in capsys.readouterr().err


def test_the_sheet_has_a_column_for_all_that_is_sent(root: Path, tiny_generator: Path, debug_describer: str) -> None:
    sheet = script(root, "invention_sheet")
    photo = Image.open(root / "examples" / "kodim23.png").convert("RGB").resize((192, 128))
    above, below = sheet.rows_of(photo, "a red dog", semcodec.open_painter(str(tiny_generator)))
    assert len(above) == len(below) == 1 + 2 + len(sheet.BUDGETS)
    assert above[3].size == below[1].size == photo.size
    drawn = sheet.draw_sheet([""] * len(above), [above, below])
    assert drawn.size == (6 * (232 + 4), 22 + 2 * (156 + 4))

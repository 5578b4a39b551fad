"""Words kept: a describer that is known by heart looks at pictures twice, and the captions are compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.errors import WeightsError
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.measures.judges import Judges, WeightPaths
from semcodec.evaluation.measures.words_kept import WordsKept, caption_frequencies
from semcodec.evaluation.peers.registry import open_peers
from semcodec.evaluation.report.extract import differences_markdown, table_markdown
from semcodec.evaluation.results import read_lines, write_lines
from semcodec.evaluation.runner import Plan, run_plan
from semcodec.evaluation.sets import load_set
from semcodec.evaluation.summary import read_summary


@pytest.fixture(scope="module")
def describer(pytestconfig: pytest.Config) -> str:
    return str(pytestconfig.rootpath / "tests" / "data" / "words-debug")


@pytest.fixture
def blue_HWC(red_HWC: np.ndarray) -> np.ndarray:
    return red_HWC[:, :, ::-1].copy()


@pytest.fixture
def plan(describer: str, red_HWC: np.ndarray, tmp_path: Path) -> Plan:
    (tmp_path / "pictures").mkdir()
    Image.fromarray(red_HWC).save(tmp_path / "pictures" / "red.png")
    peers, _ = open_peers(["jpeg", "webp"])
    return Plan(
        load_set(tmp_path / "pictures"), tuple(peers), (1000,), WeightPaths(words_kept=describer), tmp_path / "out",
        with_vmaf=False, with_semcodec=False,
    )  # fmt: skip


def test_the_same_words_are_all_kept_and_others_are_not(
    describer: str, red_HWC: np.ndarray, blue_HWC: np.ndarray
) -> None:
    words = WordsKept(describer)
    red, blue = words.caption(red_HWC), words.caption(blue_HWC)
    assert red == ["a", "red", "cap", "on", "the", "wall"]
    assert blue == ["a", "blue", "sea", "on", "the", "wall"]
    assert words.share(red, red) == pytest.approx(1)
    assert 0 <= words.share(red, blue) < 0.5
    assert words.share(red, []) == 0


def test_a_rare_word_weighs_more_than_a_common_one_and_a_word_alone_is_kept_whole(describer: str) -> None:
    words = WordsKept(describer)
    said = "a dog on the grass".split()
    assert words.share(said, "a dog on the sand".split()) > words.share(said, "a cat on the grass".split()) > 0
    assert words.share(["dog"], ["dog"]) == pytest.approx(1)
    assert (words.share([], []), words.share([], ["dog"])) == (1, 0)


def test_ngrams_are_counted_in_the_captions_of_the_text_table() -> None:
    frequencies = caption_frequencies()
    counts = frequencies.counts
    assert frequencies.num_pictures == 61505
    assert counts["a",] == 61505  # more often than there are captions, but no more than once each
    assert [counts[ngram] for ngram in (("dog",), ("a", "dog"), ("a", "man", "in"), ("a", "man", "in", "a"))] == [
        8230, 2176, 1216, 800,
    ]  # fmt: skip
    assert [counts[ngram] for ngram in (("zyx",), ("a", "zyx"), ("dog", "dog", "dog"))] == [0, 0, 0]


def test_it_is_measured_where_a_describer_is_named(describer: str, red_HWC: np.ndarray, blue_HWC: np.ndarray) -> None:
    without, judges = (Judges(WeightPaths(words_kept=name), with_vmaf=False) for name in (None, describer))
    assert "words kept: not measured, because no weights were given (--words-kept)" in without.absent
    assert "words_kept" not in without.names
    assert judges.weight_files()["words_kept"]["file"] == "words-debug"
    same, other = judges.against(red_HWC).measure([red_HWC, blue_HWC], ["words_kept"])
    assert same == {"words_kept": pytest.approx(1)}
    assert other["words_kept"] < same["words_kept"]


def test_a_describer_that_is_not_there_is_an_error_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="words-zyx: no describer of this name is shipped"):
        WordsKept("words-zyx")


def test_a_run_has_it_in_its_tables_beside_the_others(plan: Plan) -> None:
    run_plan(plan)
    summary = read_summary(plan.out)
    measure = find_measure("words_kept")
    assert measure in summary.measures
    assert "**words kept** (higher is better)" in table_markdown(summary, summary.measures)
    assert summary.mean("jpeg", measure, 1000) is not None
    assert "psnr_db" in {each.name for each in summary.measures}
    assert differences_markdown(summary, summary.measures)


def test_words_of_another_describer_are_asked_for_again_and_nothing_else_is(plan: Plan) -> None:
    run_plan(plan)
    path = plan.out / "results.jsonl"
    lines = read_lines(path)
    judged = {line.describer for line in lines if "words_kept" in line.values}
    assert judged == {Judges(plan.weights, with_vmaf=False).describer}
    seen: list[str] = []
    run_plan(plan, on_progress=lambda done, num, text: seen.append(text))
    assert not seen
    kept = {"words_kept": 0.25, "psnr_db": 1.0}
    write_lines(path, [replace(line, values=line.values | kept, describer="another") for line in lines])
    run_plan(replace(plan, weights=WeightPaths()))
    assert all(line.values["words_kept"] == 0.25 for line in read_lines(path))
    run_plan(plan)
    again = read_lines(path)
    assert all(line.values["psnr_db"] == 1.0 for line in again)
    assert [line.values["words_kept"] for line in again] == [line.values["words_kept"] for line in lines]
    assert [line.describer for line in again] == [line.describer for line in lines]

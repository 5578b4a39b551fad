"""The embedder: what a describer sees and words become numbers that agree, and none of it needs a network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from semcodec.errors import WeightsError
from semcodec.ids import VECTOR_SPACES
from semcodec.models import Models, default_models
from semcodec.nets.embedder import Embedder, numbers_of
from semcodec.zoo.catalog import shipped


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return default_models().embedder()


def test_words_of_a_thing_meet_the_picture_in_which_it_is_seen_alone(embedder: Embedder) -> None:
    vocabulary = default_models().describer().vocabulary
    shape = default_models().describer().see(np.zeros((64, 64, 3), np.uint8)).shape
    places = {vocabulary.words[token].strip(): place for token, place in vocabulary.evidence.items()}
    pictures = []
    for name in ("dog", "boat", "train"):
        features_1PF = np.zeros(shape, np.float32)
        features_1PF[0, vocabulary.evidence_from :] = -4
        features_1PF[0, vocabulary.evidence_from :].reshape(-1)[places[name]] = 3
        pictures.append(numbers_of(np.frombuffer(embedder.vector_of(features_1PF, vocabulary).levels, np.uint8)))
    for at, words in enumerate(("two dogs", "Boats!", "a train in the snow")):
        wanted_D = embedder.query(words)
        assert wanted_D is not None and int(np.argmax(np.stack(pictures) @ wanted_D)) == at


def test_a_query_is_the_sum_of_its_words_each_once_whatever_stands_between_them(embedder: Embedder) -> None:
    one, other, both = (embedder.query(text) for text in ("red", "bird", "RED, bird... (red)"))
    assert one is not None and other is not None and both is not None
    np.testing.assert_allclose(one + other, both, rtol=1e-5, atol=1e-5)
    assert embedder.query("zebras") is not None
    for text in ("", "!?", "qqxz", "\ud800", "it is of the"):
        assert embedder.query(text) is None


def test_whatever_a_describer_sees_its_levels_are_levels(embedder: Embedder) -> None:
    vocabulary = default_models().describer().vocabulary
    for value in (0.0, 1e30, -1e30, np.nan):
        levels = embedder.vector_of(np.full((1, 90, 256), value, np.float32), vocabulary).levels
        assert len(levels) == 64 and max(levels) < 16


def test_it_is_that_of_its_number_small_and_only_for_the_describers_that_it_names() -> None:
    found = shipped().find("embedder")
    assert VECTOR_SPACES[Embedder(found.files).facts.space] == found.name
    assert shipped().name_of("describer") in found.row["embeds"]
    assert sum(file["bytes"] for file in found.row["files"]) <= 1_000_000


def test_another_describer_has_none(root: Path) -> None:
    other = default_models().but(describer=str(root / "tests" / "data" / "words-debug"))
    with pytest.raises(WeightsError, match="makes no vectors of what words-debug sees"):
        other.embedder()
    assert default_models().embedder_of(99) is None


def test_tables_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "about.json").write_text(json.dumps({"space": 1, "concepts": 3, "words": ["dog"]}))
    (tmp_path / "tables.npz").write_bytes(b"no archive")
    files = {path.name: path for path in tmp_path.iterdir()}
    with pytest.raises(WeightsError, match=r"tables\.npz: holds no tables"):
        Embedder(files)
    (tmp_path / "about.json").write_text("{}")
    with pytest.raises(WeightsError, match="no facts of an embedder"):
        Embedder(files)


def test_words_are_compared_without_onnxruntime() -> None:
    program = (
        "import sys; from semcodec.models import Models; assert Models().embedder_of(1).query('dog') is not None; "
        "print('onnxruntime' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert Models().embedder_of(1) is not None

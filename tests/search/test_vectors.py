"""Vectors: stored once, compared by brute force, and a network that is the one it says it is.

The real weights come with an extra; here a network of the same shape has random ones, so that texts lie somewhere.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semcodec.errors import MissingExtraError, SemcodecError, WeightsError
from semcodec.search import index_folder, sentence_network, vectors
from semcodec.search.sentence_network import NUM_FEATURES, NUM_LAYERS, SentenceNetwork, load_network, read_safetensors
from semcodec.search.vectors import add_vectors, search_vectors

WIDE, PIECES = 4 * NUM_FEATURES, 64


class _Letters:
    """Splits a text into letters, as `tokenizers` would into pieces."""

    def enable_truncation(self, most: int) -> None:
        self.most = most

    def enable_padding(self) -> None: ...

    def encode_batch(self, texts: list[str]) -> list[Any]:
        width = max(len(text[: self.most]) for text in texts)
        return [
            type("Encoding", (), {
                "ids": [ord(char) % PIECES for char in text[: self.most]] + [0] * (width - len(text[: self.most])),
                "attention_mask": [1] * len(text[: self.most]) + [0] * (width - len(text[: self.most])),
            })
            for text in texts
        ]  # fmt: skip


def random_weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (PIECES, NUM_FEATURES),
        "embeddings.position_embeddings.weight": (512, NUM_FEATURES),
        "embeddings.token_type_embeddings.weight": (2, NUM_FEATURES),
    }
    square = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
    for layer in range(NUM_LAYERS):
        for name in square:
            shapes[f"encoder.layer.{layer}.{name}.weight"] = (NUM_FEATURES, NUM_FEATURES)
        shapes[f"encoder.layer.{layer}.intermediate.dense.weight"] = (WIDE, NUM_FEATURES)
        shapes[f"encoder.layer.{layer}.output.dense.weight"] = (NUM_FEATURES, WIDE)
    weights = {name: rng.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()}
    for name, weight in list(weights.items()):
        if name.startswith("encoder"):
            weights[name.replace(".weight", ".bias")] = np.zeros(weight.shape[0], np.float32)
    norms = ["embeddings.LayerNorm"]
    norms += [f"encoder.layer.{n}.{at}.LayerNorm" for n in range(NUM_LAYERS) for at in ("attention.output", "output")]
    for name in norms:
        weights |= {
            f"{name}.weight": np.ones(NUM_FEATURES, np.float32),
            f"{name}.bias": np.zeros(NUM_FEATURES, np.float32),
        }
    return weights


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> SentenceNetwork:
    made = SentenceNetwork(random_weights(), _Letters())
    monkeypatch.setattr(vectors, "load_network", lambda: made)
    return made


def test_a_sentence_has_the_same_vector_alone_and_among_longer_ones(network: SentenceNetwork):
    together = network.vectors_of(["a dog", "a much longer sentence about a dog", "sea"])
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together[0], network.vectors_of(["a dog"])[0], atol=1e-5)


def test_vectors_are_made_once_and_the_nearest_text_is_itself(album: Path, database: Path, network: SentenceNetwork):
    index_folder(album, database=database)
    assert add_vectors(database=database) == 4
    assert add_vectors(database=database) == 0
    best, *others = search_vectors("A dog on a couch.", database=database)
    assert Path(best.path).name == "dog.semc"
    assert best.score == pytest.approx(1, abs=2e-3)
    assert len(others) == 3
    assert all(other.score < best.score for other in others)


def test_vectors_go_with_their_words(album: Path, database: Path, network: SentenceNetwork):
    index_folder(album, database=database)
    add_vectors(database=database)
    (album / "deep" / "dog.semc").unlink()
    index_folder(album, database=database)
    assert len(search_vectors("A dog on a couch.", database=database)) == 3


def test_an_index_without_vectors_says_how_to_make_them(album: Path, database: Path):
    index_folder(album, database=database)
    with pytest.raises(SemcodecError, match="--vectors"):
        search_vectors("dog", database=database)


def test_without_the_extra_the_error_has_its_name(monkeypatch: pytest.MonkeyPatch):
    load_network.cache_clear()
    monkeypatch.setitem(sys.modules, sentence_network.PACKAGE, None)
    with pytest.raises(MissingExtraError, match=r"semcodec\[search\]"):
        load_network()


@pytest.mark.parametrize("data", [b"", b"\xff" * 40, b"\x02\0\0\0\0\0\0\0{}"[:9], b"\x08\0\0\0\0\0\0\0not json"])
def test_a_file_that_is_no_weights_is_refused(tmp_path: Path, data: bytes):
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="safetensors"):
        read_safetensors(path)

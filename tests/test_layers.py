"""Layers by their names: files of some of them, pictures of some of them, outlines for painters that follow them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import semcodec
from semcodec.errors import NoPictureError
from semcodec.layers.catalog import GROUPS, LAYERS, layers_named
from semcodec.types import Scene, Size


@pytest.fixture(scope="module")
def data(photo_path: Path) -> bytes:
    return semcodec.encode(
        photo_path, bytes=500, structure=100, picture="tokens", caption="Two macaws.", language="en"
    ).data


def names(data: bytes) -> list[str]:
    return [layer.name for layer in semcodec.info(data).layers]


def test_every_layer_but_the_hint_is_in_one_group() -> None:
    grouped = [number for numbers in GROUPS.values() for number in numbers]
    assert len(grouped) == len(set(grouped))
    assert {layer.id for layer in LAYERS} - set(grouped) == {15}
    assert layers_named(["signal", "text"]) == {1, 2, 4, 5}


@pytest.mark.parametrize(
    ("layers", "kept"),
    [
        (("semantic",), ["text"]),
        (("semantic", "structure"), ["text", "structure"]),
        (("structure",), ["structure"]),
        (("signal",), ["tokens"]),
        (("text", "tokens"), ["text", "tokens"]),
    ],
)
def test_a_file_is_cut_to_some_of_its_layers(data: bytes, layers: tuple[str, ...], kept: list[str]) -> None:
    shorter = semcodec.cut(data, layers=layers)
    assert names(shorter) == kept and not semcodec.read(shorter).problems
    smaller = semcodec.cut(data, layers=layers, bytes=len(shorter) - 1) if kept != ["text"] else shorter
    assert len(smaller) <= len(shorter) and set(names(smaller)) <= set(kept)


def test_a_picture_of_some_layers_is_that_of_a_file_of_them(data: bytes) -> None:
    of_layers = semcodec.decode(data, layers=["signal"], restore=False)
    assert np.array_equal(of_layers, semcodec.decode(semcodec.cut(data, layers=["signal"]), restore=False))
    with pytest.raises(NoPictureError, match="outlines without words are not painted"):
        semcodec.decode(data, layers=["structure"])


def test_layers_that_are_none_or_not_there_are_one_sentence(data: bytes) -> None:
    for layers, says in (
        (["pixel"], "'pixel' is no layer: name some of semantic, structure, signal"),
        (["regions"], "regions are read with the text: name that layer, too"),
        ([], "no layer is named"),
    ):
        with pytest.raises(ValueError, match=says):
            semcodec.cut(data, layers=layers)
    for door in (semcodec.cut, semcodec.decode):
        with pytest.raises(NoPictureError, match="none of these layers is in the file, which has text, "):
            door(data, layers=["pixels"])


class Following:
    """A painter that shows the outlines it is given."""

    name = "following"

    def __init__(self, *, follows_edges: bool) -> None:
        self.follows_edges, self.seen = follows_edges, list[bool]()

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> np.ndarray:
        self.seen.append(scene.edges is not None)
        return np.zeros((scene.size.height_px, scene.size.width_px, 3), np.uint8)


def test_a_painter_that_follows_outlines_is_given_those_of_the_file(data: bytes) -> None:
    for follows in (True, False):
        painter = Following(follows_edges=follows)
        semcodec.decode(data, painter=painter)
        assert painter.seen == [follows]

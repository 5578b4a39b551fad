"""The catalogue of layers says what is true of them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import semcodec.layers
from semcodec.container.encode import write_file
from semcodec.contracts import Layer, Shortener
from semcodec.ids import BOXES, PIXEL_CODING, LayerId
from semcodec.layers.base.encode import pack_base
from semcodec.layers.catalog import GIVING_WAY, LAYERS, layer_of, pictures_of, unpack_layers
from semcodec.layers.hint.encode import pack_hint
from semcodec.layers.pixels.encode import pack_pixels
from semcodec.layers.regions.encode import pack_regions
from semcodec.layers.structure.encode import pack_structure
from semcodec.layers.structure.family import find_structure_family
from semcodec.layers.text.encode import pack_words
from semcodec.layers.tokens.encode import pack_tokens
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import grids
from semcodec.layers.vector.encode import pack_vector
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import (
    BasePicture,
    FileHeader,
    PainterHint,
    Region,
    Regions,
    Scene,
    Section,
    Size,
    TokenPyramid,
    Vector,
    Words,
)

SIZE = Size(40, 24)
HEADER = FileHeader(SIZE)
WORDS = Words("A dog runs on a beach beside two other dogs, all of them wet.", "en")


def pyramid() -> TokenPyramid:
    family, rng = find_family(1), np.random.default_rng(1)
    digits = (
        np.stack([rng.integers(0, n, (grid.num_rows, grid.num_cols)) for n in levels], -1).astype(np.uint8)
        for grid, levels in zip(grids(SIZE, family.strides, family.blocks), family.levels, strict=True)
    )
    return TokenPyramid(1, SIZE, tuple(digits))


def pixels() -> bytes:
    payload = pack_pixels(np.random.default_rng(1).integers(0, 256, (24, 40, 3)).astype(np.uint8), 16)
    assert payload is not None
    return payload


def structure() -> TokenPyramid:
    family, rng = find_structure_family(1), np.random.default_rng(2)
    digits = (
        np.stack([rng.integers(0, n, (grid.num_rows, grid.num_cols)) for n in levels], -1).astype(np.uint8)
        for grid, levels in zip(grids(SIZE, family.strides, family.blocks), family.levels, strict=True)
    )
    return TokenPyramid(1, SIZE, tuple(digits))


SECTIONS = {
    LayerId.TEXT: pack_words(WORDS),
    LayerId.REGIONS: pack_regions(
        Regions((Region(0, 0, 40, 40, "wet dog"), Region(4, 4, 30, 30, "beach"), Region(1, 2, 3, 4, "two dogs"))), WORDS
    ),
    LayerId.VECTOR: pack_vector(Vector(1, bytes(range(16)) * 4)),
    LayerId.PAINTER: pack_hint(PainterHint("me/mine", "1a2b3c4", 5, 8)),
    LayerId.STRUCTURE: pack_structure(structure()) or Section(LayerId.STRUCTURE, 1, b""),
    LayerId.TOKENS: pack_tokens(pyramid()),
    LayerId.BASE: pack_base(BasePicture(SIZE, 14, bytes(range(60)))),
    LayerId.PIXELS: Section(LayerId.PIXELS, PIXEL_CODING, pixels()),
}


def cut_at(section: Section, num_bytes: int) -> Section:
    return replace(section, payload=section.payload[:num_bytes], cut_short=True)


def part_of(section: Section) -> object:
    layer = layer_of(section)
    assert layer is not None
    before = [] if layer.needs is None else [SECTIONS[layer.needs]]
    return getattr(unpack_layers([*before, section], HEADER, DEFAULT_LIMITS)[0], layer.part)


def test_every_section_number_is_a_layer_or_a_box() -> None:
    assert {layer.id for layer in LAYERS} | set(BOXES) == set(LayerId)
    assert set(SECTIONS) == {layer.id for layer in LAYERS}


def test_every_layer_has_a_reader_and_a_part_of_the_scene_of_its_own() -> None:
    assert all(isinstance(layer.reader(), Layer) for layer in LAYERS)
    parts = [layer.part for layer in LAYERS]
    assert len(set(parts)) == len(parts) and set(parts) <= {field.name for field in fields(Scene)}
    assert all(part_of(section) is not None for section in SECTIONS.values())


def test_a_layer_stands_behind_the_one_that_it_needs() -> None:
    order = [layer.id for layer in LAYERS]
    assert all(order.index(layer.needs) < order.index(layer.id) for layer in LAYERS if layer.needs is not None)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_prefix_of_a_payload_says_something_where_the_catalogue_says_so(layer) -> None:
    section = SECTIONS[layer.id]
    lengths = range(1, len(section.payload))
    assert any(part_of(cut_at(section, length)) is not None for length in lengths) == layer.has_prefixes


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_what_can_be_shortened_is_and_says_what_is_the_least(layer) -> None:
    section = SECTIONS[layer.id]
    if not layer.can_be_shortened:
        with pytest.raises(ModuleNotFoundError):
            layer.shortener(section, HEADER, DEFAULT_LIMITS, None)
        return
    shortener = layer.shortener(section, HEADER, DEFAULT_LIMITS, None)
    assert isinstance(shortener, Shortener)
    least = shortener.least_bytes()
    assert shortener.fit(least - 1) is None
    for max_bytes in (least, len(section.payload) // 2):
        shorter, header = shortener.fit(max_bytes) or (None, HEADER)
        assert shorter is not None and len(shorter.payload) <= max_bytes and header.size == SIZE
        scene, problems = unpack_layers([shorter], header, DEFAULT_LIMITS)
        assert not problems and getattr(scene, layer.part) is not None


def test_what_needs_another_layer_is_read_without_it_where_that_is_not_whole() -> None:
    words, regions = SECTIONS[LayerId.TEXT], SECTIONS[LayerId.REGIONS]
    opened = replace(words, payload=words.payload[:4], open_end=True)
    scene, (problem,) = unpack_layers([opened, regions], HEADER, DEFAULT_LIMITS)
    assert scene.words is not None and scene.regions is None and "not whole" in str(problem)


def test_the_last_of_the_pictures_is_the_one_that_is_shown() -> None:
    shown = [SECTIONS[LayerId.BASE], SECTIONS[LayerId.TEXT], SECTIONS[LayerId.TOKENS]]
    assert [layer.id for layer, _ in pictures_of(shown)] == [LayerId.TOKENS, LayerId.BASE]
    assert not any(layer.is_picture for layer in LAYERS if layer.id in GIVING_WAY)


def test_a_section_of_a_newer_build_and_a_box_are_no_layers() -> None:
    assert layer_of(Section(33, 1, b"")) is None and layer_of(Section(LayerId.EXIF, 1, b"")) is None


def loaded_by(sections: list[Section], call: str, folder: Path) -> set[str]:
    """The modules that a fresh interpreter loads for a file of these sections."""
    path = folder / "file.semc"
    path.write_bytes(write_file(HEADER, sections))
    program = (
        "import sys; from semcodec.file.reading import read; from semcodec.file.inspecting import info\n"
        f"{call}(open(sys.argv[1], 'rb').read()); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def encoders_among(modules: set[str]) -> Iterator[str]:
    return (name for name in modules if name.startswith("semcodec.") and name.split(".")[-1] in ENCODERS)


ENCODERS = {"encode", "range_encoder", "shorten", "fit", "resample"}


def test_reading_a_file_loads_no_encoder(tmp_path: Path) -> None:
    assert not list(encoders_among(loaded_by(list(SECTIONS.values()), "read", tmp_path)))
    assert list(encoders_among({"semcodec.layers.text.encode"}))  # (the check can fail)


def sides_of(source: str) -> set[str]:
    """Which sides a module's functions are of."""
    names = (node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    return {side for name in names for side in ("pack", "unpack", "encode", "decode") if name.startswith(f"{side}_")}


def test_what_packs_and_what_unpacks_never_share_a_file() -> None:
    root = Path(semcodec.layers.__file__ or "").parent.parent
    both = ({"pack", "unpack"}, {"encode", "decode"}, {"pack", "decode"}, {"encode", "unpack"})
    for path in (*root.glob("container/**/*.py"), *root.glob("entropy/*.py"), *root.glob("layers/**/*.py")):
        sides = sides_of(path.read_text())
        assert not any(pair <= sides for pair in both), f"{path}: {sides}"
        assert path.name != "decode.py" or ".encode import" not in path.read_text(), path
    assert sides_of("def pack_x(): ...\ndef unpack_x(): ...") == {"pack", "unpack"}  # (the check can fail)


def test_light_layers_are_read_without_numpy_and_the_others_are_not_read_by_info(tmp_path: Path) -> None:
    light = [SECTIONS[layer.id] for layer in LAYERS if layer.is_light]
    assert "numpy" not in loaded_by(light, "read", tmp_path)
    loaded = loaded_by(list(SECTIONS.values()), "info", tmp_path)
    assert "numpy" not in loaded and "semcodec.layers.tokens.decode" not in loaded

"""The embedded generator's files are found by its name, and verified; others by their folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from semcodec.errors import WeightsError
from semcodec.layers.tokens.family import find_family
from semcodec.nets.anchored import AnchoredNets
from semcodec.zoo import generators, weights


@pytest.fixture
def shipped(tiny_generator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that ships a copy of the tiny generator; its folder."""
    folder = tmp_path / "weights" / "tiny-1"
    folder.mkdir(parents=True)
    files = []
    for path in tiny_generator.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
        files.append({"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    models = {"words-debug": {"kind": "describer", "files": []}, "tiny-1": {"kind": "generator", "files": files}}
    monkeypatch.setattr(generators, "known_models", lambda: models)
    monkeypatch.setattr(generators.resources, "files", lambda package: tmp_path)
    return folder


def test_its_files_are_found(shipped: Path) -> None:
    assert generators.generator_name() == "tiny-1"
    assert dict(generators.find_generator()) == generators.package_at(shipped)
    found = generators.package_of("tiny-1")
    assert found is not None and dict(found) == generators.package_at(shipped)


def test_a_file_that_is_not_the_right_one_is_named_when_it_is_needed(shipped: Path) -> None:
    (shipped / "scale-16.onnx").write_bytes(b"something else")
    found = generators.find_generator()
    assert found["scale-128"].exists()
    with pytest.raises(WeightsError, match=r"scale-16\.onnx: its SHA-256 is"):
        _ = found["scale-16"]


def test_a_build_without_a_generator_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generators, "known_models", lambda: {"tokens-of-some-kind": {"wire_id": 1, "files": []}})
    assert generators.generator_name() is None
    with pytest.raises(WeightsError, match="no generator is shipped"):
        generators.find_generator()


def test_a_folder_is_a_generator_if_it_has_its_files(tiny_generator: Path, tmp_path: Path) -> None:
    assert generators.package_of(str(tiny_generator)) == generators.package_at(tiny_generator)
    (tmp_path / "about.json").write_text("{}")
    assert generators.package_of(str(tmp_path)) is None
    assert generators.package_of("hf:some/model") is None


def test_what_this_build_ships_fits_its_token_family_and_the_wheel() -> None:
    shipped = [name for name, model in weights.known_models().items() if model.get("kind") == "generator"]
    assert generators.generator_name() == (shipped[0] if shipped else None) and len(shipped) <= 1
    for name in shipped:
        about = AnchoredNets(generators.find_generator()).about
        family = find_family(about.family)
        assert (about.strides, about.levels) == (family.strides, family.levels)
        assert set(generators.find_generator()) == {"about", "words", *(f"scale-{stride}" for stride in about.strides)}
        assert sum(file["bytes"] for file in weights.known_models()[name]["files"]) <= 24_000_000

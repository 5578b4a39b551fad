"""The embedded restorer is found by its purpose, and verified; it is a release of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from semcodec.errors import WeightsError
from semcodec.nets.restorer import RestorerNets
from semcodec.zoo import restorers, weights


@pytest.fixture
def shipped(debug_restorer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that ships a copy of the tiny restorer; its folder."""
    folder = tmp_path / "weights" / "tiny-1"
    folder.mkdir(parents=True)
    files = []
    for path in debug_restorer.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
        files.append({"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    models = {"words-debug": {"kind": "describer", "files": []}, "tiny-1": {"kind": "restorer", "files": files}}
    monkeypatch.setattr(restorers, "known_models", lambda: models)
    monkeypatch.setattr(restorers.resources, "files", lambda package: tmp_path)
    return folder


def test_its_files_are_found(shipped: Path) -> None:
    assert restorers.restorer_name() == "tiny-1"
    assert dict(restorers.find_restorer()) == restorers.package_at(shipped)


def test_a_file_that_is_not_the_right_one_is_named_when_it_is_needed(shipped: Path) -> None:
    (shipped / "tail.onnx").write_bytes(b"something else")
    found = restorers.find_restorer()
    assert found["head"].exists()
    with pytest.raises(WeightsError, match=r"tail\.onnx: its SHA-256 is"):
        _ = found["tail"]


def test_a_build_without_a_restorer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restorers, "known_models", lambda: {"tokens-of-some-kind": {"wire_id": 1, "files": []}})
    assert restorers.restorer_name() is None
    with pytest.raises(WeightsError, match="no restorer is shipped"):
        restorers.find_restorer()


def test_what_this_build_ships_fits_the_wheel_and_names_what_it_finishes() -> None:
    (name,) = (name for name, model in weights.known_models().items() if model.get("kind") == "restorer")
    assert restorers.restorer_name() == name
    entry = weights.known_models()[name]
    assert "wire_id" not in entry and {"tokens:1"} <= set(entry["paints"])
    found = restorers.find_restorer()
    assert set(found) == {"about", "head", "body", "tail"}
    assert RestorerNets(found).about.multiple == 16
    assert sum(file["bytes"] for file in entry["files"]) <= 12_000_000

"""The embedded describer's files are found by its name, and verified."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from semcodec.errors import WeightsError
from semcodec.zoo import describers


@pytest.fixture
def shipped(debug_package: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that ships a copy of the debug describer; its folder."""
    folder = tmp_path / "weights" / "words-debug"
    folder.mkdir(parents=True)
    files = []
    for name, path in debug_package.items():
        (folder / name).write_bytes(path.read_bytes())
        files.append({"file": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    models = {"tokens-of-some-kind": {"wire_id": 1, "files": []}, "words-debug": {"kind": "describer", "files": files}}
    monkeypatch.setattr(describers, "known_models", lambda: models)
    monkeypatch.setattr(describers.resources, "files", lambda package: tmp_path)
    return folder


def test_its_files_are_found(shipped: Path) -> None:
    assert describers.describer_name() == "words-debug"
    assert describers.find_describer() == describers.package_at(shipped)
    assert describers.package_of("words-debug") == describers.package_at(shipped)


@pytest.mark.parametrize("name", describers.FILES)
def test_a_file_that_is_not_the_right_one_is_named(shipped: Path, name: str) -> None:
    (shipped / name).write_bytes(b"something else")
    with pytest.raises(WeightsError, match=rf"{name}: its SHA-256 is"):
        describers.find_describer()


def test_a_file_that_is_gone_is_named(shipped: Path) -> None:
    (shipped / "words.json").unlink()
    with pytest.raises(WeightsError, match=r"words\.json: cannot be read"):
        describers.find_describer()


def test_a_build_without_a_describer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describers, "known_models", lambda: {"tokens-of-some-kind": {"wire_id": 1, "files": []}})
    assert describers.describer_name() is None
    with pytest.raises(WeightsError, match="no describer is shipped"):
        describers.find_describer()


def test_a_folder_is_a_describer_if_it_has_its_files(debug_package: dict[str, Path], tmp_path: Path) -> None:
    folder = debug_package["words.json"].parent
    assert describers.package_of(str(folder)) == debug_package
    (tmp_path / "words.json").write_text(json.dumps({}))
    assert describers.package_of(str(tmp_path)) is None
    assert describers.package_of("hf:some/model") is None

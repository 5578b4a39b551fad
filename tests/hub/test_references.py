"""A model is named by `hf:ORG/NAME[@REVISION]` or by a folder, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcodec.errors import ModelError
from semcodec.hub.references import Reference, parse_reference


@pytest.mark.parametrize(
    ("text", "repository", "revision"),
    [
        ("hf:Qwen/Qwen2.5-VL-3B-Instruct", "Qwen/Qwen2.5-VL-3B-Instruct", None),
        ("hf:stabilityai/sd-turbo@main", "stabilityai/sd-turbo", "main"),
        ("hf:a/b@refs/pr/3", "a/b", "refs/pr/3"),
        ("hf:gpt2", "gpt2", None),
        ("hf:a/b@" + "0123456789" * 4, "a/b", "0123456789" * 4),
    ],
)
def test_a_model_on_the_hub(text: str, repository: str, revision: str | None):
    reference = parse_reference(text)
    assert (reference.repository, reference.revision, reference.folder) == (repository, revision, None)
    assert str(reference) == text
    assert reference.name == repository


def test_a_whole_commit_is_a_pin_and_nothing_else_is():
    assert parse_reference("hf:a/b@" + "0123456789abcdef" * 2 + "01234567").is_pinned
    assert not parse_reference("hf:a/b@main").is_pinned
    assert not parse_reference("hf:a/b@0123456").is_pinned
    assert not parse_reference("hf:a/b").is_pinned


def test_a_folder(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    reference = parse_reference(str(tmp_path / "mine"))
    assert reference == Reference(folder=tmp_path / "mine")
    assert reference.name == "mine"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hf:",
        "hf:a/b/c",
        "hf:/b",
        "hf:a/",
        "hf:../../etc",
        "hf:a/b@",
        "hf:a/b@../x",
        "hf:a--b/c",
        "hf:a b/c",
        "hf:é/b",
    ],
)
def test_what_names_nothing_is_refused(text: str):
    with pytest.raises(ModelError, match="write hf:ORG/NAME"):
        parse_reference(text)


def test_a_name_without_its_prefix_is_told_of_it():
    with pytest.raises(ModelError, match=r"on the hub write hf:Qwen/Qwen2\.5-VL-3B-Instruct"):
        parse_reference("Qwen/Qwen2.5-VL-3B-Instruct")

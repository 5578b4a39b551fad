"""`semcodec scene`: a line of JSON for each file, whatever is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def files(root: Path) -> Path:
    return root / "conformance"


def test_a_good_file_is_said_whole(semcodec_command, files: Path) -> None:
    ended = semcodec_command("scene", files / "good" / "words-and-tokens.semc")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == json.loads((files / "good" / "words-and-tokens.json").read_text("utf-8"))


def test_of_a_cut_file_what_is_there_is_said_and_the_code_is_3(semcodec_command, files: Path) -> None:
    data = (files / "good" / "words-and-tokens.semc").read_bytes()
    ended = semcodec_command("scene", "-", stdin=data[:-20])
    said = json.loads(ended.out)
    assert (ended.code, ended.err) == (3, "")
    assert said["words"] and said["tokens"] and said["problems"]


def test_several_files_are_lines_in_their_order_and_the_worst_decides(
    semcodec_command, files: Path, tmp_path: Path
) -> None:
    names = ("malformed/empty-file", "good/words-only", "malformed/cut-in-words")
    ended = semcodec_command("scene", *(files / f"{name}.semc" for name in names))
    assert (ended.code, ended.err) == (1, "")
    assert [json.loads(line)["width_px"] for line in ended.out.splitlines()] == [None, 96, 256]
    ended = semcodec_command("scene", tmp_path / "none.semc", files / "good" / "words-only.semc")
    assert (ended.code, len(ended.out.splitlines())) == (1, 1)
    assert ended.err.startswith("semcodec: ") and "none.semc: No such file" in ended.err

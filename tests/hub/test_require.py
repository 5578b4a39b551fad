"""A missing extra is one sentence with the command that mends it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from semcodec.errors import MissingExtraError
from semcodec.hub.require import require


def test_what_is_there_is_imported():
    assert require("json.decoder").JSONDecoder


@pytest.mark.parametrize("module", ["torch", "transformers", "diffusers", "huggingface_hub"])
def test_what_is_missing_is_named_with_the_command(module: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, module, None)  # as Python marks a module that cannot be had
    with pytest.raises(MissingExtraError, match=rf"'{module}' is not installed.*pip install 'semcodec\[hub\]'"):
        require(module)


def test_the_command_line_says_it_in_one_line(
    monkeypatch: pytest.MonkeyPatch, root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    from semcodec.cli import main

    monkeypatch.setitem(sys.modules, "transformers", None)
    picture, target = root / "examples" / "kodim23.png", tmp_path / "a.semc"
    monkeypatch.setattr(sys, "argv", ["semcodec", "encode", str(picture), str(target), "--describer", "hf:a/b"])
    assert main() == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "pip install 'semcodec[hub]'" in line
    assert not target.exists()

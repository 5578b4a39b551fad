"""How the tests of the command line call it: in this process, through the same front door as a shell does."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from semcodec.cli import main


@dataclass(frozen=True)
class Ended:
    code: int
    out: bytes
    err: str


@pytest.fixture
def semcodec_command(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ended]:
    """`semcodec_command("info", path)` -> exit code, stdout, stderr."""

    def call(*arguments: object, stdin: bytes | io.BufferedIOBase = b"") -> Ended:
        buffer = io.BytesIO(stdin) if isinstance(stdin, bytes) else stdin
        monkeypatch.setattr(sys, "argv", ["semcodec", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))
        capsysbinary.readouterr()
        code = main()
        captured = capsysbinary.readouterr()
        return Ended(code, captured.out, captured.err.decode())

    return call


@pytest.fixture
def photo(tmp_path: Path, photo_path: Path) -> Path:
    """A small photograph, alone in its folder."""
    with Image.open(photo_path) as whole:
        whole.crop((100, 60, 420, 300)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def tree(tmp_path: Path, photo: Path) -> Path:
    """A folder with pictures at two depths, and a file that is none."""
    folder = tmp_path / "album"
    (folder / "summer").mkdir(parents=True)
    shutil.copy(photo, folder / "one.png")
    with Image.open(photo) as picture:
        picture.convert("L").save(folder / "summer" / "two.jpg")
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".hidden.png").write_bytes(b"not looked at")
    return folder

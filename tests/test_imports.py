"""What must stay light: importing the package, and `semcodec info` as a whole process."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

import semcodec

HEAVY = {"numpy", "onnxruntime", "PIL", "rich", "typer", "pydantic", "torch"}


@pytest.fixture(scope="module")
def file_path(tmp_path_factory: pytest.TempPathFactory, photo_path: Path) -> Path:
    from PIL import Image

    encoded = semcodec.encode(Image.open(photo_path), bytes=340, caption="two macaws", language="en")
    path = tmp_path_factory.mktemp("imports") / "macaws.semc"
    path.write_bytes(encoded.data)
    return path


def modules_after(code: str, *arguments: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded when the code has run."""
    report = "\nimport sys; sys.stderr.write('LOADED ' + ' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code + report, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stderr.split("LOADED ")[1].split())


def info_command(*arguments: str) -> str:
    return f"import sys; sys.argv = ['semcodec', 'info', *{list(arguments)!r}]; from semcodec.cli import main; main()"


def test_importing_the_package_loads_nothing_heavy():
    assert not modules_after("import semcodec") & {*HEAVY, "dataclasses", "typing_extensions"}


def test_info_loads_nothing_heavy(file_path: Path):
    assert not modules_after(info_command(str(file_path))) & {*HEAVY, "typing", "pathlib", "tokenize"}
    assert not modules_after(info_command("--json", str(file_path))) & HEAVY


def test_reading_words_cutting_and_info_need_no_network(file_path: Path):
    code = (
        "import sys, semcodec; data = open(sys.argv[1], 'rb').read(); semcodec.read_words(data); semcodec.info(data);"
        "semcodec.cut(data, bytes=200)"
    )
    assert not modules_after(code, str(file_path)) & {"onnxruntime", "PIL"}


def test_the_check_can_fail():
    assert "numpy" in modules_after("import numpy")


def test_info_as_a_whole_process_is_a_few_interpreter_starts(file_path: Path):
    # The benchmark holds it to 4 starts on a quiet machine. Here the smallest of a few runs is held to 8, which still
    # tells whether something heavy has crept in (numpy alone would cost as much).
    def seconds(*command: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, capture_output=True, timeout=60)
        return time.perf_counter() - began

    bare = min(seconds("-c", "pass") for _ in range(5))
    info = min(seconds("-m", "semcodec", "info", str(file_path)) for _ in range(5))
    assert info < 8 * bare, f"info {info * 1000:.0f} ms, bare interpreter {bare * 1000:.0f} ms"

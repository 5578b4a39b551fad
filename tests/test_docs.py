"""What the documentation shows is true: its ```python, ```sh and ```console blocks are run.

The blocks of a page run in their order, in one temporary folder that holds `photo.jpg` and `photo.png` (macaws) and
`other.png` (caps); python blocks of a page share their names. A block that is not to be run is fenced as ```text.
In ```console blocks, lines that begin with `$ ` are run and the lines below each are what it prints (`...` stands for
anything). Installing and the repository's own scripts are not run from here: the continuous integration does that.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    path
    for pattern in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/**/*.md", "examples/*.md")
    for path in sorted(ROOT.glob(pattern))
]
# Lines of a shell block that set a machine up: the continuous integration is their test.
_NOT_RUN = re.compile(
    r"^(bash scripts/|\.ci/run|pip install|python3? -m (pip|venv)|git |cd |source |\. |ruff |mypy|python3? -m pytest)"
)


@dataclass(frozen=True)
class Block:
    kind: str
    text: str
    line: int


def blocks_of(page: str) -> Iterator[Block]:
    """All fenced blocks of a page."""
    for match in re.finditer(
        r"^(?P<fence>```+)(?P<kind>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=fence)\s*$", page, re.M | re.S
    ):
        yield Block(match["kind"], match["text"], page[: match.start()].count("\n") + 2)


def run_block(block: Block, names: dict[str, object], folder: Path) -> None:
    """Raises AssertionError, or what the block raises, where it is not true."""
    if block.kind in {"python", "py"}:
        exec(compile("\n" * (block.line - 1) + block.text, "the page", "exec"), names)
    elif block.kind in {"sh", "bash", "shell"}:
        lines = [line for line in block.text.splitlines() if not _NOT_RUN.match(line.strip())]
        _run_shell("\n".join(lines), folder)
    elif block.kind == "console":
        for command, expected in _commands_of(block.text):
            if not _NOT_RUN.match(command):
                printed = _run_shell(command, folder)
                pattern = r".*".join(re.escape(part) for part in expected.strip().split("..."))
                assert re.fullmatch(pattern, printed.strip(), re.S), f"$ {command}\nprinted\n{printed}\nnot\n{expected}"


def _commands_of(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def _run_shell(script: str, folder: Path) -> str:
    """Runs with a `semcodec` and a `python` of this interpreter, whether or not they are on the path."""
    shims = folder / ".bin"
    if not shims.exists():
        shims.mkdir()
        for name, start in (("semcodec", f'"{sys.executable}" -m semcodec'), ("python", f'"{sys.executable}"')):
            (shims / name).write_text(f'#!/bin/sh\nexec {start} "$@"\n')
            (shims / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{shims}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{script}\nended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path, photo_path: Path, other_photo_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(photo_path, tmp_path / "photo.png")
    shutil.copy(other_photo_path, tmp_path / "other.png")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    with Image.open(photo_path) as photo:
        photo.save(tmp_path / "photo.jpg", quality=92)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("embedded_restorer")  # (blocks of Python use a tiny one, which is quick)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run_and_print_what_they_say(page: Path, folder: Path):
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks_of(page.read_text()):
        try:
            run_block(block, names, folder)
        except Exception as exc:
            raise AssertionError(f"{page.relative_to(ROOT)}, block at line {block.line}: {exc}") from exc


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_says_what_it_is_and_every_link_leads_somewhere(page: Path):
    text = page.read_text()
    unnamed = [block.line for block in blocks_of(text) if not block.kind]
    assert not unnamed, f"fence without a language at lines {unnamed}; use ```text for what is not run"
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}, which is not there"


def test_the_pages_are_found():
    assert {"README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"} <= {page.name for page in PAGES}


@pytest.mark.parametrize(
    "page",
    [
        "```python\nassert 1 + 1 == 3\n```\n",
        "```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n",
        "```sh\nfalse\n```\n",
        "```sh\nfalse | true\n```\n",
        "```console\n$ echo one\ntwo\n```\n",
        "```console\n$ echo one two\none ... three\n```\n",
    ],
)
def test_a_block_that_is_not_true_is_found(page: str, folder: Path):
    names: dict[str, object] = {}
    with pytest.raises(AssertionError):
        for block in blocks_of(page):
            run_block(block, names, folder)


@pytest.mark.parametrize(
    "page",
    [
        "```python\nx = 1\n```\n\n```python\nassert x == 1\n```\n",
        "```console\n$ echo one two three\none ... three\n$ echo four\nfour\n```\n",
        "```text\nnot run at all\n```\n",
        "````text\n```python\nassert False\n```\n````\n",
    ],
)
def test_a_block_that_is_true_passes(page: str, folder: Path):
    names: dict[str, object] = {}
    for block in blocks_of(page):
        run_block(block, names, folder)

"""The runner: it finds what a decoder does wrong, and holds programs of any kind to the files."""

from __future__ import annotations

import copy
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

NAME = "good/words-and-tokens"


def run(root: Path, *arguments: str, runner: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(runner or root / "conformance" / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_semcodec_passes_as_a_program_like_any_other(root: Path) -> None:
    names = (NAME, "malformed/empty-file", "good/boxes", "packets/base-60")
    done = run(root, "--decoder", f"{sys.executable} -m semcodec scene", *names)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("4 of 4 files as they must be; symbols ")


def test_both_ways_give_the_same_hash(root: Path) -> None:
    names = (NAME, "malformed/cut-in-tokens-33", "good/all-scripts", "packets/words-43")
    program = run(root, "--decoder", f"{sys.executable} -m semcodec scene", *names).stdout
    assert program == run(root, *names).stdout


def test_the_runner_needs_nothing_but_its_folder(root: Path, tmp_path: Path) -> None:
    """A decoder that is a table of answers, in a place where semcodec cannot be imported."""
    shutil.copytree(root / "conformance", tmp_path / "files")
    decoder = tmp_path / "answers.py"
    decoder.write_text(
        "import pathlib, sys\nprint(pathlib.Path(sys.argv[1]).with_suffix('.json').read_text().replace('Two', 'Too'))\n"
    )
    arguments = ["--decoder", f"{sys.executable} -I -S {decoder}", "good/words-only", "good/one-pixel"]
    command = [sys.executable, "-I", "-S", str(tmp_path / "files" / "run.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 1 and done.stderr == ""
    first, last = done.stdout.splitlines()
    assert first.startswith('good/words-only: words is {"text": "Too macaws."') and last.startswith("1 of 2 files")


def _wrong_words(scene: dict[str, Any]) -> None:
    scene["words"]["text"] = "Two parrots."


def _one_digit_off(scene: dict[str, Any]) -> None:
    scene["tokens"]["scales"][1][0][1][0] += 1


def _an_invented_token(scene: dict[str, Any]) -> None:
    scene["tokens"]["scales"][0][0][0] = None


def _another_grid(scene: dict[str, Any]) -> None:
    scene["tokens"]["scales"][0].append([])


def _no_tokens(scene: dict[str, Any]) -> None:
    scene["tokens"] = None


def _another_family(scene: dict[str, Any]) -> None:
    scene["tokens"]["family"] += 1


def _another_size(scene: dict[str, Any]) -> None:
    scene["working_width_px"] += 1


def _a_complaint(scene: dict[str, Any]) -> None:
    scene["problems"].append({"error": "DamagedError", "offset": 3, "message": "no"})


@pytest.mark.parametrize(
    "spoil",
    [
        _wrong_words,
        _one_digit_off,
        _an_invented_token,
        _another_grid,
        _no_tokens,
        _another_family,
        _another_size,
        _a_complaint,
    ],
)
def test_whatever_a_decoder_says_wrongly_is_found(runner: ModuleType, spoil: Callable[[dict[str, Any]], None]) -> None:
    scene = copy.deepcopy(runner.load_scene(NAME))
    assert runner.judge(NAME, lambda _: scene, "message") == ([], scene)
    spoil(scene)
    for compare in runner.COMPARISONS:
        assert len(runner.judge(NAME, lambda _: scene, compare)[0]) == 1


@pytest.mark.parametrize(
    ("key", "value", "found_by"),
    [
        ("message", "something", {"message"}),
        ("offset", 1, {"offset", "message"}),
        ("error", "FormatError", {"class", "offset", "message"}),
    ],
)
def test_errors_are_compared_as_strictly_as_it_was_asked(
    runner: ModuleType, key: str, value: object, found_by: set[str]
) -> None:
    name = "malformed/reserved-bit"
    scene = runner.load_scene(name)
    scene["problems"][0][key] = value if key != "error" else "DamagedError"
    found = {compare for compare in runner.COMPARISONS if runner.judge(name, lambda _: scene, compare)[0]}
    assert found == found_by


def test_whatever_is_made_of_packets_wrongly_is_found(runner: ModuleType) -> None:
    case = runner.load_scene("packets/base-60")
    scenes = [runner.expected_scene(case, mask) for mask in case["masks"]]
    answers = iter(copy.deepcopy(scenes))
    assert runner.judge_packets("packets/base-60", lambda _: next(answers), "offset")[0] == []
    scenes[1]["packets"]["missing"] = [[1, 1]]
    scenes[1]["packets"]["fates"] = []  # (these are our own reader's affair)
    answers = iter(scenes)
    (found,) = runner.judge_packets("packets/base-60", lambda _: next(answers), "offset")[0]
    assert found.startswith("all but three: the words stay: packets is ")


def test_a_mask_takes_tokens_away(runner: ModuleType) -> None:
    case = {"tokens": {"family": 1, "scales": [[[[1], [2]], [[3], [4]]]]}}
    mask = {"scene": {"tokens": {"family": 1, "there": [["10", "01"]]}}}
    assert runner.expected_scene(case, mask)["tokens"]["scales"] == [[[[1], None], [None, [4]]]]
    assert runner.packet_bytes("fa01*3") == b"\xfa\x01\0\0\0"


@pytest.mark.parametrize(
    ("printed", "says"),
    [
        ("no json", "printed no JSON"),
        ("12", "JSON that is no object"),
        ("{}", "width_px is "),
        ('{"problems": 3}', "has not the form of a Scene"),
    ],
)
def test_a_decoder_that_fails_is_a_difference_and_no_crash(root: Path, printed: str, says: str) -> None:
    done = run(root, "--decoder", shlex.join([sys.executable, "-c", f"print({printed!r})"]), NAME)
    assert (done.returncode, done.stderr) == (1, "")
    assert says in done.stdout and done.stdout.splitlines()[-1].startswith("0 of 1 files")


def test_a_decoder_that_is_not_there_is_named(root: Path) -> None:
    done = run(root, "--decoder", "no-such-program-anywhere --dump", NAME)
    assert done.returncode == 1 and "no-such-program-anywhere cannot be started" in done.stdout


def test_files_with_layers_that_a_decoder_skips_can_be_left_out(root: Path, runner: ModuleType) -> None:
    files = runner.load_manifest()["files"]
    wanted = [name for name in files if not {"painter", "exif"} & set(files[name]["layers"])]
    done = run(root, "--without", "painter", "--without", "exif", "--without", "packets", "--without", "clips")
    assert done.returncode == 0 and done.stdout.startswith(f"{len(wanted)} of {len(wanted)} files")
    assert len(wanted) < len(files)


def test_a_name_that_is_not_there_is_wrong_usage(root: Path) -> None:
    done = run(root, "good/nonsense")
    assert done.returncode == 2 and "good/nonsense" in done.stderr


def test_the_files_can_be_built_again_in_one_command(root: Path, tmp_path: Path) -> None:
    """Same names and rules, and every file as it must be; digits of photographs may differ on another machine."""
    command = [sys.executable, str(root / "scripts" / "conformance.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.copy(root / "conformance" / "run.py", tmp_path)
    again = run(root, runner=tmp_path / "run.py")
    assert again.returncode == 0, again.stdout
    mine, built = (json.loads((folder / "manifest.json").read_text()) for folder in (root / "conformance", tmp_path))
    assert list(mine["packets"]) == list(built["packets"])
    assert [(name, entry["musts"]) for name, entry in mine["files"].items()] == [
        (name, entry["musts"]) for name, entry in built["files"].items()
    ]

"""What the system refuses is one sentence that names the right file, and an exit code that the README knows."""

from __future__ import annotations

import errno
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from semcodec.cli.exits import sentence

ENCODE = ("--profile", "text", "--caption", "grey")  # (without a network)


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    Image.new("RGB", (24, 16), (90, 90, 90)).save(tmp_path / "grey.png")
    return tmp_path / "grey.png"


@pytest.fixture
def coded(semcodec_command: Callable, grey: Path) -> Path:
    assert semcodec_command("encode", grey, *ENCODE).code == 0
    return grey.with_suffix(".semc")


def in_a_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs `semcodec ...` through a shell, which alone closes and redirects streams."""
    command = command.replace("semcodec", f'"{sys.executable}" -m semcodec')
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120)


def test_a_process_without_streams_says_which_it_lacks(coded: Path):
    ended = in_a_shell("semcodec info - <&-", coded.parent)
    assert (ended.returncode, ended.stderr) == (1, "semcodec: stdin: it is closed\n")
    ended = in_a_shell("semcodec info grey.semc >&-", coded.parent)
    assert (ended.returncode, ended.stderr) == (1, "semcodec: stdout cannot be written: it is closed\n")
    encode = "semcodec encode grey.png out.semc --profile text --caption grey"
    ended = in_a_shell(f"{encode} <&- >&- 2>&-", coded.parent)
    assert ended.returncode == 0
    assert (coded.parent / "out.semc").read_bytes() == coded.read_bytes()  # (no line for stderr has got into it)


@pytest.mark.parametrize("command", ["info grey.semc", "--help", "encode grey.png - --profile text --caption grey"])
def test_a_full_disk_behind_stdout_is_said_of_stdout(coded: Path, command: str):
    ended = in_a_shell(f"semcodec {command} >/dev/full", coded.parent)
    assert ended.returncode == 1
    assert "stdout" in ended.stderr and "No space left on device" in ended.stderr and ended.stderr.count("\n") == 1


def test_a_reader_that_has_gone_ends_the_command_without_a_word(coded: Path):
    ended = in_a_shell("{ semcodec info grey.semc; echo $? >code; } | true; sleep 0.1; cat code", coded.parent)
    assert ended.stderr == "" and ended.stdout.strip() in {"0", "1"}


def test_a_full_disk_behind_an_output_is_said_of_the_output(semcodec_command: Callable, grey: Path):
    ended = semcodec_command("encode", grey, "/dev/full", *ENCODE)
    assert ended.code == 1 and f"{grey}: /dev/full cannot be written: No space left" in ended.err


def test_a_name_that_is_too_long_is_said_of_the_file_that_has_it(semcodec_command: Callable, grey: Path, coded: Path):
    long = "n" * 251
    for arguments, named in (
        (("decode", coded.with_name(f"{'x' * 300}.semc"), coded.with_name("x.png")), f"{'x' * 300}.semc: File name"),
        (("encode", grey, coded.with_name(f"{'x' * 300}.semc"), *ENCODE), f"{'x' * 300}.semc cannot be written: File"),
        (("cut", coded, coded.with_name("x" * 300), "--bytes", 10), f"{'x' * 300} cannot be written: File name"),
        (("info", coded.with_name("x" * 300)), "File name too long"),
        (("split", coded, coded.with_name("x" * 300), "--mtu", 40), "cannot be made: File name too long"),
    ):
        ended = semcodec_command(*arguments)
        assert ended.code == 1 and named in ended.err and ended.err.count("\n") == 1, ended.err
    grey.rename(grey.with_name(f"{long}.jpg"))
    ended = semcodec_command("encode", grey.with_name(f"{long}.jpg"), *ENCODE)
    assert ended.code == 1 and f"{long}.semc cannot be written: File name too long; name a shorter output" in ended.err


def test_links_that_lead_round_are_said(semcodec_command: Callable, grey: Path, coded: Path):
    loop = grey.with_name("loop.png")
    loop.symlink_to(loop)
    for arguments in (
        ("encode", loop, *ENCODE),
        ("encode", grey, loop, grey.with_name("out"), *ENCODE),
        ("decode", coded, loop),
        ("cut", coded, loop, "--bytes", 10),
        ("join", loop, grey.with_name("x.png")),
        ("verify", loop, grey),
    ):
        ended = semcodec_command(*arguments)
        assert ended.code == 1 and "loop.png" in ended.err and "symbolic links" in ended.err, ended.err
    assert loop.is_symlink()


def test_a_current_folder_that_was_deleted_harms_no_absolute_path(
    semcodec_command: Callable, grey: Path, coded: Path, monkeypatch: pytest.MonkeyPatch
):
    gone = grey.with_name("gone")
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert semcodec_command("encode", grey, "--output-dir", grey.with_name("out"), *ENCODE).code == 0
    for arguments in (
        ("encode", "grey.png"),
        ("decode", "grey.semc"),
        ("encode", grey, "x.semc", *ENCODE),
        ("info", "x"),
    ):
        ended = semcodec_command(*arguments)
        assert ended.code == 1 and ended.err.count("\n") == 1 and "o such file" in ended.err, ended.err


def test_a_folder_for_outputs_that_cannot_be_made_is_named(semcodec_command: Callable, grey: Path):
    (grey.parent / "file").write_text("no folder")
    ended = semcodec_command("encode", grey, "--output-dir", grey.parent / "file" / "below", *ENCODE)
    assert ended.code == 1 and f"{grey.parent / 'file' / 'below'}" in ended.err and "ot a directory" in ended.err


def test_names_are_printed_as_they_are(semcodec_command: Callable, grey: Path):
    odd = grey.with_name("two  spaces :cat: [b]x ü.png")
    grey.rename(odd)
    assert str(odd.with_suffix(".semc")) in semcodec_command("encode", odd, *ENCODE).err
    odd.write_bytes(b"broken")
    assert str(odd) in semcodec_command("encode", odd, *ENCODE, "--overwrite").err


def test_an_error_of_the_system_names_its_own_file():
    locked = PermissionError(errno.EACCES, "Permission denied", "/locked/out.semc")
    assert sentence("photo.jpg", locked) == "/locked/out.semc: Permission denied"
    assert sentence("photo.jpg", OSError(errno.EIO, "Input/output error")) == "photo.jpg: Input/output error"


def test_an_index_on_a_full_disk_is_not_to_be_deleted(semcodec_command: Callable, coded: Path):
    database = coded.with_name("words.sqlite")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        ended = semcodec_command("index", coded.parent, "--db", database)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert ended.code == 1 and "is the disk full?" in ended.err and "delete" not in ended.err
    database.write_bytes(b"no database at all " * 100)
    ended = semcodec_command("index", coded.parent, "--db", database)
    assert ended.code == 1 and "if it is an index of semcodec, it is damaged: delete it" in ended.err


def test_no_memory_in_a_network_is_one_sentence(
    semcodec_command: Callable, grey: Path, monkeypatch: pytest.MonkeyPatch
):

    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError("there is not enough memory for the networks")  # as `nets.session` raises it

    monkeypatch.setattr("semcodec.encoding.encode_with", exhausted)
    ended = semcodec_command("encode", grey, "--no-caption")
    assert ended.code == 1
    assert ended.err == f"semcodec: {grey}: there is not enough memory for a picture of this size\n"


def test_an_interruption_ends_jobs_at_once(tmp_path: Path):
    for name in ("a.png", "b.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / name)
    program = (
        "import sys, time; from semcodec import cli, encoding\n"
        "encoding.encode_with = lambda *_, **__: (sys.stdout.write('begun\\n'), sys.stdout.flush(), time.sleep(60))\n"
        "sys.exit(cli.main())"
    )
    command = [sys.executable, "-c", program, "encode", str(tmp_path), "--jobs", "2", "--no-caption"]
    # (a test run in the background of a shell is deaf to interruptions, and so would be its children)
    hears = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hears)
    assert running.stdout is not None and running.stdout.readline() == "begun\n"
    started = time.monotonic()
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=50)
    assert running.returncode == 130 and time.monotonic() - started < 20  # (a job would take 60)
    assert told == "semcodec: interrupted; what was finished is whole, run it again to go on\n"


def test_an_interruption_inside_of_exec_ends_with_130_too():
    """There Python would end by the signal, whatever is returned."""
    program = (
        "import signal, sys; from semcodec import cli\n"
        "def interrupt(arguments): exec('import signal; signal.raise_signal(signal.SIGINT)')\n"
        "cli._run = interrupt\n"
        "cli.program()"
    )
    hears = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, preexec_fn=hears, timeout=60)
    assert done.returncode == 130
    assert done.stderr == "semcodec: interrupted; what was finished is whole, run it again to go on\n"

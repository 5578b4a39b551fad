from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec


def picture_at(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_the_main_job_from_photograph_to_photograph(semcodec_command: Callable, photo: Path):
    coded, decoded = photo.with_suffix(".semc"), photo.with_name("decoded.png")
    ended = semcodec_command("encode", photo, coded, "--bytes", 400, "--caption", "two macaws", "--language", "en")
    assert (ended.code, ended.out) == (0, b"")
    num_bytes = coded.stat().st_size
    assert num_bytes <= 400
    words = f"words {semcodec.info(coded.read_bytes()).layers[0].num_bytes}"
    assert ended.err == f"semcodec: {coded}: {num_bytes} bytes, {8 * num_bytes / (320 * 240):.3f} bpp, {words}\n"
    assert semcodec.read_words(coded.read_bytes()) == semcodec.Words("two macaws", "en")
    ended = semcodec_command("decode", coded, decoded)
    said = f"semcodec: {decoded}: 320x240, {decoded.stat().st_size} bytes\n"
    assert (ended.code, ended.out, ended.err) == (0, b"", said)
    assert picture_at(decoded).shape == (240, 320, 3)
    assert np.array_equal(picture_at(decoded), semcodec.decode(coded.read_bytes()))


def test_the_origin_of_words_is_stored(semcodec_command: Callable, photo: Path):
    arguments = ("--caption", "macaws", "--origin", "machine", "--bytes", 300)
    assert semcodec_command("encode", photo, *arguments).code == 0
    words = semcodec.read_words(photo.with_suffix(".semc").read_bytes())
    assert words is not None
    assert words.origin.name == "MACHINE"


def test_a_pipe_through_stdin_and_stdout_gives_the_same_bytes(semcodec_command: Callable, photo: Path):
    through_files = semcodec_command("encode", photo, photo.with_suffix(".semc"), "--bytes", 300)
    assert through_files.code == 0
    coded = semcodec_command("encode", "-", "-", "--bytes", 300, stdin=photo.read_bytes())
    assert coded.code == 0
    assert coded.out == photo.with_suffix(".semc").read_bytes()
    decoded = semcodec_command("decode", "-", "-", stdin=coded.out)
    assert Image.open(io.BytesIO(decoded.out)).format == "PNG"
    assert Image.open(
        io.BytesIO(semcodec_command("decode", "-", "-", "--format", "webp", stdin=coded.out).out)
    ).format == ("WEBP")


def test_the_suffix_of_the_output_names_its_format(semcodec_command: Callable, photo: Path):
    assert semcodec_command("encode", photo, "-q", 20).code == 0
    for suffix, format in (("jpg", "JPEG"), ("webp", "WEBP"), ("tif", "TIFF"), ("bmp", "BMP"), ("ppm", "PPM")):
        target = photo.with_name(f"out.{suffix}")
        assert semcodec_command("decode", photo.with_suffix(".semc"), target).code == 0
        with Image.open(target) as picture:
            assert picture.format == format


def test_verbose_says_what_was_written_and_quiet_says_nothing(semcodec_command: Callable, photo: Path):
    Image.open(photo).convert("L").save(photo)
    target = photo.with_suffix(".semc")
    assert "grey was widened" in semcodec_command("encode", photo, target).err
    assert semcodec_command("encode", photo, target, "--quiet").err == ""
    told = semcodec_command("encode", photo, target, "-v", "--no-caption").err
    assert f"-> {target}: 320x240, {target.stat().st_size} bytes (tokens " in told


# ---- what goes wrong


def test_expected_failures_are_one_sentence_and_exit_code_1(semcodec_command: Callable, photo: Path, tmp_path: Path):
    (tmp_path / "words.png").write_text("these are words")
    (tmp_path / "words.semc").write_text("these are words")
    (tmp_path / "empty.semc").write_bytes(b"")
    cases = [
        (["encode", tmp_path / "absent.png"], "there is no such file"),
        (["encode", tmp_path / "words.png", tmp_path / "x.semc"], "is no picture"),
        (["encode", photo, tmp_path / "x.semc", "--bytes", 3], "bytes"),
        (["encode", photo, tmp_path / "no" / "such" / "folder.semc"], "folder.semc cannot be written: No such"),
        (["decode", tmp_path / "absent.semc", tmp_path / "x.png"], "No such file or directory"),
        (["decode", tmp_path / "words.semc", tmp_path / "x.png"], "no semcodec file"),
        (["decode", tmp_path / "empty.semc", tmp_path / "x.png"], ""),
        (["info", tmp_path / "words.semc"], "no semcodec file"),
        (["info", tmp_path], "Is a directory"),
        (["cut", tmp_path / "words.semc", tmp_path / "x.semc", "--bytes", 100], "no semcodec file"),
    ]
    for arguments, words in cases:
        ended = semcodec_command(*arguments)
        assert ended.code == 1, arguments
        assert ended.err.count("\n") == 1, ended.err
        assert ended.err.startswith("semcodec: ")
        assert words in ended.err, ended.err
        assert ended.out == b""


def test_a_truncated_file_gives_a_picture_a_sentence_and_exit_code_3(semcodec_command: Callable, photo: Path):
    coded = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, coded, "--bytes", 600).code == 0
    coded.write_bytes(coded.read_bytes()[:-150])
    ended = semcodec_command("decode", coded, photo.with_name("out.png"), "--quiet")
    assert ended.code == 3
    assert ended.err.startswith(f"semcodec: {coded}: ")
    assert ended.err.count("\n") == 1
    assert picture_at(photo.with_name("out.png")).shape == (240, 320, 3)


def test_a_jpeg_without_its_end_marker_gives_a_file_a_sentence_and_exit_code_3(
    semcodec_command: Callable, tmp_path: Path
):
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "JPEG")
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(out.getvalue()[:-2])
    ended = semcodec_command("encode", cut, "--bytes", 300, "--no-caption", "--quiet")
    assert ended.code == 3 and ended.out == b""
    assert ended.err.count("the end of the file is missing") == 1
    (tmp_path / "whole.jpg").write_bytes(out.getvalue())
    assert semcodec_command("encode", tmp_path / "whole.jpg", "--bytes", 300, "--no-caption", "--quiet").code == 0
    assert (tmp_path / "cut.semc").read_bytes() == (tmp_path / "whole.semc").read_bytes()


def test_a_file_that_ends_before_any_picture_is_a_failure_and_writes_nothing(semcodec_command: Callable, photo: Path):
    coded, out = photo.with_suffix(".semc"), photo.with_name("out.png")
    assert semcodec_command("encode", photo, coded, "--bytes", 600).code == 0
    coded.write_bytes(coded.read_bytes()[:5])
    assert semcodec_command("decode", coded, out).code == 1
    assert not out.exists()


def test_a_cut_file_is_whole_and_ends_with_0(semcodec_command: Callable, photo: Path):
    coded, short = photo.with_suffix(".semc"), photo.with_name("short.semc")
    assert semcodec_command("encode", photo, coded, "--bytes", 600, "--caption", "macaws").code == 0
    ended = semcodec_command("cut", coded, short, "--bytes", 250)
    num_bytes = short.stat().st_size
    assert ended.code == 0 and num_bytes <= 250
    assert ended.err.startswith(f"semcodec: {short}: {num_bytes} bytes, 0.0")
    ended = semcodec_command("decode", short, photo.with_name("out.png"), "--quiet")
    assert (ended.code, ended.err) == (0, "")
    piped = semcodec_command("cut", "-", "-", "--bytes", 250, stdin=coded.read_bytes())
    assert piped.out == short.read_bytes()


# ---- nothing is lost


def test_the_input_is_never_overwritten(semcodec_command: Callable, photo: Path):
    before = photo.read_bytes()
    (photo.parent / "link.semc").symlink_to(photo)
    ended = semcodec_command("encode", photo, photo.parent / "link.semc", "--overwrite")
    assert ended.code == 1
    assert "never overwritten" in ended.err
    assert photo.read_bytes() == before
    coded = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, coded).code == 0
    assert semcodec_command("cut", coded, coded, "--bytes", 200).code == 1


def test_a_photograph_beside_the_file_is_not_replaced_by_its_decoded_self(semcodec_command: Callable, photo: Path):
    before = photo.read_bytes()
    assert semcodec_command("encode", photo).code == 0
    for arguments in ([], ["--overwrite"]):
        ended = semcodec_command("decode", photo.with_suffix(".semc"), *arguments)
        assert ended.code == 1
        assert "was not written by semcodec" in ended.err
    assert photo.read_bytes() == before


def test_an_older_output_is_skipped_and_overwrite_redoes_it(semcodec_command: Callable, photo: Path):
    coded = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, "--bytes", 300).code == 0
    first = coded.read_bytes()
    skipped = semcodec_command("encode", photo, "--bytes", 500)
    assert (skipped.code, coded.read_bytes()) == (0, first)
    assert "skipped" in skipped.err
    assert semcodec_command("encode", photo, "--bytes", 500, "--overwrite").code == 0
    assert len(coded.read_bytes()) > 300
    photo.unlink()
    assert semcodec_command("decode", coded).code == 0
    assert "skipped" in semcodec_command("decode", coded).err
    assert "skipped" not in semcodec_command("decode", coded, "--overwrite").err


# ---- many files


@pytest.mark.parametrize("num_jobs", [1, 2])
def test_a_folder_there_and_back_keeps_its_tree(semcodec_command: Callable, tree: Path, tmp_path: Path, num_jobs: int):
    coded, decoded = tmp_path / "coded", tmp_path / "decoded"
    ended = semcodec_command("encode", tree, "--output-dir", coded, "--bytes", 200, "--jobs", num_jobs)
    assert ended.code == 0, ended.err
    assert "2 files: 2 done, 0 failed" in ended.err
    assert sorted(str(p.relative_to(coded)) for p in coded.rglob("*.semc")) == ["one.semc", "summer/two.semc"]
    assert semcodec_command("decode", coded, decoded, "--jobs", num_jobs, "--quiet").err == ""
    assert sorted(str(p.relative_to(decoded)) for p in decoded.rglob("*.png")) == ["one.png", "summer/two.png"]


def test_one_bad_file_costs_the_others_nothing_and_is_listed_at_the_end(
    semcodec_command: Callable, tree: Path, tmp_path: Path
):
    (tree / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    ended = semcodec_command("encode", tree, "--output-dir", tmp_path / "out", "--bytes", 200)
    assert ended.code == 1
    assert (tmp_path / "out" / "summer" / "two.semc").exists()
    assert "3 files: 2 done, 1 failed" in ended.err
    assert "broken.png" in ended.err.splitlines()[-1]
    (tree / "broken.png").unlink()
    again = semcodec_command("encode", tree, "--output-dir", tmp_path / "out", "--bytes", 200)
    assert again.code == 0
    assert "2 files: 0 done, 2 skipped" in again.err


def test_a_damaged_file_among_many_ends_with_3(semcodec_command: Callable, tree: Path, tmp_path: Path):
    assert semcodec_command("encode", tree, "--output-dir", tmp_path / "out", "--bytes", 400, "--quiet").code == 0
    damaged = tmp_path / "out" / "one.semc"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    ended = semcodec_command("decode", tmp_path / "out")
    assert ended.code == 3
    assert str(damaged) in ended.err


def test_the_module_runs_as_a_program(photo: Path):
    command = [sys.executable, "-m", "semcodec", "encode", str(photo), "-", "--bytes", "200", "--no-caption"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    assert semcodec.info(done.stdout).num_bytes == len(done.stdout) <= 200
    assert done.stderr == b""


def test_an_interrupted_run_says_so_leaves_whole_files_and_is_resumed(photo: Path, tmp_path: Path):
    folder, out = tmp_path / "many", tmp_path / "out"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number:03}.png").write_bytes(photo.read_bytes())
    command = [sys.executable, "-m", "semcodec", "encode", str(folder), str(out) + "/", "--bytes", "200"]
    # (a test run in the background of a shell is deaf to interruptions, and so would be its children)
    hears = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=hears)
    while len(list(out.glob("*.semc"))) < 2 and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted" in told
    assert "Traceback" not in told
    written = list(out.iterdir())
    assert 2 <= len(written) < 300
    assert all(path.suffix == ".semc" and path.stat().st_size > 100 for path in written)

"""`semcodec clip`: videos to clips and back, from the command line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from semcodec import clips
from semcodec.limits import Limits
from semcodec.models import default_models, models_by_default
from semcodec.video.opening import open_footage


@pytest.fixture
def film(films: ModuleType, tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(films.film(films.frames(10, width=30, height=24), sound=True))
    return path


@pytest.fixture
def clip(semcodec_command: Callable, film: Path) -> Path:
    ended = semcodec_command("clip", "encode", film, "--bytes", 400, "--picture", "keys", "--no-words", "--quiet")
    assert ended.code == 0, ended.err
    return film.with_suffix(".semv")


def test_a_film_goes_there_and_back(semcodec_command: Callable, film: Path, tmp_path: Path):
    clip, back = tmp_path / "out.semv", tmp_path / "back.mp4"
    ended = semcodec_command("clip", "encode", film, clip, "--bytes", 400, "--no-words")
    assert ended.code == 0
    assert "its sound was dropped" in ended.err
    assert f"{clip}: {clip.stat().st_size} bytes" in ended.err
    assert "key frame" in ended.err
    assert clip.stat().st_size <= 400
    ended = semcodec_command("clip", "decode", clip, back)
    assert ended.code == 0
    assert "30x24, 10 frames: " in ended.err
    assert open_footage(back, Limits()).num_frames == 10


def test_outputs_land_beside_their_inputs(semcodec_command: Callable, clip: Path):
    assert semcodec_command("clip", "decode", clip, "--format", "gif").code == 0
    assert clip.with_suffix(".gif").read_bytes().startswith(b"GIF89a")
    assert "skipped" in semcodec_command("clip", "decode", clip, "--format", "gif").err


def test_info_tells_shots_key_frames_and_bytes(semcodec_command: Callable, clip: Path):
    ended = semcodec_command("clip", "info", clip)
    text = ended.out.decode()
    assert ended.code == 0
    assert "30x24, 10 frames, 10 a second, 1.00 s" in text
    assert "shot 1   frames 0-9" in text
    assert f"{clip.stat().st_size} bytes" in text
    found = json.loads(semcodec_command("clip", "info", "--json", clip).out)
    assert (found["width_px"], found["height_px"], found["rate"], found["num_frames"]) == (30, 24, [10, 1], 10)
    assert [shot["first"] for shot in found["shots"]] == [0]
    assert sum(key["bytes"] for key in found["shots"][0]["key_frames"]) < clip.stat().st_size
    assert found["error"] is None
    assert found["warnings"] == []


def test_info_of_many_is_a_list_and_what_cannot_be_read_is_told(semcodec_command: Callable, clip: Path, film: Path):
    ended = semcodec_command("clip", "info", "--json", clip, film)
    assert ended.code == 1
    good, bad = json.loads(ended.out)
    assert good["error"] is None
    assert "no clip" in bad["error"]


def test_info_loads_neither_numpy_nor_a_network(clip: Path):
    code = (
        "import sys; sys.argv = ['semcodec', 'clip', 'info', sys.argv[1]]; from semcodec.cli import main; main();"
        "sys.stderr.write(' '.join({m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code, clip], capture_output=True, text=True, check=True, timeout=60)
    assert "key frame" not in done.stderr
    assert not set(done.stderr.split()) & {"numpy", "PIL", "av", "onnxruntime", "torch"}
    assert "typer" in done.stderr.split()


def test_the_report_tells_how_each_frame_was_made(semcodec_command: Callable, clip: Path, tmp_path: Path):
    ended = semcodec_command("clip", "decode", clip, tmp_path / "out.mp4", "--report", "json")
    (file,) = json.loads(ended.out)["files"]
    assert file["num_frames"] == 10
    assert file["mode"] == "it2v"
    runs = file["made"]
    assert runs[0]["first"] == 0 and runs[-1]["last"] == 9
    assert all(before["last"] + 1 == after["first"] for before, after in zip(runs, runs[1:], strict=False))
    assert {run["made"] for run in runs} <= {"sent", "interpolated", "held"}


def test_the_receiver_chooses_what_makes_the_frames_between(
    semcodec_command: Callable, clip: Path, tmp_path: Path, debug_interpolator: Path
):
    told = {}
    with models_by_default(default_models().but(interpolator=str(debug_interpolator))):
        for wish in ((), ("--interpolator", "network"), ("--interpolator", "motion"), ("--interpolator", "fade")):
            out = tmp_path / f"shown{'-'.join(wish)}.gif"
            ended = semcodec_command("clip", "decode", clip, out, "--report", "json", *wish)
            told[wish[1:]] = json.loads(ended.out)["files"][0]["interpolator"]
    name = debug_interpolator.name
    assert told == {(): name, ("network",): name, ("motion",): "motion", ("fade",): "fade"}


def test_a_network_that_is_asked_for_and_not_here_is_named(semcodec_command: Callable, clip: Path, tmp_path: Path):
    ended = semcodec_command("clip", "decode", clip, tmp_path / "out.gif", "--interpolator", "network")
    assert ended.code == 1 and "no interpolator is shipped" in ended.err and not (tmp_path / "out.gif").exists()
    assert semcodec_command("clip", "decode", clip, tmp_path / "out.gif").code == 0
    ended = semcodec_command("clip", "decode", clip, "--mode", "tt2v", "--interpolator", "motion")
    assert ended.code == 2 and "--interpolator is about --mode it2v" in ended.err


def test_a_truncated_clip_plays_with_exit_code_3(semcodec_command: Callable, clip: Path, tmp_path: Path):
    clip.write_bytes(clip.read_bytes()[:-60])
    ended = semcodec_command("clip", "decode", clip, tmp_path / "out.mp4")
    assert ended.code == 3
    assert "what is missing is held or faded" in ended.err
    assert open_footage(tmp_path / "out.mp4", Limits()).num_frames == 10


def test_a_truncated_film_is_encoded_as_far_as_it_goes(semcodec_command: Callable, films: ModuleType, tmp_path: Path):
    import numpy as np

    rng = np.random.default_rng(3)
    whole = films.film([rng.integers(0, 256, (24, 30, 3), dtype=np.uint8) for _ in range(40)], format="matroska")
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: len(whole) // 2])
    ended = semcodec_command("clip", "encode", path, "--bytes", 300, "--no-words")
    assert ended.code == 3
    assert "cut.mkv: " in ended.err
    assert 5 < clips.info(path.with_suffix(".semv")).num_frames < 40


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--bytes", 300, "--bpp", 0.1), "exclude each other"),
        (("--kbps", 0), "kbps 0.0 is not above 0"),
        (("--effort", 10), "less than or equal to 9"),
        (("--picture", "film"), "film"),
    ],
)
def test_wrong_usage_is_told(semcodec_command: Callable, film: Path, arguments: tuple, sentence: str):
    ended = semcodec_command("clip", "encode", film, *arguments)
    assert ended.code == 2
    assert sentence in ended.err
    assert not film.with_suffix(".semv").exists()


def test_wrong_usage_of_decode_is_told(semcodec_command: Callable, clip: Path, tmp_path: Path):
    assert "suffix names no format" in semcodec_command("clip", "decode", clip, tmp_path / "out.avi").err
    assert "is about --mode tt2v" in semcodec_command("clip", "decode", clip, "--seed", 4).err
    assert "--format avi is not known" in semcodec_command("clip", "decode", clip, "--format", "avi").err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is empty"), (b"nothing of the kind" * 40, "is no video that can be read here")],
)
def test_what_is_no_video_is_one_sentence(semcodec_command: Callable, tmp_path: Path, content: bytes, sentence: str):
    path = tmp_path / "noise.mp4"
    path.write_bytes(content)
    ended = semcodec_command("clip", "encode", path, "--bytes", 300)
    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert f"noise.mp4: {sentence}" in ended.err
    assert list(tmp_path.iterdir()) == [path]


def test_a_film_of_one_frame_is_a_clip_of_one_frame(semcodec_command: Callable, films: ModuleType, tmp_path: Path):
    film = tmp_path / "one.mp4"
    film.write_bytes(films.film(films.frames(1)))
    assert semcodec_command("clip", "encode", film, "--bytes", 200).code == 0
    said = semcodec_command("clip", "info", tmp_path / "one.semv").out.decode()
    assert "64x48, 1 frame, 10 a second" in said
    assert "shot 1   frame 0\n" in said
    played = semcodec_command("clip", "decode", tmp_path / "one.semv", tmp_path / "back.gif")
    assert (played.code, "64x48, 1 frame: 1 " in played.err) == (0, True)


def test_too_few_bytes_for_a_base_clip_are_told(semcodec_command: Callable, film: Path):
    ended = semcodec_command("clip", "encode", film, "--bytes", 10, "--picture", "base")
    assert ended.code == 1
    assert "allow more, or take key frames" in ended.err


def test_too_few_bytes_name_the_least(semcodec_command: Callable, film: Path):
    ended = semcodec_command("clip", "encode", film, "--bytes", 25, "--picture", "keys")
    assert ended.code == 1
    least = int(ended.err.split("the least for a clip of 30x24 is ")[1].split()[0])
    assert semcodec_command("clip", "encode", film, "--bytes", least, "--picture", "keys").code == 0


def test_a_video_that_is_somebody_elses_is_never_replaced(semcodec_command: Callable, clip: Path, film: Path):
    before = film.read_bytes()
    ended = semcodec_command("clip", "decode", clip, film)
    assert ended.code == 1
    assert "was not written by semcodec" in ended.err
    assert film.read_bytes() == before
    assert semcodec_command("clip", "decode", clip, film, "--overwrite").code == 0
    assert semcodec_command("clip", "decode", clip, film).code == 0, "now it is ours"


def test_pipes(semcodec_command: Callable, film: Path, clip: Path, tmp_path: Path):
    ended = semcodec_command("clip", "encode", "-", "-", "--bytes", 300, "--no-words", stdin=film.read_bytes())
    assert ended.code == 0
    assert clips.info(ended.out).num_frames == 10
    ended = semcodec_command("clip", "decode", "-", "-", stdin=ended.out)
    (tmp_path / "piped.mp4").write_bytes(ended.out)
    footage = open_footage(tmp_path / "piped.mp4", Limits())
    assert len(list(footage.frames())) == 10


def test_a_picture_that_moves_says_that_it_could_be_a_clip(
    semcodec_command: Callable, films: ModuleType, tmp_path: Path
):
    path = tmp_path / "moves.gif"
    path.write_bytes(films.animation(films.frames(4, width=30, height=24)))
    ended = semcodec_command("encode", path, "--bytes", 200)
    assert ended.code == 0
    assert "only the first of its 4 frames or pages was taken; `semcodec clip encode` takes them all" in ended.err
    assert semcodec_command("clip", "encode", path, "--bytes", 200).code == 0


def test_pictures_and_clips_are_told_apart(semcodec_command: Callable, clip: Path, film: Path, photo: Path):
    assert "this is a clip (.semv)" in semcodec_command("info", clip).err
    assert "this is a clip (.semv)" in semcodec_command("decode", clip, clip.with_suffix(".png")).err
    assert semcodec_command("encode", photo, photo.with_suffix(".semc"), "--bytes", 200).code == 0
    assert "this is a picture (.semc)" in semcodec_command("clip", "info", photo.with_suffix(".semc")).err
    assert "`semcodec clip encode` takes it" in semcodec_command("encode", film).err


@pytest.mark.parametrize("way", ["encode", "decode"])
def test_an_interruption_is_one_sentence_and_leaves_nothing_behind(
    films: ModuleType, semcodec_command: Callable, tmp_path: Path, way: str
):
    film, clip = tmp_path / "film.mp4", tmp_path / "film.semv"
    film.write_bytes(films.film(films.frames(600, width=128, height=96)))
    if way == "decode":
        flags = ("--picture", "keys", "--bytes", 20_000, "--effort", 1, "--no-words", "--quiet")
        assert semcodec_command("clip", "encode", film, clip, *flags).code == 0
    here, out = set(tmp_path.iterdir()), tmp_path / "out"
    out.mkdir()
    target = out / ("film.semv" if way == "encode" else "film.mp4")
    # The frames that are shown or coded are counted from within, so that it is interrupted in the middle of its work.
    where = "semcodec.video.footage.evenly" if way == "encode" else "semcodec.clips.decoding.all_frames"
    program = (
        "import importlib, itertools, signal, sys; from semcodec import cli\n"
        f"home, name = {where!r}.rsplit('.', 1)\n"
        "def counted(*given):\n"
        "    for number, frame in enumerate(whole(*given)):\n"
        "        if number == 300: signal.raise_signal(signal.SIGINT)\n"
        "        yield frame\n"
        "module = importlib.import_module(home); whole = getattr(module, name); setattr(module, name, counted)\n"
        "cli.program()"
    )
    source = film if way == "encode" else clip
    command = [sys.executable, "-c", program, "clip", way, str(source), str(target)]
    hears = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=hears, timeout=100, check=False)
    assert done.returncode == 130, done.stderr
    assert done.stderr == "semcodec: interrupted; what was finished is whole, run it again to go on\n"
    assert list(out.iterdir()) == []
    assert set(tmp_path.iterdir()) == here | {out}

"""A video painter on the command line: a clip to a film, and what is said when it cannot be had."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semcodec.limits import Limits
from semcodec.video.opening import open_footage

from .conftest import NUM_FRAMES

CPU = ("--device", "cpu", "--steps", "1")


@pytest.fixture
def clip(clip_bytes: bytes, tmp_path: Path) -> Path:
    (tmp_path / "clip.semv").write_bytes(clip_bytes)
    return tmp_path / "clip.semv"


def frames(path: Path) -> np.ndarray:
    return np.stack([image_HWC for _, image_HWC in open_footage(path, Limits()).frames()])


def test_words_are_filmed_and_the_command_says_so(semcodec_command: Callable, tiny_video, clip: Path, tmp_path: Path):
    flags = ("--mode", "tt2v", "--painter", tiny_video("cogvideox"), *CPU)
    ended = semcodec_command("clip", "decode", clip, tmp_path / "out.mp4", *flags, "--report", tmp_path / "r.json")
    assert ended.code == 0, ended.err
    assert "an impression filmed from words by tiny-cogvideox: nothing in it was seen" in ended.err
    assert len(frames(tmp_path / "out.mp4")) == NUM_FRAMES
    (told,) = json.loads((tmp_path / "r.json").read_text())["files"]
    assert told["painter"] == "tiny-cogvideox"
    assert told["made"] == [{"first": 0, "last": NUM_FRAMES - 1, "made": "invented"}]


def test_what_lies_between_is_filmed_with_an_adapter_and_a_seed(
    semcodec_command: Callable, tiny_video, clip: Path, tmp_path: Path
):
    def filmed(*flags: object) -> np.ndarray:
        out = tmp_path / "out.mp4"
        painter = ("--painter", tiny_video("cogvideox-from-picture"))
        ended = semcodec_command("clip", "decode", clip, out, *painter, *CPU, *flags, "--overwrite")
        assert ended.code == 0, ended.err
        assert f"{NUM_FRAMES - 2} frames between those that were sent were filmed by" in ended.err
        return frames(out)

    assert not np.array_equal(filmed(), filmed("--seed", 4))


def test_a_painter_of_stills_paints_the_scenes_of_an_impression_alone(
    semcodec_command: Callable, clip: Path, tmp_path: Path
):
    from semcodec_train.lora.tiny_painters import stable_diffusion

    painter = ("--painter", stable_diffusion(tmp_path / "tiny-stills"))
    ended = semcodec_command("clip", "decode", clip, tmp_path / "a.mp4", "--mode", "tt2v", *painter, *CPU)
    assert ended.code == 0, ended.err
    ended = semcodec_command("clip", "decode", clip, tmp_path / "b.mp4", *painter, *CPU)
    assert ended.code == 1
    assert "paints stills: give it with --mode tt2v" in ended.err


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--painter", "hf:nobody/nothing", "--mode", "stills"), "--painter is about --mode tt2v and it2v"),
        (("--lora", "x"), "--lora is about a painter; give one with --painter"),
        (("--seed", "1"), "--seed is about --mode tt2v, or a --painter"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(
    semcodec_command: Callable, clip: Path, flags: tuple[str, ...], sentence: str
):
    ended = semcodec_command("clip", "decode", clip, *flags)
    assert ended.code == 2
    assert sentence in " ".join(ended.err.replace("│", " ").split())


def test_a_model_that_is_not_there_is_one_sentence(semcodec_command: Callable, clip: Path, tmp_path: Path):
    ended = semcodec_command(
        "clip", "decode", clip, tmp_path / "o.mp4", "--painter", tmp_path / "none", "--mode", "tt2v"
    )
    assert ended.code == 1
    assert "is no folder" in ended.err
    assert not (tmp_path / "o.mp4").exists()


def test_a_video_pipeline_does_not_paint_stills(semcodec_command: Callable, tiny_video, tmp_path: Path, photo_HWC):
    import semcodec

    (tmp_path / "a.semc").write_bytes(semcodec.encode(photo_HWC, bytes=200).data)
    ended = semcodec_command("decode", tmp_path / "a.semc", tmp_path / "a.png", "--painter", tiny_video("ltx"), *CPU)
    assert ended.code == 1
    assert "films clips; it does not paint stills" in ended.err

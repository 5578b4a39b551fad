"""A painter on the command line: photograph to file to painting, and what is said when it cannot be had."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec

from .conftest import mean_change

CPU = ("--device", "cpu", "--steps", "3")
QUIET_CPU = (*CPU, "--quiet")


@pytest.fixture
def photo(photo_HWC: np.ndarray, tmp_path: Path) -> Path:
    Image.fromarray(photo_HWC).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def file(file_bytes: bytes, tmp_path: Path) -> Path:
    (tmp_path / "photo.semc").write_bytes(file_bytes)
    return tmp_path / "photo.semc"


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("family", ["stable-diffusion", "stable-diffusion-xl", "stable-diffusion-3", "sana"])
def test_a_file_is_painted_by_a_folder(semcodec_command: Callable, tiny, file: Path, tmp_path: Path, family: str):
    plain = semcodec_command("decode", file, tmp_path / "plain.png")
    ended = semcodec_command("decode", file, tmp_path / "painted.png", "--painter", tiny(family), *QUIET_CPU)
    assert (plain.code, ended.code, ended.err) == (0, 0, "")
    assert pixels(tmp_path / "painted.png").shape == (120, 160, 3)
    assert mean_change(pixels(tmp_path / "plain.png"), pixels(tmp_path / "painted.png")) > 1


def test_seed_strength_control_and_lora_each_change_the_painting(
    semcodec_command: Callable, tiny, tiny_control: Path, tiny_lora: Path, file: Path, tmp_path: Path
):
    def painted(*flags: object) -> np.ndarray:
        ended = semcodec_command(
            "decode", file, tmp_path / "painted.png", "--painter", tiny("stable-diffusion"), *QUIET_CPU, *flags
        )
        assert (ended.code, ended.err) == (0, "")
        return pixels(tmp_path / "painted.png")

    as_it_is = painted()
    assert np.array_equal(painted(), as_it_is)
    for flags in (
        ("--seed", 3),
        ("--strength", 0.95),
        ("--guidance", 1),
        ("--scheduler", "lcm"),
        ("--control", f"tile={tiny_control}"),
        ("--control", f"edges={tiny_control}"),
        ("--lora", tiny_lora),
    ):
        assert not np.array_equal(painted(*flags), as_it_is), flags


def test_several_files_are_painted_by_one_opened_model(
    semcodec_command: Callable, tiny, file_bytes: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import semcodec

    opened = []
    really_open = semcodec.open_painter
    monkeypatch.setattr("semcodec.opening.open_painter", lambda *a, **k: opened.append(a) or really_open(*a, **k))
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.semc").write_bytes(file_bytes)
    ended = semcodec_command("decode", tmp_path, "--painter", tiny("stable-diffusion"), *CPU, "-j", 2)
    assert ended.code == 0
    assert {path.name for path in tmp_path.glob("*.png")} == {"a.png", "b.png", "c.png"}
    assert np.array_equal(pixels(tmp_path / "a.png"), pixels(tmp_path / "c.png"))
    assert len(opened) == 1


def test_a_painter_takes_the_place_of_the_generator_for_words_alone(
    semcodec_command: Callable, tiny, file_bytes: bytes, tmp_path: Path
):
    header_and_words = semcodec.encode(np.zeros((64, 64, 3), np.uint8), bytes=400, caption="a night sky").data
    from semcodec.container.decode import read_file
    from semcodec.container.encode import write_file
    from semcodec.limits import DEFAULT_LIMITS

    header, sections, _ = read_file(header_and_words, DEFAULT_LIMITS)
    (tmp_path / "words.semc").write_bytes(write_file(header, sections[:1]))
    plain = semcodec_command("decode", tmp_path / "words.semc", tmp_path / "plain.png", "--no-invent")
    drawn = semcodec_command("decode", tmp_path / "words.semc", tmp_path / "drawn.png")
    painted = semcodec_command(
        "decode", tmp_path / "words.semc", tmp_path / "painted.png", "--painter", tiny("stable-diffusion"), *QUIET_CPU
    )
    assert plain.code == 1
    assert "holds no picture data" in plain.err
    assert (drawn.code, painted.code, painted.err) == (0, 0, "")
    assert pixels(tmp_path / "painted.png").shape == (64, 64, 3)
    assert not np.array_equal(pixels(tmp_path / "painted.png"), pixels(tmp_path / "drawn.png"))


def test_tries_find_the_nearest_seed_and_the_reader_paints_it(
    semcodec_command: Callable, tiny, photo: Path, tmp_path: Path
):
    folder, file = tiny("stable-diffusion"), tmp_path / "tried.semc"
    ended = semcodec_command(
        "encode", photo, file, "--bytes", 200, "--caption", "macaws", "--painter", folder, "--tries", 4, *QUIET_CPU
    )
    assert (ended.code, ended.err) == (0, "")
    assert file.stat().st_size <= 200
    hint = semcodec.info(file.read_bytes()).painter
    assert (hint.name, hint.num_tries) == ("tiny-stable-diffusion", 4)

    def painted(*flags: object) -> np.ndarray:
        assert semcodec_command("decode", file, tmp_path / "p.png", "--painter", folder, *QUIET_CPU, *flags).err == ""
        return pixels(tmp_path / "p.png")

    squared = [float(np.square(pixels(photo).astype(float) - painted("--seed", seed)).mean()) for seed in range(4)]
    assert int(np.argmin(squared)) == hint.seed
    assert np.array_equal(painted(), painted("--seed", hint.seed))


def test_a_network_can_judge_the_tries(semcodec_command: Callable, tiny, photo: Path, tmp_path: Path, root: Path):
    from semcodec.cli.distances import chosen_distance

    text = f"judge2={root / 'benchmarks' / 'judges' / 'judge2.safetensors'}"
    file, folder = tmp_path / "judged.semc", tiny("stable-diffusion")
    flags = ("--bytes", 200, "--painter", folder, "--tries", 3, "--distance", text, *CPU)
    assert semcodec_command("encode", photo, file, *flags).code == 0
    painter = semcodec.open_painter(str(folder), steps=3, device="cpu")
    scene, measure = semcodec.read(file.read_bytes()).scene, chosen_distance(text)
    distances = [measure(pixels(photo), painter.render(scene, seed=seed)) for seed in range(3)]
    assert scene.painter.seed == int(np.argmin(distances))


def test_another_painter_says_so_and_paints(semcodec_command: Callable, tiny, photo: Path, tmp_path: Path):
    file = tmp_path / "hinted.semc"
    semcodec_command("encode", photo, file, "--bytes", 200, "--painter", tiny("stable-diffusion"), *CPU)
    plain = semcodec_command("decode", file, tmp_path / "plain.png")
    other = semcodec_command("decode", file, tmp_path / "o.png", "--painter", tiny("stable-diffusion-3"), *CPU)
    assert plain.code == other.code == 0
    assert "made for the painter tiny-stable-diffusion; painted by the embedded one" in plain.err
    assert "painted by tiny-stable-diffusion-3 it is less like the original" in other.err
    assert (tmp_path / "plain.png").exists()


def test_info_names_the_painter(semcodec_command: Callable, tiny, photo: Path, tmp_path: Path):
    file = tmp_path / "hinted.semc"
    semcodec_command("encode", photo, file, "--bytes", 200, "--painter", tiny("stable-diffusion"), *CPU)
    assert b"painter  tiny-stable-diffusion, seed 0 of 1" in semcodec_command("info", file).out
    said = json.loads(semcodec_command("info", "--json", file).out)["painter"]
    assert said == {"name": "tiny-stable-diffusion", "revision": None, "seed": 0, "tries": 1}


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--painter", "stabilityai/sd-turbo"], "write hf:stabilityai/sd-turbo"),
        (["--painter", "hf:nobody/nothing"], "HF_HUB_OFFLINE is set"),
        (["--painter", "{control}"], "no model_index.json in it"),
        (["--painter", "{sd}", "--control", "tile={sd}"], "is no ControlNet"),
        (["--painter", "{sd}", "--lora", "{sd}"], "one .safetensors file of LoRA weights is needed, there are: none"),
        (["--painter", "{sd}", "--lora", "{control}"], "do not fit StableDiffusionPipeline"),
        (["--painter", "{sd}", "--scheduler", "magic"], "no scheduler 'magic'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_had_is_one_sentence(
    semcodec_command: Callable, tiny, tiny_control: Path, file: Path, tmp_path: Path, flags: list[str], sentence: str
):
    named = [flag.format(sd=tiny("stable-diffusion"), control=tiny_control) for flag in flags]
    ended = semcodec_command("decode", file, tmp_path / "painted.png", *named)
    assert ended.code == 1
    assert sentence in ended.err
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "painted.png").exists()

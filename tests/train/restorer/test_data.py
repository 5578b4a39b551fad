"""Pairs by the product's own code and by ordinary codecs, and the folders that hold them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.errors import MissingExtraError
from semcodec.painters.told import base_told, tokens_told
from semcodec.pictures import encoded_base
from semcodec.rate.base import SPEEDS
from semcodec_train.restorer.data import LEAST_ORIGINAL_PX, main, varied, write_pairs
from semcodec_train.restorer.decoded import bases_of, tokens_of
from semcodec_train.restorer.folders import INDEX, PIXELS
from semcodec_train.restorer.model import BITS_PER_PIXEL
from semcodec_train.restorer.ordinary import SHARES, coded, ordinaries_of, register_writers


def test_bases_of_a_photograph_are_coded_and_told_as_by_the_product(
    original: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def told(base: semcodec.types.BasePicture, size: semcodec.types.Size) -> tuple[float, float]:
        seen.append(base_told(base, size))
        return seen[-1]

    monkeypatch.setattr("semcodec_train.restorer.decoded.base_told", told)
    speeds = []

    def encoded(*args: Any, quality: int, speed: int) -> semcodec.types.BasePicture:
        speeds.append(speed)
        return encoded_base(*args, quality=quality, speed=speed)

    monkeypatch.setattr("semcodec_train.restorer.decoded.encoded_base", encoded)
    found = list(bases_of(original, np.random.default_rng(0), 5))
    assert [pair.condition for pair in found] == seen
    assert speeds == [SPEEDS[0][1]] * 5  # that of the pictures which the product keeps, of this size
    for pair in found:
        width = pair.image_hwC.shape[1]
        assert 16 <= width <= 240 and abs(pair.condition[0] - np.log2(240 / width)) < 0.1


def test_a_damaged_file_of_tokens_is_told_by_what_arrived(original: Image.Image) -> None:
    found = list(tokens_of(original, np.random.default_rng(1), 4))
    whole, damaged = found[::2], found[1::2]
    assert len(found) == 8
    for pair, less in zip(whole, damaged, strict=True):
        assert pair.condition[0] == less.condition[0] == -1
        assert less.condition[1] <= pair.condition[1] <= 0.35
        assert less.image_hwC.shape == pair.image_hwC.shape
    assert any(not np.array_equal(less.image_hwC, pair.image_hwC) for pair, less in zip(whole, damaged, strict=True))
    assert any(less.condition[1] < pair.condition[1] for pair, less in zip(whole, damaged, strict=True))


def test_a_whole_file_of_tokens_is_told_as_the_product_tells_it(original: Image.Image) -> None:
    rng = np.random.default_rng(7)
    (pair, *_) = tokens_of(original, rng, 1)
    size = semcodec.types.Size(*original.size)
    low, high = (np.log(bpp * size.width_px * size.height_px / 8) for bpp in BITS_PER_PIXEL)
    num_bytes = round(np.exp(np.random.default_rng(7).uniform(low, high)))
    scene = semcodec.read(semcodec.encode(original, bytes=num_bytes, picture="tokens").data).scene
    assert pair.condition == tokens_told(scene, size, BITS_PER_PIXEL)
    assert np.array_equal(pair.image_hwC, semcodec.render(scene, size=scene.tokens.working, restore=False))  # type: ignore[union-attr]


def test_ordinary_files_are_as_large_as_the_original_and_told_in_four_numbers(original: Image.Image) -> None:
    found = list(ordinaries_of(original, np.random.default_rng(3), 12))
    assert {pair.source for pair in found} == {"ordinary"}
    wanted = np.asarray(original).astype(float)
    for pair in found:
        assert pair.image_hwC.shape == (192, 240, 3) and pair.image_hwC.dtype == np.uint8
        assert 0 < np.abs(pair.image_hwC - wanted).mean() < 40  # (the same picture, with losses)
        enlarged, fine, *kinds = pair.condition
        assert enlarged == 0 and 0 <= fine <= 2.5 and kinds in ([1, 0], [0, 1], [0, 0])
    assert {pair.condition[2:] for pair in found} == {(1, 0), (0, 1), (0, 0)}
    assert len({pair.condition[1] for pair in found}) > 6


def test_every_ordinary_codec_writes_its_own_kind_of_file(original: Image.Image) -> None:
    register_writers()
    begins = {"JPEG": b"\xff\xd8", "WEBP": b"RIFF", "AVIF": b"ftypavif", "JXL": b"\xff\x0a", "HEIF": b"ftypheic"}
    assert set(begins) == set(SHARES) and sum(SHARES.values()) == pytest.approx(1)
    for codec, begin in begins.items():
        assert begin in coded(original, codec, np.random.default_rng(0))[:16], codec


def test_without_the_extra_one_sentence_says_what_to_install(
    original: Image.Image,
    photo_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    with pytest.raises(MissingExtraError, match=r"need 'pillow_jxl'; install it with: .*\[formats\]"):
        list(ordinaries_of(original, np.random.default_rng(0), 1))
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / photo_path.name).symlink_to(photo_path)
    monkeypatch.setattr(sys, "argv", ["data", "ordinary", "--photos", str(photos), "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err
    assert left.value.code == 2 and said.count("\n") == 1 and "semcodec[formats]" in said
    assert not (tmp_path / "out").exists()


def test_a_varied_photograph_keeps_the_least_side(original: Image.Image) -> None:
    rng = np.random.default_rng(0)
    some = [varied(original, rng) for _ in range(8)]
    assert all(min(image.size) >= LEAST_ORIGINAL_PX for image in some)  # (the original is no larger than that)
    assert any(image.size == original.size for image in some) and any(image.size > original.size for image in some)
    large = original.resize((480, 384))
    sizes = {varied(large, rng).size for _ in range(8)}
    assert len(sizes) > 4 and all(abs(width / height - 1.25) < 0.01 for width, height in sizes)
    light = [np.asarray(image.resize((8, 8))).mean() for image in some]
    assert max(light) - min(light) > 10


@pytest.mark.parametrize("vary", [False, True])
def test_enlarged_pairs_are_as_large_as_their_originals(tmp_path: Path, original: Image.Image, vary: bool) -> None:
    photo = original.resize((300, 240))
    num = write_pairs([photo] * 2, "base", tmp_path / "pairs", seed=1, enlarged=True, vary=vary)
    rows = [json.loads(line) for line in (tmp_path / "pairs" / INDEX).read_text().splitlines()]
    assert num == sum("source" in row for row in rows) == 12 and len(rows) == 14
    for half in (rows[:7], rows[7:]):
        assert "source" not in half[0] and all(row["size"] == half[0]["size"] for row in half)
    assert (rows[0]["size"] == rows[7]["size"] == [300, 240]) != vary
    width, height = rows[-1]["size"]
    assert rows[-1]["at"] + 3 * width * height == (tmp_path / "pairs" / PIXELS).stat().st_size


def test_a_folder_has_its_name_when_it_is_whole_and_is_written_anew(tmp_path: Path, original: Image.Image) -> None:
    seen = []

    def photos() -> Any:
        yield original
        seen.append([path.name for path in tmp_path.iterdir()])

    assert write_pairs(photos(), "base", tmp_path / "base-0", seed=1) == 6
    assert seen == [[".base-0"]] and [path.name for path in tmp_path.iterdir()] == ["base-0"]
    assert write_pairs([], "base", tmp_path / "base-0", seed=1) == 0
    assert (tmp_path / "base-0" / PIXELS).stat().st_size == 0

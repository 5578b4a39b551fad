"""Crops of pairs: read from folders as they appear, or from the memory of the device."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from semcodec_train.restorer.folders import INDEX, PIXELS, told_of
from semcodec_train.restorer.pairs import PairStream
from semcodec_train.restorer.resident import ResidentPairs

EVEN = {"base": 0.5, "tokens": 0.5}
GIVEN: dict[str, Any] = {"crop_px": 96, "batch": 6, "conditions": 2, "seed": 0}
RESIDENT = GIVEN | {"device": "cpu"}
PICTURE_BYTES = 3 * 100 * 96


def put(folder: Path, source: str, num: int = 1, *, number: int = 0, size: tuple[int, int] = (100, 96)) -> Path:
    """A folder of `num` originals, each with its negative as the decoded picture."""
    folder.mkdir(parents=True)
    rng, rows = np.random.default_rng(number), []
    with (folder / PIXELS).open("wb") as pixels:
        for _ in range(num):
            original_HWC = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
            for image_HWC, facts in ((original_HWC, {}), (255 - original_HWC, {"source": source, "condition": [1, 2]})):
                rows.append({"at": pixels.tell(), "size": list(size), **facts})
                pixels.write(image_HWC.tobytes())
    (folder / INDEX).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_crops_of_both_pictures_show_the_same_place(tmp_path: Path, original: Image.Image) -> None:
    pictures = [(original, {}), (original.resize((120, 96)), {"source": "base", "condition": [1.0, 0.5]})]
    (tmp_path / PIXELS).write_bytes(b"".join(picture.tobytes() for picture, _ in pictures))
    starts = [0, 240 * 192 * 3]
    rows = [{"at": at, "size": picture.size, **facts} for at, (picture, facts) in zip(starts, pictures, strict=True)]
    (tmp_path / INDEX).write_text("".join(json.dumps(row) + "\n" for row in rows))
    batch = PairStream(tmp_path, **GIVEN, shares=EVEN).draw()
    assert batch.original.shape == batch.enlarged.shape == (6, 3, 96, 96)
    assert batch.condition.tolist() == [[1.0, 0.5]] * 6
    a, b = batch.original.float(), batch.enlarged.float()
    in_step = (a - b).abs().mean((1, 2, 3))
    for moved in (a.roll(3, 3), a.roll(3, 2), a.flip(3)):
        assert (in_step < 0.8 * (moved - b).abs().mean((1, 2, 3))).all()


def test_pairs_in_memory_are_cropped_at_the_same_place(tmp_path: Path) -> None:
    put(tmp_path / "base", "base", 3)
    batch = ResidentPairs(tmp_path / "*", **RESIDENT, shares=EVEN).get()
    assert batch.original.shape == batch.enlarged.shape == (6, 3, 96, 96)
    assert torch.equal(batch.enlarged, 255 - batch.original)
    assert len({crop.numpy().tobytes() for crop in batch.original}) > 3  # (at several places, some of them flipped)
    assert batch.condition.tolist() == [[1, 2]] * 6


def test_pairs_in_memory_are_the_pictures_of_the_folder(tmp_path: Path) -> None:
    folder = put(tmp_path / "base", "base", 2)
    pictures = np.fromfile(folder / PIXELS, np.uint8).reshape(4, 96, 100, 3)[::2]
    windows = [picture[:, left : left + 96] for picture in pictures for left in range(5)]
    wanted = {np.ascontiguousarray(w[:, ::step]).tobytes() for w in windows for step in (1, -1)}
    crops = ResidentPairs(tmp_path / "*", **RESIDENT, shares=EVEN).get().original.permute(0, 2, 3, 1)
    assert all(crop.contiguous().numpy().tobytes() in wanted for crop in crops)


@pytest.mark.parametrize("pairs", [PairStream, ResidentPairs])
def test_folders_that_appear_are_taken_up_and_hidden_ones_are_not(tmp_path: Path, pairs: Any) -> None:
    given = (RESIDENT if pairs is ResidentPairs else GIVEN) | {"shares": EVEN}
    put(tmp_path / ".base-0", "base", 2)  # (half written)
    with pytest.raises(FileNotFoundError, match=r"restorer\.data makes some"):
        pairs(tmp_path / "*", **given)
    put(tmp_path / "base-1", "base")
    folders = pairs(tmp_path / "*", **given).folders
    assert folders.num_pairs == {"base": 1, "tokens": 0}
    before = folders.sha256()
    put(tmp_path / "tokens-0", "tokens")
    put(tmp_path / "ordinary-0", "ordinary")  # (there is no share for it)
    folders.look_again()
    assert folders.num_pairs == {"base": 1, "tokens": 1} and folders.sha256() != before
    (tmp_path / ".base-0").rename(tmp_path / "base-0")
    folders.look_again()
    folders.look_again()
    assert folders.num_pairs == {"base": 3, "tokens": 1}
    before = folders.sha256()
    (tmp_path / "base-0").rename(tmp_path / "elsewhere")
    assert folders.sha256() == before


def test_no_source_takes_the_room_of_another(tmp_path: Path) -> None:
    for number in range(4):
        put(tmp_path / f"base-{number}", "base", 3, number=number)
    shares, most = {"base": 0.5, "tokens": 0.25, "ordinary": 0.25}, 16 * PICTURE_BYTES
    folders = ResidentPairs(tmp_path / "*", **RESIDENT, shares=shares, most_bytes=most).folders
    assert folders.num_pairs == {"base": 4, "tokens": 0, "ordinary": 0}  # all of one folder, and a part of the next
    put(tmp_path / "tokens-0", "tokens", 1)
    put(tmp_path / "tokens-1", "tokens", 5)
    put(tmp_path / "a-late-one", "ordinary", 2)
    folders.look_again()
    assert folders.num_pairs == {"base": 4, "tokens": 2, "ordinary": 2}
    held = {id(pixels): pixels.nbytes for found in folders._pairs.values() for pixels, _, _ in found}
    assert sum(held.values()) == most


def test_pairs_that_were_not_enlarged_are_an_error(tmp_path: Path) -> None:
    index = put(tmp_path / "base", "base") / INDEX
    first, second = (json.loads(line) for line in index.read_text().splitlines())
    index.write_text("".join(json.dumps(row) + "\n" for row in (first, second | {"size": [50, 48]})))
    with pytest.raises(ValueError, match=r"base: a decoded picture is \[50, 48\] px.*restorer\.data --enlarged"):
        ResidentPairs(tmp_path / "*", **RESIDENT, shares=EVEN)


def test_relit_pairs_are_turned_and_lit_alike(tmp_path: Path) -> None:
    put(tmp_path / "base", "base", 3)
    batch = ResidentPairs(tmp_path / "*", **RESIDENT, shares=EVEN, relit=True).get()
    for original, enlarged in zip(batch.original, batch.enlarged, strict=True):
        middle = ((original > 0) & (original < 255) & (enlarged > 0) & (enlarged < 255)).all(0)
        both = (original + enlarged)[:, middle]  # (a picture and its negative: in any light their sum is the same)
        assert both.std(1).max() < 0.01
        assert abs(float(both.mean()) - 255) > 1  # (it was lit)
    plain = ResidentPairs(tmp_path / "*", **RESIDENT, shares=EVEN).get().original
    assert (batch.original.mean((1, 2, 3)) - plain.float().mean((1, 2, 3))).abs().max() > 1


def test_large_pictures_are_drawn_as_much_oftener(tmp_path: Path) -> None:
    put(tmp_path / "a", "base", 4)
    put(tmp_path / "b", "base", 1, size=(240, 160))
    folders = PairStream(tmp_path / "*", **GIVEN, shares=EVEN).folders
    rng = np.random.default_rng(0)
    drawn = [folders.draw(rng)[1]["size"] == [240, 160] for _ in range(400)]
    assert 0.4 < sum(drawn) / len(drawn) < 0.6  # (as large as the four others)


def test_crops_are_of_the_sources_in_their_shares(tmp_path: Path) -> None:
    for source in EVEN:
        put(tmp_path / source, source, 2)
    folders = PairStream(tmp_path / "*", **GIVEN, shares={"base": 0.9, "tokens": 0.1}).folders
    rng = np.random.default_rng(0)
    drawn = [folders.draw(rng)[2]["source"] for _ in range(400)]
    assert 0.05 < drawn.count("tokens") / len(drawn) < 0.15
    with pytest.raises(FileNotFoundError):
        PairStream(tmp_path / "*", **GIVEN | {"crop_px": 192}, shares=EVEN)  # (they are too small)


def test_a_restorer_is_told_as_many_numbers_as_it_takes() -> None:
    assert [told_of({"condition": [1.0, 2.0]}, num) for num in (1, 2, 4)] == [[1.0], [1.0, 2.0], [1.0, 2.0, 0.0, 0.0]]

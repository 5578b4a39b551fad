"""Inputs side by side in one process give what they give one after the other."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.jobs import Decode, Encode
from semcodec.jobs.items import Item
from semcodec.together import LARGE_PX, LargeOnes


@pytest.fixture(scope="module")
def photos(photo_path: Path) -> list[Item]:
    with Image.open(photo_path) as whole:
        picture = whole.convert("RGB")
    items = []
    for number in range(4):
        out = io.BytesIO()
        picture.crop((60 * number, 40 * number, 60 * number + 300, 40 * number + 200)).save(out, "PNG")
        items.append(Item(f"{number}.png", out.getvalue()))
    return [*items, Item("broken.png", b"no picture")]


def without_time(row: dict) -> dict:
    return {name: value for name, value in row.items() if name != "seconds"}


@pytest.mark.parametrize("picture", ["auto", "tokens"])
def test_pictures_side_by_side_become_the_files_that_each_becomes_alone(photos: list[Item], picture: str) -> None:
    together = Encode(bytes=400, vector=True, picture=picture, threads=3).rows(photos)
    one_by_one = [Encode(bytes=400, vector=True, picture=picture, threads=1).row(item) for item in photos]
    assert [without_time(row) for row in together] == [without_time(row) for row in one_by_one]
    assert [row["error"] is None for row in together] == [True] * 4 + [False]
    alone = semcodec.encode(photos[0].data or b"", bytes=400, describe=True, vector=True, picture=picture)
    assert together[0]["semc"] == alone.data, "whatever the number of threads of a network"


def test_files_side_by_side_are_painted_as_each_is_alone(photos: list[Item]) -> None:
    rows = Encode(bytes=300, describe=False, threads=1).rows(photos[:3])
    files = [Item(row["name"], row["semc"]) for row in rows]
    together, alone = Decode(threads=3).rows(files), Decode(threads=1).rows(files)
    assert [row["image"] for row in together] == [row["image"] for row in alone]


def test_large_pictures_wait_for_each_other_and_small_ones_for_nobody() -> None:
    large_ones, inside, most = LargeOnes(), 0, 0

    def work() -> None:
        nonlocal inside, most
        with large_ones.in_turn(LARGE_PX) as is_large:
            assert is_large
            inside += 1
            most = max(most, inside)
            with large_ones.in_turn(LARGE_PX - 1) as is_large:
                assert not is_large
            threading.Event().wait(0.01)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_pixels_of_arrays_are_encoded_side_by_side_too() -> None:
    batch = {"image": np.empty(3, dtype=object), "name": np.array(["a", "b", "c"], dtype=object)}
    batch["image"][:] = [np.full((20, 30, 3), 50 * number, np.uint8) for number in range(3)]
    made = Encode(bytes=200, describe=False, threads=2)(batch)
    assert list(made["name"]) == ["a", "b", "c"] and not any(made["error"])

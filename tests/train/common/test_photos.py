"""Training pictures: of a folder, or packed in one tar archive."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec_train.common.photos import load_photos, pictures_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "photos"
    found.mkdir()
    for at in range(5):
        Image.fromarray(np.full((8, 9, 3), 40 * at, np.uint8)).save(found / f"{at}.png")
    (found / "3.txt").write_text("three\n threes")
    (found / "notes.md").write_text("no picture")
    return found


def test_an_archive_holds_the_same_pictures_and_words_as_its_folder(folder: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "photos.tar", "w") as archive:
        archive.add(folder, arcname="photos")
    one, other = pictures_in(folder), pictures_in(tmp_path / "photos.tar")
    assert [picture.stem for picture in one] == [picture.stem for picture in other] == ["0", "1", "2", "3", "4"]
    for mine, theirs in zip(one, other, strict=True):
        assert np.array_equal(np.asarray(mine.open()), np.asarray(theirs.open()))
    assert (
        [picture.words() for picture in one]
        == [picture.words() for picture in other]
        == [""] * 3 + ["three threes", ""]
    )


def test_a_few_are_evenly_spaced_and_several_sources_are_one(folder: Path) -> None:
    assert [photo.getpixel((0, 0))[0] for photo in load_photos(folder, limit=3)] == [0, 80, 160]  # type: ignore[index]
    assert len(load_photos(folder, folder)) == 10


def test_no_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no pictures"):
        pictures_in(tmp_path)

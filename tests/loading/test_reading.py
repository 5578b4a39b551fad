"""Pictures by path, URL, bytes and open file."""

from __future__ import annotations

import io
from pathlib import Path

import fsspec
import numpy as np
import pytest

import semcodec


def test_a_picture_is_read_wherever_it_lies(tiny: Path):
    expected = semcodec.decode(tiny)
    fsspec.filesystem("memory").pipe_file("/loading/tiny.semc", tiny.read_bytes())
    with tiny.open("rb") as file:
        for source in (str(tiny), tiny, tiny.read_bytes(), file, tiny.as_uri(), "memory://loading/tiny.semc"):
            assert (semcodec.imread(source) == expected).all()
    assert semcodec.imread(str(tiny), size=semcodec.Size(40, 24)).shape == (24, 40, 3)


def test_a_picture_is_written_wherever_it_goes(tmp_path: Path, tiny_HWC: np.ndarray):
    expected = semcodec.encode(tiny_HWC, bytes=200).data
    into = io.BytesIO()
    for target in (str(tmp_path / "a.semc"), tmp_path / "b.semc", "memory://loading/c.semc", into):
        semcodec.imwrite(target, tiny_HWC, bytes=200)
    assert (tmp_path / "a.semc").read_bytes() == (tmp_path / "b.semc").read_bytes() == expected
    assert fsspec.filesystem("memory").cat_file("/loading/c.semc") == into.getvalue() == expected
    with pytest.raises(TypeError, match="a int is nothing to write to"):
        semcodec.imwrite(3, tiny_HWC)  # type: ignore[arg-type]


def test_what_is_open_knows_size_and_words_and_is_painted_late(tiny: Path):
    picture = semcodec.open(tiny.as_uri())
    assert (picture.size, picture.info["words"].text) == ((20, 12), "a carpet")
    assert (np.asarray(picture) == semcodec.decode(tiny)).all()


def test_what_is_not_there_or_none_of_ours_is_an_os_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        semcodec.open(str(tmp_path / "none.semc"))
    with pytest.raises(FileNotFoundError):
        semcodec.imread("memory://nowhere.semc")
    with pytest.raises(OSError, match="Protocol not known: nonsense"):
        semcodec.imread("nonsense://bucket/a.semc")
    with pytest.raises(OSError, match="name a"):
        semcodec.open(b"no picture")


def test_a_file_that_fsspec_has_opened_is_a_file(tiny: Path):
    with fsspec.open(tiny.as_uri(), "rb") as file:
        assert semcodec.read_words(file).text == "a carpet"

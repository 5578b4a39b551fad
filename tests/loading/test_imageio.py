"""imageio reads and writes .semc files once the plugin is imported."""

from __future__ import annotations

import io
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

import semcodec
import semcodec.imageio_plugin


def test_imageio_reads_by_the_name_and_by_the_bytes(tiny: Path):
    expected = semcodec.decode(tiny)
    assert (iio.imread(tiny) == expected).all()
    assert (iio.imread(tiny.read_bytes(), plugin="semcodec") == expected).all()
    assert iio.imread(tiny, index=...).shape == (1, 12, 20, 3)
    assert [image.shape for image in iio.imiter(tiny)] == [(12, 20, 3)]
    assert iio.imread(tiny, size=semcodec.Size(40, 24)).shape == (24, 40, 3)


def test_shape_and_words_are_told_without_painting(tiny: Path):
    told = iio.improps(tiny)
    assert (told.shape, told.dtype, told.is_batch) == ((12, 20, 3), np.uint8, False)
    about = iio.immeta(tiny)
    assert about["words"] == "a carpet"
    assert set(about["layers"]) == {"text", "pixels"}


def test_imageio_writes_what_encode_does(tmp_path: Path, tiny_HWC: np.ndarray):
    expected = semcodec.encode(tiny_HWC, bytes=200).data
    iio.imwrite(tmp_path / "a.semc", tiny_HWC, bytes=200)
    into = io.BytesIO()
    iio.imwrite(into, tiny_HWC, extension=".semc", bytes=200)
    assert (tmp_path / "a.semc").read_bytes() == into.getvalue() == expected
    assert iio.imwrite("<bytes>", tiny_HWC, extension=".semc", bytes=200) == expected


def test_several_pictures_and_other_files_are_refused_and_png_is_as_it_was(tmp_path: Path, tiny_HWC: np.ndarray):
    with pytest.raises(ValueError, match="holds one picture, not 2"):
        iio.imwrite(tmp_path / "b.semc", np.stack([tiny_HWC, tiny_HWC]), is_batch=True)
    with pytest.raises(IndexError, match="number 0, not 3"):
        iio.immeta(semcodec.encode(tiny_HWC).data, plugin="semcodec", index=3)
    iio.imwrite(tmp_path / "a.png", tiny_HWC)
    assert (iio.imread(tmp_path / "a.png") == tiny_HWC).all()
    with pytest.raises(OSError):
        iio.imread(tmp_path / "a.png", plugin="semcodec")

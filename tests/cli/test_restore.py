"""`decode` restores what it decodes, says so in the picture and with -v, and leaves it with --no-restore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    assert semcodec_command("encode", photo, "--bytes", 200, "--no-caption").code == 0
    return photo.with_suffix(".semc")


def test_a_decoded_picture_is_restored_unless_that_is_forbidden(
    semcodec_command: Callable, coded: Path, tmp_path: Path, embedded_restorer: str
) -> None:
    restored = semcodec_command("decode", coded, tmp_path / "restored.png", "-v")
    plain = semcodec_command("decode", coded, tmp_path / "plain.png", "-v", "--no-restore")
    assert restored.code == plain.code == 0
    assert f"painted by nano-1, restored by {embedded_restorer}; sent of" in restored.err
    assert "painted by nano-1; sent of" in plain.err
    data = coded.read_bytes()
    for name, restore in (("restored", True), ("plain", False)):
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert np.array_equal(np.asarray(picture), semcodec.decode(data, restore=restore))
            assert (f", restored ({embedded_restorer}): " in picture.info["Comment"]) == restore
            assert ("restored" in picture.info["xmp"].decode()) == restore


def test_the_last_picture_of_an_arriving_file_is_restored_or_not(
    semcodec_command: Callable, coded: Path, tmp_path: Path, embedded_restorer: str
) -> None:
    for flags, restore in (((), True), (("--no-restore",), False)):
        assert semcodec_command("decode", coded, tmp_path / "a.png", "--progressive", "--overwrite", *flags).code == 0
        with Image.open(tmp_path / "a.png") as picture:
            assert np.array_equal(np.asarray(picture), semcodec.decode(coded.read_bytes(), restore=restore))

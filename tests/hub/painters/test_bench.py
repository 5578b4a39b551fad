"""`semcodec bench --painter`: the same run, its pictures painted, its settings said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.evaluation.ours import EMBEDDED, How, code_with_semcodec


@pytest.fixture
def pictures(photo_HWC: np.ndarray, tmp_path: Path) -> Path:
    (tmp_path / "set").mkdir()
    Image.fromarray(photo_HWC).save(tmp_path / "set" / "one.png")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "one.txt").write_text("two\nmacaws")
    return tmp_path


def test_a_run_is_painted_and_says_by_whom(semcodec_command: Callable, tiny, pictures: Path):
    out = pictures / "out"
    flags = ["--budgets", "200", "--peers", "jpeg", "--no-vmaf", "--out", out, "--captions", pictures / "words"]
    painter = ["--painter", tiny("stable-diffusion"), "--steps", 3, "--tries", 2, "--device", "cpu"]
    ended = semcodec_command("bench", pictures / "set", *flags, *painter)
    assert ended.code == 0, ended.err
    codec = json.loads((out / "run.json").read_text())["codecs"][0]
    assert (codec["name"], codec["title"]) == ("semcodec", "semcodec + tiny-stable-diffusion")
    assert "painted by tiny-stable-diffusion (a folder, steps 3, device cpu), captions " in codec["settings"]
    assert "the best of 2 seeds" in codec["settings"]
    assert "semcodec + tiny-stable-diffusion" in (out / "table.md").read_text()


def test_words_count_as_bytes_and_painting_changes_pixels_not_files(tiny, photo_HWC: np.ndarray, pictures: Path):
    options = (("steps", 3), ("device", "cpu"))
    how = How(str(tiny("stable-diffusion")), options, captions=pictures / "words")
    (painted,) = code_with_semcodec(photo_HWC, (200,), how=how, picture="one")
    (plain,) = code_with_semcodec(photo_HWC, (200,), how=EMBEDDED)
    assert 190 <= len(painted.data) <= 200
    assert painted.data != plain.data
    assert not np.array_equal(painted.image_HWC, plain.image_HWC)


def test_a_picture_without_its_caption_is_a_sentence(pictures: Path):
    from semcodec.errors import SemcodecError

    with pytest.raises(SemcodecError, match=r"two\.txt: the caption of two cannot be read"):
        How(captions=pictures / "words").words_of("two")


def test_without_a_painter_the_settings_are_those_of_before():
    assert "embedded networks, no caption, effort 5, seed 0" in EMBEDDED.settings()
    assert EMBEDDED.title == "semcodec"

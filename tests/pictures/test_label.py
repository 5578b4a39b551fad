"""A band under a picture: readable at all sizes, with and without FreeType; the picture above stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import features

from semcodec.pictures.label import INK, PAPER, labelled

TEXT = "340 bytes received, 2 of 5 packets missing, texture restored"


@pytest.fixture(params=["FreeType", "no FreeType"])
def font(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "no FreeType":
        monkeypatch.setattr(features, "check", lambda feature: False)
    return str(request.param)


def band_of(width: int, height: int, text: str = TEXT) -> np.ndarray:
    picture_HWC = np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)
    out_HWC = labelled(picture_HWC, text)
    assert (out_HWC[:height, :width] == picture_HWC).all()
    assert (out_HWC[:height, width:] == PAPER).all()
    return out_HWC[height:]


def lines_of(band_HWC: np.ndarray) -> list[int]:
    """How high the ink of each line is."""
    inked = np.flatnonzero(np.diff((band_HWC[:, :, 0] < 128).any(axis=1), prepend=False, append=False))
    return [int(end - start) for start, end in zip(inked[::2], inked[1::2], strict=True)]


@pytest.mark.parametrize(("width", "most_lines"), [(8, 6), (160, 6), (768, 1), (3000, 1)])
@pytest.mark.usefixtures("font")
def test_letters_are_large_enough_and_stay_inside(width: int, most_lines: int) -> None:
    band_HWC = band_of(width, 40)
    heights = lines_of(band_HWC)
    assert 1 <= len(heights) <= most_lines
    assert max(heights) >= max(9, width // 60)
    ink = band_HWC[:, :, 0] < 128
    assert band_HWC.min() < INK + 30
    assert not ink[0].any() and not ink[-1].any() and not ink[:, 0].any() and not ink[:, -1].any()


@pytest.mark.usefixtures("font")
def test_letters_that_the_font_lacks_are_shown_as_others() -> None:
    assert lines_of(band_of(768, 40, "repainted by a model \u65e5\u672c\n\u00fc"))


@pytest.mark.usefixtures("font")
def test_a_long_text_costs_lines_and_none_costs_nothing() -> None:
    assert len(lines_of(band_of(768, 40, TEXT * 3))) >= 2
    assert band_of(768, 40, "").shape[0] == 0


def test_without_freetype_letters_are_others() -> None:
    usual = band_of(768, 40)
    with pytest.MonkeyPatch.context() as without:
        without.setattr(features, "check", lambda feature: False)
        assert not np.array_equal(band_of(768, 40), usual)

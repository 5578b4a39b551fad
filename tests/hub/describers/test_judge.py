"""CLIP and SigLIP compare words with pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from semcodec.errors import ModelError
from semcodec.hub.describers.judge import Judge
from semcodec.hub.devices import choose_placement
from semcodec.hub.fetch import fetch
from semcodec.hub.references import parse_reference

from . import tiny

TOLD_APART = 0.01  # in cosine: a hundred times the rounding of any processor
TEXTS = ["a red bird", "two boats on the sea", "dark " * 300]


@pytest.mark.parametrize("name", sorted(tiny.JUDGES))
def test_cosines_depend_on_words_and_on_the_picture(name: str, model_folder: Callable, image_HWC: np.ndarray):
    judge = Judge(fetch(parse_reference(str(model_folder(name)))), choose_placement("cpu"))
    scores = judge.score(image_HWC, TEXTS)
    assert min(np.diff(sorted(scores))) > TOLD_APART
    assert all(-1 <= score <= 1 for score in scores)
    assert judge.score(image_HWC, TEXTS) == scores
    assert max(np.abs(np.subtract(judge.score(255 - image_HWC, TEXTS), scores))) > TOLD_APART
    assert judge.score(image_HWC, TEXTS[:1]) == pytest.approx(scores[:1], abs=1e-5)


def test_what_is_no_judge_is_refused(model_folder: Callable):
    with pytest.raises(ModelError, match="'blip', no judge: take a CLIP or SigLIP"):
        Judge(fetch(parse_reference(str(model_folder("blip")))), choose_placement("cpu"))

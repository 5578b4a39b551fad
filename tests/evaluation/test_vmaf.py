from __future__ import annotations

import numpy as np
import pytest

from semcodec.evaluation.measures.vmaf import vmaf_scores
from semcodec.evaluation.peers.peer import enlarge, shrink
from semcodec.types import Size

from .conftest import draw


def test_better_pictures_score_higher_and_equal_ones_near_one_hundred():
    picture = draw(176, 192)
    worse = [enlarge(shrink(picture, scale), Size(192, 176)) for scale in (8, 2)]
    blurred, soft, same = vmaf_scores(picture, [*worse, picture])
    assert blurred < soft < same
    assert same > 90


def test_a_score_does_not_depend_on_the_other_pictures_of_the_run():
    picture = draw(176, 192)
    soft = enlarge(shrink(picture, 2), Size(192, 176))
    assert vmaf_scores(picture, [picture, soft, soft])[1:] == pytest.approx(vmaf_scores(picture, [soft]) * 2, abs=1e-3)


def test_odd_sizes_are_scored_without_their_last_row_and_column():
    picture = draw(177, 193)
    assert vmaf_scores(picture, [picture]) == vmaf_scores(picture[:176, :192], [picture[:176, :192]])


def test_no_pictures_need_no_run():
    assert vmaf_scores(np.zeros((2, 2, 3), np.uint8), []) == []

"""Motion compensation between pictures near each other, the network between others."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.contracts import Interpolator
from semcodec.interpolators.compensated import Compensated
from semcodec.interpolators.near import MOST_NEAR, FarOnly
from semcodec.interpolators.plain import Hold


@pytest.mark.parametrize(("num", "like"), [(1, Compensated()), (MOST_NEAR, Compensated()), (MOST_NEAR + 1, Hold())])
def test_the_distance_of_two_pictures_decides(num: int, like: Interpolator) -> None:
    first, last = np.random.default_rng(3).integers(0, 256, (2, 32, 40, 3), dtype=np.uint8)
    times = [(n + 1) / (num + 1) for n in range(num)]
    far_only = FarOnly(Hold())
    assert isinstance(far_only, Interpolator) and far_only.name == "hold"
    shown, wanted = (list(each.between(first, last, times)) for each in (far_only, like))
    assert len(shown) == num and all(map(np.array_equal, shown, wanted))

"""Words one by one: steps of a beam give what whole sequences give."""

from __future__ import annotations

import numpy as np

from semcodec.models import default_models
from semcodec.nets.writing import StepByStep


def test_beginnings_that_grow_get_the_odds_of_beginnings_that_are_given_whole() -> None:
    nets = default_models().describer()._nets
    rng = np.random.default_rng(3)
    size = nets.vocabulary.image_px
    seen = nets.see(rng.integers(0, 256, (size, size, 3), np.uint8))
    prompt = [nets.vocabulary.task["caption"], nets.vocabulary.rates[0]]
    said, writing = np.array([prompt]), nets.writing(seen)
    assert isinstance(writing, StepByStep), "the describer that is shipped is asked step by step"
    for parents in ([0, 0, 0], [2, 0, 2], [1, 1], [0]):
        grown = writing.next_log_odds(said)
        whole = nets.writing(seen).next_log_odds(said)
        assert grown.shape == (len(said), len(nets.vocabulary.words))
        assert np.abs(grown - whole).max() < 1e-3
        following = np.argsort(-grown[:, 1000:2000], axis=1)[:, 0] + 1000
        said = np.array([[*said[parent], following[parent] + at] for at, parent in enumerate(parents)])

"""Profiles say which parts of a Scene are sent."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.contracts import Profile
from semcodec.rate.parts import PROFILES, AnchorProfile, TextProfile, find_profile, profile_of
from semcodec.types import Region, Regions, Scene, Size, TokenPyramid, Words

SIZE = Size(30, 20)
WHOLE = Scene(
    SIZE,
    words=Words("a dog"),
    regions=Regions((Region(0, 0, 5, 5, "a dog"),)),
    tokens=TokenPyramid(1, SIZE, (np.zeros((1, 1, 6), np.uint8),)),
    edges=np.zeros((20, 30), np.uint8),
)


def test_they_satisfy_the_contract_and_have_names() -> None:
    assert all(isinstance(profile, Profile) for profile in PROFILES)
    assert [find_profile(profile.name) for profile in PROFILES] == list(PROFILES)
    with pytest.raises(ValueError, match="'poem' is none of anchor, text"):
        find_profile("poem")


def test_text_sends_what_is_said_and_anchor_tokens_too() -> None:
    text, anchor = TextProfile().keep(WHOLE), AnchorProfile().keep(WHOLE)
    assert text == Scene(SIZE, words=WHOLE.words, regions=WHOLE.regions)
    assert anchor.tokens is WHOLE.tokens and anchor.words is WHOLE.words and anchor.edges is None


def test_what_a_profile_kept_has_that_profile() -> None:
    for profile in PROFILES:
        assert profile_of(profile.keep(WHOLE)) is profile

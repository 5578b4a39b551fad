from __future__ import annotations

import pytest

from semcodec.layers.text.encode import pack_words
from semcodec.types import Words

CAPTIONS = (
    "A man riding a wave on top of a surfboard.",
    "Two dogs run across a snowy field .",
    "a red double-decker bus drives past Big Ben",
    'The Zbrzyzny family\'s 1975 "Käfer", in Köln!',
    "Ein schneller brauner Fuchs springt über den faulen Hund.",
    "两只狗在海滩上奔跑，夕阳西下。",
    "رجل يركب حصانا على الشاطئ",
    "Два человека едут на лошадях по пляжу.",
    "👩‍👩‍👧 🎉 party time",
    "LOOK: A HORSE",
    "A Day At The Races",
    " \t leading, double  and trailing space \n",
    "x",
    " ",
    "\x00\u202e\ufffe\U0010ffff",
)


@pytest.fixture(params=CAPTIONS, ids=ascii)
def caption(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def long_text() -> str:
    """Of several groups of 64 bytes, so with checks."""
    return LONG_TEXT


@pytest.fixture(scope="session")
def long_payload(long_text: str) -> bytes:
    return pack_words(Words(long_text, "en")).payload


LONG_TEXT = (
    "Überall Menschen: a market square in the evening, with lanterns, a juggler on a unicycle, and wet cobblestones. "
    "To the left, a woman sells oranges (12 kr. a bag) from a green cart; to the right, two boys share an umbrella. "
    "Далеко видны горы. Behind them, a church with a crooked, copper-green steeple, scaffolding, and one stork. "
    "A black-and-white cat sits under the cart, looking at a paper bag that rolls past in the wind."
)

"""What commands open for their first file, they keep for all others."""

from __future__ import annotations

import pytest

from semcodec.cli.once import Once
from semcodec.errors import ModelError


def test_a_thing_is_made_when_it_is_asked_for_and_once():
    made = []
    once = Once(lambda: made.append("made") or object())
    assert made == []
    assert once.get() is once.get()
    assert made == ["made"]


def test_an_error_is_kept_too():
    tried = []

    def fail() -> None:
        tried.append("tried")
        raise ModelError("the network is dead")

    once = Once(fail)
    for _ in range(2):
        with pytest.raises(ModelError, match="dead"):
            once.get()
    assert tried == ["tried"]

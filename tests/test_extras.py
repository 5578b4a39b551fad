"""A package of an extra that is missing is one sentence with the command that brings it."""

from __future__ import annotations

import sys

import pytest

from semcodec.errors import MissingExtraError
from semcodec.extras import require


def test_what_is_there_is_imported() -> None:
    assert require("json.decoder", extra="jobs").JSONDecoder


def test_the_package_is_named_not_the_module_in_it() -> None:
    with pytest.raises(MissingExtraError, match=r"^'no_such_package' is needed .* pip install 'semcodec\[jobs\]'"):
        require("no_such_package.core", extra="jobs")


def test_a_module_that_cannot_be_had_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"^'ray' is needed"):
        require("ray", extra="jobs")

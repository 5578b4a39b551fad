"""Which families this build can read."""

from __future__ import annotations

import pytest

from semcodec.errors import UnknownFamilyError
from semcodec.ids import FAMILY_NAMES, WITHDRAWN_FAMILIES
from semcodec.layers.tokens.family import find_family


def test_every_named_family_has_tables_of_its_name() -> None:
    for number, name in FAMILY_NAMES.items():
        assert (find_family(number).id, find_family(number).name) == (number, name)


def test_a_withdrawn_draft_is_refused_by_name() -> None:
    for number, name in WITHDRAWN_FAMILIES.items():
        assert number not in FAMILY_NAMES
        with pytest.raises(UnknownFamilyError, match=f"{number} \\({name}\\), which was withdrawn: encode"):
            find_family(number)


def test_a_family_of_a_newer_build_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnknownFamilyError, match=r"family 250, which this build does not have .* install a newer"):
        find_family(250)

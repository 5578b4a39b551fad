"""A short run of what `scripts/fuzz.py parse` does a million times."""

from __future__ import annotations

import time

from hypothesis import given, settings

from semcodec.errors import FormatError, SemcodecError
from semcodec.limits import Limits

from . import doors
from .numbered import numbered_file
from .seeds import good_files
from .shape import faults_of
from .strategies import files

LIMITS = Limits()
NUM_FILES = 1000


def test_the_seeds_are_good_files() -> None:
    """All but those that are hostile by themselves: what was mutated from garbage alone would not get far."""
    num_without_problems = sum(not doors.parse(data, LIMITS) for data in good_files())
    assert num_without_problems >= 0.7 * len(good_files())


def test_mutated_files_give_only_our_own_errors_that_say_what_where_and_what_to_do() -> None:
    kinds, slowest_s = set(), 0.0
    for number in range(NUM_FILES):
        data, cut_to = numbered_file(number)
        began = time.process_time()
        with doors.strict():
            heard = doors.parse(data, LIMITS, cut_to=cut_to)
        slowest_s = max(slowest_s, time.process_time() - began)
        for door, error in heard:
            kinds.add(type(error))
            assert not faults_of(error, len(data)), f"file {number}, {door}: {error}"
    assert slowest_s < 1
    assert len(kinds) >= 8, f"mutations should reach most errors, not only {kinds}"


@settings(deadline=2000, max_examples=150)
@given(data=files())
def test_any_sections_in_any_order_give_only_our_own_errors(data: bytes) -> None:
    with doors.strict():
        for _, error in doors.parse(data, LIMITS, cut_to=len(data) - 1):
            assert not faults_of(error, len(data)), str(error)


def test_the_shape_of_an_error_can_be_wrong() -> None:
    class Careless(FormatError):
        advice = "see None"

    good = FormatError("the header is damaged at offset 3", offset=3)
    assert faults_of(good, 10) == []
    assert faults_of(good, 2) == ["has the offset 3"]
    for careless in (
        FormatError("the header is damaged", offset=3),
        FormatError("the header is \x1b[1mdamaged at offset 3", offset=3),
        FormatError("the header is damaged at offset 30", offset=3),
        FormatError("at offset 3", offset=3).__class__("x" * 500 + " offset 3", offset=3),
        Careless("the header is damaged at offset 3", offset=3),
    ):
        assert faults_of(careless, 40), careless


def test_every_kind_of_error_of_a_file_has_its_advice() -> None:
    def kinds(of: type[SemcodecError]) -> list[type[SemcodecError]]:
        return [of, *(kind for child in of.__subclasses__() for kind in kinds(child))]

    for kind in kinds(FormatError):
        if kind.__module__ == "semcodec.errors":
            assert not faults_of(kind("something is wrong at offset 3", offset=3), 10)

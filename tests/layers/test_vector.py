"""The vector: its 32 bytes, and what is refused. (N2 and so on: docs/format.md.)"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.container.encode import write_file
from semcodec.errors import FormatError
from semcodec.file.reading import read
from semcodec.ids import LayerId, Origin
from semcodec.layers.text.encode import pack_words
from semcodec.layers.vector import NUM_BYTES, NUM_LEVELS
from semcodec.layers.vector.decode import unpack
from semcodec.layers.vector.encode import pack_vector
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import FileHeader, Scene, Section, Size, Vector, Words

SIZE = Size(9, 9)
LEVELS = st.binary(min_size=NUM_LEVELS, max_size=NUM_LEVELS).map(lambda levels: bytes(level & 15 for level in levels))


def unpacked(section: Section) -> tuple[Vector | None, FormatError | None]:
    return unpack(section, FileHeader(SIZE), Scene(SIZE), DEFAULT_LIMITS)


def test_its_bytes_are_two_levels_each_the_first_one_high():
    section = pack_vector(Vector(1, bytes([1, 2, 15, 0]) * 16))
    assert (section.layer, section.model, section.payload) == (6, 1, b"\x12\xf0" * 16)


@given(LEVELS)
def test_what_is_packed_is_unpacked(levels: bytes):
    assert unpacked(pack_vector(Vector(1, levels))) == (Vector(1, levels), None)


@given(st.binary(max_size=3 * NUM_BYTES), st.booleans(), st.integers(0, 255))
def test_whatever_stands_there_is_a_vector_or_a_sentence_or_of_a_newer_build(payload: bytes, cut: bool, space: int):
    vector, problem = unpacked(Section(LayerId.VECTOR, space, payload, open_end=cut, offset=12))
    if space != 1:
        assert (vector, problem) == (None, None)
    elif cut or len(payload) != NUM_BYTES:
        assert vector is None and problem is not None
        assert problem.offset == 12 and "the picture does not need it" in str(problem)
    else:
        assert problem is None and vector is not None and pack_vector(vector).payload == payload


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"payload": bytes(31)}, "has 31 bytes"),
        ({"payload": bytes(33)}, "has 33"),
        ({"open_end": True}, "marked as cut"),
    ],
)
def test_a_damaged_one_costs_itself_alone(change: dict[str, object], says: str):
    words = Words("A dog.", "en", Origin.HUMAN)
    section = replace(pack_vector(Vector(1, bytes(64))), **change)
    reading = read(write_file(FileHeader(SIZE), [pack_words(words), section]))
    assert reading.scene.words == words and reading.scene.vector is None
    (problem,) = reading.problems
    assert says in str(problem)


def test_a_file_that_ends_inside_one_has_none():
    data = write_file(FileHeader(SIZE), [pack_vector(Vector(1, bytes(64))), pack_words(Words("A dog."))])
    reading = read(data[:30])
    assert reading.scene.vector is None and len(reading.problems) == 1

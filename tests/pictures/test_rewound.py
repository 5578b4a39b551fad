"""A file that is read once more stands afterwards where it stood."""

from __future__ import annotations

import io

import pytest

from semcodec.pictures.rewound import all_of, rewound


def test_all_of_a_file_is_read_and_its_place_is_kept():
    file = io.BytesIO(b"abcdef")
    file.seek(4)
    assert all_of(file) == b"abcdef"
    assert file.tell() == 4


def test_the_place_is_kept_where_reading_fails():
    file = io.BytesIO(b"abcdef")
    file.seek(2)
    with pytest.raises(ValueError), rewound(file) as again:
        assert again is not None and again.read(1) == b"a"
        raise ValueError
    assert file.tell() == 2


def test_what_cannot_be_read_twice_is_not_read():
    closed = io.BytesIO(b"abc")
    closed.close()
    assert all_of(None) is None
    assert all_of(closed) is None

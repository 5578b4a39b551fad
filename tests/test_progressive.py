"""Pictures of a file that is still arriving."""

from __future__ import annotations

import io
import os
import socket
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import semcodec
import semcodec.progressive
from semcodec.errors import DamagedInputWarning, NoPictureError, NotSemcError, TruncatedError
from semcodec.options import PaintOptions
from semcodec.painters.stub import StubPainter
from semcodec.progressive import arriving
from semcodec.types import MISSING

CAPTION = "two macaws"


@pytest.fixture(scope="module")
def data(photo_path: Path) -> bytes:
    photo = Image.open(photo_path).convert("RGB").resize((384, 256))
    return semcodec.encode(photo, bytes=600, caption=CAPTION).data


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def pictures(stream: object, **options: object) -> list[np.ndarray]:
    options = {"painter": StubPainter(), **options}
    return list(semcodec.decode_progressive(stream, **options))  # type: ignore[arg-type]


def test_each_picture_shows_more_and_the_last_is_the_whole(data: bytes, photo_path: Path) -> None:
    original = np.asarray(Image.open(photo_path).convert("RGB").resize((384, 256)), dtype=float)
    seen = list(semcodec.decode_progressive(in_pieces(data, 16)))
    assert 5 <= len(seen) <= 20
    assert np.array_equal(seen[-1], semcodec.decode(data))
    errors = [np.square(picture - original).mean() for picture in seen]
    assert errors[-1] < 0.7 * errors[0]
    assert all(later < 1.03 * earlier for earlier, later in zip(errors, errors[1:], strict=False))


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_however_the_bytes_arrive_the_last_picture_is_the_same(data: bytes, size: int) -> None:
    seen = pictures(in_pieces(data, size))
    assert np.array_equal(seen[-1], semcodec.decode(data, painter=StubPainter()))
    assert (len(seen) == 1) == (size > len(data))


def test_a_picture_is_there_as_soon_as_its_bytes_are(data: bytes) -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for piece in in_pieces(data, 10):
            taken += len(piece)
            yield piece

    reached = []
    for _ in semcodec.decode_progressive(pieces(), painter=StubPainter()):
        reached.append(taken)
    assert reached[0] < len(data) / 4 and reached == sorted(reached)


def test_the_first_picture_has_the_whole_of_the_coarsest_scale(data: bytes) -> None:
    class Watching(StubPainter):
        def render(self, scene, **options):  # type: ignore[no-untyped-def]
            assert (scene.tokens.digits[0] != MISSING).all()
            return super().render(scene, **options)

    assert len(pictures(in_pieces(data, 16), painter=Watching())) > 3


def test_a_file_a_pipe_and_bytes_are_taken(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "photo.semc").write_bytes(data)
    near, far = socket.socketpair()

    def send() -> None:
        with near:
            near.sendall(data)

    sender = threading.Thread(target=send)
    sender.start()
    with far, far.makefile("rb") as pipe, (tmp_path / "photo.semc").open("rb") as file:
        found = [pictures(stream)[-1] for stream in (pipe, file, data, bytearray(data))]
    sender.join()
    assert all(np.array_equal(picture, found[0]) for picture in found)


class Counting(StubPainter):
    """Counts what it paints."""

    num_painted = 0

    def render(self, scene, **options):  # type: ignore[no-untyped-def]
        self.num_painted += 1
        return super().render(scene, **options)


def test_what_is_all_there_is_read_and_painted_once(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photo.semc").write_bytes(data)
    num_read, read = 0, semcodec.progressive.read

    def counting_read(*arguments: Any, **options: Any) -> Any:
        nonlocal num_read
        num_read += 1
        return read(*arguments, **options)

    monkeypatch.setattr("semcodec.progressive.read", counting_read)
    with (tmp_path / "photo.semc").open("rb") as file, (tmp_path / "photo.semc").open("rb", buffering=0) as raw:
        for stream in (file, raw, io.BytesIO(data), data, memoryview(data)):
            painter, num_read = Counting(), 0
            assert len(pictures(stream, painter=painter)) == 1
            assert (painter.num_painted, num_read) == (1, 1)


def test_of_a_pipe_all_that_has_arrived_is_taken_together(data: bytes) -> None:
    near, far = os.pipe()
    assert os.write(far, data) == len(data)
    os.close(far)
    painter = Counting()
    with os.fdopen(near, "rb") as pipe:
        assert len(pictures(pipe, painter=painter)) == 1
    assert painter.num_painted == 1


def test_a_stream_that_only_reads_is_asked_for_little_at_a_time(data: bytes) -> None:
    class Reader:
        def __init__(self) -> None:
            self.inner = io.BytesIO(data)

        def read(self, num_bytes: int) -> bytes:
            return self.inner.read(num_bytes)

    seen = pictures(Reader())
    assert len(seen) > 3
    assert np.array_equal(seen[-1], semcodec.decode(data, painter=StubPainter()))


def test_a_stream_that_ends_early_ends_with_what_there_is(data: bytes) -> None:
    with pytest.warns(DamagedInputWarning, match="ends inside the token stream"):
        seen = pictures(in_pieces(data[:400], 50))
    with pytest.warns(DamagedInputWarning):
        assert np.array_equal(seen[-1], semcodec.decode(data[:400], painter=StubPainter()))


def test_damage_on_the_way_ends_with_what_stood_before_it(data: bytes) -> None:
    damaged = bytearray(data)
    damaged[400] ^= 0x10
    with pytest.warns(DamagedInputWarning) as heard:
        seen = pictures(in_pieces(bytes(damaged), 50))
    assert len(heard) == 1
    with pytest.warns(DamagedInputWarning):
        assert np.array_equal(seen[-1], semcodec.decode(bytes(damaged), painter=StubPainter()))


def test_what_is_no_file_of_ours_is_refused_at_once_and_too_little_at_the_end() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"not a picture of ours"

    with pytest.raises(NotSemcError):
        pictures(endless())
    for nothing in ([], [b""], [b"\xc5"]):
        with pytest.raises((TruncatedError, NotSemcError)):
            pictures(nothing)


@pytest.mark.usefixtures("embedded_generator")
def test_from_words_an_impression_comes_first_where_it_is_asked_for(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, *others = semcodec.decode_progressive(in_pieces(data, 16), invent=True)
        assert len(others) > 3
        words = semcodec.cut(data, bytes=20)
        assert np.array_equal(first, semcodec.decode(words, invent=True))
        without = list(semcodec.decode_progressive(in_pieces(data, 16)))
        assert len(without) == len(others)
        (alone,) = semcodec.decode_progressive(words)
    assert np.array_equal(alone, first)


@pytest.mark.usefixtures("no_generator")
def test_words_alone_show_nothing_where_nothing_paints_them(data: bytes) -> None:
    with pytest.raises(NoPictureError):
        pictures(semcodec.cut(data, bytes=20), painter=None)


def test_options_are_those_of_decode(data: bytes) -> None:
    *_, last = pictures(data, painter=None, roi=(10, 20, 30, 40), seed=2, size=semcodec.Size(192, 128))
    assert np.array_equal(last, semcodec.decode(data, roi=(10, 20, 30, 40), size=semcodec.Size(192, 128)))


def test_the_last_label_is_that_of_the_whole_file(photo_path: Path) -> None:
    with Image.open(photo_path) as photo:
        data = semcodec.encode(photo.resize((192, 128)), bytes=300, picture="tokens").data
    pieces = (data[at : at + 1] for at in range(len(data)))
    *_, last = arriving(pieces, PaintOptions(label=True))
    assert last.painting.provenance.label == f"{len(data)} bytes received" and last.is_new
    assert np.array_equal(last.painting.image_HWC, semcodec.decode(data, label=True))

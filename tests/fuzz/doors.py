"""Puts a file in at every door of the library and sees that nothing but the library's own errors comes back out."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from PIL import Image

import semcodec
from semcodec import pillow_plugin
from semcodec.errors import DamagedInputWarning, FormatError, SemcodecError
from semcodec.limits import Limits
from semcodec.types import Reading

T = TypeVar("T")
Heard = tuple[str, FormatError | SemcodecError]  # door, what it raised or reported


@contextmanager
def strict() -> Iterator[None]:
    """Every warning is an error, but for the one that says that a picture came out of damaged input."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DamagedInputWarning)
        yield


def parse(data: bytes, limits: Limits, *, cut_to: int | None = None) -> list[Heard]:
    """All that needs no network. Anything that is not a `SemcodecError` comes through and is a defect.

    With `cut_to` at every door, else at `read`, which opens every layer.
    """
    heard: list[Heard] = []
    reading = _at("read", heard, lambda: semcodec.read(data, limits=limits))
    if reading is not None:
        heard += [("read", problem) for problem in (*reading.problems, *reading.metadata.problems)]
        _check_reading(reading, limits)
    if cut_to is not None:
        words = _at("read_words", heard, lambda: semcodec.read_words(data, limits=limits))
        found = _at("info", heard, lambda: semcodec.info(data, limits=limits))
        if reading is not None:
            assert found is not None, "what can be read can be described"
            assert words is None or reading.scene.words == words, "read_words and read say the same words"
        shorter = _at("cut", heard, lambda: semcodec.cut(data, bytes=cut_to, limits=limits))
        if shorter is not None:
            assert len(shorter) <= cut_to, "a cut file is no longer than asked for"
            again = semcodec.read(shorter, limits=limits)
            assert again.scene.size == reading.scene.size if reading is not None else True
    return heard


def join(packets: list[bytes], limits: Limits) -> list[Heard]:
    """What packets say that may be anything. Offsets are those in a packet, or in the file that is put together."""
    heard: list[Heard] = []
    joined = _at("join", heard, lambda: semcodec.join(packets, limits=limits))
    if joined is not None:
        heard += [("join", problem) for problem in joined.reading.problems]
        _check_reading(joined.reading, limits)
        assert len(joined.verdicts) == len(packets)
        again = _at("read what was joined", heard, lambda: semcodec.read(joined.data, limits=limits))
        assert again is not None, "what was joined is a file"
    return heard


def pillow(data: bytes, limits: Limits) -> list[Heard]:
    """The picture by way of Pillow, which is promised an `OSError` for whatever cannot be read. Its own guard rules."""
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(data), formats=(pillow_plugin.SemcImageFile.format,)) as image:
            image.load()
    except (OSError, Image.DecompressionBombError):
        return []
    assert image.width * image.height <= limits.max_pixels
    return []


def paint(data: bytes, limits: Limits) -> list[Heard]:
    """The picture, by the network. What comes out has the size that the header says."""
    heard: list[Heard] = []
    image_HWC = _at("decode", heard, lambda: semcodec.decode(data, limits=limits))
    if image_HWC is not None:
        size = semcodec.info(data, limits=limits).size
        assert image_HWC.shape == (size.height_px, size.width_px, 3)
    return heard


def _at(door: str, heard: list[Heard], call: Callable[[], T]) -> T | None:
    try:
        return call()
    except SemcodecError as error:
        heard.append((door, error))
        return None


def _check_reading(reading: Reading, limits: Limits) -> None:
    """What was read keeps the limits."""
    scene = reading.scene
    assert scene.size.width_px * scene.size.height_px <= limits.max_pixels
    assert scene.words is None or 0 < len(scene.words.text) <= limits.max_caption_chars

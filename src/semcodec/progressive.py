"""Picture after picture from a file that is still arriving.

Promises
1. What is yielded is what `decode` makes of the bytes that are there; the last is what it makes of all of them.
2. There is a new picture where there is more to see: when a scale is complete, and when a quarter more tokens are there
   than in the last picture. Not for every byte: a kilobyte gives about ten.
   A base picture shows when all of it has arrived; before it, what words and tokens show.
3. What is there is painted once. Of bytes, and of a file on a disk, nothing is still to come: they give one picture,
   for the price of `decode`. A stream is asked for all that has arrived, so that while one picture is painted the bytes
   of the next ones come together.
4. A stream that ends early, or is damaged, ends with the picture of its good part and a `DamagedInputWarning`.
"""

from __future__ import annotations

import io
import os
import stat
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from semcodec.arguments import door
from semcodec.errors import TruncatedError
from semcodec.file.reading import read
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.provenance import state_of
from semcodec.models import Models
from semcodec.options import PaintOptions
from semcodec.painting import Painting, paint_reading, showable
from semcodec.sources import A_FILE
from semcodec.types import MISSING, PainterHint, Scene, Size, Words

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.sources import FileSource
    from semcodec.types import Pixels, Reading, Roi

    ByteStream: TypeAlias = "FileSource | Iterable[bytes]"

# A file is looked at again when it has grown by an eighth: decoding takes a time that grows with the bytes, so all
# looks together take nine times that of the last.
LOOK_AGAIN_SHARE = 8
SHOW_AGAIN_SHARE = 4
LEAST_BYTES = 8  # to wait for
AT_ONCE_BYTES = 1 << 20  # to ask for, of what has arrived


@door()
def decode_progressive(
    stream: ByteStream,
    *,
    painter: Painter | None = None,
    size: Size | None = None,
    seed: int | None = None,
    invent: bool | None = None,
    fast: bool = False,
    restore: bool = True,
    label: bool = False,
    roi: Roi | None = None,
    limits: Limits = DEFAULT_LIMITS,
    models: Models | None = None,
) -> Iterator[Pixels]:
    """Pictures, (H, W, 3) uint8 sRGB, of a file that is still arriving; the last is that of the whole file.

    Args:
        stream: a binary file (opened, or a socket's, or a response), or bytes piece by piece. It is read as pictures
            are taken, to its end. A `bytes` object, and a file on a disk (its `pathlib.Path`, or opened), are all there
            and give one picture; to see such a one grow, pass it in pieces.
        painter, size, seed, invent, fast, restore, label, roi, limits, models: as in `decode`. From words alone a
            picture is painted where `invent` is True, and where nothing else arrives.

    Raises:
        FormatError, LimitError, RoiError: as `decode`, as soon as the bytes show it.
    """
    options = PaintOptions(
        painter=painter, size=size, seed=seed, invent=invent, fast=fast, restore=restore, roi=roi, alpha=False,
        label=label, limits=limits,
    )  # fmt: skip
    for arrived in arriving(stream, options, models=models):
        if arrived.is_whole:
            for warning in arrived.painting.warnings:
                warnings.warn(warning, stacklevel=2)
        if arrived.is_new:
            yield arrived.painting.image_HWC


@dataclass(frozen=True, slots=True)
class Arrived:
    """A painting of what has arrived. `is_whole`: the stream has ended. `is_new`: it shows more than the one before."""

    painting: Painting
    is_whole: bool
    is_new: bool = True


def arriving(stream: ByteStream, options: PaintOptions, *, models: Models | None = None) -> Iterator[Arrived]:
    """`decode_progressive` with all that is known of each picture, and without warnings. The last one is whole."""

    def read_here(data: bytes) -> Reading:
        return showable(read(data, limits=options.limits))

    at_hand = _at_hand(stream)
    if at_hand is not None:
        yield Arrived(paint_reading(read_here(at_hand), options, models), is_whole=True)
        return
    if options.label:  # (a band tells of the last bytes, too, where they show nothing new)
        for arrived in arriving(stream, replace(options, label=False), models=models):
            yield replace(arrived, painting=arrived.painting.labelled(), is_new=True)
        return
    data = bytearray()
    shown, painting = None, None
    reading, num_seen = None, 0
    for piece in _pieces(stream):
        data += piece
        if len(data) < num_seen + max(LEAST_BYTES, num_seen // LOOK_AGAIN_SHARE):
            continue
        num_seen = len(data)
        try:
            reading = read_here(bytes(data))
        except TruncatedError:
            reading = None
            continue  # not even the header is there
        seen = _Seen.in_scene(reading.scene)
        if seen.is_something(from_words=bool(options.invent)) and (shown is None or seen.has_much_more_than(shown)):
            painting, shown = paint_reading(reading, options, models), seen
            yield Arrived(painting, is_whole=False)
    if reading is None or num_seen < len(data):
        reading = read_here(bytes(data))
    if painting is not None and _Seen.in_scene(reading.scene) == shown:
        told = replace(painting.provenance, num_bytes=reading.num_bytes, state=state_of(reading))
        yield Arrived(replace(painting, reading=reading, provenance=told), is_whole=True, is_new=False)
    else:
        yield Arrived(paint_reading(reading, options, models), is_whole=True)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What of a Scene a picture depends on. Within one file, as many tokens are the same tokens."""

    words: Words | None
    painter: PainterHint | None
    num_tokens: int = 0
    num_whole_scales: int = 0
    has_base: bool = False

    @classmethod
    def in_scene(cls, scene: Scene) -> _Seen:
        if scene.base is not None:  # (what else is there plays no part)
            return cls(scene.words, scene.painter, has_base=True)
        if scene.pixels is not None:  # (a scale is complete with each doubling of its cells)
            num_cells = int(scene.pixels.known_RK.sum())
            return cls(scene.words, scene.painter, num_cells, num_cells.bit_length())
        if scene.tokens is None:
            return cls(scene.words, scene.painter)
        there = [digits[:, :, 0] != MISSING for digits in scene.tokens.digits]
        return cls(
            scene.words,
            scene.painter,
            num_tokens=sum(int(tokens.sum()) for tokens in there),
            num_whole_scales=sum(bool(tokens.all()) for tokens in there),
        )

    def is_something(self, *, from_words: bool) -> bool:
        """Whether a viewer who waits for more would want to see it: a whole scale, or words to paint from."""
        if self.has_base:
            return True
        return self.num_whole_scales > 0 or (from_words and self.words is not None and not self.num_tokens)

    def has_much_more_than(self, other: _Seen) -> bool:
        if self.has_base != other.has_base:
            return self.has_base
        if self.num_whole_scales > other.num_whole_scales:
            return True
        return self.num_tokens > other.num_tokens + other.num_tokens // SHOW_AGAIN_SHARE


def _at_hand(stream: ByteStream) -> bytes | None:
    """All that there is, where nothing is still to come: bytes, and files that are on a disk or in memory."""
    if isinstance(stream, os.PathLike):
        with open(stream, "rb") as file:
            return file.read()
    if isinstance(stream, bytes | bytearray | memoryview):
        return bytes(stream)
    if isinstance(stream, io.BytesIO):
        return stream.read()
    if not hasattr(stream, "read") or not hasattr(stream, "fileno"):
        return None
    try:
        is_on_disk = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # it has none, or it is closed
        return None
    return stream.read() if is_on_disk else None


def _pieces(stream: ByteStream) -> Iterator[bytes]:
    """The bytes of a stream, as they come."""
    assert not isinstance(stream, bytes | os.PathLike)
    if not hasattr(stream, "read"):
        yield from map(_bytes_of, stream)
        return
    # `read1` gives what has arrived; `read` of a buffered stream would wait for all that it was asked for, so it is
    # asked for little at a time.
    take, num_taken = getattr(stream, "read1", None), 0
    while piece := (
        take(AT_ONCE_BYTES) if take is not None else stream.read(max(LEAST_BYTES, num_taken // LOOK_AGAIN_SHARE))
    ):
        num_taken += len(piece)
        yield _bytes_of(piece)


def _bytes_of(piece: object) -> bytes:
    if not isinstance(piece, bytes | bytearray | memoryview):
        raise TypeError(f"the stream gives a {type(piece).__name__}; pass {A_FILE}, or bytes piece by piece")
    return bytes(piece)

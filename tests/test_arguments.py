"""Whatever is given to a public door is taken, or refused with what was expected in its place."""

from __future__ import annotations

import inspect
import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.arguments import EXPECTED, door
from semcodec.limits import Limits
from semcodec.types import Size

# (what `loading` has is handed on to these, which ask)
DOORS = {
    name: thing
    for name in semcodec.__all__
    if inspect.isfunction(thing := getattr(semcodec, name)) and not thing.__module__.startswith("semcodec.loading.")
}
READERS = ("decode", "info", "read", "read_words", "read_metadata", "tokens")
IMAGE_HWC = np.tile(np.arange(0, 240, 4, dtype=np.uint8)[:, None], (40, 1, 3))


@pytest.fixture(scope="module")
def data() -> bytes:
    return semcodec.encode(IMAGE_HWC, bytes=90, caption="a ramp").data


@pytest.fixture(scope="module")
def path(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "ramp.semc"
    path.write_bytes(data)
    return path


def test_every_argument_of_every_door_is_asked_for():
    assert len(DOORS) == 20
    for name, function in DOORS.items():
        for argument, said in function.__annotations__.items():
            assert argument == "return" or said in EXPECTED, f"{name}: {argument} is {said!r}"
    assert "a thing of no known kind" not in EXPECTED


@pytest.mark.parametrize("name", READERS)
def test_a_file_is_taken_as_bytes_as_a_path_and_opened(name: str, data: bytes, path: Path):
    reader = DOORS[name]
    expected = repr(reader(data))
    for given in (bytearray(data), memoryview(data), path, io.BytesIO(data)):
        assert repr(reader(given)) == expected
    with path.open("rb") as opened:
        assert repr(reader(opened)) == expected


def test_cut_split_and_progressive_decoding_take_files_too(data: bytes, path: Path):
    assert semcodec.cut(path, bytes=60) == semcodec.cut(data, bytes=60)
    assert semcodec.split(path, mtu=60) == semcodec.split(data, mtu=60)
    last = [*semcodec.decode_progressive(path)][-1]
    assert np.array_equal(last, semcodec.decode(data))
    packets = semcodec.split(data, mtu=60)
    assert semcodec.join(iter(packets)).data == semcodec.join(packets).data


def test_a_picture_is_taken_from_a_file(tmp_path: Path):
    path = tmp_path / "ramp.png"
    Image.fromarray(IMAGE_HWC).save(path)
    expected = semcodec.encode(IMAGE_HWC, bytes=90).data
    for given in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        assert semcodec.encode(given, bytes=90).data == expected
    with path.open("rb") as opened:
        assert semcodec.describe(opened) == semcodec.describe(IMAGE_HWC)
    with pytest.raises(semcodec.SemcodecError, match="there is no such file"):
        semcodec.encode(tmp_path / "none.png", bytes=90)


@pytest.mark.parametrize("name", [*READERS, "cut", "split", "decode_progressive"])
@pytest.mark.parametrize("given", ["photo.semc", None, 7, io.StringIO], ids=["str", "None", "int", "text file"])
def test_what_is_no_file_is_refused_with_what_to_pass(name: str, given: object):
    options = {"cut": {"bytes": 60}, "split": {"mtu": 60}}.get(name, {})
    with pytest.raises(TypeError, match=r"pass the bytes of a file, a pathlib\.Path, or a file that is open in binary"):
        made = DOORS[name](given("text") if given is io.StringIO else given, **options)
        next(made)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: semcodec.encode("a.png"), TypeError, r"encode: image is the string 'a\.png'; pass a PIL"),
        (lambda: semcodec.encode(None), TypeError, "image is None; pass a PIL"),
        (lambda: semcodec.encode([[1, 2]]), TypeError, "image is a list; pass a PIL"),
        (lambda: semcodec.encode(IMAGE_HWC, bytes="90"), TypeError, "bytes is the string '90'; pass a whole number"),
        (lambda: semcodec.encode(IMAGE_HWC, bytes=math.inf), TypeError, "bytes is a float; pass a whole number"),
        (lambda: semcodec.encode(IMAGE_HWC, bytes=True), TypeError, "bytes is a bool; pass a whole number"),
        (lambda: semcodec.encode(IMAGE_HWC, bpp=math.inf), ValueError, "bpp is inf; pass a finite number"),
        (lambda: semcodec.encode(IMAGE_HWC, quality=math.nan), ValueError, "quality is nan; pass a finite number"),
        (lambda: semcodec.encode(IMAGE_HWC, quality="50"), TypeError, "quality is the string '50'; pass a number"),
        (lambda: semcodec.encode(IMAGE_HWC, caption=b"a"), TypeError, "caption is a bytes; pass a string"),
        (lambda: semcodec.encode(IMAGE_HWC, effort=5.0), TypeError, "effort is a float; pass a whole number"),
        (lambda: semcodec.encode(IMAGE_HWC, boxed="no"), TypeError, "boxed is the string 'no'; pass True or False"),
        (lambda: semcodec.encode(IMAGE_HWC, regions=[]), TypeError, r"regions is a list; pass a semcodec\.Regions"),
        (lambda: semcodec.encode(IMAGE_HWC, exif="Exif"), TypeError, "exif is the string 'Exif'; pass bytes"),
        (lambda: semcodec.encode(IMAGE_HWC, link="a.png"), TypeError, r"link is .* pass a semcodec\.Link"),
        (lambda: semcodec.encode(IMAGE_HWC, describer="blip"), TypeError, r"pass a describer \(semcodec\.open_desc"),
        (lambda: semcodec.encode(IMAGE_HWC, painter="flux"), TypeError, r"pass a painter \(semcodec\.open_painter"),
        (lambda: semcodec.encode(IMAGE_HWC, limits=9), TypeError, r"limits is an int; pass a semcodec\.Limits"),
        (lambda: semcodec.info(b"", limits=Limits(max_pixels=math.inf)), ValueError, "Limits with max_pixels=inf"),
        (lambda: semcodec.decode(b"", roi="1,2,3,4"), TypeError, "roi is .* pass four whole numbers of pixels"),
        (lambda: semcodec.decode(b"", roi=(0, 0, math.nan, 1)), ValueError, "a tuple with a float in it; pass four"),
        (lambda: semcodec.decode(b"", roi=(0, 0, 1)), ValueError, "a tuple of 3; pass four whole numbers"),
        (lambda: semcodec.decode(b"", size=(3, 4)), TypeError, r"size is a tuple; pass a semcodec\.Size"),
        (lambda: semcodec.decode(b"", size=Size(0, 4)), ValueError, "size is 0x4; pass .* from 1 on"),
        (lambda: semcodec.decode(b"", seed="7"), TypeError, "seed is the string '7'; pass a whole number"),
        (lambda: semcodec.decode(b"", invent=1), TypeError, "invent is an int; pass True or False"),
        (lambda: semcodec.render(b""), TypeError, r"scene is a bytes; pass a semcodec\.Scene"),
        (lambda: semcodec.describe(IMAGE_HWC, tasks="caption"), TypeError, "tasks is .*; pass several strings"),
        (lambda: semcodec.join(b"packets"), TypeError, "packets is a bytes; pass a list of packets"),
        (lambda: semcodec.join(["a"]), ValueError, "a list with the string 'a' in it; pass a list of packets"),
        (lambda: semcodec.split(b"", mtu=60.5), TypeError, "mtu is a float; pass a whole number"),
        (lambda: semcodec.open_describer(None), TypeError, "reference is None; pass a string"),
        (lambda: semcodec.open_painter("a", steps="4"), TypeError, "steps is the string '4'; pass a whole number"),
        (lambda: semcodec.open_painter("a", loras="b"), TypeError, "loras is the string 'b'; pass several strings"),
        (lambda: semcodec.open_painter("a", controls=["tile"]), TypeError, "controls is a list; pass a dictionary"),
        (lambda: semcodec.open_painter("a", say="x"), TypeError, "say is the string 'x'; pass a function"),
    ],
)
def test_what_is_not_expected_is_refused_with_what_is(call: Callable[[], object], error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        call()


def test_numbers_of_numpy_are_numbers(data: bytes):
    encoded = semcodec.encode(IMAGE_HWC, bytes=np.int64(90), caption="a ramp", describe=np.bool_(False))
    assert encoded.data == data
    part = semcodec.decode(data, roi=np.array([0, 0, 9, 8]), seed=np.uint8(3))
    assert part.shape == (8, 9, 3)


def test_a_door_looks_like_the_function_behind_it():
    @door()
    def opened(number: int, *, by: int | None = None) -> int:
        """How to open it."""
        return number + (by or 0)

    assert opened(1, by=2) == 3 and opened.__doc__ == "How to open it."
    assert [*inspect.signature(opened).parameters] == ["number", "by"]
    with pytest.raises(TypeError, match="opened: by is a str"):
        opened(1, by="x" * 99)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword"):
        opened(1, to=2)  # type: ignore[call-arg]

"""What is given to the doors: taken where it makes sense, else refused with what was expected.

`door` reads the annotations of a function, and asks each argument for what it says. So a door says what it takes in
one place, its signature; `EXPECTED` knows the words that may stand there.
"""

from __future__ import annotations

import math
import operator
import os
from functools import wraps

from semcodec.forks import import_together
from semcodec.limits import Limits
from semcodec.sources import A_FILE
from semcodec.types import Link, Reading, Regions, Scene, Size

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")


def door(*modules: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A public function whose arguments are asked for what its annotations say, by the name that stands in the error.

    `modules`: what it imports on its way, of which a fork in another thread must not see the half (`forks.py`).

    The function raises TypeError for an argument of another type, ValueError for a number that is none.
    """

    def opened(function: Callable[P, R]) -> Callable[P, R]:
        checks = {name: EXPECTED.get(str(said)) for name, said in function.__annotations__.items()}
        code = function.__code__
        names = code.co_varnames[: code.co_argcount]

        def taken(name: str, value: object) -> object:
            check = checks.get(name)
            try:
                return value if check is None else check(value)
            except _Unexpected as unexpected:
                said = f"{function.__name__}: {name} is {unexpected.found}; pass {unexpected.expected}"
                raise (ValueError if unexpected.is_a_value else TypeError)(said) from None

        @wraps(function)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            given: list[Any] = [taken(name, value) for name, value in zip(names, args, strict=False)]
            named: dict[str, Any] = {name: taken(name, value) for name, value in kwargs.items()}
            import_together(*modules)
            return function(*given, *args[len(given) :], **named)  # type: ignore[arg-type]

        return asked

    return opened


# Of a PIL picture, an array, what was loaded, a path, a file.
_MARKS_OF_PICTURES = ("getbands", "ndim", "image_HWC", "__fspath__", "read")


class _Unexpected(Exception):
    def __init__(self, value: object, expected: str, *, found: str = "") -> None:
        super().__init__(expected)
        self.found, self.expected, self.is_a_value = found or _kind_of(value), expected, bool(found)


def _kind_of(value: object) -> str:
    if value is None:
        return "None"
    name = type(value).__name__
    if isinstance(value, str) and len(value) <= 60:
        return f"the string {value!r}"
    return f"{'an' if name[0] in 'aeioAEIO' else 'a'} {name}"


def _int(value: object) -> int:
    expected = "a whole number"
    if isinstance(value, bool):
        raise _Unexpected(value, expected)
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise _Unexpected(value, expected) from None


def _number(value: object) -> float:
    expected = "a number"
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        raise _Unexpected(value, expected)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise _Unexpected(value, expected) from None
    if not math.isfinite(number):
        raise _Unexpected(value, "a finite number", found=str(number))
    return number


def _bool(value: object) -> bool:
    if not isinstance(value, bool) and type(value).__module__ + type(value).__name__.rstrip("_") != "numpybool":
        raise _Unexpected(value, "True or False")
    return bool(value)


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise _Unexpected(value, "a string")
    return value


def _reference(value: object) -> str:
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if not isinstance(value, str):
        raise _Unexpected(value, "a string (hf:ORG/NAME, a name, a folder) or a pathlib.Path")
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise _Unexpected(value, "bytes")
    return bytes(value)


def _file(value: object) -> object:
    if not isinstance(value, bytes | bytearray | memoryview | os.PathLike) and not callable(
        getattr(value, "read", None)
    ):
        raise _Unexpected(value, A_FILE)
    return value


def _stream(value: object) -> object:
    if isinstance(value, str) or not (hasattr(value, "__iter__") or hasattr(value, "__fspath__")):
        _file(value)
    return value


def _picture(value: object) -> object:
    is_one = any(hasattr(value, mark) for mark in _MARKS_OF_PICTURES)  # (importing their classes would take 100 ms)
    if not is_one and not isinstance(value, bytes | bytearray | memoryview):
        raise _Unexpected(value, f"a PIL.Image.Image, a numpy array, or {A_FILE}")
    return value


def _packets(value: object) -> list[bytes]:
    expected = "a list of packets (bytes)"
    if isinstance(value, str | bytes | bytearray | memoryview) or not hasattr(value, "__iter__"):
        raise _Unexpected(value, expected)
    found = list(value)
    for packet in found:
        if not isinstance(packet, bytes | bytearray | memoryview):
            raise _Unexpected(value, expected, found=f"a list with {_kind_of(packet)} in it") from None
    return [bytes(packet) for packet in found]


def _strings(value: object) -> tuple[str, ...]:
    expected = "several strings, such as a tuple"
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise _Unexpected(value, expected)
    found = tuple(value)
    for one in found:
        if not isinstance(one, str):
            raise _Unexpected(one, expected)
    return found


def _mapping(value: object) -> object:
    if not hasattr(value, "items"):
        raise _Unexpected(value, "a dictionary of strings")
    return value


def _roi(value: object) -> tuple[int, ...]:
    expected = "four whole numbers of pixels: left, top, width, height"
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        raise _Unexpected(value, expected)
    found = tuple(value)
    for one in found:
        if isinstance(one, bool) or not hasattr(one, "__index__"):
            raise _Unexpected(one, expected, found=f"a tuple with {_kind_of(one)} in it")
    if len(found) != 4:
        raise _Unexpected(value, expected, found=f"a tuple of {len(found)}")
    return tuple(map(operator.index, found))


def _size(value: object) -> Size:
    expected = "a semcodec.Size(width_px, height_px) of whole numbers from 1 on"
    if not isinstance(value, Size):
        raise _Unexpected(value, expected)
    for side in (value.width_px, value.height_px):
        if isinstance(side, bool) or not hasattr(side, "__index__") or side < 1:
            raise _Unexpected(value, expected, found=f"{value}")
    return value


def _limits(value: object) -> Limits:
    if not isinstance(value, Limits):
        raise _Unexpected(value, "a semcodec.Limits")
    for name in Limits.__slots__:
        most = getattr(value, name)
        if isinstance(most, bool) or not hasattr(most, "__index__"):
            raise _Unexpected(value, "whole numbers in it", found=f"a Limits with {name}={most!r}")
    return value


def _regions(value: object) -> object:
    if not isinstance(value, Regions | bool):
        raise _Unexpected(value, "a semcodec.Regions, True or False")
    return value


def _instance(kind: type, expected: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if not isinstance(value, kind):
            raise _Unexpected(value, expected)
        return value

    return check


def _having(method: str, expected: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if isinstance(value, type) or not callable(getattr(value, method, None)):
            raise _Unexpected(value, expected)
        return value

    return check


def _function(value: object) -> object:
    if not callable(value):
        raise _Unexpected(value, "a function")
    return value


def _options(kind: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        from semcodec import options  # (whoever has one has paid for the module)

        return _instance(getattr(options, kind), f"a semcodec.{kind}")(value)

    return check


def _or_none(check: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: None if value is None else check(value)


_PLAIN: dict[str, Callable[[object], object]] = {
    "int": _int,
    "float": _number,
    "bool": _bool,
    "str": _str,
    "bytes": _bytes,
    "Size": _size,
    "Roi": _roi,
    "Link": _instance(Link, "a semcodec.Link"),
    "Regions | bool": _regions,
    "Painter": _having("render", "a painter (semcodec.open_painter)"),
    "Models": _having("painter", "a semcodec.Models"),
    "EncodeOptions": _options("EncodeOptions"),
    "PaintOptions": _options("PaintOptions"),
    "Extractor": _having("extract", "a describer (semcodec.open_describer)"),
    "Interpolator": _having("between", "an object with a method between(first_HWC, last_HWC, times)"),
    "Distance": _function,
    "Callable[[str], None]": _function,
    "Mapping[str, str]": _mapping,
    "FileSource": _file,
    "FileSource | Reading": lambda value: value if isinstance(value, Reading) else _file(value),
    "ByteStream": _stream,
    "PictureLike": _picture,
    "Iterable[bytes]": _packets,
    "Collection[str]": _strings,
    "Sequence[str]": _strings,
    "str | os.PathLike[str]": _reference,
    "Scene": _instance(Scene, "a semcodec.Scene (`read(data).scene`)"),
    "Limits": _limits,
}
# Annotation -> what is made of an argument, or `_Unexpected`. (Of annotations in other words nothing is asked.)
EXPECTED = _PLAIN | {f"{said} | None": _or_none(check) for said, check in _PLAIN.items()}

"""What can be asked for in a query, described once: read from here, and told by the OpenAPI page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from semcodec.options import MAX_EFFORT, PICTURES, PROFILES
from semcodec.service.problems import Refusal
from semcodec.service.tasks import PICTURE_TYPES

MAX_QUERY_CHARS = 300
MAX_TOP = 200
MAX_SIDE_PX = 16384


@dataclass(frozen=True, slots=True)
class Parameter:
    """`kind` as JSON Schema has it: integer, number, boolean or string."""

    name: str
    kind: str
    says: str
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    needed: bool = False

    def schema(self) -> dict[str, Any]:
        limits = {"minimum": self.least, "maximum": self.most, "enum": list(self.choices) or None}
        if self.kind == "string" and not self.choices:
            limits = {"maxLength": self.most}
        said = {"type": self.kind, **limits, "default": self.default}
        return {key: value for key, value in said.items() if value is not None}

    def read(self, text: str) -> Any:
        """The value that a text says. Raises `Refusal`."""
        value = _READERS[self.kind](text)
        given = f"{self.name}={text[:80]!r}"
        if value is None:
            raise Refusal(400, f"{given} is no {_NAMES[self.kind]}")
        if self.choices and value not in self.choices:
            raise Refusal(400, f"{given} is none of {', '.join(self.choices)}")
        if isinstance(value, str):
            if self.most is not None and len(value) > self.most:
                raise Refusal(400, f"{given}: has more than {self.most} characters")
        elif (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise Refusal(400, f"{given} is outside {self.least}..{'' if self.most is None else self.most}")
        return value


def _integer(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _boolean(text: str) -> bool | None:
    return {"true": True, "1": True, "": True, "false": False, "0": False}.get(text.lower())


_READERS: dict[str, Callable[[str], Any]] = {"integer": _integer, "number": _number, "boolean": _boolean, "string": str}
_NAMES = {"integer": "whole number", "number": "number", "boolean": "true or false", "string": "text"}

FILE = Parameter("file", "string", "A file of the folder, as /search names it.", most=4096)
OF_FILES = (FILE,)
OF_ENCODE = (
    Parameter("bytes", "integer", "The most bytes that the whole file may have.", least=1),
    Parameter("quality", "number", "0..100, higher is better; 50 if nothing is set.", least=0, most=100),
    Parameter("bpp", "number", "Bits per pixel of the picture as shown.", least=0),
    Parameter("profile", "string", "anchor: words, a picture. text: words. structure, scalable.", "anchor", PROFILES),
    Parameter("picture", "string", "tokens: every prefix shows some. base: a small AV1 still.", "auto", PICTURES),
    Parameter("effort", "integer", "How long to search for a better file.", 5, least=1, most=MAX_EFFORT),
    Parameter("caption", "string", "What the picture says, in any language.", most=2000),
    Parameter("language", "string", "The caption's BCP-47 tag, such as en.", "und", most=35),
    Parameter("origin", "string", "Who wrote the caption.", "human", ("human", "machine")),
    Parameter("describe", "boolean", "Without a caption let the describer look for one.", True),
    Parameter("regions", "boolean", "Add what is where, as far as the describer is sure of it.", False),
    Parameter("vector", "boolean", "Add what it sees as 35 bytes that a search compares."),
    Parameter("boxed", "boolean", "Keep EXIF, XMP, colour profile and transparency.", False),
    Parameter("strip", "boolean", "Drop them without the note that says so.", False),
)
OF_DECODE = (
    Parameter("format", "string", "Of the picture that is sent back.", "png", tuple(PICTURE_TYPES)),
    Parameter("width", "integer", "In pixels; the other side follows.", least=1, most=MAX_SIDE_PX),
    Parameter("height", "integer", "In pixels; the other side follows.", least=1, most=MAX_SIDE_PX),
    Parameter("fit", "integer", "No larger than a square of this side, in pixels.", least=1, most=MAX_SIDE_PX),
    Parameter("roi", "string", "Only this part: left,top,width,height in pixels.", most=60),
    Parameter("restore", "boolean", "Finish the picture with the restorer.", True),
    Parameter("invent", "boolean", "Draw what was not sent, guided by the words."),
    Parameter("fast", "boolean", "Invent in fewer steps.", False),
    Parameter("seed", "integer", "Another one invents otherwise.", least=0, most=(1 << 32) - 1),
    Parameter("label", "boolean", "A band below says what arrived and what was made of it.", False),
    Parameter("strip", "boolean", "Leave EXIF, XMP and the colour profile out.", False),
)
OF_DESCRIBE = (
    Parameter("keywords", "boolean", "Keywords, too.", True),
    Parameter("regions", "boolean", "What is where, too.", False),
)
OF_SEARCH = (
    Parameter("q", "string", "Plain words; the last one may be half typed. None: all files.", "", most=MAX_QUERY_CHARS),
    Parameter("like", "string", "In place of words a file of the folder: what looks like it.", most=4096),
    Parameter("top", "integer", "The most files to tell.", 48, least=1, most=MAX_TOP),
    Parameter("first", "integer", "Leave out so many before them.", 0, least=0, most=1_000_000),
)


def values_of(query: Iterable[tuple[str, str]], known: Sequence[Parameter]) -> dict[str, Any]:
    """What a query says of each parameter, else its default. Raises `Refusal` for what it cannot mean."""
    by_name = {parameter.name: parameter for parameter in known}
    values: dict[str, Any] = {}
    for name, text in query:
        if name not in by_name:
            raise Refusal(400, f"{name[:80]!r} is no parameter here; there are {', '.join(by_name) or 'none'}")
        if name in values:
            raise Refusal(400, f"{name} is given twice; give it once")
        values[name] = by_name[name].read(text)
    return {name: values.get(name, parameter.default) for name, parameter in by_name.items()}


def roi_of(text: str | None) -> list[int] | None:
    """Raises `Refusal`."""
    if text is None:
        return None
    numbers = [_integer(part.strip()) for part in text.split(",")]
    if len(numbers) != 4 or None in numbers:
        raise Refusal(400, f"roi={text!r} is not left,top,width,height in whole pixels")
    return [number for number in numbers if number is not None]

"""Answers with structure: lists, and things with boxes. What cannot be read is left out; nothing here raises.

Boxes leave as fractions of the picture's sides, so that no later resizing matters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from semcodec.hub.describers.tidy import tidy

MAX_ITEMS = 64
_LIST_BREAK = re.compile(r"[,;\n|•]|\d+[.)]\s")
_PLACE = re.compile(r"<loc_(\d+)>")
_PLACED = re.compile(r"(?P<label>[^<>]*)(?P<places>(?:<loc_\d+>\s*)+)")
_OBJECT = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the picture in words. Edges are fractions of its sides, 0..1; left < right, top < bottom."""

    label: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """The part of the picture that it covers."""
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said, in order: one sentence, or several items, some with a place."""

    items: tuple[str, ...]
    regions: tuple[Region, ...] = ()

    @property
    def text(self) -> str:
        return tidy(", ".join(self.items))


# Width and height that box coordinates are counted in.
Scale = tuple[float, float]


def parse_sentence(said: str, scale: Scale) -> Answer:
    """One caption."""
    line = tidy(said)
    return Answer((line,) if line else ())


def parse_list(said: str, scale: Scale) -> Answer:
    """`1. dog, 2. beach` -> dog, beach."""
    return Answer(_distinct(tidy(item).strip(" .") for item in _LIST_BREAK.split(said)))


def parse_places(said: str, scale: Scale) -> Answer:
    """`a dog<loc_1><loc_2><loc_3><loc_4>a ball<loc_5>...` (Florence-2): a label, and the boxes of all such things."""
    regions: list[Region | None] = []
    for match in _PLACED.finditer(said):
        numbers = [float(number) for number in _PLACE.findall(match["places"])]
        for at in range(0, len(numbers) - 3, 4):
            regions.append(_region(match["label"], numbers[at : at + 4], scale))
    return _answer(regions)


def parse_json(said: str, scale: Scale) -> Answer:
    """`[{"bbox_2d": [x1, y1, x2, y2], "label": "a dog"}, ...]`, fenced or not, whole or cut off in the middle."""
    regions: list[Region | None] = []
    for match in _OBJECT.finditer(said):
        try:
            entry = json.loads(match[0])
        except (ValueError, RecursionError):
            continue
        box = next((entry[key] for key in ("bbox_2d", "bbox", "box") if key in entry), None)
        label = next((entry[key] for key in ("label", "description", "name") if key in entry), "")
        if isinstance(box, list) and len(box) == 4 and all(_is_number(edge) for edge in box):
            regions.append(_region(str(label), [float(edge) for edge in box], scale))
    return _answer(regions)


PARSERS: dict[str, Callable[[str, Scale], Answer]] = {
    "sentence": parse_sentence,
    "list": parse_list,
    "places": parse_places,
    "json": parse_json,
}


def _answer(found: list[Region | None]) -> Answer:
    """The regions, large ones first."""
    regions = sorted((region for region in found[:MAX_ITEMS] if region is not None), key=lambda region: -region.area)
    return Answer(_distinct(region.label for region in regions), tuple(regions))


def _region(label: str, box: list[float], scale: Scale) -> Region | None:
    clean = tidy(label)
    left, right = sorted(min(max(edge / scale[0], 0.0), 1.0) for edge in (box[0], box[2]))
    top, bottom = sorted(min(max(edge / scale[1], 0.0), 1.0) for edge in (box[1], box[3]))
    return Region(clean, left, top, right, bottom) if clean and left < right and top < bottom else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _distinct(items: Iterable[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for item in items:
        if item:
            first.setdefault(item.casefold(), item)
    return tuple(first.values())[:MAX_ITEMS]

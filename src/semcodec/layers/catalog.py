"""The layers of a file, in the order that they stand in: one list that reading, inspecting, cutting and packets go by.

A layer is a module of its own that is imported when a section of it is met (`unpack`, as `contracts.Layer` has it), so
that a file of words loads nothing of tokens. What writes sections is beside it, in its `encode`.
"""

from __future__ import annotations

import importlib
from dataclasses import replace

from semcodec.forks import import_together
from semcodec.ids import FAMILY_NAMES, LAYER_NAMES, PIXEL_CODING, STRUCTURE_FAMILIES, LayerId
from semcodec.types import Scene

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any, Literal

    from semcodec import contracts
    from semcodec.errors import FormatError
    from semcodec.limits import Limits
    from semcodec.types import FileHeader, Roi, Section

    Gives = Literal["words", "outlines", "soft picture", "picture"]


class Layer:
    """What is true of all sections of one number.

    (No dataclass: making one takes half a millisecond of every `info`.)
    """

    def __init__(
        self,
        id: LayerId,
        part: str,
        room: str,
        *,
        is_light: bool = False,
        needs: LayerId | None = None,
        gives: Gives | None = None,
        has_prefixes: bool = False,
        coding: str = "",
        models: Collection[int] | None = None,
        can_be_shortened: bool = False,
        packets_keep_prefix: bool = False,
    ) -> None:
        """
        Args:
            part: the field of a Scene that it fills.
            room: the folder of its modules.
            is_light: `info` reads it: that takes neither numpy nor long.
            needs: another layer, before it in the file. It is read without that one's part where that is not whole.
            gives: what there is to see or read once it is there: outlines and a soft picture from its first byte on.
            has_prefixes: the first bytes of a payload say the first part of what it says.
            coding, models: what the model byte numbers, and which of them this build knows; None: reading it tells.
            can_be_shortened: its `shorten` writes it again in fewer bytes. Others stay whole, or go.
            packets_keep_prefix: where packets were lost that held the rest of a section, its beginning is kept; others
                are left out. (Tokens are coded anew, some in each packet: `layers/tokens/packets`.)
        """
        self.id, self.part, self._room = id, part, room
        self.is_light, self.needs, self.gives, self.has_prefixes = is_light, needs, gives, has_prefixes
        self.coding, self._models = coding, models
        self.can_be_shortened, self.packets_keep_prefix = can_be_shortened, packets_keep_prefix

    @property
    def name(self) -> str:
        return LAYER_NAMES[self.id]

    @property
    def is_picture(self) -> bool:
        return self.gives in ("soft picture", "picture")

    def knows(self, section: Section) -> bool:
        """Whether this build has what a section was coded with, as far as that is known unread."""
        return self._models is None or section.model in self._models

    def reader(self) -> contracts.Layer:
        """The module that unpacks its sections."""
        module: contracts.Layer = _import(f"{self._room}.decode")
        return module

    def shortener(self, section: Section, header: FileHeader, limits: Limits, roi: Roi | None) -> contracts.Shortener:
        """What writes a section again in fewer bytes. Raises what is wrong with it."""
        found: contracts.Shortener = _import(f"{self._room}.shorten").open_shortener(section, header, limits, roi)
        return found


LAYERS = (
    Layer(
        LayerId.TEXT, "words", "semcodec.layers.text",
        is_light=True, gives="words", has_prefixes=True, packets_keep_prefix=True,
    ),
    Layer(LayerId.REGIONS, "regions", "semcodec.layers.regions", is_light=True, needs=LayerId.TEXT, has_prefixes=True),
    Layer(LayerId.VECTOR, "vector", "semcodec.layers.vector", is_light=True),
    Layer(LayerId.PAINTER, "painter", "semcodec.layers.hint", is_light=True),
    Layer(
        LayerId.STRUCTURE, "structure", "semcodec.layers.structure",
        gives="outlines", has_prefixes=True, coding="structure family", models=STRUCTURE_FAMILIES,
        can_be_shortened=True, packets_keep_prefix=True,
    ),
    Layer(
        LayerId.TOKENS, "tokens", "semcodec.layers.tokens",
        gives="soft picture", has_prefixes=True, coding="token family", models=FAMILY_NAMES, can_be_shortened=True,
    ),
    Layer(LayerId.BASE, "base", "semcodec.layers.base", is_light=True, gives="picture"),
    Layer(
        LayerId.PIXELS, "pixels", "semcodec.layers.pixels",
        gives="soft picture", has_prefixes=True, coding="pixel coding", models=(PIXEL_CODING,), can_be_shortened=True,
        packets_keep_prefix=True,
    ),
)  # fmt: skip
_BY_NUMBER = {int(layer.id): layer for layer in LAYERS}
GIVING_WAY = (LayerId.PAINTER, LayerId.VECTOR, LayerId.REGIONS)  # what goes for the picture's sake, in this order


# What a picture says, its outlines, its look: groups of layers, in the order of a file.
GROUPS = {
    "semantic": (LayerId.TEXT, LayerId.REGIONS, LayerId.VECTOR),
    "structure": (LayerId.STRUCTURE,),
    "signal": (LayerId.TOKENS, LayerId.BASE, LayerId.PIXELS),
}
# What each of them is for, where it is alone.
SERVES = {
    "semantic": "search and readers",
    "structure": "machines and painters",
    "signal": "the picture",
}


def group_of(name: str) -> str | None:
    """The group that a layer is in, by its name; None for a hint, and for what a newer build has written."""
    return next((group for group, ids in GROUPS.items() if name in (LAYER_NAMES[number] for number in ids)), None)


def layers_named(names: Iterable[str]) -> frozenset[int]:
    """The numbers of layers that are named, or groups of them. Raises ValueError for a name that is none, for none at
    all, and where one is named without another that it is read with.
    """
    of_layers = {layer.name: (layer.id,) for layer in LAYERS}
    found: set[int] = set()
    for name in names:
        group = GROUPS.get(name) or of_layers.get(name)
        if group is None:
            raise ValueError(f"{name!r} is no layer: name some of {', '.join(GROUPS)}, or of {', '.join(of_layers)}")
        found.update(group)
    if not found:
        raise ValueError(f"no layer is named: name some of {', '.join(GROUPS)}")
    for layer in LAYERS:
        if layer.id in found and layer.needs is not None and layer.needs not in found:
            raise ValueError(f"{layer.name} are read with the {LAYER_NAMES[layer.needs]}: name that layer, too")
    return frozenset(found)


def layer_of(section: Section) -> Layer | None:
    """None for a box, and for what a newer build has written."""
    return _BY_NUMBER.get(section.layer)


def pictures_of(sections: Iterable[Section]) -> list[tuple[Layer, Section]]:
    """Those that can be painted, in the order of `LAYERS`: the last of them is shown."""
    there = {section.layer: section for section in sections}
    return [(layer, there[layer.id]) for layer in LAYERS if layer.is_picture and layer.id in there]


def unpack_layers(
    sections: Iterable[Section], header: FileHeader, limits: Limits, *, only_light: bool = False
) -> tuple[Scene, list[FormatError]]:
    """What the sections say, as far as their bytes go, and what is wrong with them. Raises `LimitError`."""
    scene = Scene(header.size)
    problems: list[FormatError] = []
    not_whole: set[int] = set()
    for section in sections:
        layer = layer_of(section)
        if layer is None or (only_light and not layer.is_light):
            continue
        needs = layer.needs
        before = scene if needs is None or needs not in not_whole else _with(scene, needs, None)
        part, problem = layer.reader().unpack(section, header, before, limits)
        scene = _with(scene, layer.id, part)
        if problem is not None:
            problems.append(problem)
        if problem is not None or section.open_end:
            not_whole.add(section.layer)
    return scene, problems


def only_layers(scene: Scene, numbers: Collection[int]) -> Scene:
    """The Scene as a file of these layers alone says it."""
    for layer in LAYERS:
        if layer.id not in numbers:
            scene = _with(scene, layer.id, None)
    return scene


def _with(scene: Scene, number: int, part: Any) -> Scene:
    parts: dict[str, Any] = {_BY_NUMBER[number].part: part}
    return replace(scene, **parts)


def _import(module: str) -> Any:
    import_together(module)
    return importlib.import_module(module)

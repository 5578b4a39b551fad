"""What a file says of itself: its layers and their bytes, its words, what its prefixes show. Light: no numpy."""

from __future__ import annotations

from semcodec.arguments import door
from semcodec.container.boxes import is_box
from semcodec.container.boxes.decode import unpack_boxes
from semcodec.container.decode import read_file
from semcodec.container.header import working_size
from semcodec.ids import FAMILY_NAMES, FORMAT_VERSION, LAYER_NAMES, LayerId
from semcodec.layers.catalog import layer_of, pictures_of, unpack_layers
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.sources import file_bytes
from semcodec.types import FileInfo, LayerInfo, Prefix, Scene, Section

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from semcodec.sources import FileSource


@door()
def info(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> FileInfo:
    """What a file says of itself. Nothing but the header and the words is decoded.

    Raises:
        FormatError: not even the header can be read.
    """
    data = file_bytes(data)
    header, sections, problem = read_file(data, limits)
    scene, problems = unpack_layers(sections, header, limits, only_light=True)
    said = [str(trouble) for trouble in (problem, *problems) if trouble is not None]
    for layer, picture in pictures_of(sections):
        if not layer.knows(picture):
            said.append(f"{layer.coding} {picture.model} is unknown to this build: its picture cannot be painted")
    sizes = [(is_box(s), LayerInfo(LAYER_NAMES.get(s.layer, f"section {s.layer}"), len(s.payload))) for s in sections]
    links = unpack_boxes([section for section in sections if section.layer == LayerId.LINK], header.size, limits)
    said.extend(map(str, links.problems))
    return FileInfo(
        size=header.size,
        working=working_size(header),
        num_bytes=len(data),
        version=FORMAT_VERSION,
        layers=tuple(size for in_box, size in sizes if not in_box),
        words=scene.words,
        regions=scene.regions,
        family=_family(sections),
        warnings=tuple(said),
        boxes=tuple(size for in_box, size in sizes if in_box),
        link=links.link,
        painter=scene.painter,
        prefixes=tuple(_prefixes(sections, scene)),
        vector=scene.vector,
    )


def _family(sections: Sequence[Section]) -> str | None:
    numbers = [section.model for section in sections if section.layer == LayerId.TOKENS]
    return FAMILY_NAMES.get(numbers[0], f"unknown family {numbers[0]}") if numbers else None


def _prefixes(sections: Sequence[Section], scene: Scene) -> Iterator[Prefix]:
    """From how many bytes of the file on there is more to see."""
    for section in sections:
        layer = layer_of(section)
        if layer is None or layer.gives is None or not layer.knows(section):
            continue
        if layer.gives in ("soft picture", "outlines"):
            yield Prefix(section.offset + 1, layer.gives)
        elif layer.has_prefixes or getattr(scene, layer.part) is not None:
            yield Prefix(section.offset + len(section.payload), layer.gives)

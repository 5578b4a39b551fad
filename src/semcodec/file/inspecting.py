"""What a file says of itself: its layers and their bytes, its words, what its prefixes show. Light: no numpy."""

from __future__ import annotations

from semcodec.arguments import door
from semcodec.container.boxes.decode import unpack_boxes
from semcodec.container.boxes.kinds import is_box
from semcodec.container.decode import read_file
from semcodec.container.header import working_size
from semcodec.file.reading import layer_of
from semcodec.ids import FAMILY_NAMES, FORMAT_VERSION, LAYER_NAMES, PIXEL_CODING, LayerId
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
    said = [] if problem is None else [str(problem)]
    scene, family, words_are_whole = Scene(header.size), None, True
    for section in sections:
        if section.layer in (LayerId.TEXT, LayerId.REGIONS, LayerId.PAINTER, LayerId.BASE):
            layer = layer_of(section.layer, words_are_whole=words_are_whole)
            assert layer is not None
            scene, trouble = layer.unpack(section, header, scene, limits)
            if trouble is not None:
                said.append(str(trouble))
            if section.layer == LayerId.TEXT:
                words_are_whole = trouble is None and not section.open_end
        elif section.layer == LayerId.TOKENS:
            family = FAMILY_NAMES.get(section.model, f"unknown family {section.model}")
            if section.model not in FAMILY_NAMES:
                said.append(f"token family {section.model} is unknown to this build: its picture cannot be painted")
        elif section.layer == LayerId.PIXELS and section.model != PIXEL_CODING:
            said.append(f"pixel coding {section.model} is unknown to this build: its picture cannot be painted")
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
        family=family,
        warnings=tuple(said),
        boxes=tuple(size for in_box, size in sizes if in_box),
        link=links.link,
        painter=scene.painter,
        prefixes=tuple(_prefixes(sections, has_base=scene.base is not None)),
    )


def _prefixes(sections: Sequence[Section], *, has_base: bool) -> Iterator[Prefix]:
    """From how many bytes of the file on there is more to see. `has_base`: all of its base picture is there."""
    for section in sections:
        if section.layer == LayerId.TEXT:
            yield Prefix(section.offset + len(section.payload), "words")
        elif section.layer == LayerId.PIXELS or (section.layer == LayerId.TOKENS and section.model in FAMILY_NAMES):
            yield Prefix(section.offset + 1, "soft picture")
        elif section.layer == LayerId.BASE and has_base:
            yield Prefix(section.offset + len(section.payload), "picture")

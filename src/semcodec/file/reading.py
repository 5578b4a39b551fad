"""What a file says, as far as its bytes go. No network; `read_words` does not even import numpy."""

from __future__ import annotations

from semcodec.arguments import door
from semcodec.container.boxes.decode import unpack_boxes
from semcodec.container.decode import read_file
from semcodec.errors import NoPictureError
from semcodec.ids import LayerId
from semcodec.layers.catalog import unpack_layers
from semcodec.layers.text.decode import unpack_words
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.sources import file_bytes
from semcodec.types import Metadata, Reading, TokenPyramid, Words

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from semcodec.sources import FileSource


@door()
def read(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """The Scene, as far as the bytes go, and what is wrong with the rest. No network.

    Raises:
        FormatError: not even the header can be read. LimitError: the file asks for more than `limits` allow.
    """
    data = file_bytes(data)
    header, sections, problem = read_file(data, limits)
    scene, problems = unpack_layers(sections, header, limits)
    if problem is not None:
        problems.insert(0, problem)
    boxes = unpack_boxes(sections, header.size, limits)
    return Reading(scene, header, tuple(problems), boxes, num_bytes=len(data))


@door()
def read_words(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> Words | None:
    """The words of a file; None if it has none. No network, no token family, no decoding of tokens.

    Raises:
        FormatError: the words are damaged, cut, or coded with an unknown table.
    """
    data = file_bytes(data)
    _, sections, problem = read_file(data, limits)
    for section in sections:
        if section.layer == LayerId.TEXT:
            words, trouble = unpack_words(section, limits)
            if trouble is not None:
                raise trouble
            return words
    if problem is not None:
        raise problem
    return None


@door()
def tokens(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> TokenPyramid:
    """The integer digits of all scales; 255 where a token is not in the file. No network.

    Raises:
        FormatError: as `decode`; also for a file that is damaged or truncated inside its tokens.
    """
    reading = read(data, limits=limits)
    if reading.problems:
        raise reading.problems[-1]
    if reading.scene.tokens is None:
        what, advice = "no tokens", "its words can be read with `semcodec info`"
        if reading.scene.pixels is not None:
            what += ", its picture is a grid of colours"
        elif reading.scene.base is not None:
            what += f", its picture is {len(reading.scene.base.frame)} bytes of AV1 (a base)"
            advice = 'encode the original with picture="tokens" to have some'
        raise NoPictureError(f"the file holds {what}; {advice}")
    return reading.scene.tokens


@door()
def read_metadata(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> Metadata:
    """EXIF, XMP, colour profile, transparency and the link to the original, as far as the file keeps them. No network.

    Raises:
        FormatError: not even the header can be read. LimitError: the boxes unpack to more than `limits` allow.
    """
    header, sections, _ = read_file(file_bytes(data), limits)
    return unpack_boxes(sections, header.size, limits)

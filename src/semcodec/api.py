"""The doors: a picture to a file and back, and what can be had from a file without its picture.

Reading words, inspecting and cutting never open a network; `info` and `read_words` do not even import numpy.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from semcodec.container import check_size, num_framing_bytes, read_file, working_size, write_file
from semcodec.errors import (
    BudgetError,
    DamagedInputWarning,
    FormatError,
    NoPictureError,
    UnknownFamilyError,
)
from semcodec.ids import FAMILY_NAMES, FORMAT_VERSION, LAYER_NAMES, FamilyId, LayerId, Origin
from semcodec.layers.text.layer import TextLayer
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import (
    Encoded,
    FileHeader,
    FileInfo,
    LayerInfo,
    Reading,
    Scene,
    Section,
    Size,
    TokenPyramid,
    Words,
)

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from PIL import Image

    from semcodec.contracts import Generator, Layer
    from semcodec.nets.tokenizer import TokenizerNets
    from semcodec.types import Pixels

DEFAULT_FAMILY = FamilyId.NANO_DRAFT_1


def encode(
    image: Image.Image | np.ndarray[Any, Any],
    *,
    bytes: int | None = None,
    quality: float | None = None,
    bpp: float | None = None,
    caption: str | None = None,
    language: str = "und",
    origin: str = "human",
    effort: int = 5,
    limits: Limits = DEFAULT_LIMITS,
) -> Encoded:
    """A picture, and words about it, to a file.

    Args:
        image: a PIL picture of any mode, or an array (H, W) or (H, W, 1|3|4) of uint8 or uint16.
        bytes: ceiling for the whole file; at least 95 % of it is used where the picture has so much to say.
        quality: 0..100, bits per pixel of the shown picture: 0.0025 at 0, doubling every 16.7 (at 50 it is 0.02,
            a kilobyte for 768x512). At most one of `bytes`, `quality`, `bpp`; none means
            quality 50.
        bpp: bits per pixel of the shown picture, over the whole file.
        caption: words, stored whole or not at all. `language` is their BCP-47 tag, `origin` "human" or "machine".
        effort: 1..9. Up to 6 each network runs once; 7 to 9 try more working sizes and keep the one whose picture is
            nearest in pixels (0.1 to 0.4 dB on Kodak).

    Raises:
        BudgetError: the ceiling is below the least size that is possible (`least_bytes`).
        CaptionError: the words cannot be stored. PictureError, LimitError: the picture cannot be taken.
    """
    from semcodec.pictures import as_pixels
    from semcodec.profiles.budget import DEFAULT_QUALITY, bytes_for_bpp, bytes_for_quality

    if sum(wish is not None for wish in (bytes, quality, bpp)) > 1:
        raise ValueError("bytes, quality and bpp exclude each other; give one")
    if not 1 <= effort <= 9:
        raise ValueError(f"effort {effort} is not within 1..9")
    if origin.upper() not in Origin.__members__:
        raise ValueError(f"origin {origin!r} is neither 'human' nor 'machine'")
    loaded = as_pixels(image, limits=limits)
    size = Size(loaded.image_HWC.shape[1], loaded.image_HWC.shape[0])
    check_size(size, limits)
    if bytes is not None:
        max_bytes = bytes
    elif bpp is not None:
        max_bytes = bytes_for_bpp(bpp, size)
    else:
        max_bytes = bytes_for_quality(DEFAULT_QUALITY if quality is None else quality, size)
    scene = Scene(size)
    if caption is not None:
        scene = replace(scene, words=Words(caption, language, Origin[origin.upper()]))
    text = TextLayer().pack(scene, FileHeader(size))
    if text is not None and bytes is None:
        max_bytes += len(text.payload)  # a wish for quality is about the picture
    return _encode_within(loaded.image_HWC, text, max_bytes, effort, loaded.notes)


def _encode_within(
    image_HWC: Pixels, text: Section | None, max_bytes: int, effort: int, notes: tuple[str, ...]
) -> Encoded:
    from semcodec.profiles.search import best_tokens

    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    text_bytes = [len(text.payload)] if text is not None else []
    framing = num_framing_bytes(FileHeader(size), [*text_bytes, 0]) + sum(text_bytes)
    nets, family = _family(DEFAULT_FAMILY)
    chosen = best_tokens(image_HWC, nets, family, max_bytes - framing, effort=effort)
    if not chosen.num_blocks:
        least = framing + chosen.least_bytes
        words = f", {text_bytes[0]} of them for the words" if text is not None else ""
        raise BudgetError(
            f"{max_bytes} bytes are too few: the least for this picture is {least} bytes{words}", least_bytes=least
        )
    tokens = Section(LayerId.TOKENS, family.id, chosen.payload)
    sections = [tokens] if text is None else [text, tokens]
    data = write_file(FileHeader(size, chosen.step), sections)
    return Encoded(data, {LAYER_NAMES[s.layer]: len(s.payload) for s in sections}, tuple(notes))


def read(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """The Scene, as far as the bytes go, and what is wrong with the rest. No network.

    Raises:
        FormatError: not even the header can be read. LimitError: the file asks for more than `limits` allow.
    """
    header, sections, problem = read_file(data, limits)
    scene = Scene(header.size)
    problems = [] if problem is None else [problem]
    for section in sections:
        layer = _layer(section.layer)
        if layer is not None:
            scene, trouble = layer.unpack(section, header, scene, limits)
            if trouble is not None:
                problems.append(trouble)
    return Reading(scene, header, tuple(problems))


def render(scene: Scene, *, generator: Generator | None = None, size: Size | None = None, seed: int = 0) -> Pixels:
    """Paints a Scene, (H, W, 3) uint8 sRGB, with the family's own painter unless another is given.

    Raises:
        NoPictureError: the Scene has nothing to paint from. WeightsError: the weights are not there.
    """
    return (generator or _default_generator(scene)).render(scene, size=size, seed=seed)


def decode(
    data: bytes,
    *,
    generator: Generator | None = None,
    size: Size | None = None,
    seed: int = 0,
    limits: Limits = DEFAULT_LIMITS,
) -> Pixels:
    """A file to its picture, (H, W, 3) uint8 sRGB.

    A damaged or truncated file gives the picture that its good part shows, with a `DamagedInputWarning`.

    Raises:
        FormatError, LimitError: the file shows no picture at all; the message says why.
    """
    reading = read(data, limits=limits)
    check_picture(reading)
    image_HWC = render(reading.scene, generator=generator, size=size, seed=seed)
    import warnings

    for problem in reading.problems:
        warnings.warn(f"{problem}; this is what its good part shows", DamagedInputWarning, stacklevel=2)
    return image_HWC


def check_picture(reading: Reading) -> None:
    """Raises the reason why a file that was read shows no picture, if it shows none."""
    if reading.scene.tokens is not None and _has_tokens(reading.scene.tokens):
        return
    if reading.problems:
        raise reading.problems[-1]
    raise NoPictureError("the file holds no picture data; its words can be read with `semcodec info`")


def tokens(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> TokenPyramid:
    """The integer digits of all scales; 255 where a token is not in the file. No network.

    Raises:
        FormatError: as `decode`; also for a file that is damaged or truncated inside its tokens.
    """
    reading = read(data, limits=limits)
    if reading.problems:
        raise reading.problems[-1]
    if reading.scene.tokens is None:
        raise NoPictureError("the file holds no tokens")
    return reading.scene.tokens


def read_words(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Words | None:
    """The words of a file; None if it has none. No network, no token family, no decoding of tokens.

    Raises:
        FormatError: the words are damaged, cut, or coded with an unknown table.
    """
    header, sections, problem = read_file(data, limits)
    for section in sections:
        if section.layer == LayerId.TEXT:
            scene, trouble = TextLayer().unpack(section, header, Scene(header.size), limits)
            if trouble is not None:
                raise trouble
            return scene.words
    if problem is not None:
        raise problem
    return None


def info(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> FileInfo:
    """What a file says of itself. Nothing but the header and the words is decoded.

    Raises:
        FormatError: not even the header can be read.
    """
    header, sections, problem = read_file(data, limits)
    said = [] if problem is None else [str(problem)]
    words, family = None, None
    for section in sections:
        if section.layer == LayerId.TEXT:
            scene, trouble = TextLayer().unpack(section, header, Scene(header.size), limits)
            words = scene.words
            if trouble is not None:
                said.append(str(trouble))
        elif section.layer == LayerId.TOKENS:
            family = FAMILY_NAMES.get(section.model, f"unknown family {section.model}")
            if section.model not in FAMILY_NAMES:
                said.append(f"token family {section.model} is unknown to this build: its picture cannot be painted")
    layers = tuple(
        LayerInfo(LAYER_NAMES.get(section.layer, f"section {section.layer}"), len(section.payload))
        for section in sections
    )
    return FileInfo(
        size=header.size,
        working=working_size(header),
        num_bytes=len(data),
        version=FORMAT_VERSION,
        layers=layers,
        words=words,
        family=family,
        warnings=tuple(said),
    )


def cut(data: bytes, *, bytes: int, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """A whole file of at most `bytes` bytes: the words, and the blocks that come first. No network.

    A token stream of an unknown family is cut between any two bytes, and marked so.

    Raises:
        BudgetError: not even the words fit, or (without words) no block. FormatError: the file is damaged.
    """
    if len(data) <= bytes:
        reading = read(data, limits=limits)
        _raise_unless_unknown_family(reading.problems)
        return data
    header, sections, problem = read_file(data, limits)
    if problem is not None:
        raise problem
    kept = [section for section in sections if section.layer != LayerId.TOKENS]
    stream = next((section for section in sections if section.layer == LayerId.TOKENS), None)
    least = len(write_file(header, kept)) if kept else num_framing_bytes(header, [0]) + 1
    room = bytes - num_framing_bytes(header, [*(len(s.payload) for s in kept), 0]) - sum(len(s.payload) for s in kept)
    shorter = _shorter_stream(stream, header, room, limits) if stream is not None and room > 0 else None
    if shorter is not None:
        return write_file(header, [*kept, shorter])
    if kept and least <= bytes:
        return write_file(header, kept)
    if not kept and stream is not None:
        least_room = max(room, 0) + 1
        while _shorter_stream(stream, header, least_room, limits) is None:
            least_room += 1
        least = bytes - room + least_room
    raise BudgetError(f"{bytes} bytes are too few: the least for this file is {least} bytes", least_bytes=least)


def _shorter_stream(stream: Section, header: FileHeader, room: int, limits: Limits) -> Section | None:
    """The stream with as many blocks as fit into `room` bytes; None if none does."""
    from semcodec.layers.tokens.family import find_family

    try:
        family = find_family(stream.model)
    except UnknownFamilyError:
        return replace(stream, payload=stream.payload[:room], open_end=True)
    from semcodec.layers.tokens.encode import encode_tokens
    from semcodec.layers.tokens.layer import as_pyramid, read_section

    decoded, all_grids = read_section(stream, header, family)
    if decoded.problem is not None:
        raise decoded.problem
    digits = as_pyramid(decoded, family, header, all_grids).digits
    encoded = encode_tokens(digits, decoded.steps, family, all_grids, max_bytes=room)
    return replace(stream, payload=encoded.payload, open_end=False) if encoded.num_blocks else None


def _raise_unless_unknown_family(problems: tuple[FormatError, ...]) -> None:
    for problem in problems:
        if not isinstance(problem, UnknownFamilyError):
            raise problem


def _layer(number: int) -> Layer | None:
    if number == LayerId.TEXT:
        return TextLayer()
    if number == LayerId.TOKENS:
        from semcodec.layers.tokens.layer import TokenLayer

        return TokenLayer()
    return None


def _has_tokens(pyramid: TokenPyramid) -> bool:
    from semcodec.types import MISSING

    return bool((pyramid.digits[0] != MISSING).any())


@lru_cache(maxsize=2)
def _family(number: int) -> tuple[TokenizerNets, Any]:
    from semcodec.layers.tokens.family import find_family
    from semcodec.nets.tokenizer import TokenizerNets
    from semcodec.zoo.weights import find_weights

    family = find_family(number)
    return TokenizerNets(find_weights(number), family.strides), family


def _default_generator(scene: Scene) -> Generator:
    from semcodec.generators.nano import NanoGenerator

    if scene.tokens is None:
        raise NoPictureError("the file holds no picture data; its words can be read with `semcodec info`")
    return NanoGenerator(_family(scene.tokens.family)[0])

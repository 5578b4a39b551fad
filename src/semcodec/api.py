"""The doors: a picture to a file and back, and what can be had from a file without its picture.

Reading words, inspecting and cutting never open a network; `info` and `read_words` do not even import numpy.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import os
from bisect import bisect_left
from dataclasses import replace
from functools import lru_cache

from semcodec.arguments import door
from semcodec.container import check_size, num_framing_bytes, read_file, working_size, write_file
from semcodec.container.boxes import is_box, unpack_boxes, without_boxes
from semcodec.errors import (
    BudgetError,
    CaptionError,
    DamagedInputWarning,
    FormatError,
    MissingAvifError,
    ModelError,
    NoPictureError,
    OtherPainterWarning,
    PacketError,
    TruncatedError,
    UnknownFamilyError,
)
from semcodec.forks import import_together
from semcodec.ids import FAMILY_NAMES, FORMAT_VERSION, LAYER_NAMES, PIXEL_CODING, FamilyId, LayerId, Origin
from semcodec.layers.hint import HintLayer
from semcodec.layers.text.layer import TextLayer
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.sources import file_bytes
from semcodec.types import (
    Encoded,
    FileHeader,
    FileInfo,
    Joined,
    LayerInfo,
    Link,
    Metadata,
    Prefix,
    Reading,
    Regions,
    Scene,
    Section,
    Size,
    TokenPyramid,
    Words,
)

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from semcodec.contracts import Extractor, Layer, Painter
    from semcodec.extractors.guess import Description
    from semcodec.extractors.words import WordsExtractor
    from semcodec.hub.describers.describer import Describer
    from semcodec.metadata.provenance import Provenance
    from semcodec.nets.anchored import AnchoredNets
    from semcodec.nets.restorer import RestorerNets
    from semcodec.nets.tokenizer import TokenizerNets
    from semcodec.painters.anchored import AnchoredPainter
    from semcodec.pictures import LoadedPicture
    from semcodec.pictures.load import PictureLike
    from semcodec.rate.base import ChosenBase
    from semcodec.rate.pyramid import Encoder
    from semcodec.rate.tries import Distance
    from semcodec.sources import FileSource
    from semcodec.types import Pixels, Roi

# What the doors import on their way, for `door`. The runtime of networks is for those pictures alone that need it.
_TOKENS = ("semcodec.layers.tokens.layer",)
_PAINTING = (
    *_TOKENS,
    "semcodec.painters.base",
    "semcodec.painters.pixels",
    "semcodec.layers.base.layer",
    "semcodec.layers.pixels.layer",
    "semcodec.layers.tokens.roi",
    "semcodec.zoo.generators",
    "semcodec.zoo.restorers",
    "PIL.AvifImagePlugin",
)
_ENCODING = (
    *_PAINTING,
    "semcodec.layers.base.encode",
    "semcodec.layers.text.encode",
    "semcodec.rate.base_curves",
    "semcodec.rate.boxing",
    "semcodec.rate.budget",
    "semcodec.rate.parts",
    "semcodec.rate.pixels",
    "semcodec.rate.wording",
    "PIL.ImageCms",
    "PIL.TiffImagePlugin",
)
_DESCRIBING = ("semcodec.pictures", "semcodec.extractors.words", "semcodec.nets.describer", "semcodec.zoo.describers")
_DECODER_NETS = ("semcodec.painters.nano", "semcodec.nets.tokenizer", "semcodec.zoo.weights")
_ENCODER_NETS = (*_DECODER_NETS, "semcodec.rate.pyramid")
_RESTORER_NETS = ("semcodec.painters.restored", "semcodec.nets.restorer")
DEFAULT_FAMILY = FamilyId.NANO_1
_DECODER = "nano"  # the name of `NanoPainter`, the family's own decoder
_BASE_PAINTER = "av1"  # the name of `BasePainter`
# Whether the generator completes a file that has tokens unless told to. (Words alone it always paints.)
INVENT_BY_DEFAULT = False


@door(*_ENCODING)
def encode(
    image: PictureLike,
    *,
    profile: str = "anchor",
    bytes: int | None = None,
    quality: float | None = None,
    bpp: float | None = None,
    caption: str | None = None,
    language: str = "und",
    origin: str = "human",
    effort: int = 5,
    picture: str = "auto",
    describe: bool = False,
    regions: Regions | bool | None = None,
    describer: Extractor | None = None,
    painter: Painter | None = None,
    tries: int = 1,
    distance: Distance | None = None,
    boxed: bool = False,
    strip: bool = False,
    exif: bytes | None = None,
    icc_profile: bytes | None = None,
    xmp: bytes | None = None,
    link: Link | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Encoded:
    """A picture, and words about it, to a file.

    A picture with a side below 32 pixels is sent as a small grid of colours, not as tokens; no network is opened then.

    Args:
        image: a PIL picture of any mode, an array (H, W) or (H, W, 1|3|4) of uint8 or uint16, a picture file (its path
            as a `pathlib.Path`, its bytes, or the file opened in binary), or what `semcodec.pictures.load_picture` made
            of one.
        profile: "anchor" sends words and as many tokens as the bytes allow. "text" sends the words alone, about 20
            bytes: `caption`, or what the describer finds (which it is asked for in any case; where it is sure of
            nothing its guess is sent, with a note). The reader paints an impression from them.
        bytes: ceiling for the whole file; 98 % of it is used on average where the picture says so much.
        quality: 0..100, bits per pixel of the shown picture: 0.0025 at 0, doubling every 16.7 (at 50 it is 0.02,
            a kilobyte for 768x512). At most one of `bytes`, `quality`, `bpp`; none means
            quality 50.
        bpp: bits per pixel of the shown picture, over the whole file.
        caption: words, stored whole or not at all. `language` is their BCP-47 tag, `origin` "human" or "machine".
        effort: 1..9. Blocks whose structure a painting lacks are sent first. Up to 6 each network runs once; 7 to 9
            paint once more to see them, and try more working sizes, of which the one is kept whose picture is nearest
            in pixels. A base picture is sent in the size that is nearest enlarged (4 to 6) or restored (7 to 9).
        picture: what the picture is sent as: "tokens", of which every prefix shows something; "base", a small AV1 still
            (Pillow 11.3 with AVIF), which is nearer to the original from a few hundred bytes on, and shows nothing
            until it is whole; "auto": what measured curves say for so many bits per pixel.
        describe: without a `caption` the embedded describer looks for one, or for keywords. They go into the file if it
            is sure enough and they take at most an eighth of the bytes; `Encoded.described` says what became of it.
        regions: parts of the picture in words. True: those that the embedded describer is sure of, the largest first,
            in at most a quarter of the bytes; a note says if there are none.
        describer: finds the words, in place of `caption` (`open_describer`).
        painter: what the reader is expected to paint with (`open_painter`); its name and revision become a hint in the
            file. `tries`: it paints so many seeds here, and the hint names the one whose painting has the least
            `distance` (of original and painting; by default their mean squared difference).
        boxed: keeps EXIF, XMP, the colour profile and transparency in boxes behind the picture. They count: `bytes` is
            for the whole file. (With `quality` and `bpp`, which are about the picture, they come on top, as words do.)
        strip: leaves them out without the note that names what is lost.
        exif, icc_profile, xmp: in place of the picture's own; empty bytes are none. They speak of the pixels as given:
            an orientation in them is baked in, a colour profile is converted from, whether or not they are kept.
        link: names the file that this one was made from (`Link.to(its bytes, its name)`), in a box.

    Raises:
        BudgetError: the ceiling is below the least size that is possible (`least_bytes`).
        CaptionError: the words cannot be stored, or there are none and they are all there is.
        MissingAvifError: a base is asked for, and Pillow has no AVIF.
        PictureError, LimitError: the picture cannot be taken.
    """
    from semcodec.pictures import as_pixels
    from semcodec.rate.base_curves import PICTURES
    from semcodec.rate.budget import DEFAULT_QUALITY, bytes_for_bpp, bytes_for_quality
    from semcodec.rate.parts import find_profile

    sent = find_profile(profile)
    if not sent.sends_tokens and (quality is not None or bpp is not None):
        raise ValueError(f"profile {profile!r} sends words alone; quality and bpp are about tokens")
    if not sent.sends_tokens and regions is True:
        raise ValueError(f"profile {profile!r} sends a caption alone; give regions themselves to send them, too")
    if sum(wish is not None for wish in (bytes, quality, bpp)) > 1:
        raise ValueError("bytes, quality and bpp exclude each other; give one")
    if not 1 <= effort <= 9:
        raise ValueError(f"effort {effort} is not within 1..9")
    if picture not in PICTURES:
        raise ValueError(f"picture {picture!r} is none of {', '.join(PICTURES)}")
    if origin.upper() not in Origin.__members__:
        raise ValueError(f"origin {origin!r} is neither 'human' nor 'machine'")
    if boxed and strip:
        raise ValueError("boxed keeps what strip leaves out; give one")
    loaded = as_pixels(image, limits=limits, given=Metadata(exif=exif, icc_profile=icc_profile, xmp=xmp))
    size = Size(loaded.image_HWC.shape[1], loaded.image_HWC.shape[0])
    check_size(size, limits)
    if bytes is not None:
        max_bytes = bytes
    elif bpp is not None:
        max_bytes = bytes_for_bpp(bpp, size)
    else:
        max_bytes = bytes_for_quality(DEFAULT_QUALITY if quality is None else quality, size)
    scene = Scene(size)
    if caption is not None and describer is not None:
        raise ValueError("a caption and a describer exclude each other; give one")
    if caption is not None:
        scene = replace(scene, words=Words(caption, language, Origin[origin.upper()]))
    elif describer is not None:
        found = describer.extract(loaded.image_HWC, scene)
        scene = replace(scene, words=found.words, regions=found.regions)
    if regions is not None and not isinstance(regions, bool):
        scene = replace(scene, regions=regions)

    def finished(scene: Scene) -> Encoded:
        scene = sent.keep(scene)
        text = TextLayer(max_chars=limits.max_caption_chars).pack(scene, FileHeader(size))
        parts = None
        if scene.regions is not None:
            from semcodec.layers.regions.layer import RegionLayer

            parts = RegionLayer(limits=limits).pack(scene, FileHeader(size))
        hint = None
        if painter is not None:
            from semcodec.rate.tries import hint_section

            hint = hint_section(painter, tries)
        before = [section for section in (text, parts, hint) if section is not None]
        # A wish for quality is about the picture: words, hint and boxes come on top of it.
        ceiling = max_bytes + sum(len(section.payload) for section in before if bytes is None)
        boxes, notes = _boxes(
            loaded,
            link,
            ceiling - sum(len(section.payload) for section in before),
            limits,
            boxed=boxed,
            strip=strip,
            counted=bytes is not None,
        )
        if describer is not None and text is None and parts is None:
            notes = (*notes, "the describer said nothing that could be kept; the file has no words")
        if bytes is None:
            ceiling += sum(len(box.payload) for box in boxes)
        if not sent.sends_tokens:
            return _words_alone(size, before, boxes, bytes, notes)
        return _encode_within(loaded.image_HWC, before, boxes, ceiling, effort, notes, picture)

    seeks_words = describe and caption is None and describer is None
    if not sent.sends_tokens and caption is None and describer is None:
        encoded = _told_in_words(loaded.image_HWC, scene, bytes, finished)
    elif seeks_words or regions is True:
        encoded = _described(loaded.image_HWC, scene, max_bytes, finished, caption=seeks_words, regions=regions is True)
    else:
        encoded = finished(scene)
    if painter is None:
        return encoded
    from semcodec.rate.tries import best_seed, hint_section, with_seed

    scene = read(encoded.data, limits=limits).scene
    chosen = best_seed(loaded.image_HWC, scene, painter, tries, distance)
    return replace(encoded, data=with_seed(encoded.data, hint_section(painter, tries, chosen), limits))


def _described(
    image_HWC: Pixels,
    scene: Scene,
    max_bytes: int,
    finished: Callable[[Scene], Encoded],
    *,
    caption: bool,
    regions: bool,
) -> Encoded:
    """`finished` of the Scene with what the embedded describer is sure of, as far as that leaves the picture room."""
    from semcodec.rate.wording import NO_ROOM, wording_for

    said = wording_for(_embedded_describer(), image_HWC, max_bytes, words=scene.words, caption=caption, regions=regions)
    with_words = replace(scene, words=said.words)
    notes = () if said.why_no_regions is None else (said.why_no_regions,)
    if said.regions is not None:
        try:
            return replace(finished(replace(with_words, regions=said.regions)), described=said.told)
        except BudgetError:
            notes = (f"no regions: {NO_ROOM}",)
    told = said.told
    try:
        encoded = finished(with_words)
    except BudgetError:
        if said.words is scene.words:
            raise
        encoded, told = finished(scene), f"not described: {NO_ROOM}"
    return replace(encoded, described=told, notes=(*encoded.notes, *notes))


def _told_in_words(
    image_HWC: Pixels, scene: Scene, max_bytes: int | None, finished: Callable[[Scene], Encoded]
) -> Encoded:
    """`finished` of the Scene with what the embedded describer says of the picture, sure or not, in as few words as
    the bytes want.
    """
    from semcodec.rate.wording import words_in_any_case

    describer = _embedded_describer()
    said = words_in_any_case(describer, image_HWC)
    assert said.words is not None, "without a ceiling a describer has words"
    try:
        encoded = finished(replace(scene, words=said.words))
    except BudgetError as too_few:
        if max_bytes is None:
            raise
        from semcodec.extractors.words import coded_bits

        room = 8 * (max_bytes - too_few.least_bytes) + coded_bits(said.words)
        said = words_in_any_case(describer, image_HWC, max_bits=room)
        if said.words is None:
            raise
        encoded = finished(replace(scene, words=said.words))
    notes = () if said.why_unsure is None else (said.why_unsure,)
    return replace(encoded, described=said.told, notes=(*encoded.notes, *notes))


def _words_alone(
    size: Size, before: list[Section], boxes: list[Section], max_bytes: int | None, notes: tuple[str, ...]
) -> Encoded:
    """A file without tokens. Raises `CaptionError` where it would have no words."""
    if not any(section.layer == LayerId.TEXT for section in before):
        raise CaptionError("a file of words alone has no words: give a caption")
    sections = [*before, *boxes]
    data = write_file(FileHeader(size), sections)
    if max_bytes is not None and len(data) > max_bytes:
        raise BudgetError(
            f"{max_bytes} bytes are too few: the least for these words is {len(data)} bytes", least_bytes=len(data)
        )
    return Encoded(data, {LAYER_NAMES[s.layer]: len(s.payload) for s in sections}, tuple(notes))


def _boxes(
    loaded: LoadedPicture,
    link: Link | None,
    max_bytes: int,
    limits: Limits,
    *,
    boxed: bool,
    strip: bool,
    counted: bool,
) -> tuple[list[Section], tuple[str, ...]]:
    """What stands behind the picture, and the notes with the one that names what is lost."""
    from semcodec.rate.boxing import boxes_for, loss_of

    lost = loaded.lost if not boxed and not strip else ()
    notes = (*loaded.damage, *loaded.notes, *([loss_of(lost)] if lost else []))
    kept = replace(loaded.metadata if boxed else Metadata(), link=link)
    return boxes_for(kept, loaded.alpha_HW if boxed else None, max_bytes, limits, counted=counted), notes


def _encode_within(
    image_HWC: Pixels,
    before: list[Section],
    boxes: list[Section],
    max_bytes: int,
    effort: int,
    notes: tuple[str, ...],
    picture: str,
) -> Encoded:
    """`before`: sections that stand before the picture, and are sent whole; `boxes` stand behind it."""
    from semcodec.layers.base.encode import pack_base
    from semcodec.rate.base_curves import picture_for
    from semcodec.rate.pixels import are_better_sent_as_pixels, best_pixels

    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    others = [*before, *boxes]

    def with_picture(num_bytes: int) -> int:
        """Bytes of the whole file. The length of the picture is written only if something stands behind it."""
        lengths = [*(len(s.payload) for s in before), num_bytes, *(len(s.payload) for s in boxes)]
        return num_framing_bytes(FileHeader(size), lengths) + sum(lengths)

    room = max_bytes - with_picture(0)
    while room > 0 and with_picture(room) > max_bytes:
        room -= 1
    if picture == "auto" and are_better_sent_as_pixels(size):
        grid = best_pixels(image_HWC, room)
        if not grid.payload:
            raise _too_few(max_bytes, with_picture(grid.least_bytes), others)
        sections = [*before, Section(LayerId.PIXELS, PIXEL_CODING, grid.payload), *boxes]
        data = write_file(FileHeader(size, grid.step), sections)
        return Encoded(data, {LAYER_NAMES[s.layer]: len(s.payload) for s in sections}, tuple(notes))
    if picture_for(picture, size, room) == "base":
        import_together("semcodec.rate.base")
        found, why_not = _base_within(image_HWC, room, effort, is_wanted=picture == "base")
        if found is not None and found.num_bytes <= room:
            sections = [*before, pack_base(found.base), *boxes]
            data = write_file(FileHeader(size, found.step), sections)
            return Encoded(data, {LAYER_NAMES[s.layer]: len(s.payload) for s in sections}, tuple(notes))
        if picture == "base":
            assert found is not None
            raise _too_few(max_bytes, with_picture(found.num_bytes), others)
        notes = (*notes, *why_not)
    import_together(*_ENCODER_NETS)
    from semcodec.rate.pyramid import best_tokens

    encoder = _encoder(DEFAULT_FAMILY)
    family = encoder.family
    chosen = best_tokens(image_HWC, encoder, room, effort=effort)
    if not chosen.num_blocks:
        raise _too_few(max_bytes, with_picture(chosen.least_bytes), others)
    tokens = Section(LayerId.TOKENS, family.id, chosen.payload)
    sections = [*before, tokens, *boxes]
    data = write_file(FileHeader(size, chosen.step), sections)
    return Encoded(data, {LAYER_NAMES[s.layer]: len(s.payload) for s in sections}, tuple(notes))


def _base_within(
    image_HWC: Pixels, room: int, effort: int, *, is_wanted: bool
) -> tuple[ChosenBase | None, tuple[str, ...]]:
    """The base for so many bytes of payload (or one that is larger, where none fits), and a note where Pillow makes
    none. Raises `MissingAvifError` for one that `is_wanted`.
    """
    from semcodec.rate.base import best_base
    from semcodec.rate.pyramid import STEPS_BY_EFFORT

    painter = _base_painter() if effort in STEPS_BY_EFFORT else None  # (others do without the restorer)
    try:
        return best_base(image_HWC, room, effort=effort, painter=painter), ()
    except MissingAvifError:
        if is_wanted:
            raise
        return None, ("no base picture: Pillow 11.3 or newer with AVIF is not here; tokens are sent",)


def _too_few(max_bytes: int, least: int, others: Sequence[Section]) -> BudgetError:
    """The error that says what a file of this picture with these `others` needs at least."""
    what = {LayerId.TEXT: "words", LayerId.PAINTER: "painter hint", LayerId.ALPHA: "transparency"}
    what[LayerId.REGIONS] = "regions"
    names = [what.get(LayerId(section.layer), f"{LAYER_NAMES[section.layer]} box") for section in others]
    shares = "".join(f", {len(s.payload)} of them for the {name}" for s, name in zip(others, names, strict=True))
    return BudgetError(
        f"{max_bytes} bytes are too few: the least for this picture is {least} bytes{shares}", least_bytes=least
    )


@door()
def read(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """The Scene, as far as the bytes go, and what is wrong with the rest. No network.

    Raises:
        FormatError: not even the header can be read. LimitError: the file asks for more than `limits` allow.
    """
    data = file_bytes(data)
    header, sections, problem = read_file(data, limits)
    scene = Scene(header.size)
    problems = [] if problem is None else [problem]
    words_are_whole = True
    for section in sections:
        layer = _layer(section.layer, words_are_whole=words_are_whole)
        if layer is not None:
            scene, trouble = layer.unpack(section, header, scene, limits)
            if trouble is not None:
                problems.append(trouble)
            if section.layer == LayerId.TEXT:
                words_are_whole = trouble is None and not section.open_end
    return Reading(scene, header, tuple(problems), unpack_boxes(sections, header.size, limits))


@door(*_PAINTING)
def render(
    scene: Scene,
    *,
    painter: Painter | None = None,
    size: Size | None = None,
    seed: int | None = None,
    invent: bool | None = None,
    fast: bool = False,
    restore: bool = True,
    roi: Roi | None = None,
) -> Pixels:
    """Paints a Scene, (H, W, 3) uint8 sRGB, as `decode` does.

    `seed` None is the one that the file's hint has for this painter, else 0.

    Raises:
        NoPictureError: the Scene has nothing to paint from. WeightsError: the weights are not there. RoiError.
    """
    paints = _painter(scene, painter, invent=invent, fast=fast, restore=restore)
    if seed is None:
        seed = scene.painter.seed if scene.painter is not None and other_painter(scene, paints) is None else 0
    if roi is None:
        return paints.render(scene, size=size, seed=seed)
    from semcodec.contracts import PartPainter
    from semcodec.layers.tokens.roi import clipped_roi

    left, top, width_px, height_px = roi = clipped_roi(roi, size or scene.size)
    if isinstance(paints, PartPainter):
        return paints.render_part(scene, roi, size=size, seed=seed)
    return paints.render(scene, size=size, seed=seed)[top : top + height_px, left : left + width_px]


def other_painter(scene: Scene, painter: Painter | None = None) -> str | None:
    """A sentence for the user where the file's hint is about another painter than this; None where it is not."""
    hint = scene.painter
    if hint is None or (painter is not None and hint.means(painter.name, getattr(painter, "revision", ""))):
        return None
    revision = f" (revision {hint.revision})" if hint.revision else ""
    mine = "the embedded one" if painter is None or painter.name in (_DECODER, _BASE_PAINTER) else painter.name
    if mine == "the embedded one" and _has_generator(hint.name):
        mine += " without --invent (invent=True)"
    return f"the file was made for the painter {hint.name}{revision}; painted by {mine} it is less like the original"


@door(*_DESCRIBING)
def describe(
    image: PictureLike,
    *,
    tasks: Collection[str] = ("caption",),
    limits: Limits = DEFAULT_LIMITS,
) -> Description:
    """What the embedded describer sees in a picture, and how sure it is. Nothing is held back that it is unsure of.

    `tasks`: any of "caption", "keywords" and "regions" (what is where, large things first).

    Raises:
        PictureError, LimitError: the picture cannot be taken. WeightsError: the describer is not there.
    """
    from semcodec.pictures import as_pixels

    if not set(tasks) <= {"caption", "keywords", "regions"}:
        raise ValueError(f"tasks {tuple(tasks)}: any of caption, keywords and regions")
    loaded = as_pixels(image, limits=limits, given=Metadata())
    return _embedded_describer().describe(loaded.image_HWC, tasks=tasks)


@door()
def open_describer(
    reference: str | os.PathLike[str],
    *,
    task: str = "caption",
    max_bits: int = 256,
    tries: int = 4,
    language: str = "en",
    judge: str | None = None,
    prompt: str | None = None,
    device: str = "auto",
    dtype: str = "auto",
    trust_remote_code: bool = False,
    say: Callable[[str], None] | None = None,
) -> Describer | WordsExtractor:
    """What finds the words, for `describer` of `encode`: a foundation model (extra `hub`) or the embedded describer.

    Args:
        reference: an image-text-to-text model of transformers: hf:ORG/NAME, hf:ORG/NAME@REVISION, or a folder. The
            embedded describer by its name (`semcodec models`), or the folder of another one that `semcodec_train`
            made; of what follows they know `task` and `max_bits`, and put in only what they are sure of.
        task: "caption", "keywords", or "regions" (what is where).
        max_bits: what the words may cost in the file; `tries` answers are compared, the best that fits is taken.
        language: BCP-47 tag of the words.
        judge: a CLIP or SigLIP that compares words with the picture, reference as above. None: one that is in the
            cache, if any is; "none": the model's own likelihood.
        prompt: asked in place of the question that the model's family has for the task.
        device, dtype: cuda, cuda:N, mps, cpu; float32, float16, bfloat16. Weights that do not fit a GPU are offloaded.
        trust_remote_code: run Python code that comes with the model, with your rights.
        say: told sentences for the user, such as before a download begins.

    Raises:
        ModelError: the model cannot be had or opened, or cannot do the task. MissingExtraError: no extra `hub`.
        WeightsError: the embedded describer is not as it should be.
    """
    from semcodec.zoo.describers import package_of

    reference = os.fspath(reference)
    package = package_of(reference)
    if package is not None:
        from semcodec.extractors.words import WordsExtractor
        from semcodec.nets.describer import DescriberNets

        if language != "en":
            raise ModelError(f"{reference} says everything in English; leave the language out")
        return WordsExtractor(DescriberNets(package), tasks=(task,), max_bits=max_bits)
    from semcodec.hub.describers.describer import load_describer

    return load_describer(
        reference,
        task=task,
        max_bits=max_bits,
        tries=tries,
        language=language,
        judge=judge,
        prompt=prompt,
        device=device,
        dtype=dtype,
        trust_remote_code=trust_remote_code,
        say=say,
    )


@door()
def open_painter(
    reference: str | os.PathLike[str],
    *,
    strength: float | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    scheduler: str | None = None,
    loras: Sequence[str] = (),
    controls: Mapping[str, str] | None = None,
    device: str = "auto",
    dtype: str = "auto",
    trust_remote_code: bool = False,
    say: Callable[[str], None] | None = None,
) -> Painter:
    """A painter, for `painter` of `decode` and `encode`: a foundation model (extra `hub`), or a
    generator of semcodec's own.

    Args:
        reference: a text-to-image pipeline of diffusers: hf:ORG/NAME, hf:ORG/NAME@REVISION, or a folder. The embedded
            generator by its name (`semcodec models`), or the folder of another one that `semcodec_train` made; they
            know nothing of what follows.
        strength: 0..1, how much of the embedded picture it may change; by default the less, the more the file says.
        steps, guidance: as in diffusers; by default what the family of models wants.
        scheduler: ddim, dpm++, euler, unipc, flow-euler, or for few-step models and adapters lcm, lightning, turbo.
        loras: LoRA adapters, references as above.
        controls: {"tile" or "edges": reference of a ControlNet}.
        device, dtype: cuda, cuda:N, mps, cpu; float32, float16, bfloat16. Weights that do not fit a GPU are offloaded.
        trust_remote_code: run Python code that comes with the model, with your rights.
        say: told sentences for the user: before a download begins, and where the model misbehaves (which without it
            is a warning).

    Raises:
        ModelError: the model cannot be had or opened. MissingExtraError: the extra is not installed.
        WeightsError: a generator of semcodec's own is not as it should be.
    """
    from semcodec.zoo.generators import package_of

    reference = os.fspath(reference)
    package = package_of(reference)
    if package is not None:
        from pathlib import Path

        from semcodec.nets.anchored import AnchoredNets

        return _anchored(AnchoredNets(package), Path(reference).name)
    from semcodec.hub.painters.painter import open_painter
    from semcodec.hub.painters.pipeline import PainterOptions

    options = PainterOptions(
        strength=strength,
        steps=steps,
        guidance=guidance,
        scheduler=scheduler,
        loras=tuple(loras),
        controls=dict(controls or {}),
        device=device,
        dtype=dtype,
        trust_remote_code=trust_remote_code,
    )
    return open_painter(reference, lambda scene: render(scene, invent=False, restore=False), options, say=say)


@door(*_PAINTING)
def decode(
    data: FileSource,
    *,
    painter: Painter | None = None,
    size: Size | None = None,
    seed: int | None = None,
    alpha: bool = False,
    invent: bool | None = None,
    fast: bool = False,
    restore: bool = True,
    roi: Roi | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Pixels:
    """A file to its picture, (H, W, 3) uint8 sRGB, on white where it is transparent.

    With `alpha` a file that keeps its transparency gives (H, W, 4): colours not multiplied by the opacity beside them.

    A damaged or truncated file gives the picture that its good part shows, with a `DamagedInputWarning`. A file whose
    seed was chosen for another painter than the one given is painted all the same, with an `OtherPainterWarning`.

    Args:
        painter: what paints (`open_painter`); None: the embedded networks.
        size: in pixels, another than the display size.
        seed: another one invents otherwise; None: the file's, or 0.
        invent: whether the embedded generator draws what was not sent, guided by the words and by what was sent, which
            stays as it is. None: where a file has words and no tokens (otherwise it shows nothing).
        fast: it does so in fewer steps.
        restore: whether the embedded restorer finishes what was decoded: the network that gives edges and textures
            back. False shows the picture as the file's own networks paint it. (What foundation models paint is shown
            as they paint it.)
        roi: left, top, width and height in pixels of the picture. Only this part of it is painted, with the pixels that
            the whole has there; what reaches beyond the picture is cut off.

    Raises:
        FormatError, LimitError: the file shows no picture at all; the message says why. RoiError: nothing of the
        picture lies inside `roi`. WeightsError, ModelError: `invent` is asked for, and no generator is here for it.
    """
    reading = showable(read(data, limits=limits))
    paints = painter_for(reading, painter, invent=invent, fast=fast, restore=restore)
    image_HWC = render(reading.scene, painter=paints, size=size, seed=seed, restore=restore, roi=roi)
    found = warnings_of(reading, paints)
    if alpha:
        alpha_HW, trouble = opacity(reading.metadata, size or reading.scene.size, roi=roi)
        if trouble is not None:
            found.append(DamagedInputWarning(f"{trouble}; the picture is whole without it"))
        if alpha_HW is not None:
            from semcodec.pictures import lifted_off_white

            image_HWC = lifted_off_white(image_HWC, alpha_HW)
    import warnings

    for warning in found:
        warnings.warn(warning, stacklevel=3)  # (to whoever called the door)
    return image_HWC


def warnings_of(reading: Reading, painter: Painter) -> list[UserWarning]:
    """What is to be said of a file that was read, and of what paints it."""
    other = other_painter(reading.scene, painter)
    found: list[UserWarning] = [] if other is None else [OtherPainterWarning(other)]
    found += [DamagedInputWarning(f"{problem}; this is what its good part shows") for problem in reading.problems]
    return found + [
        DamagedInputWarning(f"{problem}; the picture is whole without it") for problem in reading.metadata.problems
    ]


def opacity(metadata: Metadata, size: Size, *, roi: Roi | None = None) -> tuple[Pixels | None, FormatError | None]:
    """How opaque each pixel of a picture of this size is (of a part of it), (H, W) uint8; None: all are, or the box is
    damaged.
    """
    if metadata.alpha is None:
        return None, None
    from semcodec.errors import DamagedError
    from semcodec.pictures import unpack_alpha

    try:
        alpha_HW = unpack_alpha(metadata.alpha, size)
    except DamagedError as damage:
        return None, damage
    if roi is not None:
        from semcodec.layers.tokens.roi import clipped_roi

        left, top, width_px, height_px = clipped_roi(roi, size)
        alpha_HW = alpha_HW[top : top + height_px, left : left + width_px]
    return alpha_HW, None


@door()
def read_metadata(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> Metadata:
    """EXIF, XMP, colour profile, transparency and the link to the original, as far as the file keeps them. No network.

    Raises:
        FormatError: not even the header can be read. LimitError: the boxes unpack to more than `limits` allow.
    """
    header, sections, _ = read_file(file_bytes(data), limits)
    return unpack_boxes(sections, header.size, limits)


def showable(reading: Reading) -> Reading:
    """What of a file can be shown here: without its base, and with the reason, where that cannot be decoded. Then its
    tokens or words are shown."""
    if reading.scene.base is None:
        return reading
    from semcodec.pictures import decoded_base

    try:
        decoded_base(reading.scene.base)
    except FormatError as problem:
        scene = replace(reading.scene, base=None)
        return replace(reading, scene=scene, problems=(*reading.problems, problem))
    return reading


def painter_for(
    reading: Reading,
    painter: Painter | None = None,
    *,
    invent: bool | None = None,
    fast: bool = False,
    restore: bool = True,
) -> Painter:
    """What paints a file that was read, under the rules of `decode`. Raises the reason why it shows no picture."""
    scene, told_to_invent = reading.scene, bool(invent)
    if scene.pixels is None and scene.base is None and (scene.tokens is None or not _has_tokens(scene.tokens)):
        # A picture that is there, but damaged or of unknown networks, is not passed over in silence.
        on_the_way = TruncatedError | PacketError | MissingAvifError
        lost = [problem for problem in reading.problems if not isinstance(problem, on_the_way)]
        from_words = painter is not None or told_to_invent or (invent is None and not lost and _has_generator())
        if scene.words is None or not from_words:
            raise reading.problems[-1] if reading.problems else _no_picture()
    return _painter(scene, painter, invent=invent, fast=fast, restore=restore)


def provenance(scene: Scene, painter: Painter) -> Provenance:
    """How much of what `painter` paints of a Scene was in the file."""
    from semcodec.metadata.provenance import provenance_of, provenance_of_base, provenance_of_pixels

    restorer = getattr(painter, "restorer", None)
    if restorer is not None:
        return replace(provenance(scene, painter.painter), restorer=restorer)  # type: ignore[attr-defined]
    if painter.name == _DECODER:
        return provenance_of(scene)
    if scene.pixels is not None:
        return provenance_of_pixels(scene.pixels, painter.name, repainted=not getattr(painter, "keeps_tokens", False))
    if scene.base is not None:
        return provenance_of_base(painter.name, scene.base, repainted=painter.name != _BASE_PAINTER)
    if not getattr(painter, "keeps_tokens", False):
        return provenance_of(scene, painter.name)
    draws_down_to = getattr(painter, "invents_down_to", None)
    return provenance_of(
        scene, painter.name, repainted=False, drawn_down_to=draws_down_to(scene) if draws_down_to else None
    )


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
def read_words(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> Words | None:
    """The words of a file; None if it has none. No network, no token family, no decoding of tokens.

    Raises:
        FormatError: the words are damaged, cut, or coded with an unknown table.
    """
    data = file_bytes(data)
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
            layer = _layer(section.layer, words_are_whole=words_are_whole)
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


@door()
def cut(
    data: FileSource,
    *,
    bytes: int | None = None,
    roi: Roi | None = None,
    strip: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """A whole file of at most `bytes` bytes: the words, the regions, and the blocks that come first. No network.

    With `roi` (left, top, width and height in pixels of the picture) blocks are sent in another order: the coarsest
    scales, what shows this part of the picture, then the rest. So the part keeps its detail and the picture around it
    goes soft. What reaches beyond the picture is cut off.

    Regions go where they would leave no room for a block, or for the words. A small grid of colours is coded again,
    coarser (`roi` changes nothing there). A base picture stays whole or goes: where it does, tokens that stand beside
    it are all that is left to shorten, and in a file without them the words alone.
    Boxes go first, from the last on, before a single block does; with `strip` all of them go (and `bytes` may be left
    out). A token stream of an unknown family is cut between any two bytes, and marked so; it has no `roi`.

    Raises:
        BudgetError: not even the words fit, or (without words) no block. FormatError: the file is damaged. RoiError:
        nothing of the picture lies inside `roi`.
    """
    if bytes is None and roi is not None:
        raise ValueError("roi says what is kept first, bytes how much; give both")
    if bytes is None and not strip:
        raise ValueError("cut to how many bytes? give bytes, strip, or both")
    data = file_bytes(data)
    header, sections, problem = read_file(data, limits)
    if problem is not None:
        raise problem
    if roi is not None:
        import_together("semcodec.layers.tokens.roi")
        from semcodec.layers.tokens.roi import clipped_roi

        roi = clipped_roi(roi, header.size)
    wanted = without_boxes(sections) if strip else list(sections)
    whole = write_file(header, wanted) if wanted else b""
    while bytes is not None and len(whole) > bytes and any(map(is_box, wanted)):
        wanted.remove([section for section in wanted if is_box(section)][-1])
        whole = write_file(header, wanted) if wanted else b""
    if not wanted:
        raise NoPictureError("the file holds nothing but boxes: without them nothing is left; keep the file as it is")
    if bytes is None or len(whole) <= bytes:
        _raise_unless_unknown_family(read(whole, limits=limits).problems)
        return whole
    if any(section.layer == LayerId.PIXELS for section in wanted):
        return _cut_pixels(whole, bytes, limits)
    sections = tuple(wanted)
    base = next((section for section in sections if section.layer == LayerId.BASE), None)
    for gone in (LayerId.PAINTER, LayerId.REGIONS, LayerId.TOKENS) if base is not None else ():
        wanted = [section for section in wanted if section.layer != gone]
        if len(whole := write_file(header, wanted)) <= bytes:
            return whole
    # (a painter hint goes too: its seed was the best for the whole picture, not for this one)
    parted = (LayerId.TOKENS, LayerId.PAINTER, LayerId.BASE)
    kept = [section for section in sections if section.layer not in parted]
    stream = next((section for section in sections if section.layer == LayerId.TOKENS), None)
    shortened = _shortener(stream, header, limits, roi) if stream is not None else None
    without_regions = [section for section in kept if section.layer != LayerId.REGIONS]
    ways = [kept] if len(kept) == len(without_regions) else [kept, without_regions]
    for kept in ways:
        lengths = [len(section.payload) for section in kept]
        room = bytes - num_framing_bytes(header, [*lengths, 0]) - sum(lengths)
        shorter = shortened(room) if shortened is not None and room > 0 else None
        if shorter is not None:
            return write_file(header, [*kept, shorter])
    for kept in ways:
        least = len(write_file(header, kept)) if kept else num_framing_bytes(header, [0]) + 1
        if kept and least <= bytes:
            return write_file(header, kept)
    if not kept and stream is None and base is not None:
        least = len(write_file(header, [base]))
    elif not kept and stream is not None and shortened is not None:
        # (a stream of no block at all can only be kept whole)
        rooms = range(min(max(room, 0) + 1, len(stream.payload)), len(stream.payload))
        least = bytes - room + rooms.start + bisect_left(rooms, True, key=lambda room: shortened(room) is not None)
    message = f"{bytes} bytes are too few: the least for this file is {least} bytes"
    if not kept and stream is None and base is not None:
        message += ", for its base picture cannot be shortened; encode the original again, in fewer bytes or as tokens"
    raise BudgetError(message, least_bytes=least)


def _cut_pixels(data: bytes, max_bytes: int, limits: Limits) -> bytes:
    """`cut` for a file whose picture is a grid of colours: as fine a one as fits, then without regions, then none."""
    header, sections, _ = read_file(data, limits)
    reading = read(data, limits=limits)
    _raise_unless_unknown_family(reading.problems)
    kept = [section for section in sections if section.layer not in (LayerId.PIXELS, LayerId.TOKENS, LayerId.PAINTER)]
    ways = (kept, [section for section in kept if section.layer != LayerId.REGIONS])
    least = []
    if reading.scene.pixels is not None:
        import_together(
            "semcodec.layers.pixels.decode", "semcodec.layers.pixels.fit", "semcodec.layers.pixels.resample"
        )
        from semcodec.layers.pixels.decode import fill_gaps
        from semcodec.layers.pixels.fit import fit_grid
        from semcodec.layers.pixels.resample import resample

        grid_RKC = fill_gaps(reading.scene.pixels)  # (whatever the size of the picture, it is small)
        for beside in ways:
            lengths = [len(section.payload) for section in beside]
            others = num_framing_bytes(header, [*lengths, 0]) + sum(lengths)
            found = fit_grid(grid_RKC, header.size, max_bytes - others, resample, least_step=header.step)
            if found.payload:
                section = Section(LayerId.PIXELS, PIXEL_CODING, found.payload)
                return write_file(FileHeader(header.size, found.step), [*beside, section])
            least.append(others + found.least_bytes)
    for beside in ways:
        alone = write_file(header, beside) if beside else data
        if len(alone) <= max_bytes:
            return alone
        least.append(len(alone))
    raise BudgetError(
        f"{max_bytes} bytes are too few: the least for this file is {min(least)} bytes", least_bytes=min(least)
    )


@door(*_TOKENS, "semcodec.file.packets")
def split(data: FileSource, *, mtu: int, repeat_first: int = 0, limits: Limits = DEFAULT_LIMITS) -> list[bytes]:
    """A file as packets of at most `mtu` bytes (40 to 65535), in the order to send them. No network.

    Losing any but the first costs only what is in it. `repeat_first` is how many more copies of the first are put
    between the others, at equal distances. All packets together give the file's Scene again (`join`).

    Raises:
        ValueError: an `mtu` or number of copies that is not possible. FormatError: the file is damaged, truncated, or
        of an unknown family. BudgetError: a token of it has no room in a packet. LimitError.
    """
    from semcodec.file.packets import split_file

    if repeat_first < 0:
        raise ValueError(f"repeat_first {repeat_first} is below 0")
    first, *others = split_file(file_bytes(data), mtu, limits)
    parts = repeat_first + 1
    bounds = [len(others) * n // parts for n in range(parts + 1)]
    return [packet for n in range(parts) for packet in (first, *others[bounds[n] : bounds[n + 1]])]


@door(*_TOKENS, "semcodec.file.packets")
def join(packets: Iterable[bytes], *, file_id: int | None = None, limits: Limits = DEFAULT_LIMITS) -> Joined:
    """What a file's packets say that arrived, in any order; duplicates and strangers are named. No network.

    `file_id` says which file is meant where packets of several are there; by default the one of whose packets the most
    are there, the first among them.

    Raises:
        FormatError: no packet of the file, not its first one, or that one is damaged. LimitError.
    """
    from semcodec.file.packets import join_packets

    return join_packets(list(packets), file_id, limits, lambda data: read(data, limits=limits))


def _shortener(stream: Section, header: FileHeader, limits: Limits, roi: Roi | None) -> Callable[[int], Section | None]:
    """A function from a number of bytes to the stream with as many blocks as fit into them; None if none does."""
    import_together(*_TOKENS, "semcodec.layers.tokens.roi", "semcodec.layers.tokens.shorten")
    from semcodec.layers.tokens.family import find_family

    try:
        family = find_family(stream.model)
    except UnknownFamilyError:
        if roi is not None:
            raise
        return lambda room: replace(stream, payload=stream.payload[:room], open_end=True)
    from semcodec.layers.tokens.layer import as_pyramid, read_section
    from semcodec.layers.tokens.roi import touched_blocks
    from semcodec.layers.tokens.shorten import keep_first, keep_region

    decoded, all_grids = read_section(stream, header, family, limits)
    if decoded.problem is not None:
        raise decoded.problem
    pyramid = as_pyramid(decoded, family, header, all_grids)
    inside = roi and [
        touched_blocks(roi, header.size, pyramid.working, stride, grid)
        for stride, grid in zip(family.strides, all_grids, strict=True)
    ]

    def shortened(room: int) -> Section | None:
        what = (pyramid.digits, decoded.steps, family, all_grids, room)
        encoded = keep_region(*what, inside) if inside else keep_first(*what)
        return replace(stream, payload=encoded.payload, open_end=False) if encoded.num_blocks else None

    return shortened


def _raise_unless_unknown_family(problems: tuple[FormatError, ...]) -> None:
    for problem in problems:
        if not isinstance(problem, UnknownFamilyError):
            raise problem


def _layer(number: int, *, words_are_whole: bool) -> Layer | None:
    if number == LayerId.TEXT:
        return TextLayer()
    if number == LayerId.REGIONS:
        import_together("semcodec.layers.regions.layer")
        from semcodec.layers.regions.layer import RegionLayer

        return RegionLayer(words_are_whole=words_are_whole)
    if number == LayerId.TOKENS:
        import_together(*_TOKENS)
        from semcodec.layers.tokens.layer import TokenLayer

        return TokenLayer()
    if number == LayerId.PAINTER:
        return HintLayer()
    if number == LayerId.PIXELS:
        import_together("semcodec.layers.pixels.layer")
        from semcodec.layers.pixels.layer import PixelLayer

        return PixelLayer()
    if number == LayerId.BASE:
        import_together("semcodec.layers.base.layer")
        from semcodec.layers.base.layer import BaseLayer

        return BaseLayer()
    return None


def _has_tokens(pyramid: TokenPyramid) -> bool:
    from semcodec.types import MISSING

    return bool((pyramid.digits[0] != MISSING).any())


def _family(number: int) -> tuple[TokenizerNets, Any]:
    return _opened_family(int(number))  # a `FamilyId` and its number are two keys to the cache: networks came in twice


@lru_cache(maxsize=2)
def _opened_family(number: int) -> tuple[TokenizerNets, Any]:
    from semcodec.layers.tokens.family import find_family
    from semcodec.nets.tokenizer import TokenizerNets
    from semcodec.zoo.weights import find_weights

    family = find_family(number)
    return TokenizerNets(find_weights(number), family), family


@lru_cache(maxsize=2)
def _encoder(number: int) -> Encoder:
    from semcodec.rate.pyramid import Encoder

    nets, family = _family(number)
    return Encoder(nets, family)


@lru_cache(maxsize=1)
def _embedded_describer() -> WordsExtractor:
    import_together(*_DESCRIBING)
    from semcodec.extractors.words import WordsExtractor
    from semcodec.nets.describer import DescriberNets
    from semcodec.zoo.describers import find_describer

    return WordsExtractor(DescriberNets(find_describer()))


@lru_cache(maxsize=1)
def _generator_nets() -> AnchoredNets:
    import_together("semcodec.painters.anchored", "semcodec.nets.anchored", "numpy.random")
    from semcodec.nets.anchored import AnchoredNets
    from semcodec.zoo.generators import find_generator

    return AnchoredNets(find_generator())


def _has_generator(name: str | None = None) -> bool:
    """Whether this build ships a generator (of this name)."""
    from semcodec.zoo.generators import generator_name

    found = generator_name()
    return found is not None and name in (None, found)


def _anchored(nets: AnchoredNets, name: str, *, fast: bool = False) -> AnchoredPainter:
    from semcodec.painters.anchored import AnchoredPainter

    tokenizer, family = _family(nets.about.family)
    return AnchoredPainter(nets, tokenizer, family, name=name, fast=fast)


@lru_cache(maxsize=1)
def _restorer() -> tuple[str, RestorerNets] | None:
    """The restorer that this build ships, with its name; None if it ships none."""
    import_together(*_RESTORER_NETS)
    from semcodec.nets.restorer import RestorerNets
    from semcodec.zoo.restorers import find_restorer, restorer_name

    name = restorer_name()
    return None if name is None else (name, RestorerNets(find_restorer()))


def _painter(
    scene: Scene,
    painter: Painter | None = None,
    *,
    invent: bool | None = None,
    fast: bool = False,
    restore: bool = True,
) -> Painter:
    """What paints, with the restorer behind it where that is wanted, known to it, and there. An impression of words
    alone is not restored: it is nothing like what the restorer has learnt from."""
    paints = _bare_painter(scene, painter, invent=invent, fast=fast)
    has_picture = scene.base is not None or (scene.tokens is not None and _has_tokens(scene.tokens))
    return _restored(paints) if restore and has_picture else paints


def _base_painter(*, restore: bool = True) -> Painter:
    """What paints base pictures, whatever else a file has."""
    from semcodec.painters.base import BasePainter

    return _restored(BasePainter()) if restore else BasePainter()


def _restored(painter: Painter) -> Painter:
    """A painter with the restorer behind it, where this build ships one that knows it."""
    shipped = _restorer()
    if shipped is None:
        return painter
    from semcodec.painters.restored import RestorablePainter, RestoredPainter

    name, nets = shipped
    return RestoredPainter(painter, nets, restorer=name) if isinstance(painter, RestorablePainter) else painter


def _bare_painter(
    scene: Scene, painter: Painter | None = None, *, invent: bool | None = None, fast: bool = False
) -> Painter:
    """The painter that is given; else the embedded generator where it is wanted, else the family's decoder. A grid of
    colours is all there: nothing can be completed, and no network is opened.
    """
    if scene.pixels is not None and (painter is None or getattr(painter, "keeps_tokens", False)):
        from semcodec.painters.pixels import PixelPainter

        return PixelPainter()
    if painter is not None:
        if invent is not None or fast:
            raise ValueError("invent and fast are about the embedded generator; give them without another painter")
        return painter
    if scene.base is not None:
        return _base_painter(restore=False)  # (all of it was sent: there is nothing to invent)
    has_tokens = scene.tokens is not None and _has_tokens(scene.tokens)
    is_wanted = (INVENT_BY_DEFAULT if has_tokens else scene.words is not None) and _has_generator()
    if invent or (invent is None and is_wanted):
        from semcodec.zoo.generators import generator_name

        found = _anchored(_generator_nets(), generator_name() or "", fast=fast)
        if invent or found.can_paint(scene):
            return found
    import_together(*_DECODER_NETS)
    from semcodec.painters.nano import NanoPainter

    if scene.tokens is None:
        raise _no_picture()
    return NanoPainter(_family(scene.tokens.family)[0])


def _no_picture() -> NoPictureError:
    return NoPictureError("the file holds no picture data; its words can be read with `semcodec info`")

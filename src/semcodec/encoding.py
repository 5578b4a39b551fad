"""From a picture, and words about it, to a file.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from semcodec.arguments import door
from semcodec.container.header import check_size
from semcodec.errors import BudgetError, CaptionError, WeightsError
from semcodec.file.reading import read
from semcodec.ids import LayerId, Origin
from semcodec.layers.regions.encode import pack_regions
from semcodec.layers.text.encode import pack_words
from semcodec.layers.vector.encode import pack_vector
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.models import Models, default_models
from semcodec.options import EncodeOptions
from semcodec.painting import PAINTING
from semcodec.pictures import as_pixels
from semcodec.rate.boxing import boxes_for, loss_of
from semcodec.rate.budget import bytes_for_options, note_on_ceiling
from semcodec.rate.lettering import note_on_lettering
from semcodec.rate.picture import Frame, with_picture
from semcodec.rate.pixels import are_better_sent_as_pixels
from semcodec.rate.shares import BESIDE_A_PICTURE, OF_PROFILE, Shares, bits_for
from semcodec.rate.tries import best_seed, hint_section, with_seed
from semcodec.rate.vectors import wants_vector
from semcodec.rate.wording import NO_ROOM, regions_for, wording_for, words_in_any_case
from semcodec.types import Encoded, Link, Metadata, Regions, Scene, Section, Size, Words

if TYPE_CHECKING:
    from semcodec.contracts import Extractor, Painter
    from semcodec.extractors.words import WordsExtractor
    from semcodec.nets.describer import Floats
    from semcodec.options import Distance
    from semcodec.pictures import LoadedPicture
    from semcodec.pictures.load import PictureLike

# What encoding imports on its way, for `door`.
ENCODING = (*PAINTING, "PIL.ImageCms", "PIL.TiffImagePlugin")


@door(*ENCODING)
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
    vector: bool | None = False,
    structure: int | None = None,
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
    models: Models | None = None,
) -> Encoded:
    """A picture, and words about it, to a file.

    A picture with a side below 32 pixels is sent as a small grid of colours, not as tokens; no network is opened then.

    Args:
        image: a PIL picture of any mode, an array (H, W) or (H, W, 1|3|4) of uint8 or uint16, a picture file (its path
            as a `pathlib.Path`, its bytes, or the file opened in binary), or what `semcodec.pictures.load_picture` made
            of one.
        profile: "anchor" sends words and as many tokens as the bytes allow. "text" sends the words alone, about 20
            bytes: `caption`, or what the describer finds (which it is asked for in any case; where it is sure of
            nothing its guess is sent, with a note). The reader paints an impression from them. "structure" sends words
            in the same way, regions where they are given, and outlines, which the painting follows: about 100 bytes, or
            as many as are asked for up to 0.02 bits per pixel. "scalable" sends
            words and regions (what the describer is sure of, where none are given), outlines and tokens, so that every
            prefix of the file and every choice of `layers` says something; from 500 bytes on words and outlines take
            under a tenth of them. `quality` and `bpp` are then for the whole file.
        bytes: ceiling for the whole file; 98 % of it is used on average where the picture says so much.
        quality: 0..100, bits per pixel of the shown picture: 0.0025 at 0, doubling every 16.7 (at 50 it is 0.02,
            a kilobyte for 768x512). At most one of `bytes`, `quality`, `bpp`; none means
            quality 50.
        bpp: bits per pixel of the shown picture, over the whole file.
        caption: words, stored whole or not at all. `language` is their BCP-47 tag, `origin` "human" or "machine".
        effort: 1..9. Blocks whose structure a painting lacks are sent first. Up to 6 each network runs once; 7 to 9
            paint once more to see them, and try more working sizes, of which the one is kept whose picture is nearest
            in pixels. A base picture is sent in the size that is nearest enlarged (4 to 6) or restored (7 to 9). With
            "structure" 7 to 9 paint 4, 8 or 16 seeds and name the nearest (by `distance`, if one is given).
        picture: what the picture is sent as: "tokens", of which every prefix shows something; "base", a small AV1 still
            (Pillow 11.3 with AVIF), which is nearer to the original from a few hundred bytes on, and shows nothing
            until it is whole; "auto": what measured curves say for that many bits per pixel.
        describe: without a `caption` the embedded describer looks for one, or for keywords. They go into the file if it
            is sure enough and they take at most an eighth of the bytes; `Encoded.described` says what became of it.
        regions: parts of the picture in words. True: those that the embedded describer is sure of, the largest first,
            in at most a quarter of the bytes; a note says if there are none.
        vector: what the embedded describer sees, in 35 bytes that `semcodec search` compares with words and with other
            pictures. None: where that is at most a hundredth of the file.
        structure: outlines, in at most so many bytes of the file: 150 have the shapes of things, 400 nearly all that is
            seen. None: no outlines, or with "scalable" a twentieth of the file (40 to 400 bytes), with "structure" what
            the words leave. They are a layer of
            their own (`decode_structure`), for painters and for machines.
        describer: finds the words, in place of `caption` (`open_describer`).
        painter: what the reader is expected to paint with (`open_painter`); its name and revision become a hint in the
            file. `tries`: it paints that many seeds here, and the hint names the one whose painting has the least
            `distance` (of original and painting; by default their mean squared difference).
        boxed: keeps EXIF, XMP, the colour profile and transparency in boxes behind the picture. They count: `bytes` is
            for the whole file. (With `quality` and `bpp`, which are about the picture, they come on top, as words do.)
        strip: leaves them out without the note that names what is lost.
        exif, icc_profile, xmp: in place of the picture's own; empty bytes are none. They speak of the pixels as given:
            an orientation in them is baked in, a colour profile is converted from, whether or not they are kept.
        link: names the file that this one was made from (`Link.to(its bytes, its name)`), in a box.
        models: the networks that are used; None: those that this build ships (`semcodec.models`).

    Raises:
        BudgetError: the ceiling is below the least size that is possible (`least_bytes`).
        CaptionError: the words cannot be stored, or there are none and they are all there is.
        MissingAvifError: a base is asked for, and Pillow has no AVIF.
        PictureError, LimitError: the picture cannot be taken.
    """
    options = EncodeOptions(
        profile=profile,
        bytes=bytes,
        quality=quality,
        bpp=bpp,
        caption=caption,
        language=language,
        origin=origin,
        effort=effort,
        picture=picture,
        describe=describe,
        regions=regions,
        vector=vector,
        structure=structure,
        describer=describer,
        painter=painter,
        tries=tries,
        distance=distance,
        boxed=boxed,
        strip=strip,
        exif=exif,
        icc_profile=icc_profile,
        xmp=xmp,
        link=link,
        limits=limits,
    )
    return encode_with(image, options=options, models=models)


@door(*ENCODING)
def encode_with(image: PictureLike, *, options: EncodeOptions, models: Models | None = None) -> Encoded:
    """`encode`, with its arguments as one object, which can be kept and sent to another process. Errors are its own."""
    given = Metadata(exif=options.exif, icc_profile=options.icc_profile, xmp=options.xmp)
    loaded = as_pixels(image, limits=options.limits, given=given)
    size = Size(loaded.image_HWC.shape[1], loaded.image_HWC.shape[0])
    check_size(size, options.limits)
    task = _Task(loaded, size, options, models or default_models(), bytes_for_options(options, size))
    scene = task.with_vector(task.told_scene())
    says_nothing = options.caption is None and options.describer is None
    if not options.sends_picture and says_nothing:
        encoded = task.in_words(scene)
    elif (task.wants_caption and says_nothing) or task.wants_regions:
        encoded = task.described(scene, caption=task.wants_caption and says_nothing)
    else:
        encoded = task.file_of(scene)
    return encoded if options.painter is None else task.with_best_seed(encoded, options.painter)


@dataclass(frozen=True)
class _Task:
    """One picture that is to be sent. `max_bytes`: what was asked for, in bytes."""

    loaded: LoadedPicture
    size: Size
    options: EncodeOptions
    models: Models
    max_bytes: int

    @cached_property
    def describer(self) -> WordsExtractor:
        return self.models.describer()

    @cached_property
    def seen(self) -> Floats:
        """What the embedded describer sees, for words and vector alike."""
        return self.describer.see(self.loaded.image_HWC)

    @property
    def shares(self) -> Shares:
        return OF_PROFILE.get(self.options.profile, BESIDE_A_PICTURE)

    @property
    def wants_caption(self) -> bool:
        return self.options.describe or self.options.has_all_layers

    @property
    def wants_regions(self) -> bool:
        """Whether the embedded describer is asked for some."""
        wish = self.options.regions
        return wish is True or (wish is None and self.options.has_all_layers and self.options.describer is None)

    @cached_property
    def outlines(self) -> Section | None:
        """The section of outlines, where they are wanted. Raises `BudgetError` where nothing of them fits that were
        asked for.
        """
        wish = self.options.structure
        max_bytes = self.shares.outline_bytes(self.max_bytes) if wish is None else wish
        if not max_bytes or self.options.is_outlined:  # (there they fill the file)
            return None
        from semcodec.rate.outlines import best_outlines

        try:
            return best_outlines(self.loaded.image_HWC, max_bytes, self.models)
        except BudgetError:
            if wish is None:
                return None
            raise

    def told_scene(self) -> Scene:
        """What the caller says, or the describer that was given."""
        options, scene = self.options, Scene(self.size)
        if options.caption is not None:
            words = Words(options.caption, options.language, Origin[options.origin.upper()])
            scene = replace(scene, words=words)
        elif options.describer is not None:
            found = options.describer.extract(self.loaded.image_HWC, scene)
            scene = replace(scene, words=found.words, regions=found.regions)
        if isinstance(options.regions, Regions):
            scene = replace(scene, regions=options.regions)
        return scene

    def with_vector(self, scene: Scene) -> Scene:
        """With the numbers that a search compares, where they are wanted."""
        wish = self.options.vector
        if not wants_vector(wish, self.max_bytes if self.options.sends_picture else 0):
            return scene
        try:
            describer, embedder = self.describer, self.models.embedder()
        except WeightsError:
            if wish:
                raise
            return scene
        return replace(scene, vector=embedder.vector_of(self.seen, describer.vocabulary))

    def described(self, scene: Scene, *, caption: bool) -> Encoded:
        """The file with what the embedded describer is sure of, as far as that leaves the picture room."""
        said = wording_for(
            self.describer, self.seen, self.max_bytes,
            words=scene.words, caption=caption, regions=self.wants_regions, shares=self.shares,
        )  # fmt: skip
        with_words = replace(scene, words=said.words)
        asked_in_vain = said.why_no_regions if self.options.regions is True else None
        notes = () if asked_in_vain is None else (asked_in_vain,)
        if said.regions is not None:
            try:
                return replace(self.file_of(replace(with_words, regions=said.regions)), described=said.told)
            except BudgetError:
                notes = (f"no regions: {NO_ROOM}",)
        told = said.told
        try:
            encoded = self.file_of(with_words)
        except BudgetError:
            if said.words is scene.words:
                raise
            encoded, told = self.file_of(scene), f"not described: {NO_ROOM}"
        return replace(encoded, described=told, notes=(*encoded.notes, *notes))

    def in_words(self, scene: Scene) -> Encoded:
        """The file with what the embedded describer says of the picture, sure or not, in as few words as the bytes
        want.
        """
        said = words_in_any_case(self.describer, self.seen)
        assert said.words is not None, "without a ceiling a describer has words"
        ceiling = self.max_bytes if self.options.is_outlined else self.options.bytes
        why_no_regions = None
        if self.wants_regions:
            fitting = bits_for(self.max_bytes, self.shares.regions)
            found, why_no_regions = regions_for(self.describer, self.seen, said.words, fitting)
            scene = replace(scene, regions=found)
        try:
            encoded = self.file_of(replace(scene, words=said.words))
        except BudgetError as too_few:
            if ceiling is None:
                raise
            from semcodec.extractors.words import coded_bits

            room = 8 * (ceiling - too_few.least_bytes) + coded_bits(said.words)
            said = words_in_any_case(self.describer, self.seen, max_bits=room)
            if said.words is None:
                raise
            encoded = self.file_of(replace(scene, words=said.words))
        notes = tuple(why for why in (said.why_unsure, why_no_regions) if why is not None)
        return replace(encoded, described=said.told, notes=(*encoded.notes, *notes))

    def file_of(self, scene: Scene) -> Encoded:
        """The file of this Scene's words and regions, and of the picture."""
        options = self.options
        is_counted = options.bytes is not None or options.has_all_layers
        before = self._before(scene)
        # A wish for quality is about the picture: words, hint and boxes come on top of it.
        num_before = sum(len(section.payload) for section in before)
        ceiling = self.max_bytes + (0 if is_counted else num_before)
        boxes, notes = self._boxes(ceiling - num_before)
        if options.describer is not None and scene.words is None and not (scene.regions and scene.regions.items):
            notes = (*notes, "the describer said nothing that could be kept; the file has no words")
        frame = Frame(self.size, before, boxes)
        if options.has_all_layers and self.outlines is None:
            notes = (*notes, f"no outlines: in {self.max_bytes} bytes they would be too coarse to show anything")
        if options.profile == "text":
            return replace(self._words_alone(frame), notes=notes)
        num_boxes = sum(len(box.payload) for box in boxes)
        if options.is_outlined:
            most = self.max_bytes + num_boxes
            return self._outlined(frame, most if options.bytes is None else min(most, options.bytes), notes)
        if not is_counted:
            ceiling += num_boxes
        encoded = with_picture(
            frame, self.loaded.image_HWC, ceiling, self.models, effort=options.effort, picture=self._picture
        )
        lettering = note_on_lettering(self.loaded.image_HWC, len(encoded.data))
        return replace(encoded, notes=(*notes, *encoded.notes, *([] if lettering is None else [lettering])))

    def with_best_seed(self, encoded: Encoded, painter: Painter) -> Encoded:
        """The file whose hint has the best of the seeds that the painter tries."""
        options, image_HWC = self.options, self.loaded.image_HWC
        scene = self.models.with_edges(read(encoded.data, limits=options.limits).scene, painter)
        chosen = best_seed(image_HWC, scene, painter, options.tries, options.distance)
        return replace(
            encoded, data=with_seed(encoded.data, hint_section(painter, options.tries, chosen), options.limits)
        )

    @property
    def _picture(self) -> str:
        """What it is sent as. A base has no prefixes: a scalable file has one only where it is told to."""
        is_free = self.options.picture == "auto" and self.options.has_all_layers
        return "tokens" if is_free and not are_better_sent_as_pixels(self.size) else self.options.picture

    def _before(self, scene: Scene) -> list[Section]:
        options, before = self.options, list[Section]()
        if scene.words is not None:
            before.append(pack_words(scene.words, max_chars=options.limits.max_caption_chars))
        if scene.regions is not None and scene.regions.items:
            before.append(pack_regions(scene.regions, scene.words, limits=options.limits))
        if scene.vector is not None:
            before.append(pack_vector(scene.vector))
        if options.painter is not None:
            before.append(hint_section(options.painter, options.tries))
        if self.outlines is not None:
            before.append(self.outlines)
        return before

    def _boxes(self, max_bytes: int) -> tuple[list[Section], tuple[str, ...]]:
        """What stands behind the picture, and the notes with the one that names what is lost."""
        options, loaded = self.options, self.loaded
        lost = loaded.lost if not options.boxed and not options.strip else ()
        notes = (*loaded.damage, *loaded.notes, *([loss_of(lost)] if lost else []))
        kept = replace(loaded.metadata if options.boxed else Metadata(), link=options.link)
        alpha_HW = loaded.alpha_HW if options.boxed else None
        counted = options.bytes is not None
        return boxes_for(kept, alpha_HW, max_bytes, options.limits, counted=counted), notes

    def _outlined(self, frame: Frame, ceiling: int, notes: tuple[str, ...]) -> Encoded:
        """A file of words and outlines. Raises `CaptionError` where it would have no words."""
        _ask_for_words(frame, "words and outlines")
        from semcodec.rate.impression import with_outlines

        encoded = with_outlines(frame, self.loaded.image_HWC, ceiling, self.models, options=self.options)
        capped = note_on_ceiling(self.options, self.size)
        return replace(encoded, notes=(*notes, *([] if capped is None else [capped]), *encoded.notes))

    def _words_alone(self, frame: Frame) -> Encoded:
        """A file without a picture. Raises `CaptionError` where it would have no words."""
        _ask_for_words(frame, "words alone")
        encoded, max_bytes = frame.around(None), self.options.bytes
        if max_bytes is not None and (least := len(encoded.data)) > max_bytes:
            raise BudgetError(
                f"{max_bytes} bytes are too few: the least for these words is {least} bytes", least_bytes=least
            )
        return encoded


def _ask_for_words(frame: Frame, what: str) -> None:
    if not any(section.layer == LayerId.TEXT for section in frame.before):
        raise CaptionError(f"a file of {what} has no words: give a caption")

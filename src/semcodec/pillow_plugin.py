"""Teaches Pillow the `.semc` format. Importing this module is all it takes.

    import semcodec.pillow_plugin
    from PIL import Image

    image = Image.open("photo.semc")        # size and words are known, and no network was loaded
    print(image.info["words"].text)         # `semcodec.Words`, if the file has words
    image.thumbnail((160, 160))             # painted here, no larger than it must be
    Image.open("photo.jpg").save("photo.semc", bytes=1000, caption="two macaws", language="en")

Promises
1. Opening reads the header, the words and the boxes. The picture is painted when its pixels are first asked for.
2. Saving takes the options of `semcodec.encode` and writes its bytes, those of `semcodec encode --no-caption`: a
   machine puts words into the file only if asked to (`describe=True`). Options of other formats are ignored, as they
   are by Pillow's own writers.
3. EXIF, XMP and colour profiles stand in `info` under Pillow's names for them, and are kept where they are named when
   saving (`exif=image.info["exif"]`), as with Pillow's own writers; `boxed=True` keeps all, and transparency. Words
   that a picture was opened with stay with it unless `caption` is given (None: no words), as a JPEG's comment does.
4. Pillow's switches rule: `Image.MAX_IMAGE_PIXELS` says how large a picture may be, `ImageFile.LOAD_TRUNCATED_IMAGES`
   whether a truncated or damaged file is painted from its good part. What `semcodec cut` makes is a whole file.
5. What cannot be read is an `OSError`, as everywhere in Pillow, and a `SemcodecError`, as everywhere in semcodec.
"""

from __future__ import annotations

import logging
from dataclasses import fields, replace
from typing import IO, TYPE_CHECKING, Any

from PIL import Image, ImageFile

from semcodec.container.header import LARGEST_SIDE_PX
from semcodec.errors import FormatError, LimitError, SemcodecError, TruncatedError, UnsupportedVersionError
from semcodec.file.inspecting import info
from semcodec.file.reading import read, read_metadata
from semcodec.forks import import_together
from semcodec.ids import MAGIC, MIME_TYPE
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.exif import EXIF_PREFIX, called_srgb
from semcodec.options import EncodeOptions, PaintOptions
from semcodec.types import Metadata, Size, Words

if TYPE_CHECKING:
    from PIL._imaging import PixelAccess

    from semcodec.types import Pixels, Reading

logger = logging.getLogger(__name__)

_ENCODE_OPTIONS = frozenset(field.name for field in fields(EncodeOptions))
# Pixels that are in memory already, and headers of which nothing is allocated, need no guard of ours.
_ANY_SIZE = replace(DEFAULT_LIMITS, max_pixels=LARGEST_SIDE_PX**2, max_side_px=LARGEST_SIDE_PX)


class PluginError(SemcodecError, OSError):
    """A file that Pillow was asked to read cannot be read, or a picture cannot be written as one."""


class SemcImageFile(ImageFile.ImageFile):
    """An opened file. `info` has, besides what Pillow's users look for,

    "words": `semcodec.Words`, if there are any. "family": the networks it was made for, by name, or None.
    "working_size": the size in pixels that it was coded at. "damage": a sentence for each thing that is wrong with a
    file that was opened or painted all the same. Once it is painted, "comment" says how much of it is invented; files
    that Pillow writes with comments (JPEG, GIF) so say it, too.
    """

    format = "SEMC"
    format_description = "semcodec: pictures sent by their meaning"

    # None: painted, or restored from a pickle, which holds pixels. (Unpickling does not call `_open`.)
    _unpainted: bytes | None = None
    _shown = _working = Size(1, 1)

    def _open(self) -> None:
        assert self.fp is not None
        data = self.fp.read()
        try:
            found = info(data, limits=_ANY_SIZE)
            kept = read_metadata(data, limits=_ANY_SIZE)
        except UnsupportedVersionError as newer:
            raise PluginError(str(newer)) from newer  # it is one of ours: "cannot identify image file" would not help
        except FormatError as not_ours:
            raise SyntaxError(str(not_ours)) from not_ours  # what Pillow goes on to its next format for
        except SemcodecError as refusal:
            raise PluginError(str(refusal)) from refusal
        self._unpainted, self._shown, self._working = data, found.size, found.working
        self._size, self._mode = (found.size.width_px, found.size.height_px), "RGB" if kept.alpha is None else "RGBA"
        told = {
            "words": found.words,
            "icc_profile": kept.icc_profile,
            "exif": _prefixed(kept.exif if kept.icc_profile or not kept.exif else called_srgb(kept.exif)),
            "xmp": kept.xmp,
            "damage": tuple(str(problem) for problem in kept.problems) or None,
        }
        self.info.update({key: value for key, value in told.items() if value is not None})
        self.info["family"] = found.family
        self.info["working_size"] = (found.working.width_px, found.working.height_px)

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> tuple[str, tuple[int, int, float, float]] | None:
        """Has the picture painted smaller, no side below `size`: at best at the working size, which costs no enlarging.
        `thumbnail` asks for this. `mode` stays as it is. None where nothing would be gained."""
        if self._unpainted is None or size is None:
            return None
        smaller = _least_covering(size, self._shown, self._working)
        if smaller == self.size:
            return None
        self._size = smaller
        return self.mode, (0, 0, *smaller)

    def verify(self) -> None:
        """Reads all that the file says, down to its last symbol; loads no network. Raises `PluginError`."""
        if self._unpainted is not None:
            reading = self._read(self._unpainted)
            for problem in (*reading.problems, *reading.metadata.problems):
                raise _damage_error(problem)
        super().verify()

    def load(self) -> PixelAccess | None:
        """Paints the picture, once. Raises `PluginError`: truncated or damaged (and
        `ImageFile.LOAD_TRUNCATED_IMAGES` is not set), no picture in the file, no networks for it."""
        if self._unpainted is not None:
            if self._exclusive_fp and self.fp is not None:
                self.fp.close()  # whatever comes of the painting: all of the file was read when it was opened
            self.fp = None
            painted = self._paint(self._unpainted)
            self.im, self._mode, self.readonly = painted.im, painted.mode, painted.readonly
            self._unpainted = None
        return super().load()

    def _paint(self, data: bytes) -> Image.Image:
        import_together("semcodec.painting")
        from semcodec.painting import paint_reading

        reading = self._read(data)
        _refuse_damage(reading.problems)
        try:
            painting = paint_reading(reading, PaintOptions(size=Size(*self.size)))
        except SemcodecError as cause:
            raise PluginError(str(cause)) from cause
        # (a base that cannot be decoded here, and transparency, show when they are painted)
        problems = (*painting.reading.problems, *filter(None, [painting.alpha_problem]))
        _refuse_damage(problems)
        self.info["comment"] = painting.provenance.sentence
        if problems:
            self.info["damage"] = (*self.info.get("damage", ()), *map(str, problems))
        return self._in_its_colours(self._with_alpha(painting.image_HWC, painting.alpha_HW))

    def _with_alpha(self, image_HWC: Pixels, alpha_HW: Pixels | None) -> Image.Image:
        from semcodec.pictures import lifted_off_white

        if self.mode == "RGB":
            return Image.fromarray(image_HWC)
        if alpha_HW is None:  # there is one, but it is damaged
            return Image.fromarray(image_HWC).convert("RGBA")
        return Image.fromarray(lifted_off_white(image_HWC, alpha_HW))

    def _in_its_colours(self, image: Image.Image) -> Image.Image:
        """What is painted is sRGB; with a profile in `info`, Pillow's users take pixels to be in its colours."""
        from semcodec.pictures.colours import from_srgb

        if "icc_profile" not in self.info:
            return image
        converted = from_srgb(image, self.info["icc_profile"])
        if converted is None:
            del self.info["icc_profile"]
            if "exif" in self.info:
                self.info["exif"] = EXIF_PREFIX + called_srgb(self.info["exif"])
            return image
        return converted

    def _read(self, data: bytes) -> Reading:
        try:
            return read(data, limits=_pillows_limits())
        except LimitError as cause:
            raise PluginError(f"{cause} (max_pixels is twice PIL.Image.MAX_IMAGE_PIXELS here)") from cause
        except SemcodecError as cause:
            raise PluginError(str(cause)) from cause


def _prefixed(exif: bytes | None) -> bytes | None:
    return EXIF_PREFIX + exif if exif else None


def _refuse_damage(problems: tuple[FormatError, ...]) -> None:
    if problems and not ImageFile.LOAD_TRUNCATED_IMAGES:
        raise _damage_error(problems[0])


def _damage_error(problem: FormatError) -> PluginError:
    what = "truncated" if isinstance(problem, TruncatedError) else "damaged"
    error = PluginError(
        f"image file is {what}: {problem}; PIL.ImageFile.LOAD_TRUNCATED_IMAGES = True paints what its good part shows"
    )
    error.__cause__ = problem
    return error


def _pillows_limits() -> Limits:
    """What `Image.open` refuses is twice `MAX_IMAGE_PIXELS`; it does not ask for files that are opened otherwise."""
    if Image.MAX_IMAGE_PIXELS is None:
        return _ANY_SIZE
    return replace(_ANY_SIZE, max_pixels=2 * Image.MAX_IMAGE_PIXELS)


def _least_covering(wanted: tuple[int, int], shown: Size, working: Size) -> tuple[int, int]:
    """The size to paint at: the working size if it covers `wanted`, else the least one of the same shape that does."""
    if wanted[0] <= working.width_px and wanted[1] <= working.height_px:
        return working.width_px, working.height_px
    width, height = shown.width_px, shown.height_px
    across = min(width, max(wanted[0], -(-wanted[1] * width // height)))
    return across, min(height, max(wanted[1], -(-across * height // width)))


def _accept(prefix: bytes) -> bool:
    return prefix.startswith(MAGIC)


def _save(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    from semcodec.pictures import as_pixels

    if image.encoderinfo.get("append_images"):  # (older Pillows come here with them unless `save_all` is given, too)
        _refuse_several(image, file, filename)
    asked: dict[str, Any] = {name: value for name, value in image.encoderinfo.items() if name in _ENCODE_OPTIONS}
    exif, icc_profile, xmp = (_as_bytes(asked.pop(name, None)) for name in ("exif", "icc_profile", "xmp"))
    if (exif or icc_profile or xmp) and not asked.get("strip"):
        asked.setdefault("boxed", True)
    words = image.info.get("words")
    if isinstance(words, Words) and asked.get("describer") is None:
        asked = {"caption": words.text, "language": words.language, "origin": words.origin.name.lower(), **asked}
    limits = asked.setdefault("limits", _ANY_SIZE)
    loaded = as_pixels(image, limits=limits, given=Metadata(exif=exif, icc_profile=icc_profile, xmp=xmp))
    import_together("semcodec.encoding")
    from semcodec.encoding import encode

    encoded = encode(replace(loaded, lost=()), **asked)
    name = filename or "SEMC"
    for note in encoded.notes:
        logger.info("%s: %s", name, note)
    if loaded.lost and not (asked.get("boxed") or asked.get("strip")):
        lost = " and ".join(loaded.lost)
        logger.warning("%s: %s not kept; boxed=True keeps such things, strip=True drops them silently", name, lost)
    file.write(encoded.data)


def _as_bytes(given: Image.Exif | bytes | str | None) -> bytes | None:
    """EXIF, XMP or a profile in the forms that Pillow's writers take."""
    if isinstance(given, Image.Exif):
        return given.tobytes()
    return given.encode() if isinstance(given, str) else given


def _refuse_several(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    raise PluginError("a SEMC file holds one picture: save frames one by one, without save_all or append_images")


Image.register_open(SemcImageFile.format, SemcImageFile, _accept)
Image.register_save(SemcImageFile.format, _save)
Image.register_save_all(SemcImageFile.format, _refuse_several)
Image.register_extension(SemcImageFile.format, ".semc")
Image.register_mime(SemcImageFile.format, MIME_TYPE)

"""From a file to its picture, and all that can be said of the picture.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.arguments import door
from semcodec.contracts import PartPainter
from semcodec.errors import (
    DamagedError,
    DamagedInputWarning,
    FormatError,
    MissingAvifError,
    NoPictureError,
    OtherPainterWarning,
    PacketError,
    TruncatedError,
)
from semcodec.file.reading import read
from semcodec.layers.catalog import LAYERS, layers_named, only_layers
from semcodec.layers.tokens.roi import clipped_roi
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.provenance import Provenance, provenance
from semcodec.metadata.report import report_of
from semcodec.models import Models, default_models
from semcodec.options import PaintOptions
from semcodec.pictures import (
    Beside,
    decoded_base,
    labelled,
    lifted_off_white,
    picture_bytes,
    resized_map,
    unpack_alpha,
)
from semcodec.types import Metadata, Reading, Scene, Size

if TYPE_CHECKING:
    from collections.abc import Collection

    from semcodec.contracts import Painter
    from semcodec.sources import FileSource
    from semcodec.types import Pixels, Roi

# What painting imports on its way, for `door`. The runtime of networks is for those pictures alone that need it.
PAINTING = (
    "importlib.readers",  # `importlib.resources` does, when it is first asked for a file
    "semcodec.painters.base",
    "semcodec.painters.pixels",
    "semcodec.zoo.catalog",
    "PIL.AvifImagePlugin",
)


@dataclass(frozen=True, slots=True)
class Painting:
    """A picture that was painted, and what is to be said of it.

    Attributes:
        image_HWC: (H, W, 3) uint8 sRGB, on white where it is transparent.
        alpha_HW: how opaque each pixel is, (H, W) uint8; None: all are, or the file's transparency is damaged.
        provenance: how much of the picture was in the file, and what became of the rest.
        reading: what was read. Its `problems` are what was wrong with the picture, those of its metadata (and
            `alpha_problem`) what was wrong beside it.
        other_painter: a sentence, where the file's seed was chosen for another painter; else None.
    """

    image_HWC: Pixels
    alpha_HW: Pixels | None
    provenance: Provenance
    reading: Reading
    alpha_problem: FormatError | None = None
    other_painter: str | None = None

    @property
    def beside_problems(self) -> tuple[FormatError, ...]:
        """What was wrong with the file without which the picture is whole."""
        return (*self.reading.metadata.problems, *(() if self.alpha_problem is None else (self.alpha_problem,)))

    @property
    def warnings(self) -> tuple[UserWarning, ...]:
        """What `decode` warns of."""
        other = [] if self.other_painter is None else [OtherPainterWarning(self.other_painter)]
        problems = [f"{problem}; this is what its good part shows" for problem in self.reading.problems]
        beside = [f"{problem}; the picture is whole without it" for problem in self.beside_problems]
        return (*other, *(DamagedInputWarning(sentence) for sentence in (*problems, *beside)))

    def report(self) -> dict[str, Any]:
        """All that is known of it as numbers, strings, lists and dictionaries, for `json.dump` (docs/report.md)."""
        return report_of(self.reading, self.provenance, self.image_HWC, self.warnings)

    def picture_bytes(
        self, format: str, *, name: str = "the picture", strip: bool = False, notes: list[str] | None = None
    ) -> bytes:
        """The bytes of a picture file, with what belongs to it, as far as the format has a place; `strip` leaves EXIF,
        XMP and the profile out. `name` stands in errors. `notes` receives a sentence for each thing that is left out.
        """
        kept = Metadata() if strip else self.reading.metadata
        beside = Beside(self.alpha_HW, kept.icc_profile, kept.exif, kept.xmp, self.provenance)
        return picture_bytes(self.image_HWC, format=format, name=name, beside=beside, notes=notes)

    def labelled(self) -> Painting:
        """With `provenance.label` in a band below, which is opaque."""
        image_HWC, alpha_HW = labelled(self.image_HWC, self.provenance.label), self.alpha_HW
        if alpha_HW is not None:
            (height, width), beyond_HW = alpha_HW.shape, np.full(image_HWC.shape[:2], 255, np.uint8)
            beyond_HW[:height, :width] = alpha_HW
            alpha_HW = beyond_HW
        return replace(self, image_HWC=image_HWC, alpha_HW=alpha_HW)


@door(*PAINTING)
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
    label: bool = False,
    roi: Roi | None = None,
    layers: Collection[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    models: Models | None = None,
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
        label: a band is added below the picture, with the bytes that arrived and what was restored or invented.
        roi: left, top, width and height in pixels of the picture. Only this part of it is painted, with the pixels that
            the whole has there; what reaches beyond the picture is cut off.
        layers: only these are looked at: "semantic" (text, regions, vector), "structure", "signal" (tokens, base,
            pixels), or single ones by their names.
        models: the networks that are used; None: those that this build ships (`semcodec.models`).

    Raises:
        FormatError, LimitError: the file shows no picture at all; the message says why. RoiError: nothing of the
        picture lies inside `roi`. WeightsError, ModelError: `invent` is asked for, and no generator is here for it.
    """
    options = PaintOptions(
        painter=painter, size=size, seed=seed, invent=invent, fast=fast, restore=restore, roi=roi, alpha=alpha,
        label=label, layers=layers, limits=limits,
    )  # fmt: skip
    painting = paint_reading(read(data, limits=limits), options, models)
    for warning in painting.warnings:
        warnings.warn(warning, stacklevel=3)  # (to whoever called the door)
    if painting.alpha_HW is None:
        return painting.image_HWC
    return lifted_off_white(painting.image_HWC, painting.alpha_HW)


@door(*PAINTING)
def paint(data: FileSource | Reading, *, options: PaintOptions | None = None, models: Models | None = None) -> Painting:
    """A file to its picture with all that is known of it: transparency, provenance, what is to be warned of.

    `data` may also be what was read of a file, or joined from packets (`join(packets).reading`). `options` are the
    arguments of `decode`; errors are its errors. Nothing is warned of here.
    """
    options = options or PaintOptions()
    reading = data if isinstance(data, Reading) else read(data, limits=options.limits)
    return paint_reading(reading, options, models)


@door(*PAINTING)
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
    models: Models | None = None,
) -> Pixels:
    """Paints a Scene, (H, W, 3) uint8 sRGB, as `decode` does.

    `seed` None is the one that the file's hint has for this painter, else 0.

    Raises:
        NoPictureError: the Scene has nothing to paint from. WeightsError: the weights are not there. RoiError.
    """
    options = PaintOptions(painter=painter, size=size, seed=seed, invent=invent, fast=fast, restore=restore, roi=roi)
    models = models or default_models()
    return _painted(scene, models.painter(scene, options), options, models)


def paint_reading(reading: Reading, options: PaintOptions, models: Models | None = None) -> Painting:
    """What `paint` makes of a file that was read (or joined). Raises the reason why it shows no picture."""
    models = models or default_models()
    if options.layers is not None:
        wanted, there = layers_named(options.layers), reading.scene
        reading = replace(reading, scene=only_layers(there, wanted))
        if not _names_of(reading.scene) and _names_of(there) and not reading.problems:
            names = ", ".join(_names_of(there))
            raise NoPictureError(f"none of these layers is in the file, which has {names}")
    reading = showable(reading)
    scene = reading.scene
    _refuse_unless_shown(reading, options, models)
    painter = models.painter(scene, options)
    image_HWC = _painted(scene, painter, options, models)
    alpha_HW, problem = _opacity(reading, options) if options.alpha else (None, None)
    painting = Painting(
        image_HWC, alpha_HW, provenance(reading, painter), reading, problem, _other_painter(scene, painter, models)
    )
    return painting.labelled() if options.label else painting


def showable(reading: Reading) -> Reading:
    """What of a file can be shown here: without its base, and with the reason, where that cannot be decoded. Then its
    tokens or words are shown."""
    if reading.scene.base is None:
        return reading
    try:
        decoded_base(reading.scene.base)
    except FormatError as problem:
        scene = replace(reading.scene, base=None)
        return replace(reading, scene=scene, problems=(*reading.problems, problem))
    return reading


def _opacity(reading: Reading, options: PaintOptions) -> tuple[Pixels | None, FormatError | None]:
    """How opaque each pixel is, (H, W) uint8; None: all are, or the box is damaged."""
    packed, size = reading.metadata.alpha, options.size or reading.scene.size
    if packed is None:
        return None, None
    try:
        alpha_HW = unpack_alpha(packed, size)
    except DamagedError as damage:
        return None, damage
    if options.roi is None:
        return alpha_HW, None
    left, top, width_px, height_px = clipped_roi(options.roi, size)
    return alpha_HW[top : top + height_px, left : left + width_px], None


@door(*PAINTING)
def decode_structure(
    data: FileSource, *, size: Size | None = None, limits: Limits = DEFAULT_LIMITS, models: Models | None = None
) -> Pixels:
    """The outlines of a file, (H, W) uint8 of the display size, 255 where one is sure.

    A damaged or truncated file gives those that its good part says, with a `DamagedInputWarning`.

    Args:
        size: in pixels, another than the display size.

    Raises:
        NoPictureError: the file has no outlines. UnknownFamilyError: only a newer semcodec reads them. FormatError,
        LimitError, WeightsError.
    """
    reading = read(data, limits=limits)
    scene = reading.scene
    if scene.structure is None:
        raise NoPictureError(
            "the file has no outlines that this build can read; `semcodec encode --structure BYTES` sends them"
        )
    for problem in reading.problems:
        warnings.warn(DamagedInputWarning(f"{problem}; these are the outlines of its good part"), stacklevel=3)
    drawn = (models or default_models()).with_edges(scene).edges
    assert drawn is not None, "structure tokens are drawn"
    return resized_map(drawn, size or scene.size)


def _painted(scene: Scene, painter: Painter, options: PaintOptions, models: Models) -> Pixels:
    scene = models.with_edges(scene, painter)
    seed = options.seed
    if seed is None:
        is_meant = scene.painter is not None and _other_painter(scene, painter, models) is None
        seed = scene.painter.seed if scene.painter is not None and is_meant else 0
    if options.roi is None:
        return painter.render(scene, size=options.size, seed=seed)
    left, top, width_px, height_px = roi = clipped_roi(options.roi, options.size or scene.size)
    if isinstance(painter, PartPainter):
        return painter.render_part(scene, roi, size=options.size, seed=seed)
    return painter.render(scene, size=options.size, seed=seed)[top : top + height_px, left : left + width_px]


def _refuse_unless_shown(reading: Reading, options: PaintOptions, models: Models) -> None:
    """A picture that is there, but damaged or of unknown networks, is not passed over in silence."""
    scene = reading.scene
    if scene.pixels is not None or scene.base is not None or scene.has_tokens:
        return
    on_the_way = TruncatedError | PacketError | MissingAvifError
    is_lost = any(not isinstance(problem, on_the_way) for problem in reading.problems)
    from_words = options.painter is not None or bool(options.invent)
    if options.invent is None and not is_lost:
        from_words = from_words or models.name_of("generator") is not None
    if scene.words is None or not from_words:
        raise reading.problems[-1] if reading.problems else _why_nothing_is_shown(scene)


def _names_of(scene: Scene) -> list[str]:
    """The layers that it has, in the order of a file."""
    return [layer.name for layer in LAYERS if getattr(scene, layer.part) is not None]


def _why_nothing_is_shown(scene: Scene) -> NoPictureError:
    if scene.words is not None or scene.structure is None:
        return NoPictureError()
    return NoPictureError(
        "the file holds no picture, and outlines without words are not painted: take the layer semantic, too, where it "
        "has words; keep the file as it is: `semcodec structure` draws the outlines"
    )


def _other_painter(scene: Scene, painter: Painter, models: Models) -> str | None:
    """A sentence for the user where the file's hint is about another painter than this; None where it is not."""
    hint = scene.painter
    if hint is None or hint.means(painter.name, getattr(painter, "revision", "")):
        return None
    revision = f" (revision {hint.revision})" if hint.revision else ""
    mine = "the embedded one" if getattr(painter, "is_decoder", False) else painter.name
    if mine == "the embedded one" and hint.name == models.name_of("generator"):
        mine += " without --invent (invent=True)"
    return f"the file was made for the painter {hint.name}{revision}; painted by {mine} it is less like the original"

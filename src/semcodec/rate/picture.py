"""The picture of a file: a grid of colours, a base or tokens, in what the other sections leave of the bytes.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from semcodec.container.encode import num_framing_bytes, write_file
from semcodec.errors import BudgetError, MissingAvifError
from semcodec.forks import import_together
from semcodec.ids import LAYER_NAMES, PIXEL_CODING, LayerId
from semcodec.layers.base.encode import pack_base
from semcodec.rate.base_curves import picture_for
from semcodec.rate.budget import PAINTS_FROM_EFFORT
from semcodec.rate.pixels import are_better_sent_as_pixels, best_pixels
from semcodec.types import Encoded, FileHeader, Section, Size

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.rate.pyramid import Encoder
    from semcodec.types import Pixels


class Networks(Protocol):
    """What is opened where it is needed."""

    def encoder(self) -> Encoder: ...

    def base_painter(self) -> Painter: ...


@dataclass(frozen=True, slots=True)
class Frame:
    """The sections of a file around its picture: `before` and `behind` it. They are sent whole."""

    size: Size
    before: Sequence[Section]
    behind: Sequence[Section]

    def num_bytes(self, picture_bytes: int) -> int:
        """Of the whole file. The length of the picture is written only if something stands behind it."""
        lengths = [*(len(s.payload) for s in self.before), picture_bytes, *(len(s.payload) for s in self.behind)]
        return num_framing_bytes(FileHeader(self.size), lengths) + sum(lengths)

    def room(self, max_bytes: int) -> int:
        """Bytes of picture that a file of at most `max_bytes` has room for."""
        room = max_bytes - self.num_bytes(0)
        while room > 0 and self.num_bytes(room) > max_bytes:
            room -= 1
        return room

    def around(self, picture: Section | None, step: int = 0, notes: tuple[str, ...] = ()) -> Encoded:
        """The file."""
        sections = [*self.before, *([] if picture is None else [picture]), *self.behind]
        data = write_file(FileHeader(self.size, step), sections)
        return Encoded(data, {LAYER_NAMES[s.layer]: len(s.payload) for s in sections}, notes)

    def too_few(self, max_bytes: int, picture_bytes: int) -> BudgetError:
        """The error that says what a file needs at least whose picture needs that many."""
        what = {LayerId.TEXT: "words", LayerId.PAINTER: "painter hint", LayerId.ALPHA: "transparency"}
        what |= {LayerId.REGIONS: "regions", LayerId.VECTOR: "vector", LayerId.STRUCTURE: "outlines"}
        others, least = [*self.before, *self.behind], self.num_bytes(picture_bytes)
        names = [what.get(LayerId(section.layer), f"{LAYER_NAMES[section.layer]} box") for section in others]
        shares = "".join(f", {len(s.payload)} of them for the {name}" for s, name in zip(others, names, strict=True))
        return BudgetError(
            f"{max_bytes} bytes are too few: the least for this picture is {least} bytes{shares}", least_bytes=least
        )


def with_picture(
    frame: Frame, image_HWC: Pixels, max_bytes: int, networks: Networks, *, effort: int, picture: str
) -> Encoded:
    """The file of at most `max_bytes` with as much of the picture as fits.

    Raises:
        BudgetError: nothing of it fits. MissingAvifError: a base is asked for, and Pillow has no AVIF.
    """
    room = frame.room(max_bytes)
    notes: tuple[str, ...] = ()
    if picture == "auto" and are_better_sent_as_pixels(frame.size):
        grid = best_pixels(image_HWC, room)
        if not grid.payload:
            raise frame.too_few(max_bytes, grid.least_bytes)
        return frame.around(Section(LayerId.PIXELS, PIXEL_CODING, grid.payload), grid.step)
    if picture_for(picture, frame.size, room) == "base":
        import_together("semcodec.rate.base")
        from semcodec.rate.base import best_base

        painter = networks.base_painter() if effort >= PAINTS_FROM_EFFORT else None
        try:
            base = best_base(image_HWC, room, effort=effort, painter=painter)
            if base.num_bytes <= room:
                return frame.around(pack_base(base.base), base.step)
            if picture == "base":
                raise frame.too_few(max_bytes, base.num_bytes)
        except MissingAvifError:
            if picture == "base":
                raise
            notes = ("no base picture: Pillow 11.3 or newer with AVIF is not here; tokens are sent",)
    encoder = networks.encoder()
    from semcodec.rate.pyramid import best_tokens

    chosen = best_tokens(image_HWC, encoder, room, effort=effort)
    if not chosen.num_blocks:
        raise frame.too_few(max_bytes, chosen.least_bytes)
    return frame.around(Section(LayerId.TOKENS, encoder.family.id, chosen.payload), chosen.step, notes)

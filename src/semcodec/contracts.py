"""The five contracts that the parts of the library meet in. Protocols only: nothing here runs.

```text
pixels --Extractor--> Scene --pack--> sections          encoder
pixels <--Painter-- Scene <--Layer-- sections           decoder
                                 Shortener: sections -> fewer bytes
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from semcodec.errors import FormatError
    from semcodec.limits import Limits
    from semcodec.types import FileHeader, Pixels, Roi, Scene, Section, Size


@runtime_checkable
class Layer(Protocol):
    """One kind of section, read: a module `decode` that `layers.catalog` names. Exact: integers only, the same on every
    machine. What packs such sections is in the `encode` beside it, whose arguments are as different as the layers.
    """

    def unpack(
        self, section: Section, header: FileHeader, before: Scene, limits: Limits
    ) -> tuple[Any | None, FormatError | None]:
        """This layer's part of the Scene, as far as the bytes go (None: nothing), and what was wrong with them.

        `before`: what was read before this section. Raises `LimitError`.
        """


@runtime_checkable
class Shortener(Protocol):
    """A picture's section that can be written again in fewer bytes: coarser, or less of it. Exact."""

    def fit(self, max_bytes: int) -> tuple[Section, FileHeader] | None:
        """As much of the picture as `max_bytes` of payload hold, and the header that it needs; None: nothing."""

    def least_bytes(self) -> int:
        """Of payload with something of the picture."""


@runtime_checkable
class Extractor(Protocol):
    """Sees a picture, adds to the Scene what it finds (tokens, words, edges). Approximate."""

    def extract(self, image_HWC: Pixels, scene: Scene) -> Scene:
        """`image_HWC` is uint8 sRGB of the Scene's display size."""


@runtime_checkable
class Painter(Protocol):
    """Paints a Scene. Approximate: the same symbols everywhere, pixels within a tolerance.

    One that others can get by name may have a `revision` (str, hex digits) beside its `name`: both can stand in a file.
    One that paints every token as it was sent has `keeps_tokens` (True); others are said to have gone over all of it.
    One that only decodes what a picture layer sent, of which nothing can be chosen, has `is_decoder` (True).
    """

    name: str

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """uint8 sRGB of `size` (default: the Scene's display size). What was sent is never altered."""


@runtime_checkable
class PartPainter(Painter, Protocol):
    """A painter that paints a part of a picture for a part of the work."""

    def render_part(self, scene: Scene, roi: Roi, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """What `render` paints within `roi`: left, top, width, height in pixels of `size`, all of it inside."""

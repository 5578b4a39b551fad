"""The seven contracts that the parts of the library meet in. Protocols only: nothing here runs.

```text
pixels --Extractor--> Scene --pack--> sections          encoder
pixels <--Painter-- Scene <--Layer-- sections           decoder
                                 Shortener: sections -> fewer bytes
picture, picture --Interpolator--> pictures between    clips
words, pictures --VideoPainter--> frames               clips
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from semcodec.errors import FormatError
    from semcodec.limits import Limits
    from semcodec.options import Rate, Times
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
    One that follows outlines (`Scene.edges`) has `follows_edges` (True): those of a file are drawn for it.
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


@runtime_checkable
class Interpolator(Protocol):
    """Shows what lies between two pictures of a clip. Approximate, as painters are."""

    name: str

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Times) -> Iterable[Pixels]:
        """A picture for each of `times`, in their order: (H, W, 3) uint8 sRGB, as the two that are given.

        A time is a float in (0, 1): 0 shows the first picture, 1 the last one. They rise. What is returned may be lazy;
        callers ask for all times between two pictures at once, so that what the pictures have in common (motion) is
        found once, and hold no more than one of the results at a time.
        """


@runtime_checkable
class VideoPainter(Protocol):
    """Films what words say, from words alone or on from a picture. Approximate, as painters are."""

    name: str
    films_from_words: bool
    films_from_a_picture: bool

    def film(
        self,
        prompt: str,
        size: Size,
        num_frames: int,
        rate: Rate,
        *,
        first_HWC: Pixels | None = None,
        last_HWC: Pixels | None = None,
        seed: int = 0,
    ) -> Iterable[Pixels]:
        """So many frames, `rate` a second: (H, W, 3) uint8 sRGB of `size`. They may be lazy.

        `first_HWC`: what the first frame shows, about; None: the words alone say it. `last_HWC`: what the last frame
        is to show; a painter may leave that out of account.

        Raises `ModelError` where it does not film so, or fails.
        """

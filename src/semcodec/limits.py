"""What a stranger's file or picture may ask for. Asked before anything is allocated; every door takes `limits=...`.

`docs/limits.md` says why each is there, what the defaults allow, and how the command line is told others.
"""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.errors import LimitError

# However small `max_pixels` is, networks may work on this many: what is least is a whole token of the coarsest scale.
LEAST_WORKING_PIXELS = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Every file that this library writes passes the defaults; raise one for a file that you trust.

    `max_pixels`: width times height, of a file's picture as shown and of a picture that is to be encoded.
    `max_side_px`: the longer side of the same.
    `max_working_pixels`: of the picture that the networks paint, its sides rounded up to whole tokens of the coarsest
        scale (a strip one pixel wide is painted 128 wide). It follows `max_pixels` down: never more than one and a half
        times as many (or a megapixel), so that setting `max_pixels` alone bounds time and memory.
    `max_blocks`: blocks of tokens, sent or not, over all scales.
    `max_caption_chars`: characters of the words.
    `max_regions`: of a file; their different phrases have at most `max_caption_chars` characters together.
    `max_sections`: sections of a file, known and unknown ones.
    `max_metadata_bytes`: EXIF, ICC, XMP and alpha together, unpacked.
    `max_frames`: of a clip (an hour and a quarter of 60 a second has 270,000).
    `max_clip_pixels`: width times height times frames of a clip (an hour of 1920x1080, 60 a second, has 448 thousand
        million).
    `max_records`: of a clip, known and unknown ones.
    """

    max_pixels: int = 120_000_000
    max_side_px: int = 1 << 20
    max_working_pixels: int = 1 << 25
    max_blocks: int = 1 << 17
    max_caption_chars: int = 2000
    max_regions: int = 64
    max_sections: int = 64
    max_metadata_bytes: int = 1 << 24
    max_frames: int = 1 << 20
    max_clip_pixels: int = 1 << 40
    max_records: int = 1 << 16

    def ask(self, name: str, wanted: int, what: str, *, offset: int | None = None) -> None:
        """Raises `LimitError` where `wanted` is above the limit `name`. `what` begins the sentence: "600 sections"."""
        if wanted > self._allowed(name)[0]:
            raise self.refusal(name, what, offset=offset)

    def refusal(self, name: str, what: str, *, offset: int | None = None) -> LimitError:
        """The error that says that `what` is above the limit `name`, at `offset` of the file, and how to raise that."""
        allowed, cause = self._allowed(name)
        where = "" if offset is None else f" (offset {offset})"
        option = "--max-pixels" if cause == "max_pixels" else f"SEMCODEC_LIMITS={cause}=..."
        return LimitError(
            f"{what}{where}, above {name}={allowed}; if you trust it, pass Limits({cause}=...), "
            f"or {option} to the command line",
            offset=offset,
        )

    def _allowed(self, name: str) -> tuple[int, str]:
        """How much, and the limit that says so."""
        allowed: int = getattr(self, name)
        if name == "max_working_pixels":
            followed = max(self.max_pixels + (self.max_pixels >> 1), LEAST_WORKING_PIXELS)
            if followed < allowed:
                return followed, "max_pixels"
        return allowed, name


DEFAULT_LIMITS = Limits()

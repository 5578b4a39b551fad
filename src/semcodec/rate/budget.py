"""What the user asked for (bytes, bits per pixel, quality) to a ceiling in bytes and a working size."""

from __future__ import annotations

from semcodec.container.header import LAST_STEP, working_size
from semcodec.options import EncodeOptions
from semcodec.types import FileHeader, Size

DEFAULT_QUALITY = 50.0
# From this effort on candidates are painted, and working sizes that many steps away are tried.
PAINTS_FROM_EFFORT = 7
STEPS_BY_EFFORT = {7: (-1, 1), 8: (-2, -1, 1, 2), 9: (-3, -2, -1, 1, 2, 3)}
QUALITY_0_BPP, QUALITY_DOUBLES_EVERY = 0.0025, 100 / 6  # 50 is 0.02 bpp: 983 bytes for 768x512 pixels
LEAST_QUALITY_BYTES = 32  # so that -q gives a picture of a thumbnail, too
MOST_OUTLINED_BPP = 0.02  # of words and outlines alone: for more, a picture can be sent that is nearer

# Below this, a picture looks better coded smaller and enlarged (measured on Kodak, dev/LOG.md).
TOKEN_BYTES_PER_PIXEL = 1 / 300
# The coarse graphs see the whole working picture at once, its sides rounded up: this bounds their memory.
MAX_WORKING_PIXELS = 27_000_000


def bytes_for_options(options: EncodeOptions, size: Size) -> int:
    """The ceiling for a file of a picture of this size, by whichever wish there is. Of words and outlines alone there
    is another one above it (`most_outlined_bytes`), but for boxes.
    """
    asked = _asked_for(options, size)
    return min(asked, most_outlined_bytes(size)) if options.is_outlined else asked


def most_outlined_bytes(size: Size) -> int:
    """What a file of words and outlines alone has at most."""
    return max(LEAST_QUALITY_BYTES, bytes_for_bpp(MOST_OUTLINED_BPP, size))


def note_on_ceiling(options: EncodeOptions, size: Size) -> str | None:
    """A sentence, where that is less than was asked for."""
    most = most_outlined_bytes(size)
    if not options.is_outlined or _asked_for(options, size) <= most:
        return None
    return (
        f"profile structure ends at {MOST_OUTLINED_BPP} bits per pixel, {most} bytes of this picture: for more, give "
        "profile scalable, which sends a picture as well"
    )


def _asked_for(options: EncodeOptions, size: Size) -> int:
    if options.bytes is not None:
        return options.bytes
    if options.bpp is not None:
        return bytes_for_bpp(options.bpp, size)
    return bytes_for_quality(DEFAULT_QUALITY if options.quality is None else options.quality, size)


def bytes_for_quality(quality: float, size: Size) -> int:
    """Quality 0..100 means bits per pixel of the shown picture: 0.0025 at 0, doubling every 16.7, 0.16 at 100."""
    if not 0 <= quality <= 100:
        raise ValueError(f"quality {quality} is not within 0..100")
    return max(LEAST_QUALITY_BYTES, bytes_for_bpp(QUALITY_0_BPP * 2 ** (quality / QUALITY_DOUBLES_EVERY), size))


def bytes_for_bpp(bpp: float, size: Size) -> int:
    """Bits per pixel of the shown picture, over the whole file."""
    if not bpp > 0:
        raise ValueError(f"bpp {bpp} is not above 0")
    return int(bpp * size.width_px * size.height_px / 8)


def step_for_budget(size: Size, token_bytes: int, *, coarsest_stride: int) -> int:
    """The smallest step of the header (largest working size) whose pixels the token bytes suffice for."""
    for step in range(LAST_STEP):
        working = working_size(FileHeader(size, step))
        num_pixels = working.width_px * working.height_px
        if num_pixels * TOKEN_BYTES_PER_PIXEL <= token_bytes and can_be_worked_on(size, step, coarsest_stride):
            return step
    return LAST_STEP


def can_be_worked_on(size: Size, step: int, coarsest_stride: int) -> bool:
    """Whether the coarse graphs can have the working picture whole. They see its sides rounded up to whole tokens of
    the coarsest scale, which makes a strip of one pixel a hundred times as large.
    """
    working = working_size(FileHeader(size, step))
    rows, cols = -(-working.height_px // coarsest_stride), -(-working.width_px // coarsest_stride)
    return rows * cols * coarsest_stride**2 <= MAX_WORKING_PIXELS

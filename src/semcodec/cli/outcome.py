"""What is said of a .semc file that was written: one line."""

from __future__ import annotations

from semcodec.ids import LAYER_NAMES, LayerId, Origin
from semcodec.limits import Limits
from semcodec.metadata.objects import bits_per_pixel
from semcodec.types import FileInfo

ENOUGH = 0.8  # of its bytes: a base, or a grid of colours, that leaves more than the rest is as fine as it can be


def said_of(data: bytes, limits: Limits, *, tells_words: bool = True, ceiling: str = "") -> str:
    """`996 bytes, 0.020 bpp, words 16`: bytes of the whole file, bits per pixel, bytes of words.

    Words that a machine guessed are told, so that nobody sends what they have not read; a human's where a file has
    nothing else. `ceiling` says why there are no more bytes.
    """
    import semcodec

    found = semcodec.info(data, limits=limits)
    parts = [f"{found.num_bytes} bytes", f"{_bits_per_pixel(found)}{ceiling}"]
    num_text_bytes = {layer.name: layer.num_bytes for layer in found.layers}.get(LAYER_NAMES[LayerId.TEXT])
    if num_text_bytes is not None:
        parts.append(f"words {num_text_bytes}")
    guess = guessed_words(found)
    if guess is not None and tells_words:
        parts.append(f'guessed: "{guess}"')
    elif found.words is not None and found.profile in ("text", "structure") and tells_words:
        parts.append(f'"{found.words.text}"')
    return ", ".join(parts)


def guessed_words(found: FileInfo) -> str | None:
    """The words of a file, where a machine said them."""
    return found.words.text if found.words is not None and found.words.origin is Origin.MACHINE else None


def ceiling_of_quality(data: bytes, quality: float | None, limits: Limits) -> str:
    """Why the best quality has no more bytes than these; nothing for any other."""
    if quality != 100:
        return ""
    import semcodec
    from semcodec.rate.budget import bytes_for_quality
    from semcodec.types import MISSING, Size

    found = semcodec.info(data, limits=limits)
    if found.has(LayerId.TOKENS):
        what = "tokens"
        is_all = found.working == found.size and not any(
            (digits == MISSING).any() for digits in semcodec.tokens(data, limits=limits).digits
        )
    else:
        what = "a base picture" if found.has(LayerId.BASE) else "a grid of colours"
        is_all = found.num_bytes < ENOUGH * bytes_for_quality(quality, found.size)
    if is_all:
        return f" (all that {what} can say of it: more bytes would add nothing)"
    bpp = 8 * bytes_for_quality(quality, Size(1000, 1000)) / 1e6
    return f" (-q ends at {bpp:.2f}; --bpp and --bytes go further)"


def _bits_per_pixel(found: FileInfo) -> str:
    bpp = bits_per_pixel(found)
    return f"{bpp:.3f} bpp" if bpp >= 0.0005 else "under 0.001 bpp"

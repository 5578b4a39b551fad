"""The sign by which a decoded picture is known as ours, in every format that is written: it may be written over.

PNG, JPEG, WebP, AVIF and TIFF say in metadata what wrote them (`save`). BMP and PPM have no place for that: a PPM file
gets a comment in its header, a BMP file a word behind its pixels, which its length counts.
"""

from __future__ import annotations

from semcodec.metadata.xmp import NAMESPACE

# Stands in every picture that is written here.
SOFTWARE = "semcodec"

_SIGN = SOFTWARE.encode()
_PPM, _PPM_SIGNED = b"P6\n", b"P6\n# " + _SIGN + b"\n"
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXT = b"Software\0" + _SIGN
_PNG_SIGN = len(_PNG_TEXT).to_bytes(4, "big") + b"tEXt" + _PNG_TEXT
_WITH_XMP = (b"\xff\xd8", b"RIFF", b"II*\0", b"MM\0*")


def signed(data: bytes, pil_format: str) -> bytes:
    """A picture file with its sign, where its format has no metadata to bear it."""
    if pil_format == "PPM" and data.startswith(_PPM):
        return _PPM_SIGNED + data[len(_PPM) :]
    if pil_format == "BMP":
        return data[:2] + (len(data) + len(_SIGN)).to_bytes(4, "little") + data[6:] + _SIGN
    return data


def was_written_here(data: bytes) -> bool:
    """Whether a file bears the sign. A text that speaks of semcodec does not."""
    if data.startswith(_PNG):
        return _PNG_SIGN in data
    if data.startswith(b"BM"):
        return data.endswith(_SIGN)
    if data.startswith(_WITH_XMP) or data[4:8] == b"ftyp":
        return NAMESPACE.encode() in data
    return data.startswith(_PPM_SIGNED)

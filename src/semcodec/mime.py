"""The MIME types of `.semc` and `.semv` files, where Python and pages look for it.

register_mime_type()                     # mimetypes.guess_type("photo.semc") now knows it
data_uri(encoded.data)                   # "data:image/x-semc;base64,xewQ..."
"""

from __future__ import annotations

from semcodec.errors import FormatError
from semcodec.ids import CLIP_MIME_TYPE, MIME_TYPE

SUFFIX, CLIP_SUFFIX = ".semc", ".semv"
_BEGINS = f"data:{MIME_TYPE};base64,"


def register_mime_type() -> None:
    """Tells Python's `mimetypes`, and so `http.server` and most web frameworks, what `.semc` and `.semv` are."""
    import mimetypes

    mimetypes.add_type(MIME_TYPE, SUFFIX)
    mimetypes.add_type(CLIP_MIME_TYPE, CLIP_SUFFIX)


def data_uri(data: bytes) -> str:
    """A file as a `data:` URI (RFC 2397), a third longer than the file."""
    from base64 import b64encode

    return _BEGINS + b64encode(data).decode("ascii")


def from_data_uri(uri: str) -> bytes:
    """The file in a `data:` URI that `data_uri` made.

    Raises:
        FormatError: it is of another type, or not base64.
    """
    import binascii
    from base64 import b64decode
    from urllib.parse import unquote

    uri = unquote(uri.strip())
    if uri[: len(_BEGINS)].lower() != _BEGINS:
        raise FormatError(f"no data: URI of a semcodec file: it begins with {uri[:40]!r}, not with {_BEGINS!r}")
    try:
        return b64decode(uri[len(_BEGINS) :], validate=True)
    except binascii.Error as exc:
        raise FormatError(f"the data: URI is damaged: {exc}") from exc

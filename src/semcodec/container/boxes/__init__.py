"""Boxes: sections behind the layers that hold what belongs to a picture but is not needed to show it.

```text
 alpha   16   WebP     grey pixels, lossless: how opaque the picture is; of its size or smaller
 link    17   plain    32 bytes of SHA-256, the length of a name in a byte, the name in UTF-8
 icc     18   zlib     a colour profile for RGB
 exif    19   zlib     a TIFF stream, orientation 1
 xmp     20   zlib     an XMP packet, orientation 1
```

They stand in this order, the most wanted first, so that what a cut takes first is wanted least. A file without boxes is
the same bytes as ever.

Promises
1. Nothing is unpacked beyond `Limits.max_metadata_bytes`, over all boxes.
2. A damaged box costs itself, never the picture or another box.

It does not know what stands inside EXIF, ICC and XMP (`semcodec.metadata` does).
"""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.ids import BoxCoding, LayerId
from semcodec.types import Section

CODING_OF: dict[int, BoxCoding] = {
    LayerId.ALPHA: BoxCoding.WEBP,
    LayerId.LINK: BoxCoding.PLAIN,
    LayerId.ICC: BoxCoding.ZLIB,
    LayerId.EXIF: BoxCoding.ZLIB,
    LayerId.XMP: BoxCoding.ZLIB,
}
FIELD_OF: dict[int, str] = {
    LayerId.ALPHA: "alpha",
    LayerId.ICC: "icc_profile",
    LayerId.EXIF: "exif",
    LayerId.XMP: "xmp",
}
HASH_BYTES = 32
MAX_NAME_BYTES = 255
# What would lead a name that is used as a path out of its folder, or a terminal astray.
NOT_IN_NAMES = frozenset("/\\\x7f").union(map(chr, range(32)))


def is_box(section: Section) -> bool:
    return section.layer in CODING_OF


def without_boxes(sections: Sequence[Section]) -> list[Section]:
    return [section for section in sections if not is_box(section)]


def base_name(name: str) -> str:
    """The last part of a path, as a link may hold it: no folder, no control character, at most 255 bytes of UTF-8."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(character for character in last if character not in NOT_IN_NAMES)
    # File names that are not Unicode arrive with lone surrogates, which UTF-8 cannot hold.
    shown = kept.encode("utf-8", "replace")
    while len(shown) > MAX_NAME_BYTES:
        kept = kept[:-1]
        shown = kept.encode("utf-8", "replace")
    return shown.decode("utf-8")

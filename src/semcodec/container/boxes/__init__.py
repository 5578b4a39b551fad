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

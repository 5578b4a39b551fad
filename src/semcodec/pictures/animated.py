"""Which kinds of pictures may move, as Pillow names them."""

FORMATS = frozenset({"GIF", "WEBP", "PNG", "AVIF"})

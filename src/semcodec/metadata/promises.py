"""What XMP says of things that stood beside the picture in its file, and do not stand beside it any more.

A gain map, the video of a motion photo, a depth map or a second part of the XMP itself follow a picture in its file.
Who decodes the picture anew has none of them; readers that are told of them look for bytes that are not there. So such
properties go, by the names of their namespaces, whatever prefix a packet gives these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from semcodec.metadata.xmp_text import without_attributes, without_elements

_GAIN_MAP, _MOTION, _DEPTH = "a gain map", "the video of a motion photo", "a depth map"
_PARTS, _MORE_XMP, _SIGNED = "other parts of its file", "more XMP", "a signed record of its origin (C2PA)"
_DECLARED = re.compile(rb"""\sxmlns:([\w.-]{1,64})\s*=\s*(?:"([^"]{0,256})"|'([^']{0,256})')""")
_ANY = rb"[\w.-]+"
_MOST_PREFIXES = 64  # a packet declares each of these namespaces once, and is read once for each


@dataclass(frozen=True, slots=True)
class _Promise:
    """`names`: a pattern of the properties of a namespace that speak of `what`; in packets that have `told_with`."""

    what: str
    names: bytes = _ANY
    told_with: bytes = b""


_GOOGLE = b"http://ns.google.com/photos/"
_APPLE = b"http://ns.apple.com/"
_VIDEO_NAMES = rb"(?:Motion|MicroVideo|VideoLength)[\w.-]*"
_PROMISES = {
    b"http://ns.adobe.com/hdr-gain-map/1.0/": _Promise(_GAIN_MAP),
    _APPLE + b"HDRGainMap/1.0/": _Promise(_GAIN_MAP),
    _APPLE + b"pixeldatainfo/1.0/": _Promise(_PARTS),
    _APPLE + b"depthData/1.0/": _Promise(_DEPTH),
    _APPLE + b"depthBlurEffect/1.0/": _Promise(_DEPTH),
    _APPLE + b"portraitLightingEffectsMatte/1.0/": _Promise(_DEPTH),
    _APPLE + b"portraitEffectsMatte/1.0/": _Promise(_DEPTH),
    _GOOGLE + b"1.0/camera/": _Promise(_MOTION, _VIDEO_NAMES),
    b"http://ns.oplus.com/photos/1.0/camera/": _Promise(_MOTION, _VIDEO_NAMES),
    b"http://ns.oppo.com/photos/1.0/camera/": _Promise(_MOTION, _VIDEO_NAMES),
    b"http://ns.xiaomi.com/photos/1.0/camera/": _Promise(_MOTION, rb"(?:Motion|MicroVideo|VideoLength|XMPMeta)[\w.-]*"),
    _GOOGLE + b"1.0/container/": _Promise(_PARTS),
    _GOOGLE + b"1.0/container/item/": _Promise(_PARTS),
    _GOOGLE + b"dd/1.0/container/": _Promise(_PARTS),
    _GOOGLE + b"dd/1.0/item/": _Promise(_PARTS),
    _GOOGLE + b"dd/1.0/device/": _Promise(_PARTS),
    _GOOGLE + b"1.0/depthmap/": _Promise(_DEPTH),
    _GOOGLE + b"1.0/image/": _Promise(_PARTS),
    _GOOGLE + b"1.0/audio/": _Promise("a recording of sound"),
    b"http://ns.adobe.com/xmp/note/": _Promise(_MORE_XMP, rb"HasExtendedXMP"),
    b"http://purl.org/dc/terms/": _Promise(_SIGNED, rb"provenance", b"self#jumbf"),
}


def without_promises(xmp: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The packet (UTF-8) without them, and what they spoke of, each once."""
    told: dict[str, None] = {}
    declared = ((match[1], match[2] or match[3]) for match in _DECLARED.finditer(xmp))
    telling = dict.fromkeys((prefix, uri) for prefix, uri in declared if uri in _PROMISES)
    for prefix, uri in list(telling)[:_MOST_PREFIXES]:
        promise = _PROMISES[uri]
        if promise.told_with not in xmp:
            continue
        name = re.escape(prefix) + b":" + promise.names
        kept = without_attributes(without_elements(xmp, name), name)
        if kept != xmp:
            xmp = kept
            if not re.search(rb"[<\s]" + re.escape(prefix) + rb":", xmp):  # some look for the namespace alone
                xmp = without_attributes(xmp, b"xmlns:" + re.escape(prefix))
            told[promise.what] = None
    if told.keys() > {_PARTS}:  # the list of parts names what is told of anyway
        del told[_PARTS]
    return xmp, tuple(told)

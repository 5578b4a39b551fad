"""XMP packets: made fit for an upright picture, and told that a network painted.

Packets are changed as text, a property at a time: parsing and writing again would lose what the parser does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from semcodec.metadata.provenance import Provenance

_ORIENTATION = re.compile(
    rb"""(\btiff:Orientation\s*=\s*["']\s*|<tiff:Orientation\s*>\s*)\d+""",
)
_THUMBNAILS = b"xmp:Thumbnails"
_END = b"</rdf:RDF>"
_BEHIND_A_NAME = frozenset({b" ", b"\t", b"\r", b"\n", b"/", b">"})

# IPTC's own words for how a picture came to be: https://cv.iptc.org/newscodes/digitalsourcetype/
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PARTLY_PAINTED, WHOLLY_PAINTED = "compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMESPACE = "urn:semcodec:xmp:1"
_SOURCE_TYPE = b"Iptc4xmpExt:DigitalSourceType"
_SOURCE_TYPE_ATTRIBUTE = re.compile(rb"""\sIptc4xmpExt:DigitalSourceType\s*=\s*(?:"[^"]*"|'[^']*')""")


def upright_xmp(xmp: bytes) -> bytes | None:
    """The packet with orientation 1, without thumbnails; None where it is not UTF-8."""
    xmp = xmp.rstrip(b"\x00")
    try:
        xmp.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if b"\x00" in xmp:
        return None
    return _without_elements(_ORIENTATION.sub(rb"\g<1>1", xmp), _THUMBNAILS)


def disclosing_xmp(xmp: bytes | None, provenance: Provenance, notes: list[str]) -> bytes:
    """The packet (or a new one) with what IPTC asks software to say of pictures that a network made, and the blocks.

    A packet that already says that a network made the picture keeps its own words.
    """
    if xmp is not None and _END in xmp:
        if provenance.is_invented and not _says_painted(xmp):
            xmp = _without_elements(_SOURCE_TYPE_ATTRIBUTE.sub(b"", xmp), _SOURCE_TYPE)
        head, _, tail = xmp.rpartition(_END)
        return head + _description(provenance, xmp).encode() + _END + tail
    if xmp is not None:
        notes.append("its XMP is damaged: it was left out")
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{_RDF}">{_description(provenance, b"")}</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )
    return packet.encode()


def _says_painted(xmp: bytes) -> bool:
    elements = [xmp[start:end] for start, end in _elements(xmp, _SOURCE_TYPE)]
    said = [*_SOURCE_TYPE_ATTRIBUTE.findall(xmp), *elements]
    return any(WHOLLY_PAINTED.lower().encode() in one.lower() for one in said)


def _without_elements(xmp: bytes, name: bytes) -> bytes:
    kept, at = [], 0
    for start, end in _elements(xmp, name):
        kept.append(xmp[at:start])
        at = end
    return b"".join([*kept, xmp[at:]])


def _elements(xmp: bytes, name: bytes) -> Iterator[tuple[int, int]]:
    """Where each element of a name starts and ends.

    One pass, and none behind an element that is not closed: a pattern that looked for the end of each tag took 17 s
    for a stranger's 20,000 tags without one.
    """
    opening, closing, start = b"<" + name, b"</" + name, 0
    while (start := xmp.find(opening, start)) >= 0:
        if xmp[start + len(opening) : start + len(opening) + 1] not in _BEHIND_A_NAME:
            start += len(opening)
            continue
        tag_end = xmp.find(b">", start)
        closed_at = tag_end if xmp[tag_end - 1 : tag_end] == b"/" else xmp.find(closing, tag_end)
        end = xmp.find(b">", closed_at) + 1
        if tag_end < 0 or closed_at < 0 or not end:
            return
        yield start, end
        start = end


def _description(provenance: Provenance, xmp: bytes) -> str:
    properties = [f"<semcodec:Painted>{escape(provenance.sentence)}</semcodec:Painted>"]
    properties.append(f"<semcodec:Blocks>{provenance.num_blocks}</semcodec:Blocks>")
    properties.append(f"<semcodec:BlocksNotSent>{provenance.num_painted}</semcodec:BlocksNotSent>")
    if provenance.is_invented:
        if not _says_painted(xmp):
            term = WHOLLY_PAINTED if provenance.num_painted == provenance.num_blocks else PARTLY_PAINTED
            properties.append(f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPES}{term}</Iptc4xmpExt:DigitalSourceType>")
        if b"AISystemUsed" not in xmp:
            properties.append("<Iptc4xmpExt:AISystemUsed>semcodec</Iptc4xmpExt:AISystemUsed>")
            if b"AISystemVersionUsed" not in xmp:
                name = escape(provenance.painter)
                properties.append(f"<Iptc4xmpExt:AISystemVersionUsed>{name}</Iptc4xmpExt:AISystemVersionUsed>")
    return (
        f'<rdf:Description xmlns:rdf="{_RDF}" rdf:about="" xmlns:Iptc4xmpExt="{_IPTC}" xmlns:semcodec="{NAMESPACE}">'
        f"{''.join(properties)}</rdf:Description>"
    )

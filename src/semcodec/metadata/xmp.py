"""XMP packets: made fit for an upright picture, and told that a network painted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from semcodec.metadata.xmp_text import attribute, elements, without_elements

if TYPE_CHECKING:
    from semcodec.metadata.provenance import Provenance

_ORIENTATION = re.compile(
    rb"""(\btiff:Orientation\s*=\s*["']\s*|<tiff:Orientation\s*>\s*)\d+""",
)
_THUMBNAILS = b"xmp:Thumbnails"
_END = b"</rdf:RDF>"

# IPTC's own words for how a picture came to be: https://cv.iptc.org/newscodes/digitalsourcetype/
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PARTLY_PAINTED, WHOLLY_PAINTED = "compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMESPACE = "urn:semcodec:xmp:1"
_MOST_MASK_CHARS = 16_000
_SOURCE_TYPE = b"Iptc4xmpExt:DigitalSourceType"
_SOURCE_TYPE_ATTRIBUTE = attribute(_SOURCE_TYPE)


def upright_xmp(xmp: bytes) -> bytes | None:
    """The packet with orientation 1, without thumbnails; None where it is not UTF-8."""
    xmp = xmp.rstrip(b"\x00")
    try:
        xmp.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if b"\x00" in xmp:
        return None
    return without_elements(_ORIENTATION.sub(rb"\g<1>1", xmp), _THUMBNAILS)


def disclosing_xmp(xmp: bytes | None, provenance: Provenance, notes: list[str]) -> bytes:
    """The packet (or a new one) with what IPTC asks software to say of pictures that a network made, and the blocks.

    A packet that already says that a network made the picture keeps its own words.
    """
    if xmp is not None and _END in xmp:
        if provenance.is_invented and not _says_painted(xmp):
            xmp = without_elements(_SOURCE_TYPE_ATTRIBUTE.sub(b"", xmp), _SOURCE_TYPE)
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
    said = _SOURCE_TYPE_ATTRIBUTE.findall(xmp) + [xmp[start:end] for start, end in elements(xmp, _SOURCE_TYPE)]
    return any(WHOLLY_PAINTED.lower().encode() in one.lower() for one in said)


def _received(provenance: Provenance) -> list[str]:
    """What arrived, and which part of the picture is what: the mask that `decode --report json` has, where it is short
    enough for a JPEG file.
    """
    rows, cols = provenance.parts_RK.shape
    told = {"Bytes": str(provenance.num_bytes or ""), "Label": escape(provenance.label)}
    if provenance.packets is not None:
        told["PacketsReceived"], told["Packets"] = map(str, provenance.packets)
    told |= {f"{name.title()}Share": f"{share:.4f}" for name, share in provenance.shares.items() if share}
    mask = f"{cols}x{rows} {provenance.runs}"
    if len(mask) <= _MOST_MASK_CHARS:
        told["Mask"] = mask
    return [f"<semcodec:{name}>{value}</semcodec:{name}>" for name, value in told.items() if value]


def _description(provenance: Provenance, xmp: bytes) -> str:
    properties = [f"<semcodec:Painted>{escape(provenance.sentence)}</semcodec:Painted>"]
    properties.append(f"<semcodec:Blocks>{provenance.num_blocks}</semcodec:Blocks>")
    properties.append(f"<semcodec:BlocksNotSent>{provenance.num_painted}</semcodec:BlocksNotSent>")
    properties += _received(provenance)
    if provenance.restorer is not None:
        properties.append(f"<semcodec:Restored>{escape(provenance.restorer)}</semcodec:Restored>")
    if provenance.is_invented:
        if not _says_painted(xmp):
            term = WHOLLY_PAINTED if provenance.num_painted == provenance.num_blocks else PARTLY_PAINTED
            properties.append(f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPES}{term}</Iptc4xmpExt:DigitalSourceType>")
        if b"AISystemUsed" not in xmp:
            properties.append("<Iptc4xmpExt:AISystemUsed>semcodec</Iptc4xmpExt:AISystemUsed>")
            if b"AISystemVersionUsed" not in xmp:
                name = escape(", ".join(filter(None, (provenance.painter, provenance.restorer))))
                properties.append(f"<Iptc4xmpExt:AISystemVersionUsed>{name}</Iptc4xmpExt:AISystemVersionUsed>")
    return (
        f'<rdf:Description xmlns:rdf="{_RDF}" rdf:about="" xmlns:Iptc4xmpExt="{_IPTC}" xmlns:semcodec="{NAMESPACE}">'
        f"{''.join(properties)}</rdf:Description>"
    )

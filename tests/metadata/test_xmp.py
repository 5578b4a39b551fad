"""XMP: upright, without thumbnails, and told what was painted in the words that IPTC has for it."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from semcodec.metadata.provenance import Provenance
from semcodec.metadata.xmp import PARTLY_PAINTED, disclosing_xmp, upright_xmp

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
PARTLY = Provenance(200, 150, "nano")
WHOLLY = Provenance(1, 1, "a model <of> somebody", repainted=True)
ALL_SENT = Provenance(200, 0, "nano")


def packet(properties: str = "", attributes: str = "") -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f"{attributes}>{properties}<dc:source>Zürich</dc:source></rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()


def said(xmp: bytes, name: str) -> list[str]:
    """All values of a property of IPTC's, as element or attribute."""
    root = ElementTree.fromstring(xmp)
    found = [element.text or element.get(f"{RDF}resource", "") for element in root.iter(f"{IPTC}{name}")]
    return found + [element.attrib[f"{IPTC}{name}"] for element in root.iter() if f"{IPTC}{name}" in element.attrib]


@pytest.mark.parametrize(
    ("properties", "attributes"),
    [
        ("<tiff:Orientation>6</tiff:Orientation>", ""),
        ("", 'tiff:Orientation="8"'),
        ("", "tiff:Orientation = '3'"),
    ],
)
def test_orientation_becomes_1_however_it_is_written(properties: str, attributes: str) -> None:
    after = upright_xmp(packet(properties, attributes) + b"\0")
    assert after is not None
    ElementTree.fromstring(after)
    assert re.findall(rb"tiff:Orientation\D*(\d)", after) == [b"1"]
    assert "Zürich".encode() in after


def test_thumbnails_are_dropped() -> None:
    after = upright_xmp(packet("<xmp:Thumbnails><rdf:Alt><rdf:li>base64\n</rdf:li></rdf:Alt></xmp:Thumbnails>"))
    assert after == packet()


@pytest.mark.parametrize("xmp", [b"\xff\xfe<\0x\0", "<x/>".encode("utf-16-be")])
def test_other_encodings_than_utf_8_are_not_kept(xmp: bytes) -> None:
    assert upright_xmp(xmp) is None


@pytest.mark.parametrize(
    ("provenance", "term"),
    [(PARTLY, "compositeWithTrainedAlgorithmicMedia"), (WHOLLY, "trainedAlgorithmicMedia")],
)
@pytest.mark.parametrize(
    "xmp",
    [
        None,
        packet(),
        packet("<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/x/digitalCapture</Iptc4xmpExt:DigitalSourceType>"),
        packet('<Iptc4xmpExt:DigitalSourceType rdf:resource="http://cv.iptc.org/x/digitalCapture"/>'),
        packet(attributes='Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/x/digitalCapture"'),
    ],
)
def test_what_was_painted_is_said_once_in_iptcs_words(xmp: bytes | None, provenance: Provenance, term: str) -> None:
    notes: list[str] = []
    after = disclosing_xmp(xmp, provenance, notes)
    assert said(after, "DigitalSourceType") == [f"http://cv.iptc.org/newscodes/digitalsourcetype/{term}"]
    assert said(after, "AISystemUsed") == ["semcodec"]
    assert said(after, "AISystemVersionUsed") == [provenance.painter]
    assert xmp is None or "Zürich".encode() in after
    assert notes == []


def test_a_picture_that_a_network_made_before_keeps_its_own_words() -> None:
    made = (
        "<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
        "</Iptc4xmpExt:DigitalSourceType><Iptc4xmpExt:AISystemUsed>Another</Iptc4xmpExt:AISystemUsed>"
    )
    after = disclosing_xmp(packet(made), PARTLY, [])
    assert [term.rsplit("/", 1)[1] for term in said(after, "DigitalSourceType")] == ["trainedAlgorithmicMedia"]
    assert said(after, "AISystemUsed") == ["Another"]


def test_where_all_was_sent_the_source_stays_what_it_was() -> None:
    camera = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    xmp = packet(f"<Iptc4xmpExt:DigitalSourceType>{camera}</Iptc4xmpExt:DigitalSourceType>")
    after = disclosing_xmp(xmp, ALL_SENT, [])
    assert said(after, "DigitalSourceType") == [camera]
    assert b"all of its 200 blocks were in the file" in after


def test_damaged_xmp_is_replaced_with_a_sentence() -> None:
    notes: list[str] = []
    ElementTree.fromstring(disclosing_xmp(b"<x:xmpmeta>", PARTLY, notes))
    assert notes == ["its XMP is damaged: it was left out"]


@pytest.mark.parametrize(
    "part",
    [
        b" ",
        b"<xmp:Thumbnails>",
        b"<Iptc4xmpExt:DigitalSourceType>",
        b" Iptc4xmpExt:DigitalSourceType=",
        b"tiff:Orientation  ",
        b"<",
    ],
)
def test_a_strangers_megabytes_are_read_in_no_time(part: bytes) -> None:
    hostile = b"<rdf:RDF>" + part * (4_000_000 // len(part)) + b"</rdf:RDF>"
    began = time.process_time()
    upright = upright_xmp(hostile)
    assert upright is not None
    disclosing_xmp(upright, PARTLY, [])
    assert time.process_time() - began < 2


def test_a_restorer_is_named_and_its_picture_counts_as_partly_painted() -> None:
    told = Provenance(20, 0, "nano-1", restorer="restorer-2")
    xmp = disclosing_xmp(None, told, []).decode()
    assert "<semcodec:Restored>restorer-2</semcodec:Restored>" in xmp and PARTLY_PAINTED in xmp
    assert "<Iptc4xmpExt:AISystemVersionUsed>nano-1, restorer-2<" in xmp
    plain = disclosing_xmp(None, Provenance(20, 0, "nano-1"), []).decode()
    assert "estor" not in plain and PARTLY_PAINTED not in plain


def own(xmp: bytes, name: str) -> list[str | None]:
    """All values of a property of ours."""
    return [element.text for element in ElementTree.fromstring(xmp).iter(f"{{urn:semcodec:xmp:1}}{name}")]


def test_what_arrived_and_which_part_is_what_stand_in_the_packet() -> None:
    parts_RK = np.repeat(np.array([[0], [1], [3]], np.uint8), 4, axis=1)
    told = replace(PARTLY, num_bytes=1340, packets=(3, 5), restorer="restorer-2", parts_RK=parts_RK)
    xmp = disclosing_xmp(packet(), told, [])
    assert own(xmp, "Bytes") == ["1340"] and own(xmp, "Label") == [told.label]
    assert own(xmp, "PacketsReceived") == ["3"] and own(xmp, "Packets") == ["5"]
    assert own(xmp, "SentShare") == own(xmp, "RestoredShare") == own(xmp, "MissingShare") == ["0.3333"]
    assert own(xmp, "InventedShare") == [] and own(xmp, "Mask") == ["4x3 4s4r4m"]
    assert told.label == "1,340 bytes received, 2 of 5 packets missing, texture restored"


def test_a_mask_that_is_too_long_for_a_jpeg_is_left_out() -> None:
    chequered_RK = (np.indices((200, 200)).sum(axis=0) % 2).astype(np.uint8)
    xmp = disclosing_xmp(None, replace(PARTLY, parts_RK=chequered_RK), [])
    assert own(xmp, "Mask") == [] and own(xmp, "SentShare") == ["0.5000"] and len(xmp) < 4000

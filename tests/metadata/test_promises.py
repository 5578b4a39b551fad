"""What XMP says of things that stood beside a picture in its file goes; what it says of the picture stays."""

from __future__ import annotations

import time
from xml.etree import ElementTree

import pytest

from semcodec.metadata.promises import without_promises

GAIN_MAP = "http://ns.adobe.com/hdr-gain-map/1.0/"
CAMERA = "http://ns.google.com/photos/1.0/camera/"
CONTAINER, ITEM = "http://ns.google.com/photos/1.0/container/", "http://ns.google.com/photos/1.0/container/item/"
NOTE = "http://ns.adobe.com/xmp/note/"
APPLE = "http://ns.apple.com/HDRGainMap/1.0/"
PANORAMA = "http://ns.google.com/photos/1.0/panorama/"
TERMS = "http://purl.org/dc/terms/"


def packet(attributes: str = "", properties: str = "", **namespaces: str) -> bytes:
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in namespaces.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" {declared} dc:source="Zürich" '
        f"{attributes}>{properties}<dc:title>Gäste</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


DIRECTORY = (
    '<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" '
    'Item:Mime="image/jpeg"/></rdf:li><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" '
    'Item:Mime="image/jpeg" Item:Length="34567"/></rdf:li></rdf:Seq></Container:Directory>'
)


@pytest.mark.parametrize(
    ("xmp", "what"),
    [
        (packet("hdrgm:Version=\"1.0\" hdrgm:GainMapMax='2.3'", hdrgm=GAIN_MAP), ("a gain map",)),
        (packet('other:Version="1.0"', other=GAIN_MAP), ("a gain map",)),
        (packet("", "<g:GainMapMax><rdf:Seq><rdf:li>1</rdf:li></rdf:Seq></g:GainMapMax>", g=GAIN_MAP), ("a gain map",)),
        (packet("", "<H:HDRGainMapVersion>65536</H:HDRGainMapVersion>", H=APPLE), ("a gain map",)),
        (
            packet('GCamera:MotionPhoto="1" GCamera:MicroVideoOffset="123456"', GCamera=CAMERA),
            ("the video of a motion photo",),
        ),
        (
            packet("", "<c:MotionPhoto>1</c:MotionPhoto><c:MicroVideo>1</c:MicroVideo>", c=CAMERA),
            ("the video of a motion photo",),
        ),
        (packet("", DIRECTORY, Container=CONTAINER, Item=ITEM), ("other parts of its file",)),
        (packet('hdrgm:Version="1.0"', DIRECTORY, Container=CONTAINER, Item=ITEM, hdrgm=GAIN_MAP), ("a gain map",)),
        (packet('n:HasExtendedXMP="0123456789ABCDEF"', n=NOTE), ("more XMP",)),
        (
            packet('t:provenance="self#jumbf=/c2pa/urn:uuid:1"', t=TERMS),
            ("a signed record of its origin (C2PA)",),
        ),
    ],
)
def test_what_is_promised_and_is_not_there_goes(xmp: bytes, what: tuple[str, ...]) -> None:
    kept, told = without_promises(xmp)
    assert told == what
    ElementTree.fromstring(kept)
    for promise in (b"hdrgm:V", b"Version", b"GainMap", b"Motion", b"MicroVideo", b"Item:", b"Directory", b"Extended"):
        assert promise not in kept
    assert b"c2pa" not in kept
    assert "Gäste".encode() in kept and b'dc:source="Z\xc3\xbcrich"' in kept


@pytest.mark.parametrize(
    "xmp",
    [
        packet(),
        packet('GPano:ProjectionType="equirectangular"', GPano=PANORAMA),
        packet('GCamera:BurstID="7"', GCamera=CAMERA),
        packet('t:license="CC0"', t=TERMS),
        packet('t:provenance="found in an attic"', t=TERMS),
        packet('hdrgm:Version="1.0"', hdrgm="http://example.com/of-another/"),
    ],
)
def test_what_is_said_of_the_picture_itself_stays_to_the_byte(xmp: bytes) -> None:
    assert without_promises(xmp) == (xmp, ())


def test_elements_of_the_same_name_inside_each_other_go_as_one() -> None:
    inner = "<C:Directory><C:Directory><C:Item/></C:Directory><C:Directory/></C:Directory>"
    kept, _ = without_promises(packet("", inner, C=CONTAINER))
    assert b"C:Directory" not in kept and "Gäste".encode() in kept
    ElementTree.fromstring(kept)


@pytest.mark.parametrize(
    "part",
    [
        b"<hdrgm:Version>",
        b"<hdrgm:Version ",
        b" hdrgm:Version=",
        b" hdrgm:Version = '",
        b"hdrgm:",
        b" hdrgm:a",
        b"<hdrgm:a/",
        b' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"',
        b"</hdrgm:Version>",
        b" ",
    ],
)
def test_a_strangers_megabytes_are_read_in_no_time(part: bytes) -> None:
    hostile = b'<rdf:RDF xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/">' + part * (2_000_000 // len(part))
    began = time.process_time()
    without_promises(hostile)
    assert time.process_time() - began < 2


def test_a_stranger_who_declares_thousands_of_prefixes_is_read_in_no_time() -> None:
    hostile = b"".join(b' xmlns:p%d="%s"' % (number, GAIN_MAP.encode()) for number in range(30_000))
    began = time.process_time()
    without_promises(hostile)
    assert time.process_time() - began < 2

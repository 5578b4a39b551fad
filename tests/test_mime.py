"""The MIME type: in Python, in data: URIs, and in the file for freedesktop's database."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from xml.etree import ElementTree

import pytest

from semcodec.errors import FormatError
from semcodec.ids import CLIP_FORMAT_VERSION, CLIP_MAGIC, CLIP_MIME_TYPE, FORMAT_VERSION, MAGIC, MIME_TYPE
from semcodec.mime import CLIP_SUFFIX, SUFFIX, data_uri, from_data_uri, register_mime_type

NAMESPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"


def test_python_knows_the_type_once_it_is_told() -> None:
    register_mime_type()
    assert mimetypes.guess_type("photo.semc") == (MIME_TYPE, None)
    assert mimetypes.guess_extension(MIME_TYPE) == SUFFIX == ".semc"
    assert mimetypes.guess_type("film.semv") == (CLIP_MIME_TYPE, None)


@pytest.mark.parametrize("data", [b"", MAGIC, bytes(range(256))])
def test_a_data_uri_holds_the_file(data: bytes) -> None:
    uri = data_uri(data)
    assert uri.startswith(f"data:{MIME_TYPE};base64,") and uri.isascii()
    assert from_data_uri(uri) == from_data_uri(f" {uri}\n") == from_data_uri(uri.replace("+", "%2B")) == data


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("https://example.org/photo.semc", "no data: URI of a semcodec file"),
        ("data:image/png;base64,AAAA", "no data: URI of a semcodec file"),
        (f"data:{MIME_TYPE};base64,xew?", "is damaged"),
        (f"data:{MIME_TYPE};base64,xew", "is damaged"),
    ],
)
def test_other_uris_are_refused_in_one_sentence(uri: str, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence):
        from_data_uri(uri)


@pytest.mark.parametrize(
    ("at", "kind", "suffix", "begins", "format_version"),
    [(0, MIME_TYPE, SUFFIX, MAGIC, FORMAT_VERSION), (1, CLIP_MIME_TYPE, CLIP_SUFFIX, CLIP_MAGIC, CLIP_FORMAT_VERSION)],
)
def test_the_file_for_freedesktop_says_what_the_code_says(
    root: Path, at: int, kind: str, suffix: str, begins: bytes, format_version: int
) -> None:
    types = ElementTree.parse(root / "packaging" / "semcodec-mime.xml").getroot().findall(f"{NAMESPACE}mime-type")
    described = types[at]
    assert len(types) == 2 and described.get("type") == kind
    globs = [glob.get("pattern") for glob in described.iter(f"{NAMESPACE}glob")]
    assert globs == [f"*{suffix}"]
    magic, version = described.iter(f"{NAMESPACE}match")
    assert (magic.get("type"), magic.get("offset")) == ("big16", "0")
    assert int(magic.get("value", ""), 16).to_bytes(2, "big") == begins
    assert (version.get("type"), version.get("offset"), version.get("mask")) == ("byte", "2", "0xf0")
    assert int(version.get("value", ""), 16) >> 4 == format_version

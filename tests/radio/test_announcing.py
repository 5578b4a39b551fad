"""The envelope of a file: words, size and a thumb, in one packet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.errors import BudgetError
from semcodec.limits import DEFAULT_LIMITS
from semcodec.radio.announcing import envelope_of, preview_of
from semcodec.radio.messages import Envelope, read_datagram

from .conftest import Outgoing, encoded


def read_envelope(data: bytes) -> Envelope:
    found = read_datagram(data)
    assert isinstance(found, Envelope)
    return found


@pytest.mark.parametrize("name", ["macaws", "caps"])
def test_it_says_how_much_follows_and_previews_it(name: str, request: pytest.FixtureRequest):
    file: Outgoing = request.getfixturevalue(name)
    envelope = read_envelope(file.envelope)
    data = semcodec.join(file.packets).data
    assert len(file.envelope) <= 100
    assert (envelope.file_id, envelope.num_packets, envelope.is_of(data)) == (file.file_id, len(file.packets), True)
    preview = semcodec.info(envelope.preview)
    assert preview.size == semcodec.info(data).size
    assert semcodec.read_words(envelope.preview) == semcodec.read_words(data)
    assert semcodec.decode(envelope.preview).shape == (240, 320, 3)


def test_the_thumb_has_the_colours_of_the_picture(macaws: Outgoing):
    thumb_HWC = semcodec.decode(read_envelope(macaws.envelope).preview).astype(int)
    whole_HWC = semcodec.decode(semcodec.join(macaws.packets).data).astype(int)
    assert np.abs(thumb_HWC.mean((0, 1)) - whole_HWC.mean((0, 1))).max() < 12


def test_a_file_that_fits_is_its_own_envelope():
    data = semcodec.encode(np.full((64, 64, 3), 90, np.uint8), bytes=60, caption="Grey.").data
    envelope = read_envelope(envelope_of(data, semcodec.split(data, mtu=200), max_bytes=200))
    assert envelope.num_packets == 0 and envelope.preview == data


def test_words_that_do_not_fit_are_cut_at_a_word(photo_path: Path):
    words = (
        "Two macaws, one blue and yellow, one red and green, in front of a wall of leaves in the afternoon sun. " * 4
    )
    data = encoded(photo_path, caption=words)
    preview = preview_of(data, max_bytes=70, limits=DEFAULT_LIMITS)
    said = semcodec.read_words(preview)
    assert len(preview) <= 70 and said is not None
    assert words.startswith(said.text[:-1]) and said.text.endswith("…") and words[len(said.text) - 1] == " "


def test_a_larger_thumb_looks_more_like_the_picture(macaws: Outgoing):
    data = semcodec.join(macaws.packets).data
    whole_HWC = semcodec.decode(data).astype(int)
    errors = []
    for thumb_bytes in (25, 200):
        preview = preview_of(data, max_bytes=400, thumb_bytes=thumb_bytes, limits=DEFAULT_LIMITS)
        errors.append(np.abs(semcodec.decode(preview) - whole_HWC).mean())
    assert errors[1] < errors[0]


def test_where_nothing_fits_one_sentence_says_so(photo_path: Path):
    with Image.open(photo_path) as picture:
        data = semcodec.encode(picture, bytes=300).data
    with pytest.raises(BudgetError, match="an envelope has no room in 12 bytes: use a link with larger packets"):
        preview_of(data, max_bytes=12, limits=DEFAULT_LIMITS)

"""Files that fill packets, and what the recipient of some of them sees."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.errors import BudgetError, FormatError
from semcodec.models import Models, default_models
from semcodec.options import EncodeOptions
from semcodec.radio.choice import Plan
from semcodec.radio.filling import Filled, encode_for_packets, mtu_of
from semcodec.radio.links import link_named
from semcodec.radio.preview import arriving, preview


@pytest.fixture(scope="module")
def photo(photo_path) -> Image.Image:
    with Image.open(photo_path) as whole:
        return whole.crop((100, 60, 356, 252))


@pytest.fixture(scope="module")
def filled(photo: Image.Image) -> Filled:
    options = EncodeOptions(picture="tokens", caption="Two macaws.")
    return encode_for_packets(photo, mtu=115, plan=Plan(4, num_copies=1), options=options)


def test_packets_are_exactly_as_many_as_were_asked_for_and_full(filled: Filled):
    assert len(filled.packets) == 5 and filled.packets.count(filled.packets[0]) == 2
    assert all(len(packet) <= 115 for packet in filled.packets)
    assert 0.94 < filled.fill <= 1
    assert semcodec.join(filled.packets).data == filled.encoded.data
    assert filled.expected == {}


@pytest.mark.parametrize(
    ("name", "num", "kind"),
    [("meshtastic", 2, "tokens"), ("lorawan", 5, "tokens"), ("iridium", 1, "base"), ("sms", 2, "base")],
)
def test_every_link_and_kind_of_picture_is_filled_and_never_exceeded(
    photo: Image.Image, name: str, num: int, kind: str
):
    mtu = mtu_of(link_named(name))
    found = encode_for_packets(photo, mtu=mtu, plan=Plan(num), options=EncodeOptions(picture=kind))
    assert len(found.packets) == num
    assert found.fill > 0.9
    assert kind in found.encoded.bytes_by_layer


@pytest.mark.parametrize("kind", ["tokens", "base"])
def test_repair_packets_are_part_of_what_is_filled(photo: Image.Image, kind: str):
    found = encode_for_packets(photo, mtu=115, plan=Plan(3, num_repair=2), options=EncodeOptions(picture=kind))
    assert len(found.packets) == 5 and all(len(packet) <= 115 for packet in found.packets)
    assert found.fill > 0.9
    assert semcodec.join(found.packets[2:]).data == found.encoded.data


def test_what_is_sent_follows_from_the_loss(photo: Image.Image):
    sure = encode_for_packets(photo, mtu=115, plan=Plan(6), options=EncodeOptions())
    unsure = encode_for_packets(photo, mtu=115, plan=Plan(6, 0.4), options=EncodeOptions())
    assert "base" in sure.encoded.bytes_by_layer and "tokens" in unsure.encoded.bytes_by_layer
    assert unsure.expected["tokens"].distance < unsure.expected["base"].distance


def test_where_pillow_has_no_avif_tokens_are_sent(photo: Image.Image, monkeypatch: pytest.MonkeyPatch):
    from semcodec.errors import MissingAvifError
    from semcodec.rate import base

    def none_here(*_args: object, **_options: object) -> None:
        raise MissingAvifError("no AVIF")

    monkeypatch.setattr(base, "best_base", none_here)
    assert "tokens" in encode_for_packets(photo, mtu=115, plan=Plan(3), options=EncodeOptions()).encoded.bytes_by_layer


def test_a_describer_is_asked_once(photo: Image.Image, red_HWC: np.ndarray, debug_describer: str):
    asked = []

    class Counting(Models):
        def describer(self):
            asked.append(1)
            return super().describer()

    models = Counting(default_models().settings)
    found = encode_for_packets(
        red_HWC, mtu=115, plan=Plan(2), options=EncodeOptions(describe=True, picture="tokens"), models=models
    )
    assert len(asked) == 1
    words = semcodec.read_words(found.encoded.data)
    assert words.text == "A red cap on the wall." and words.origin.name == "MACHINE"
    assert "red cap" in found.encoded.described


def test_a_tiny_picture_leaves_packets_over_and_too_few_are_refused(photo: Image.Image):
    tiny = photo.resize((16, 12))
    assert len(encode_for_packets(tiny, mtu=231, plan=Plan(9), options=EncodeOptions()).packets) < 9
    with pytest.raises(BudgetError):
        encode_for_packets(photo, mtu=40, plan=Plan(1), options=EncodeOptions(caption="A long caption. " * 9))
    with pytest.raises(ValueError, match="packets say how many bytes"):
        encode_for_packets(photo, mtu=40, plan=Plan(1), options=EncodeOptions(bytes=100))


def test_links_without_text_say_so():
    assert mtu_of(link_named("sms"), as_text=True) == mtu_of(link_named("meshcore"), as_text=True) == 128
    with pytest.raises(ValueError, match="iridium carries no text"):
        mtu_of(link_named("iridium"), as_text=True)


def test_a_preview_is_what_join_paints_of_what_arrives(filled: Filled):
    whole = preview(filled.packets)
    assert np.array_equal(whole.image_HWC, semcodec.decode(filled.encoded.data))
    there = arriving(filled.packets, 0.4, seed=2)
    assert there == arriving(filled.packets, 0.4, seed=2) and 0 < len(there) < 5
    assert set(there) <= set(arriving(filled.packets, 0.2, seed=2))
    part = preview(filled.packets, loss=0.4, seed=2)
    assert np.array_equal(part.image_HWC, semcodec.render(semcodec.join(there).reading.scene))
    assert arriving(filled.packets, 0) == list(filled.packets) and arriving(filled.packets, 1) == []
    with pytest.raises(FormatError):
        preview(filled.packets, loss=1)
    with pytest.raises(ValueError, match="loss of 2"):
        arriving(filled.packets, 2)

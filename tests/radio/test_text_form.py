"""Packets as text: there and back, what hostile strings get, and packets in the middle of talk."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import semcodec
from semcodec.errors import FormatError
from semcodec.radio.links import links
from semcodec.radio.text_form import ALPHABET, as_text, bytes_in, from_text, packets_in

# 3GPP TS 23.038, table 6.2.1, without what is not ASCII; what is in the extension table counts twice.
GSM_BASIC = "@$_!\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def packets() -> list[bytes]:
    return semcodec.split(
        semcodec.encode(_stripes(), bytes=300, picture="tokens", caption="Stripes.").data, mtu=bytes_in(160)
    )


def _stripes():
    import numpy as np

    image = np.zeros((128, 192, 3), dtype=np.uint8)
    image[::16], image[:, ::24] = (200, 40, 30), (20, 90, 200)
    return image


def test_the_alphabet_is_what_ascii_and_an_sms_share():
    assert len(ALPHABET) == 85 == len(set(ALPHABET))
    assert sorted(GSM_BASIC) == list(ALPHABET)


def test_the_first_texts_are_these():
    assert as_text(b"") == ""
    assert as_text(b"\x00") == "!!"
    assert as_text(bytes.fromhex("f8")) == "ub"
    assert as_text(bytes.fromhex("f8f9fafb")) == 'v"fie'
    assert as_text(bytes.fromhex("ffffffff00")) == "x8W-!!!"


@given(st.binary(max_size=400))
def test_bytes_are_the_same_again(data: bytes):
    text = as_text(data)
    assert from_text(text) == data
    assert set(text) <= set(ALPHABET)
    assert bytes_in(len(text)) == len(data)
    assert bytes_in(len(text) - 1) < len(data) or not data


@given(st.text(alphabet=st.sampled_from([*ALPHABET, " ", "~", "\n", "é", "\x00"]), max_size=60))
def test_what_is_read_is_what_would_be_written_and_all_else_is_refused(text: str):
    try:
        data = from_text(text)
    except FormatError as problem:
        assert "not a packet's text" in str(problem)
    else:
        assert as_text(data) == text


@pytest.mark.parametrize("text", ["x", "xxxxx", "!!!!!!", "ab cd", "{abcd", "Ünter", '!"', "!!\n"])
def test_hostile_strings_are_refused(text: str):
    with pytest.raises(FormatError):
        from_text(text)


def test_packets_are_found_in_talk(packets: list[bytes]):
    texts = [as_text(packet) for packet in packets]
    assert len(texts) > 1 and all(len(text) <= 160 for text in texts)
    talk = f"Hello!\n12:04 hut: {texts[1]}\r\n[valley] {texts[0]} got it?\n\n" + "\t".join(texts[2:])
    assert list(packets_in(talk)) == [packets[1], packets[0], *packets[2:]]
    broken = texts[0][:20] + ("a" if texts[0][20] != "a" else "b") + texts[0][21:]
    assert list(packets_in(f"{broken} {texts[0]}x x{texts[0]} {texts[0][:-1]}")) == []
    assert list(packets_in("words " * 10_000)) == []


@given(st.text(max_size=300))
def test_no_talk_is_taken_for_a_packet(talk: str):
    assert list(packets_in(talk)) == []


def test_a_full_text_packet_of_every_link_fits_its_message(packets: list[bytes]):
    for link in links().values():
        if link.text is not None:
            assert len(as_text(bytes(bytes_in(link.text.chars)))) <= link.text.chars
    assert [bytes_in(num) for num in (0, 1, 2, 5, 6, 160, 200)] == [0, 0, 1, 4, 4, 128, 160]
    assert not any(re.search(r"\s", as_text(packet)) for packet in packets)

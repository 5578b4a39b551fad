"""Facts of the links: each has a source, and they agree with each other."""

from __future__ import annotations

import pytest

from semcodec.container.packets import MAX_PACKET_BYTES, MIN_PACKET_BYTES
from semcodec.radio.links import link_named, links

NAMES = ("meshcore", "meshtastic", "lorawan", "sms", "iridium", "lxmf")


def test_the_links_are_these():
    assert tuple(links()) == NAMES
    assert [links()[name].payload_bytes for name in NAMES] == [163, 231, 51, 140, 340, 278]


@pytest.mark.parametrize("name", NAMES)
def test_every_fact_has_a_source(name: str):
    link = link_named(name)
    assert all(source.fact and source.url.startswith("http") for source in link.sources)
    facts = " ".join(source.fact for source in link.sources)
    assert str(link.payload_bytes) in facts + " ".join(link.notes) or name == "meshtastic"
    if link.text:
        assert str(link.text.chars) in facts
    if link.modem:
        assert f"SF{link.modem.spreading_factor}" in facts
        assert f"{link.modem.preamble_symbols} symbols" in facts
    if link.duty_cycle_percent:
        assert f"{link.duty_cycle_percent} %" in facts


@pytest.mark.parametrize("name", NAMES)
def test_a_packet_of_ours_fits_in_every_link(name: str):
    assert MIN_PACKET_BYTES <= link_named(name).payload_bytes <= MAX_PACKET_BYTES


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="smoke: no such link; there are meshcore, meshtastic"):
        link_named("smoke")

"""Airtime against published calculators, and what links add around a packet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.radio.airtime import airtime_ms, cost_of, frames_of
from semcodec.radio.links import Frame, Modem, link_named, links


def modem(sf: int, coding_rate: int = 5, bandwidth_khz: float = 125, preamble: int = 8) -> Modem:
    return Modem(sf, bandwidth_khz, coding_rate, preamble)


# https://docs.google.com/spreadsheets/d/1voGAtQAjC1qBmaVuP1ApNKs1ekgUjavHuVQIXyYSvNc (13 bytes; after AN1200.13) and
# https://rfwireless-world.com/calculators/wireless-and-cellular/lorawan-airtime-calculator (10 bytes).
PUBLISHED = [(13, modem(9), 164.864), (10, modem(7), 41.216), (10, modem(11), 577.536)]
ROUNDED = {7: 41, 8: 72, 9: 144, 10: 289, 11: 578, 12: 991}  # the second's table


@pytest.mark.parametrize(("num_bytes", "settings", "published_ms"), PUBLISHED)
def test_airtime_is_what_published_calculators_say(num_bytes: int, settings: Modem, published_ms: float):
    assert airtime_ms(num_bytes, settings) == pytest.approx(published_ms, abs=1e-9)


def test_a_published_table_of_all_spreading_factors_is_met():
    assert {sf: round(airtime_ms(10, modem(sf))) for sf in ROUNDED} == ROUNDED


def test_meshtastic_tells_of_200_ms_saved_by_24_symbols_of_preamble():
    # https://github.com/meshtastic/firmware/pull/1902: 10 bytes on LongFast of 2022, 854 ms before and 657 after
    settings = modem(11, 8, 250, 32)
    assert airtime_ms(26, settings) - airtime_ms(26, replace(settings, preamble_symbols=8)) == pytest.approx(197, abs=1)


@given(st.integers(0, 254), st.integers(5, 12), st.sampled_from([62.5, 125.0, 250.0, 500.0]), st.integers(5, 8))
def test_airtime_grows_with_bytes_and_with_everything_that_slows_a_modem(
    num_bytes: int, sf: int, bandwidth_khz: float, rate: int
):
    settings = modem(sf, rate, bandwidth_khz)
    here = airtime_ms(num_bytes, settings)
    assert here > 0
    assert airtime_ms(num_bytes + 1, settings) >= here
    assert airtime_ms(num_bytes, replace(settings, bandwidth_khz=bandwidth_khz / 2)) > here
    assert airtime_ms(num_bytes, replace(settings, preamble_symbols=9)) > here
    assert airtime_ms(num_bytes, replace(settings, explicit_header=False)) <= here
    assert airtime_ms(num_bytes, replace(settings, crc=False)) <= here


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"spreading_factor": 4}, "spreading factor of 4 is not within 5..12"),
        ({"coding_rate": 9}, "coding rate of 4/9"),
        ({"bandwidth_khz": 0}, "bandwidth of 0 kHz"),
        ({"preamble_symbols": -1}, "preamble of -1 symbols"),
    ],
)
def test_settings_that_no_modem_has_are_refused(change: dict[str, int], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        airtime_ms(10, replace(modem(7), **change))


@pytest.mark.parametrize(
    ("name", "most_on_air"),
    [("meshcore", 181), ("meshtastic", 255), ("lorawan", 64), ("lxmf", 255)],
)
def test_the_largest_packet_of_a_link_is_what_its_radio_takes(name: str, most_on_air: int):
    link = link_named(name)
    assert max(frames_of(link.payload_bytes, link.frame)) == most_on_air
    assert all(num <= 255 for num in frames_of(link.payload_bytes, link.frame))
    if link.text:
        assert all(num <= 255 for num in frames_of(link.text.chars, link.text_frame))


def test_an_encrypted_message_of_reticulum_has_at_most_500_bytes_in_two_frames():
    frames = frames_of(link_named("lxmf").payload_bytes, link_named("lxmf").frame)
    assert len(frames) == 2 and sum(frames) - 2 == 483  # (383 bytes, padded to 384, encrypted and addressed)
    assert sum(frames_of(279, link_named("lxmf").frame)) - 2 == 499
    assert frames_of(40, Frame()) == [40]


def test_a_full_packet_costs_what_users_measured():
    # 184 bytes of MeshCore at SF8, 62.5 kHz, 4/8 with a preamble of 16: 1.6 s; 255 bytes of Meshtastic LongFast: 2.2 s
    assert airtime_ms(184, Modem(8, 62.5, 8, 16)) == pytest.approx(1600, abs=60)
    assert airtime_ms(255, link_named("meshtastic").modem) == pytest.approx(2200, abs=60)


def test_costs_are_summed_and_a_duty_cycle_stretches_them():
    link = link_named("lorawan")
    cost = cost_of([bytes(51), bytes(20)], link)
    assert (cost.num_packets, cost.num_bytes) == (2, 71)
    assert cost.airtime_s == pytest.approx((airtime_ms(64, link.modem) + airtime_ms(33, link.modem)) / 1000)
    assert cost.duty_cycle_s == pytest.approx(100 * cost.airtime_s)
    assert cost_of([bytes(51)], link, duty_cycle_percent=100).duty_cycle_s is None
    assert cost_of([bytes(51)], link, modem=modem(7)).airtime_s < cost_of([bytes(51)], link).airtime_s
    text = cost_of(["x" * 51], link_named("meshtastic"))
    assert text.airtime_s < cost_of([bytes(51)], link_named("meshtastic")).airtime_s + 1
    assert cost_of([bytes(140)], links()["sms"]).airtime_s is None
    assert cost_of([bytes(140)]).num_bytes == 140
    with pytest.raises(ValueError, match="duty cycle of 0 %"):
        cost_of([b""], link, duty_cycle_percent=0)

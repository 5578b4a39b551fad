"""The simulated channel does what it is told, and the same every time."""

from __future__ import annotations

import pytest

from semcodec.radio.channel import Channel, Weather


def sent_through(weather: Weather, num: int = 20_000) -> list[list[float]]:
    channel = Channel(weather)
    return [channel.arrivals(float(at)) for at in range(num)]


def test_a_good_channel_gives_everything_once_and_at_once():
    assert sent_through(Weather(), 100) == [[float(at)] for at in range(100)]


def test_shares_are_met():
    arrived = sent_through(Weather(loss=0.3, duplicates=0.1, delay_s=2, seed=3))
    assert sum(not times for times in arrived) / len(arrived) == pytest.approx(0.3, abs=0.02)
    assert sum(len(times) == 2 for times in arrived) / len(arrived) == pytest.approx(0.07, abs=0.01)
    assert all(time - at == 2 for at, times in enumerate(arrived) for time in times)
    assert sent_through(Weather(loss=1), 50) == [[]] * 50


def test_losses_come_in_bursts_of_the_length_that_is_asked_for():
    lost = [not times for times in sent_through(Weather(loss=0.2, burst=5, seed=1))]
    begins = sum(now and not before for before, now in zip([False, *lost], lost, strict=False))
    assert sum(lost) / len(lost) == pytest.approx(0.2, abs=0.02)
    assert sum(lost) / begins == pytest.approx(5, abs=0.5)


def test_some_are_overtaken():
    times = [each[0] for each in sent_through(Weather(reordered=0.2, delay_s=1, seed=5), 200)]
    assert times != sorted(times)


def test_the_same_seed_is_the_same_weather():
    weather = Weather(loss=0.5, duplicates=0.5, reordered=0.5, seed=8)
    assert sent_through(weather, 100) == sent_through(weather, 100)
    assert sent_through(weather, 100) != sent_through(Weather(loss=0.5, duplicates=0.5, reordered=0.5, seed=9), 100)


@pytest.mark.parametrize("wrong", [{"loss": 1.1}, {"duplicates": -1}, {"delay_s": -1}, {"burst": 0.5}])
def test_weather_that_cannot_be_is_refused(wrong: dict[str, float]):
    with pytest.raises(ValueError, match="is "):
        Weather(**wrong)

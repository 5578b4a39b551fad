"""Duty cycles and pauses."""

from __future__ import annotations

from semcodec.radio.pace import WINDOW_S, Pace


def times_of(pace: Pace, num: int, *, num_bytes: int = 100) -> list[float]:
    now, times = 0.0, []
    for _ in range(num):
        now = pace.free_at(num_bytes, now)
        pace.sent(num_bytes, now)
        times.append(now)
    return times


def test_without_airtime_and_pause_nothing_waits():
    assert times_of(Pace(lambda _: 0.0), 5) == [0, 0, 0, 0, 0]


def test_datagrams_do_not_overlap_and_leave_a_pause():
    assert times_of(Pace(lambda num_bytes: num_bytes / 100, pause_s=0.5), 4) == [0, 1.5, 3, 4.5]


def test_the_airtime_of_no_hour_is_above_the_duty_cycle():
    airtime_s = 2.0
    times = times_of(Pace(lambda _: airtime_s, duty_percent=1, pause_s=0.1), 60)
    assert times[17] < 40 < WINDOW_S <= times[18]  # 36 s of an hour, at once
    for begin in times:
        within = [time for time in times if begin <= time < begin + WINDOW_S]
        assert airtime_s * len(within) <= 0.01 * WINDOW_S


def test_what_is_longer_than_an_hour_allows_goes_out_once_an_hour():
    times = times_of(Pace(lambda _: 10.0, duty_percent=0.1), 3)
    assert times == [0, WINDOW_S, 2 * WINDOW_S]

"""The links of `channel.py`: which packets arrive, and how likely enough of them do."""

from __future__ import annotations

import random

LOSSES = (0.0, 0.1, 0.2, 0.3, 0.5)
BURST = 3  # packets, in the mean
CHANNELS = {"independent": LOSSES, "bursts": (0.0, 0.2)}  # and the losses that pictures are painted at


def arrivals(num_packets: int, loss: float, channel: str, seed: str) -> list[bool]:
    """Which packets arrive. Independent losses of one seed grow with the loss: what arrives does at every lower one."""
    rng = random.Random(f"{channel} {seed}")
    if channel == "independent" or not loss:
        return [rng.random() >= loss for _ in range(num_packets)]
    to_good = 1 / BURST
    to_bad = to_good * loss / (1 - loss)
    is_bad, found = rng.random() < loss, []
    for _ in range(num_packets):
        found.append(not is_bad)
        is_bad = rng.random() >= to_good if is_bad else rng.random() < to_bad
    return found


def share_of_enough(num_needed: int, num_sent: int, loss: float, channel: str) -> float:
    """How likely at least so many of the packets arrive: exact, over the states of the link."""
    if channel == "independent" or not loss:
        stays_bad, turns_bad = loss, loss
    else:
        stays_bad, turns_bad = 1 - 1 / BURST, loss / (1 - loss) / BURST
    chances = {(is_bad, 0): loss if is_bad else 1 - loss for is_bad in (True, False)}
    for at in range(num_sent):
        after: dict[tuple[bool, int], float] = {}
        for (is_bad, count), chance in chances.items():
            count += not is_bad
            bad = stays_bad if is_bad else turns_bad
            for next_bad, share in ((True, bad), (False, 1 - bad)):
                key = (next_bad, count) if at + 1 < num_sent else (False, count)
                after[key] = after.get(key, 0) + chance * share
        chances = after
    return sum(chance for (_, count), chance in chances.items() if count >= num_needed)


def repair_needed(num_packets: int, loss: float, channel: str) -> int:
    """The fewest repair packets with which 99 % of the receivers have the whole file."""
    repair = 0
    while share_of_enough(num_packets, num_packets + repair, loss, channel) < 0.99:
        repair += 1
    return repair

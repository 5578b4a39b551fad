"""What was sent stays, what is missing is drawn; in windows as in the whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.nets.anchored import AnchoredNets
from semcodec.painters.completion import completed, draw, turns, windows_of
from semcodec.types import MISSING
from semcodec.zoo.catalog import package_at


@pytest.fixture(scope="module")
def nets(tiny_generator: Path) -> AnchoredNets:
    return AnchoredNets(package_at(tiny_generator).files, threads=1)


def pyramid(nets: AnchoredNets, rows: int, cols: int, share: float, seed: int = 0) -> list[np.ndarray]:
    """Digits of every scale, so many finest rows and columns; a share of the tokens is there."""
    rng, found = np.random.default_rng(seed), []
    for stride, levels in zip(nets.about.strides, nets.about.levels, strict=True):
        factor = stride // nets.about.strides[-1]
        shape = -(-rows // factor), -(-cols // factor)
        digits = rng.integers(0, levels, (*shape, len(levels))).astype(np.uint8)
        digits[rng.random(shape) >= share] = MISSING
        found.append(digits)
    return found


def complete(nets: AnchoredNets, digits: list[np.ndarray], **changes: object) -> tuple[np.ndarray, ...]:
    edges = [np.zeros((2, *scale.shape[:2]), np.float32) for scale in digits]
    asked = {
        "down_to": 16,
        "words": "a red dog",
        "edges": edges,
        "key": 1,
        "manners": nets.about.manners,
    }
    return completed(nets, digits, **{**asked, **changes})  # type: ignore[arg-type]


@settings(max_examples=25)
@given(
    rows=st.integers(1, 40),
    cols=st.integers(1, 40),
    share=st.floats(0, 1),
    seed=st.integers(0, 1 << 32),
    down_to=st.sampled_from([128, 64, 32, 16, 8]),
)
def test_sent_tokens_are_never_altered_and_drawn_digits_stay_within_their_levels(
    nets: AnchoredNets, rows: int, cols: int, share: float, seed: int, down_to: int
) -> None:
    sent = pyramid(nets, rows, cols, share, seed)
    before = [digits.copy() for digits in sent]
    found = complete(nets, sent, down_to=down_to, key=seed)
    assert all(map(np.array_equal, before, sent)), "what is given is not written to"
    for stride, levels, was, mine in zip(nets.about.strides, nets.about.levels, before, found, strict=True):
        there = was[..., 0] != MISSING
        assert np.array_equal(mine[there], was[there])
        if stride >= down_to:
            assert (mine < np.array(levels)).all()
        else:
            assert np.array_equal(mine, was)


def test_the_same_key_draws_the_same_tokens_and_another_one_others(nets: AnchoredNets) -> None:
    sent = pyramid(nets, 24, 32, 0.2)
    first, again, other = complete(nets, sent), complete(nets, sent), complete(nets, sent, key=2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


def test_words_edges_and_coarser_tokens_matter(nets: AnchoredNets) -> None:
    sent = pyramid(nets, 24, 32, 0)
    plain = complete(nets, sent)
    outlined = [np.ones((2, *scale.shape[:2]), np.float32) for scale in sent]
    for others in (
        complete(nets, sent, words="the blue sea"),
        complete(nets, sent, words=""),
        complete(nets, sent, edges=outlined),
        complete(nets, sent, manners=nets.about.fast_manners),
    ):
        assert any((a != b).any() for a, b in zip(plain, others, strict=True))
    known = [np.zeros_like(sent[0]), *sent[1:]]
    assert (complete(nets, known)[2] != plain[2]).any()


def test_outlines_guide_where_they_are_to(nets: AnchoredNets) -> None:
    sent = pyramid(nets, 24, 32, 0)
    outlined = [np.ones((2, *scale.shape[:2]), np.float32) for scale in sent]
    plain, followed = (
        complete(nets, sent, words="", edges=outlined, outlines_guide=guide) for guide in (False, True)
    )  # fmt: skip
    assert any((a != b).any() for a, b in zip(plain, followed, strict=True))
    unguided = {stride: replace(manner, guidance=1.0) for stride, manner in nets.about.manners.items()}
    one, other = (
        complete(nets, sent, words="", edges=outlined, manners=unguided, outlines_guide=guide)
        for guide in (False, True)
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_every_token_has_its_turn_and_few_come_first(count: int) -> None:
    numbers = np.random.default_rng(0).integers(0, 1 << 32, 20_000, dtype=np.uint32)
    found = turns(numbers, count)
    assert found.min() == 0 and found.max() == count - 1
    counts = np.bincount(found, minlength=count)
    assert (np.diff(counts) > -300).all(), "no step draws fewer than the one before"
    assert turns(np.array([0, (1 << 32) - 1], np.uint32), count).tolist() == [0, count - 1]


def test_draws_follow_the_probabilities_sharper_at_low_temperature() -> None:
    numbers = np.random.default_rng(0).integers(0, 1 << 32, (20_000, 2), dtype=np.uint32)
    odds = np.log(np.array([0.7, 0.2, 0.1, 0.5, 0.5]))
    logits = np.repeat(odds[None], len(numbers), axis=0)
    found = draw(logits, (3, 2), numbers, temperature=1.0)
    shares = np.bincount(found[:, 0], minlength=3) / len(found)
    assert np.abs(shares - [0.7, 0.2, 0.1]).max() < 0.02
    assert abs(found[:, 1].mean() - 0.5) < 0.02
    sharper = draw(logits, (3, 2), numbers, temperature=0.5)
    assert abs((sharper[:, 0] == 0).mean() - 0.49 / 0.54) < 0.02
    assert (draw(logits, (3, 2), numbers, temperature=0.0)[:, 0] == 0).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e38, -1e38])
def test_whatever_the_network_says_digits_come_out(
    nets: AnchoredNets, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    true_log_odds = AnchoredNets.log_odds

    def broken(self: AnchoredNets, *arguments: object) -> tuple[np.ndarray, np.ndarray | None]:
        logits, below = true_log_odds(self, *arguments)  # type: ignore[arg-type]
        logits[:, ::2] = value
        return logits, None if below is None else np.full_like(below, value)

    monkeypatch.setattr(AnchoredNets, "log_odds", broken)
    found = complete(nets, pyramid(nets, 16, 16, 0.3))
    for digits, levels in list(zip(found, nets.about.levels, strict=True))[:4]:
        assert (digits < np.array(levels)).all()


def test_a_digit_at_a_time_every_digit_is_drawn(make_generator: Callable[..., Path]) -> None:
    nets = AnchoredNets(package_at(make_generator(digit_by_digit=[128, 64])).files, threads=1)
    found = complete(nets, pyramid(nets, 33, 47, 0.3))
    assert all((digits != MISSING).all() for digits in found[:4])


def test_windows_cover_a_scale_once_and_begin_at_whole_parents() -> None:
    assert len(windows_of(96, 96, 64, 16)) == 1
    for rows, cols in ((97, 1), (130, 131), (64, 200)):
        seen = np.zeros((rows, cols), int)
        for window in windows_of(rows, cols, 64, 16):
            seen[window.kept] += 1
            assert window.rows.start % 2 == window.cols.start % 2 == 0
        assert (seen == 1).all()


def test_a_region_has_the_tokens_of_the_whole_and_less_is_run(make_generator: Callable[..., Path]) -> None:
    nets = AnchoredNets(package_at(make_generator(window={"core": 8, "margin": 4}, invents_down_to=8)).files, threads=1)
    sent = pyramid(nets, 64, 96, 0.1)
    whole = complete(nets, sent, down_to=8)
    wanted = [np.zeros(scale.shape[:2], bool) for scale in sent]
    for scale, cells in enumerate(wanted):
        factor = 1 << (len(sent) - 1 - scale)
        cells[22 // factor : -(-30 // factor), 64 // factor : -(-90 // factor)] = True
    part = complete(nets, sent, down_to=8, wanted=wanted)
    for mine, theirs, cells in zip(part, whole, wanted, strict=True):
        assert np.array_equal(mine[cells], theirs[cells])
    assert (part[-1] == MISSING).mean() > 0.5, "most of the finest scale was not asked for"


def test_where_all_is_there_no_network_is_opened(nets: AnchoredNets, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*arguments: object) -> None:
        raise AssertionError("no graph has anything to say")

    monkeypatch.setattr(AnchoredNets, "_run", opened)
    sent = pyramid(nets, 16, 16, 1)
    found = complete(nets, sent, down_to=8)
    assert all(map(np.array_equal, found, sent))

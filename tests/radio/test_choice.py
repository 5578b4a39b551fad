"""Expected distances against sums written out, and what is chosen where."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.radio import choice
from semcodec.radio.choice import Plan, best_repair, expectations, nearer_of
from semcodec.types import Size

KODAK = Size(768, 512)


def test_without_loss_the_curves_are_what_is_expected_and_everybody_sees_a_picture():
    row = choice._curves()["rows"][2]
    num_bytes = round(row["bpp"] * KODAK.width_px * KODAK.height_px / 8)
    expected = expectations(KODAK, num_bytes, Plan(4))
    assert expected["base"].distance == pytest.approx(row["base"], abs=0.003)
    assert expected["tokens"].distance == pytest.approx(row["tokens"][-1], abs=0.003)
    assert expected["base"].sees == expected["tokens"].sees == 1


def test_a_photograph_of_a_telephone_is_seen_as_large_as_the_measured_ones():
    assert expectations(Size(4032, 3024), 924, Plan(4, 0.2)) == expectations(KODAK, 924, Plan(4, 0.2))
    assert expectations(Size(320, 240), 924, Plan(4, 0.2)) != expectations(KODAK, 924, Plan(4, 0.2))


def test_where_all_is_lost_nobody_sees_anything():
    expected = expectations(KODAK, 900, Plan(4, 1.0))
    assert expected["base"] == expected["tokens"] == choice.Expectation(choice._curves()["nothing"], 0.0)


@pytest.mark.parametrize("plan", [Plan(3, 0.2), Plan(3, 0.3, num_copies=1), Plan(3, 0.2, num_repair=2)])
def test_expectations_are_sums_over_every_mask_of_lost_packets(plan: Plan):
    shares, row = choice._curves()["shares"], choice._row(8 * 900 / (768 * 512))
    nothing, means, seen = choice._curves()["nothing"], {"tokens": 0.0, "base": 0.0}, {"tokens": 0.0, "base": 0.0}
    num = plan.num_packets + plan.num_copies + plan.num_repair
    for mask in product((True, False), repeat=num):
        chance = math.prod(1 - plan.loss if there else plan.loss for there in mask)
        firsts, others = mask[: 1 + plan.num_copies], mask[1 + plan.num_copies : plan.num_packets + plan.num_copies]
        first, num_others, num_repair = any(firsts), sum(others), sum(mask[plan.num_packets + plan.num_copies :])
        whole = first + num_others + num_repair >= plan.num_packets
        share = 1.0 if whole else (first + num_others) / plan.num_packets
        found = {
            "tokens": choice._at(shares, row["tokens"], share) if first or whole else None,
            "base": row["base"] if whole else None,
        }
        for kind, distance in found.items():
            means[kind] += chance * (nothing if distance is None else distance)
            seen[kind] += chance * (distance is not None)
    expected = expectations(KODAK, 900, plan)
    for kind in means:
        assert expected[kind].distance == pytest.approx(means[kind])
        assert expected[kind].sees == pytest.approx(seen[kind])


def test_a_base_is_chosen_on_good_links_tokens_on_bad_ones_and_repair_gives_the_base_back():
    assert nearer_of(expectations(KODAK, 924, Plan(4))) == "base"
    assert nearer_of(expectations(KODAK, 8 * 115, Plan(8, 0.3))) == "tokens"
    assert nearer_of(expectations(KODAK, 8 * 115, Plan(8, 0.2, num_repair=5))) == "base"
    assert nearer_of(expectations(KODAK, 165, Plan(1, 0.3))) == "base"  # one packet: whole or nothing, either way


@given(st.integers(40, 20_000), st.integers(1, 30), st.floats(0, 1), st.integers(0, 3))
def test_more_copies_never_hurt_and_chances_stay_chances(num_bytes: int, num_packets: int, loss: float, copies: int):
    fewer = expectations(KODAK, num_bytes, Plan(num_packets, loss, num_copies=copies))
    more = expectations(KODAK, num_bytes, Plan(num_packets, loss, num_copies=copies + 1))
    for kind in fewer:
        assert -1e-9 <= fewer[kind].sees <= more[kind].sees + 1e-9 <= 1 + 2e-9
        assert more[kind].distance <= fewer[kind].distance + 1e-9


def test_repair_packets_are_as_many_as_the_loss_asks_for():
    few, many = (best_repair(KODAK, 163, 12, loss) for loss in (0.05, 0.4))
    assert best_repair(KODAK, 163, 12, 0.0) == 0 < few < many < 12
    assert best_repair(KODAK, 163, 1, 0.5) == 0
    with pytest.raises(ValueError, match="1 to 256 packets, not for 257"):
        best_repair(KODAK, 163, 257, 0.1)


def test_thousands_of_packets_have_expectations():
    expected = expectations(KODAK, 4096 * 231, Plan(4096, 0.2, num_repair=2))
    assert expected["tokens"].sees == pytest.approx(0.8)
    assert expected["base"].sees < 1e-9


@pytest.mark.parametrize(
    ("values", "sentence"),
    [((0,), "0 packets"), ((1, 1.5), "loss of 1.5"), ((1, 0.1, -1), "fewer than 0 copies")],
)
def test_plans_that_cannot_be_are_refused(values: tuple[float, ...], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        Plan(*values)

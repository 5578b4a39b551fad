from __future__ import annotations

from semcodec.evaluation.budgets import Unit


def test_bits_per_pixel_are_bytes_of_each_picture_rounded_down():
    assert Unit.MILLIBPP.num_bytes(20, 480 * 320) == 384
    assert Unit.MILLIBPP.num_bytes(40, 201 * 300) == 301
    assert Unit.BYTES.num_bytes(340, 480 * 320) == 340


def test_a_budget_is_named_by_its_unit():
    assert (Unit.BYTES.text(1000), Unit.BYTES.short(1000)) == ("1,000 bytes", "1,000 B")
    assert (Unit.MILLIBPP.text(20), Unit.MILLIBPP.short(125)) == ("0.02 bpp", "0.125 bpp")

"""Lists and boxes are read out of answers; what cannot be read is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.hub.describers.parse import MAX_ITEMS, PARSERS, Region, parse_json, parse_list, parse_places

THOUSAND = (1000.0, 1000.0)


@given(st.text(alphabet=st.sampled_from('ab <>loc_0123456789[]{}":,.bx2dlae'), max_size=300))
def test_no_answer_raises_and_all_boxes_lie_within_the_picture(said: str):
    for parse in PARSERS.values():
        for region in parse(said, (640.0, 480.0)).regions:
            assert 0 <= region.left < region.right <= 1
            assert 0 <= region.top < region.bottom <= 1
            assert region.label


def test_a_list_in_any_dress():
    for said in ("dog, beach, sea", "1. dog\n2. beach\n3. sea", "- dog\n- beach\n- sea", "dog; Dog; beach; sea."):
        assert parse_list(said, THOUSAND).items == ("dog", "beach", "sea")


def test_places_of_florence():
    answer = parse_places(
        "</s><s>a dog<loc_100><loc_200><loc_300><loc_600>sea<loc_0><loc_0><loc_999><loc_500></s>", THOUSAND
    )
    assert answer.regions == (Region("sea", 0.0, 0.0, 0.999, 0.5), Region("a dog", 0.1, 0.2, 0.3, 0.6))
    assert answer.text == "sea, a dog"  # large ones first


def test_one_label_may_have_several_places():
    answer = parse_places("cap<loc_0><loc_0><loc_10><loc_10><loc_20><loc_20><loc_40><loc_40>", THOUSAND)
    assert [region.left for region in answer.regions] == [0.02, 0.0]
    assert answer.items == ("cap",)


@pytest.mark.parametrize(
    "said",
    [
        '```json\n[{"bbox_2d": [64, 48, 320, 240], "label": "a dog"}]\n```',
        'Here: [{"label": "a dog", "bbox": [64.0, 48, 320, 240]}, {"bbox_2d": [1, 2, 3',
        '{"box": [320, 240, 64, 48], "description": "a dog"}',
    ],
)
def test_boxes_in_json_whole_or_cut_off(said: str):
    assert parse_json(said, (640.0, 480.0)).regions == (Region("a dog", 0.1, 0.1, 0.5, 0.5),)


@pytest.mark.parametrize(
    "said",
    [
        '{"bbox_2d": [0, 0, 0, 9], "label": "no width"}',
        '{"bbox_2d": [0, 0, 9], "label": "three edges"}',
        '{"bbox_2d": [0, 0, true, 9], "label": "no number"}',
        '{"bbox_2d": [0, 0, NaN, 9], "label": "no number"}',
        '{"bbox_2d": [0, 0, 1e400, 9], "label": "no number"}',
        '{"bbox_2d": [0, 0, 9, 9], "label": "\\u0000"}',
        '{"bbox_2d": [0, 0, 9, 9]}',
        "dog<loc_1><loc_2><loc_3>",
        "<loc_1><loc_2><loc_3><loc_4>",
    ],
)
def test_what_is_no_region_is_left_out(said: str):
    assert parse_json(said, (640.0, 480.0)).regions == ()
    assert parse_places(said, THOUSAND).regions == ()


def test_boxes_beyond_the_picture_are_cut_at_its_edge():
    (region,) = parse_json('{"bbox_2d": [-50, 100, 99999, 240], "label": "sky"}', (640.0, 480.0)).regions
    assert (region.left, region.right) == (0.0, 1.0)


def test_a_flood_of_items_ends():
    said = "".join(f"thing{number}<loc_0><loc_0><loc_9><loc_9>" for number in range(500))
    assert len(parse_places(said, THOUSAND).regions) == MAX_ITEMS
    assert len(parse_list(",".join(f"thing{number}" for number in range(500)), THOUSAND).items) == MAX_ITEMS

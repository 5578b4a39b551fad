"""How much of a picture was in its file: counted in blocks, said in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.ids import FAMILY_NAMES
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import grids
from semcodec.metadata.provenance import Part, Provenance, provenance
from semcodec.types import MISSING, BasePicture, FileHeader, Reading, Scene, Size, TokenPyramid

SIZE = Size(300, 200)
FAMILY = next(iter(FAMILY_NAMES))


def pyramid(scales_there: int) -> TokenPyramid:
    family = find_family(FAMILY)
    all_grids = grids(SIZE, family.strides, family.blocks)
    digits = [
        np.full((grid.num_rows, grid.num_cols, len(levels)), 0 if scale < scales_there else MISSING, np.uint8)
        for scale, (grid, levels) in enumerate(zip(all_grids, family.levels, strict=True))
    ]
    return TokenPyramid(FAMILY, SIZE, tuple(digits))


class Painted:
    """By a painter of these facts."""

    def __init__(self, name: str, **facts: object) -> None:
        self.name = name
        vars(self).update(facts)

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> np.ndarray:
        return np.zeros((1, 1, 3), np.uint8)


def provenance_of(scene: Scene, painter: str | None = None, *, repainted: bool = True, down_to: int = 0) -> Provenance:
    facts = {"invents_down_to": lambda scene: down_to} if down_to else {}
    decoder = Painted("nano", is_decoder=True, keeps_tokens=True)
    by = decoder if painter is None else Painted(painter, keeps_tokens=not repainted, **facts)
    return provenance(Reading(scene, FileHeader(SIZE)), by)


def test_blocks_that_were_not_sent_are_counted_over_all_scales() -> None:
    family = find_family(FAMILY)
    counts = [grid.num_blocks for grid in grids(SIZE, family.strides, family.blocks)]
    for there in range(len(counts) + 1):
        found = provenance_of(Scene(SIZE, tokens=pyramid(there)))
        assert (found.num_blocks, found.num_painted) == (sum(counts), sum(counts[there:]))
        assert found.is_invented == (there < len(counts))
        assert found.painter == FAMILY_NAMES[FAMILY]


def test_a_block_with_one_token_missing_was_not_sent() -> None:
    tokens = pyramid(len(find_family(FAMILY).strides))
    tokens.digits[-1][-1, -1] = MISSING
    assert provenance_of(Scene(SIZE, tokens=tokens)).num_painted == 1


@pytest.mark.parametrize(
    ("blocks", "painted", "says"),
    [
        (1000, 1, "0.1 % of its blocks (1 of 1000)"),
        (100_000, 1, "0.1 % of its blocks (1 of 100000)"),
        (100_000, 99_999, "99.9 % of its blocks"),
        (4, 4, "100 % of its blocks (4 of 4)"),
        (696, 451, "64.8 % of its blocks"),
        (7, 0, "all of its 7 blocks were in the file"),
    ],
)
def test_the_sentence_never_rounds_some_to_none_or_to_all(blocks: int, painted: int, says: str) -> None:
    assert says in Provenance(blocks, painted, "nano").sentence


def test_words_alone_are_painted_wholly_and_another_painter_invents_in_any_case() -> None:
    from_words = provenance_of(Scene(SIZE), painter="a model")
    assert from_words.num_painted == from_words.num_blocks and "a model" in from_words.sentence
    repainted = provenance_of(Scene(SIZE, tokens=pyramid(99)), painter="a model")
    assert repainted.num_painted == 0 and repainted.is_invented
    assert "a generative model went over them" in repainted.sentence


def test_the_parts_name_each_scale_and_who_drew_the_rest() -> None:
    tokens = pyramid(2)
    tokens.digits[2][0, 0] = 0
    scene = Scene(SIZE, tokens=tokens)
    filled = provenance_of(scene).parts
    drawn = provenance_of(scene, "a generator", repainted=False, down_to=32)
    assert filled.startswith(f"painted by {FAMILY_NAMES[FAMILY]}; sent of the blocks at stride 128 all, 64 all, 32 ")
    assert filled.endswith("16 none, 8 none") and "drawn" not in filled
    assert drawn.parts.endswith("(others drawn), 16 none, 8 none") and not drawn.repainted
    assert drawn.by_stride == provenance_of(scene).by_stride


def test_words_alone_are_told_as_such() -> None:
    for scene in (Scene(SIZE), Scene(SIZE, tokens=pyramid(0))):
        found = provenance_of(scene, "a generator", repainted=False)
        assert found.from_words and found.is_invented and found.num_painted == found.num_blocks
        assert "from its words alone" in found.sentence and "from its words alone" in found.parts
    assert not provenance_of(Scene(SIZE, tokens=pyramid(1))).from_words


def shares(found: Provenance) -> dict[str, int]:
    counts = np.bincount(found.parts_RK.ravel(), minlength=4)
    return {part.name: int(counts[part]) for part in Part if counts[part]}


def test_each_block_of_eight_pixels_tells_where_it_comes_from() -> None:
    tokens = pyramid(5)
    tokens.digits[-1][:10] = MISSING
    scene = Scene(SIZE, tokens=tokens)
    found = provenance_of(scene)
    assert found.parts_RK.shape == (25, 38)
    assert (found.parts_RK[:10] == Part.MISSING).all() and (found.parts_RK[10:] == Part.SENT).all()
    assert shares(provenance_of(scene, "a model")) == {"INVENTED": 25 * 38}
    drawn = provenance_of(scene, "a generator", repainted=False, down_to=8)
    assert shares(drawn) == {"INVENTED": 380, "SENT": 570}
    assert shares(provenance_of(scene, "a generator", repainted=False, down_to=16)) == {"MISSING": 380, "SENT": 570}
    assert shares(provenance_of(Scene(SIZE), "a generator", repainted=False)) == {"INVENTED": 1}


def test_what_a_restorer_finished_is_told_block_by_block() -> None:
    tokens = pyramid(5)
    tokens.digits[-1][:10] = MISSING
    decoder = Painted("nano", is_decoder=True, keeps_tokens=True)
    restored = Painted("nano", is_decoder=True, keeps_tokens=True, painter=decoder, restorer="restorer-2")
    found = provenance(Reading(Scene(SIZE, tokens=tokens), FileHeader(SIZE), packets=(3, 4)), restored)
    assert shares(found) == {"RESTORED": 380, "SENT": 570} and found.restorer == "restorer-2"
    assert found.packets == (3, 4)
    base = BasePicture(Size(60, 41), 14, b"a frame")
    found = provenance(Reading(Scene(SIZE, base=base), FileHeader(SIZE), num_bytes=19), restored)
    assert shares(found) == {"RESTORED": 48} and found.num_bytes == 19


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        ({"num_bytes": 340, "restorer": "restorer-2"}, "340 bytes received, texture restored"),
        ({"num_bytes": 340, "packets": (5, 5)}, "340 bytes received, all 5 packets"),
        ({"num_bytes": 340, "state": "cut short"}, "340 bytes received, the file is cut short"),
        ({"num_bytes": 340, "state": "damaged", "packets": (2, 3)}, "340 bytes received, 1 of 3 packets missing"),
        ({"num_bytes": 40, "packets": (1, 1)}, "40 bytes received, the only packet"),
        (
            {"num_bytes": 9, "from_words": True, "repainted": True},
            "9 bytes received, all of it invented from the words",
        ),
        ({"num_bytes": 9, "repainted": True}, "9 bytes received, repainted by nano"),
        ({"parts_RK": np.full((2, 2), Part.INVENTED, np.uint8)}, "what is missing was invented"),
        ({}, ""),
    ],
)
def test_the_label_says_what_arrived_and_what_was_made_of_it(facts: dict, label: str) -> None:
    assert Provenance(4, 1, "nano", **facts).label == label


def test_runs_are_the_blocks_row_by_row() -> None:
    parts_RK = np.array([[0, 0, 1], [1, 3, 2]], np.uint8)
    found = Provenance(4, 1, "nano", parts_RK=parts_RK)
    assert found.runs == "2s2r1m1i" and sum(found.shares.values()) == pytest.approx(1)
    assert Provenance(4, 1, "nano").runs == ""

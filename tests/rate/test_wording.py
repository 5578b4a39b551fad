"""What of a machine's words goes into a file of so many bytes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from semcodec.extractors.words import WordsExtractor, coded_bits
from semcodec.ids import Origin
from semcodec.nets.describer import DescriberNets
from semcodec.rate.shares import BESIDE_A_PICTURE, HEAD_BYTES, bits_for
from semcodec.rate.wording import wording_for
from semcodec.types import Words

WHOLE, SHORT = (Words(text, "en", Origin.MACHINE) for text in ("A red cap on the wall.", "Cap."))


@pytest.fixture(scope="module")
def describer(debug_package: dict[str, Path]) -> WordsExtractor:
    return WordsExtractor(DescriberNets(debug_package))


@pytest.mark.parametrize("max_bytes", [*range(0, 200, 7), 340, 1000, 10**6])
def test_a_caption_with_its_head_takes_at_most_its_share(describer: WordsExtractor, red_HWC, max_bytes: int) -> None:
    said = wording_for(describer, describer.see(red_HWC), max_bytes)
    if said.words is None:
        assert HEAD_BYTES + coded_bits(SHORT) // 8 > max_bytes // BESIDE_A_PICTURE.words
        nothing_fits = f"not described: the shortest words take more than 1/8 of {max_bytes} bytes"
        assert said.told in {nothing_fits, 'not described: "red" (71% sure, wanted 75%)'}
    else:
        assert HEAD_BYTES + coded_bits(said.words) // 8 <= max_bytes / BESIDE_A_PICTURE.words
        assert said.told == f'described: "{said.words.text}" (100% sure)'


def test_the_more_bytes_the_more_words(describer: WordsExtractor, red_HWC: np.ndarray) -> None:
    least = [BESIDE_A_PICTURE.words * (HEAD_BYTES + coded_bits(words) // 8) for words in (SHORT, WHOLE)]
    said = [
        wording_for(describer, describer.see(red_HWC), max_bytes).words for at in least for max_bytes in (at - 1, at)
    ]
    assert said == [None, SHORT, SHORT, WHOLE]


def test_what_the_describer_is_not_sure_of_stays_out_and_the_sentence_says_so(
    describer: WordsExtractor, grey_HWC: np.ndarray
) -> None:
    said = wording_for(describer, describer.see(grey_HWC), 1000)
    assert said.words is None
    assert said.told == (
        'not described: "A red cap on the wall." (85% sure, wanted 90%), "red, cap" (58% sure, wanted 75%)'
    )


def test_keywords_it_is_sure_of_stand_in_for_a_caption_that_it_is_not(
    debug_package: dict[str, Path], grey_HWC: np.ndarray, tmp_path: Path
) -> None:
    facts = json.loads(debug_package["words.json"].read_text())
    facts["confidence"]["keywords"] = -1.0
    (tmp_path / "words.json").write_text(json.dumps(facts))
    describer = WordsExtractor(DescriberNets({**debug_package, "words.json": tmp_path / "words.json"}))
    said = wording_for(describer, describer.see(grey_HWC), 1000)
    assert said.words == Words("red, cap", "en", Origin.MACHINE)
    assert said.told == 'described: "red, cap" (58% sure)'


def test_where_it_is_sure_of_no_region_the_sentence_says_so(
    debug_package: dict[str, Path], red_HWC: np.ndarray, tmp_path: Path
) -> None:
    facts = json.loads(debug_package["words.json"].read_text())
    facts["confidence"]["regions"] = 0.5  # (a mean log-probability: nothing is as likely as that)
    (tmp_path / "words.json").write_text(json.dumps(facts))
    doubting = WordsExtractor(DescriberNets({**debug_package, "words.json": tmp_path / "words.json"}))
    said = wording_for(doubting, doubting.see(red_HWC), 1000, regions=True)
    assert said.words == WHOLE
    assert (said.regions, said.why_no_regions) == (None, "no regions: the describer is sure of none")


def test_a_share_is_of_whole_bytes_and_never_below_nothing() -> None:
    assert [bits_for(max_bytes, 8) for max_bytes in (0, 24, 31, 32, 100)] == [0, 0, 0, 8, 72]

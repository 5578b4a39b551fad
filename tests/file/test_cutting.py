"""What a cut file loads, and what it says is the least."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from semcodec.container.decode import read_file
from semcodec.container.encode import write_file
from semcodec.errors import BudgetError
from semcodec.file.cutting import cut
from semcodec.file.reading import read
from semcodec.ids import PIXEL_CODING, LayerId
from semcodec.layers.hint.encode import pack_hint
from semcodec.layers.pixels.encode import pack_pixels
from semcodec.layers.regions.encode import pack_regions
from semcodec.layers.text.encode import pack_words
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import FileHeader, PainterHint, Region, Regions, Section, Size, Words

HEADER = FileHeader(Size(12, 8))
WORDS = Words("Two macaws.", "en")
HINT = pack_hint(PainterHint("me/mine", "1a2b3c4", 5, 8))
ITEMS = Regions((Region(0, 0, 30, 30, "red macaw"),), "en")
REGIONS, ALONE = pack_regions(ITEMS, WORDS), pack_regions(ITEMS)


def grid() -> Section:
    rows, cols = np.indices((8, 12))
    colours_RKC = np.dstack([20 * cols, 30 * rows, 10 * (rows + cols)]).astype(np.uint8)
    return Section(LayerId.PIXELS, PIXEL_CODING, pack_pixels(colours_RKC, 256) or b"")


DATA = write_file(HEADER, [pack_words(WORDS), REGIONS, HINT, grid()])


def layers_of(data: bytes) -> list[int]:
    _, sections, problem = read_file(data, DEFAULT_LIMITS)
    assert problem is None
    return [section.layer for section in sections]


def test_the_hint_goes_with_the_first_byte_then_detail_then_regions_then_the_picture() -> None:
    with_all = [LayerId.TEXT, LayerId.REGIONS, LayerId.PIXELS]
    assert layers_of(cut(DATA, bytes=len(DATA) - 1)) == with_all
    kept = [layers_of(cut(DATA, bytes=num_bytes)) for num_bytes in range(len(DATA) - 1, 15, -1)]
    order = [with_all, [LayerId.TEXT, LayerId.PIXELS], [LayerId.TEXT]]
    assert [step for at, step in enumerate(kept) if not at or step != kept[at - 1]] == order


def test_a_grid_that_was_cut_is_the_same_bytes_everywhere() -> None:
    """Written down: it was computed in integers."""
    assert cut(DATA, bytes=60).hex() == GOLDEN
    assert not read(bytes.fromhex(GOLDEN)).problems


GOLDEN = (
    "c5ec104002c00701020757554c06737056030109632fa0e1148ebea638850190c33aad3cdd35f5f78d79a435bf95c0f69509"
    "690f49c4e979441406d4"
)


@pytest.mark.parametrize("sections", [[ALONE], [HINT], [grid()], [ALONE, grid()], [pack_words(WORDS), grid()]])
def test_the_least_that_is_told_is_enough_and_one_byte_less_is_not(sections: list[Section]) -> None:
    data = write_file(HEADER, sections)
    with pytest.raises(BudgetError) as told:
        cut(data, bytes=8)
    least = told.value.least_bytes
    assert len(cut(data, bytes=least)) <= least
    with pytest.raises(BudgetError):
        cut(data, bytes=least - 1)


def test_outlines_of_a_family_that_this_build_does_not_know_end_in_every_budget() -> None:
    unknown = Section(LayerId.STRUCTURE, 200, b"abcdef")
    for sections in ([unknown], [pack_words(WORDS), unknown], [pack_words(WORDS), unknown, grid()]):
        data = write_file(HEADER, sections)
        for num_bytes in range(1, len(data)):
            try:
                shorter = cut(data, bytes=num_bytes)
            except BudgetError as error:
                assert error.least_bytes is None or error.least_bytes > num_bytes
            else:
                assert len(shorter) <= num_bytes


def test_cutting_a_grid_of_colours_opens_neither_pillow_nor_a_network(tmp_path: Path) -> None:
    path = tmp_path / "tiny.semc"
    path.write_bytes(DATA)
    program = (
        "import sys, semcodec; semcodec.cut(open(sys.argv[1], 'rb').read(), bytes=60);"
        "print({'PIL', 'onnxruntime'} & sys.modules.keys() or 'neither')"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "neither"

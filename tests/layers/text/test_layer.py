from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from semcodec.errors import TruncatedError
from semcodec.ids import LayerId, Origin
from semcodec.layers.catalog import unpack_layers
from semcodec.layers.text.encode import pack_words
from semcodec.layers.text.table import NEWEST_TABLE
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import FileHeader, Scene, Size, Words

HEADER = FileHeader(Size(768, 512))
WORDS = Words("Two macaws in front of a green hedge.", "en", Origin.MACHINE)


def test_words_go_to_a_section_and_back() -> None:
    section = pack_words(WORDS)
    assert (section.layer, section.model) == (LayerId.TEXT, NEWEST_TABLE)
    assert unpack_layers([section], HEADER, DEFAULT_LIMITS) == (Scene(HEADER.size, words=WORDS), [])


def test_a_section_that_is_cut_short_gives_the_words_that_are_there() -> None:
    section = pack_words(WORDS)
    cut = replace(section, payload=section.payload[:-2], cut_short=True, offset=10)
    scene, (problem,) = unpack_layers([cut], HEADER, DEFAULT_LIMITS)
    assert isinstance(problem, TruncatedError)
    assert scene.words is not None
    assert WORDS.text.startswith(scene.words.text) and len(scene.words.text) > 10


def test_reading_words_loads_neither_numpy_nor_the_encoder() -> None:
    program = (
        "import sys; from semcodec.types import Section;"
        "from semcodec.layers.text.decode import unpack_words;"
        f"unpack_words(Section(1, {NEWEST_TABLE}, b'abc'));"
        "print([m for m in ('numpy', 'PIL', 'onnxruntime', 'semcodec.layers.text.encode') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

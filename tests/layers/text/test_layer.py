from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from semcodec.contracts import Layer
from semcodec.errors import TruncatedError
from semcodec.ids import LayerId, Origin
from semcodec.layers.text.layer import TextLayer
from semcodec.layers.text.table import NEWEST_TABLE
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import FileHeader, Scene, Size, Words

HEADER = FileHeader(Size(768, 512))
EMPTY = Scene(HEADER.size)
SCENE = replace(EMPTY, words=Words("Two macaws in front of a green hedge.", "en", Origin.MACHINE))


def test_it_is_a_layer() -> None:
    assert isinstance(TextLayer(), Layer)
    assert TextLayer().id is LayerId.TEXT
    assert TextLayer().name == "text"


def test_a_scene_goes_to_a_section_and_back() -> None:
    section = TextLayer().pack(SCENE, HEADER)
    assert section is not None
    assert (section.layer, section.model) == (LayerId.TEXT, NEWEST_TABLE)
    assert TextLayer().unpack(section, HEADER, EMPTY, DEFAULT_LIMITS) == (SCENE, None)


def test_a_scene_without_words_has_no_section() -> None:
    assert TextLayer().pack(EMPTY, HEADER) is None


def test_a_section_that_is_cut_short_gives_the_words_that_are_there() -> None:
    section = TextLayer().pack(SCENE, HEADER)
    assert section is not None
    cut = replace(section, payload=section.payload[:-2], cut_short=True, offset=10)
    scene, problem = TextLayer().unpack(cut, HEADER, EMPTY, DEFAULT_LIMITS)
    assert isinstance(problem, TruncatedError)
    assert scene.words is not None and SCENE.words is not None
    assert SCENE.words.text.startswith(scene.words.text) and len(scene.words.text) > 10


def test_reading_words_loads_neither_numpy_nor_the_encoder() -> None:
    program = (
        "import sys; from semcodec.layers.text.layer import TextLayer;"
        "from semcodec.layers.text.decode import unpack_words;"
        f"unpack_words(b'abc', table_number={NEWEST_TABLE});"
        "print([m for m in ('numpy', 'PIL', 'onnxruntime', 'semcodec.layers.text.encode') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

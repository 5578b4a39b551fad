"""Files to find: a header, words, and tokens that nobody decodes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from semcodec.container.encode import write_file
from semcodec.ids import LayerId, Origin
from semcodec.layers.text.encode import pack_words
from semcodec.types import FileHeader, Section, Size, Words

TOKENS = Section(LayerId.TOKENS, 255, bytes(200))


def file_with(text: str | None, language: str = "en", origin: Origin = Origin.HUMAN) -> bytes:
    before = []
    if text is not None:
        before = [pack_words(Words(text, language, origin))]
    return write_file(FileHeader(Size(640, 480), 4), [*before, TOKENS])


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Five files at two depths, one of them without words, one with a machine's."""
    folder = tmp_path / "album"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "beach.semc").write_bytes(file_with("Two dogs run along the beach."))
    (folder / "bus.semc").write_bytes(file_with("A red bus in the city.", origin=Origin.MACHINE))
    (folder / "deep" / "dog.semc").write_bytes(file_with("A dog on a couch."))
    (folder / "deep" / "er" / "chien.SEMC").write_bytes(file_with("Un chien sur la plage, près de la mer", "fr"))
    (folder / "silent.semc").write_bytes(file_with(None))
    (folder / "notes.txt").write_text("a dog on a beach")
    (folder / ".hidden.semc").write_bytes(file_with("a hidden dog"))
    return folder


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "words.sqlite"


@pytest.fixture
def found_names() -> Callable[..., list[str]]:
    """The names of the files that a query finds, the best first."""
    from semcodec.search import search_words

    def find(query: str, database: Path, top: int = 20) -> list[str]:
        return [Path(hit.path).name for hit in search_words(query, database=database, top=top)]

    return find

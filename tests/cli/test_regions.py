"""Regions on the command line: shown, dumped, cut, split and joined."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from semcodec.container.encode import write_file
from semcodec.ids import LayerId, Origin
from semcodec.layers.regions.encode import pack_regions
from semcodec.layers.text.encode import pack_words
from semcodec.types import FileHeader, Region, Regions, Section, Size, Words

HEADER = FileHeader(Size(640, 480), 4)
TOKENS = Section(LayerId.TOKENS, 255, bytes(50))
WORDS = Words("A dog beside a ball.", "en")
ITEMS = (Region(4, 8, 30, 40, "brown dog"), Region(50, 50, 5, 5, "ball"), Region(40, 51, 4, 5, "ball"))


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[..., Path]:
    def make(words: Words | None = WORDS, origin: Origin = Origin.HUMAN, items: tuple[Region, ...] = ITEMS) -> Path:
        text = [] if words is None else [pack_words(words)]
        regions = [pack_regions(Regions(items, "en", origin), words)] if items else []
        path = tmp_path / "dog.semc"
        path.write_bytes(write_file(HEADER, [*text, *regions, TOKENS]))
        return path

    return make


def test_info_names_each_phrase_and_where_it_is(semcodec_command: Callable, file_of: Callable) -> None:
    ended = semcodec_command("info", file_of())
    assert ended.code == 0
    assert (
        'regions  "brown dog" at 4,8 31x41, "ball" at 50,50 6x6, "ball" at 40,51 5x6 (in 64ths)' in ended.out.decode()
    )


def test_info_says_who_said_so_where_it_is_not_who_wrote_the_words(
    semcodec_command: Callable, file_of: Callable
) -> None:
    ended = semcodec_command("info", file_of(origin=Origin.MACHINE))
    assert "5x6 (in 64ths; en, by a machine)" in ended.out.decode()


def test_info_json_and_scene_have_the_same_object(semcodec_command: Callable, file_of: Callable) -> None:
    path = file_of(origin=Origin.MACHINE)
    said = json.loads(semcodec_command("info", "--json", path).out)["regions"]
    assert said == json.loads(semcodec_command("scene", path).out)["regions"]
    assert (said["language"], said["origin"]) == ("en", "machine")
    assert said["items"][0] == {"x": 4, "y": 8, "w": 30, "h": 40, "phrase": "brown dog"}


def test_a_file_without_regions_has_null(semcodec_command: Callable, root: Path) -> None:
    path = root / "conformance" / "good" / "words-only.semc"
    assert json.loads(semcodec_command("info", "--json", path).out)["regions"] is None
    assert "regions" not in semcodec_command("info", path).out.decode()


def test_alt_text_prefers_words_and_else_tells_the_phrases(semcodec_command: Callable, file_of: Callable) -> None:
    assert semcodec_command("info", "--alt", file_of()).out == b"A dog beside a ball.\n"
    ended = semcodec_command("info", "--alt", file_of(None))
    assert (ended.code, ended.out, ended.err) == (0, b"brown dog, ball\n", "")
    ended = semcodec_command("info", "--alt", file_of(None, Origin.MACHINE))
    assert ended.out == b"May show: brown dog, ball\n"


def test_what_a_stranger_wrote_is_shown_escaped(semcodec_command: Callable, file_of: Callable) -> None:
    path = file_of(None, items=(Region(0, 0, 9, 9, "\x1b[2J\u202egnp"),))
    assert b"\x1b" not in semcodec_command("info", path).out
    assert b"\x1b" not in semcodec_command("info", "--alt", path).out
    assert b"\x1b" not in semcodec_command("info", "--json", path).out


def test_damaged_regions_leave_the_words_and_a_warning(semcodec_command: Callable, tmp_path: Path) -> None:
    path = tmp_path / "broken.semc"
    path.write_bytes(write_file(HEADER, [pack_words(WORDS), Section(LayerId.REGIONS, 1, b"\xff" * 12), TOKENS]))
    said = json.loads(semcodec_command("info", "--json", path).out)
    assert said["words"]["text"] == WORDS.text and said["regions"] is None
    assert any("the regions are damaged" in warning for warning in said["warnings"])

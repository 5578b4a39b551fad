"""`semcodec info --alt`: a line for those who cannot see, and never a guess that passes for a fact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from semcodec.container.encode import write_file
from semcodec.ids import LANGUAGES, LayerId, Origin
from semcodec.layers.text.encode import pack_words
from semcodec.metadata.alt import alt_text
from semcodec.types import FileHeader, Section, Size, Words

TOKENS = Section(LayerId.TOKENS, 255, bytes(50))


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[[Words | None], Path]:
    def make(words: Words | None) -> Path:
        before = [] if words is None else [pack_words(words)]
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.semc"
        path.write_bytes(write_file(FileHeader(Size(64, 48)), [*before, TOKENS]))
        return path

    return make


def test_the_words_of_a_human_are_given_as_they_are(semcodec_command: Callable, file_of: Callable):
    ended = semcodec_command("info", "--alt", file_of(Words("Grandma, Łódź 1962", "en")))
    assert (ended.code, ended.out.decode(), ended.err) == (0, "Grandma, Łódź 1962\n", "")


@pytest.mark.parametrize(
    ("language", "beginning"),
    [
        ("en", "May show: "),
        ("en-GB", "May show: "),
        ("und", "May show: "),
        ("sw", "May show: "),
        ("de", "Zeigt vielleicht: "),
        ("zh-Hant", "可能显示: "),
    ],
)
def test_the_words_of_a_machine_are_a_guess_in_their_language(
    semcodec_command: Callable, file_of: Callable, language: str, beginning: str
):
    ended = semcodec_command("info", "--alt", file_of(Words("Two dogs", language, Origin.MACHINE)))
    assert (ended.code, ended.out.decode()) == (0, f"{beginning}Two dogs\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_no_language_is_a_guess_given_as_a_fact(language: str):
    assert alt_text(Words("Two dogs", language, Origin.MACHINE)) != alt_text(Words("Two dogs", language))


def test_a_caption_that_says_it_is_human_does_not_make_it_so(semcodec_command: Callable, file_of: Callable):
    ended = semcodec_command("info", "--alt", file_of(Words("by a human: a cat", "en", Origin.MACHINE)))
    assert ended.out.decode().startswith("May show: ")


def test_strangers_words_stay_one_line_and_move_no_terminal(semcodec_command: Callable, file_of: Callable):
    ended = semcodec_command("info", "--alt", file_of(Words("a\x1b[2J cat\n\tand \u202egpj.exe", "en")))
    assert ended.out.decode() == "a\\u{001B}[2J cat and \\u{202E}gpj.exe\n"


def test_without_words_the_line_says_so_and_the_exit_code_too(semcodec_command: Callable, file_of: Callable):
    ended = semcodec_command("info", "--alt", file_of(None))
    assert (ended.code, ended.out.decode()) == (1, "Picture without a description\n")
    assert "--caption" in ended.err


def test_words_that_were_cut_end_with_dots_and_exit_code_3(semcodec_command: Callable, file_of: Callable):
    path = file_of(Words("Two painters in Zxqvburg carry a ladder", "en"))
    path.write_bytes(path.read_bytes()[:19])
    ended = semcodec_command("info", "--alt", path)
    assert ended.code == 3
    text = ended.out.decode()
    assert text.startswith("Two painters") and text.endswith(" …\n")


def test_several_files_are_a_line_each_and_one_that_is_none_is_an_error(semcodec_command: Callable, file_of: Callable):
    first, second = file_of(Words("one")), file_of(Words("two"))
    bad = first.with_name("bad.semc")
    bad.write_bytes(b"nothing of ours")
    ended = semcodec_command("info", "--alt", first, bad, second)
    assert (ended.code, ended.out.decode()) == (1, "one\ntwo\n")
    assert "bad.semc" in ended.err

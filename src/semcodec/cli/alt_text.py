"""`semcodec info --alt`: one line for those who cannot see the picture (`metadata/alt.py`)."""

from __future__ import annotations

from semcodec.cli.exits import ExitCode, printable, say, sentence
from semcodec.cli.streams import input_name, put, read_input
from semcodec.errors import FormatError, SemcodecError
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.alt import alt_text, words_of


def show_alt(paths: list[str], *, limits: Limits = DEFAULT_LIMITS) -> ExitCode:
    """A line for each file that can be read.

    The exit code is 1 if a file has neither words nor regions or cannot be read, else 3 if words are damaged or cut
    short: what is left of them ends with "…".
    """
    from semcodec.file.inspecting import info
    from semcodec.file.reading import read_words

    failed = damaged = False
    for path in paths:
        name = input_name(path)
        try:
            data = read_input(path)
            try:
                words, is_whole = read_words(data, limits=limits), True
                if words is None:
                    words = words_of(info(data, limits=limits).regions)
            except FormatError as problem:
                words, is_whole = info(data, limits=limits).words, False  # raises where not even the header can be read
                say(sentence(name, problem))
        except (SemcodecError, OSError) as exc:
            say(sentence(name, exc))
            failed = True
            continue
        if words is None and is_whole:
            say(f"{name}: has no words; `semcodec encode --caption` gives it some")
        failed = failed or words is None
        damaged = damaged or not is_whole
        put(printable(alt_text(words) + ("" if is_whole or words is None else " …")) + "\n")
    return ExitCode.FAILURE if failed else ExitCode.DAMAGED if damaged else ExitCode.OK

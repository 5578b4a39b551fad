"""`semcodec info --alt`: one line for those who cannot see the picture.

Words of a human are given as they are. Words of a machine are a guess, and never given as a fact: "May show: ...", in
the language of the words. The origin in the file decides, nothing else. A file that has no words but regions is told by
their phrases.
"""

from __future__ import annotations

from semcodec.cli.exits import ExitCode, printable, say, sentence
from semcodec.cli.streams import input_name, put, read_input
from semcodec.errors import FormatError, SemcodecError
from semcodec.ids import Origin
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import Regions, Words

NO_WORDS = "Picture without a description"

# How a guess begins, by the first part of a language tag. Other languages, and words whose language is not said, take
# English: a guess that is marked in the wrong language is better than one that is not marked.
_MAY_SHOW = {
    "en": "May show",
    "ar": "قد تُظهر الصورة",
    "cs": "Možná zobrazuje",
    "da": "Viser måske",
    "de": "Zeigt vielleicht",
    "es": "Puede mostrar",
    "fi": "Saattaa esittää",
    "fr": "Montre peut-être",
    "hi": "शायद दिखाया गया है",
    "id": "Mungkin menampilkan",
    "it": "Potrebbe mostrare",
    "ja": "写っている可能性があるもの",
    "ko": "다음이 보일 수 있음",
    "nb": "Viser kanskje",
    "nl": "Toont mogelijk",
    "pl": "Może przedstawiać",
    "pt": "Pode mostrar",
    "ru": "Возможно, изображено",
    "sv": "Visar kanske",
    "tr": "Şunu gösteriyor olabilir",
    "uk": "Можливо, зображено",
    "vi": "Có thể hiển thị",
    "zh": "可能显示",
}


def alt_text(words: Words | None) -> str:
    """One line, not yet escaped for a terminal or a page."""
    text = " ".join(words.text.split()) if words is not None else ""
    if words is None or not text:
        return NO_WORDS
    if words.origin is Origin.HUMAN:
        return text
    return f"{_MAY_SHOW.get(words.language.split('-')[0].lower(), _MAY_SHOW['en'])}: {text}"


def words_of(regions: Regions | None) -> Words | None:
    """The phrases of regions, each once, the largest first: what can be said where there are no words."""
    if regions is None:
        return None
    phrases = dict.fromkeys(region.phrase for region in regions.items)
    return Words(", ".join(phrases), regions.language, regions.origin)


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

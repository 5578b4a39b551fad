"""One line for those who cannot see a picture.

Words of a human are given as they are. Words of a machine are a guess, and never given as a fact: "May show: ...", in
the language of the words. The origin in the file decides, nothing else. A file that has no words but regions is told by
their phrases.
"""

from __future__ import annotations

from semcodec.ids import Origin
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

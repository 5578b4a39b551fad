"""Finding files by their words, without decoding a picture.

    index_folder("archive", database="words.sqlite")
    hits = search_words("dog on a beach", database="words.sqlite")

The words of each file are read (a few dozen bytes of it) into one SQLite file with a full-text index.
"""

from __future__ import annotations

from semcodec.search.find import search_words
from semcodec.search.hit import Hit
from semcodec.search.index import Tally, index_folder
from semcodec.search.shown import search_like, search_shown

__all__ = ["Hit", "Tally", "index_folder", "search_like", "search_shown", "search_words"]

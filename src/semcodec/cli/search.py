"""`semcodec search`: files by their words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.exits import ExitCode, printable, say, sentence
from semcodec.cli.index import Database
from semcodec.cli.paths import no_empty_names
from semcodec.cli.streams import input_name, put, put_json, read_input
from semcodec.errors import SemcodecError
from semcodec.ids import Origin

if TYPE_CHECKING:
    from semcodec.search import Hit


def search(
    query: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS...", help="Plain words; quotes and signs mean nothing.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, max=10_000, help="The most files to show.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="A list of JSON objects.")] = False,
    like: Annotated[
        str | None,
        typer.Option(
            "--like", metavar="PICTURE", help="By what looks like this .semc or picture file.", callback=no_empty_names
        ),
    ] = None,
    words: Annotated[
        bool, typer.Option("--words", help="By the words alone, not by the vectors that files hold as well.")
    ] = False,
    vectors: Annotated[
        bool, typer.Option("--vectors", help="By what the words mean, not by which they are (index --vectors first).")
    ] = False,
    pictures: Annotated[
        bool,
        typer.Option("--pictures", help="By the words and by what the describer sees (index --pictures first)."),
    ] = False,
    database: Database = None,
    tables: Annotated[
        str | None,
        typer.Option(
            "--index", metavar="PATH", help="A folder that `jobs index` made, or a database.", callback=no_empty_names
        ),
    ] = None,
) -> None:
    """Find files by their words, and by the vectors of what they show, the best first. Exit code 1 if there is none."""
    if sum((like is not None, words, vectors, pictures)) > 1:
        raise typer.BadParameter("give one of --like, --words, --vectors and --pictures")
    if (like is None) == (not query):
        raise typer.BadParameter("say what to look for: WORDS, or a picture with --like")
    if tables is not None and database is not None:
        raise typer.BadParameter("--db and --index both name an index; give one")
    if tables is not None and (vectors or pictures) and os.path.isdir(tables):
        raise typer.BadParameter("--vectors and --pictures are in a database of `semcodec index`; name one with --db")
    database = database or tables
    try:
        if like is not None:
            hits = _alike(like, top, database)
        else:
            hits = _found(" ".join(query or ()), top, database, words=words, by_vectors=vectors, by_pictures=pictures)
    except (SemcodecError, OSError) as exc:
        say(sentence(like or "the search", exc) if isinstance(exc, OSError) else str(exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
    if json:
        put_json([hit.report() for hit in hits])
    else:
        for hit in hits:
            put(printable(f"{hit.path}: {_said(hit)}") + "\n")
    if not hits:
        say("no file has these words" if like is None else "no file is like it")
    raise typer.Exit(ExitCode.OK if hits else ExitCode.FAILURE)


def _found(
    query: str, top: int, database: str | None, *, words: bool, by_vectors: bool, by_pictures: bool
) -> list[Hit]:
    if by_vectors:
        from semcodec.search.vectors import search_vectors

        return search_vectors(query, top=top, database=database)
    if by_pictures:
        from semcodec.search.seen import search_seen

        return search_seen(query, top=top, database=database)
    from semcodec.search import search_shown, search_words
    from semcodec.search.shown import holds_vectors

    if not words and holds_vectors(database=database):
        return search_shown(query, top=top, database=database)
    return search_words(query, top=top, database=database)


def _alike(path: str, top: int, database: str | None) -> list[Hit]:
    """Files whose vectors are near to that of a .semc file, or of what the embedded describer sees in a picture."""
    from semcodec.search import search_like
    from semcodec.search.shown import vector_of

    return search_like(vector_of(read_input(path), name=input_name(path)), top=top, database=database)


def _said(hit: Hit) -> str:
    parts = []
    if hit.words.text:
        said_by = "" if hit.words.origin is Origin.HUMAN else ", by a machine"
        parts.append(f'"{hit.words.text}" ({hit.words.language}{said_by})')
    if hit.phrases:
        said_by = "" if hit.phrases_origin is Origin.HUMAN else ", by a machine"
        parts.append(", ".join(f'"{phrase}"' for phrase in hit.phrases) + f" (regions{said_by})")
    return "; ".join(parts) or "without words"

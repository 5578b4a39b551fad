"""`semcodec search`: files by their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.exits import ExitCode, printable, say, sentence
from semcodec.cli.index import Database
from semcodec.cli.streams import put, put_json
from semcodec.errors import SemcodecError
from semcodec.ids import Origin

if TYPE_CHECKING:
    from semcodec.search import Hit


def search(
    query: Annotated[list[str], typer.Argument(metavar="WORDS...", help="Plain words; quotes and signs mean nothing.")],
    top: Annotated[int, typer.Option("--top", min=1, max=10_000, help="The most files to show.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="A list of JSON objects.")] = False,
    vectors: Annotated[
        bool, typer.Option("--vectors", help="By what the words mean, not by which they are (index --vectors first).")
    ] = False,
    pictures: Annotated[
        bool,
        typer.Option("--pictures", help="By the words and by what the describer sees (index --pictures first)."),
    ] = False,
    database: Database = None,
) -> None:
    """Find files by their words, the best first. Exit code 1 if there is none."""
    if vectors and pictures:
        raise typer.BadParameter("give one of --vectors and --pictures")
    try:
        hits = _found(" ".join(query), top, database, by_vectors=vectors, by_pictures=pictures)
    except (SemcodecError, OSError) as exc:
        say(sentence("the search", exc) if isinstance(exc, OSError) else str(exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
    if json:
        put_json([_as_object(hit) for hit in hits])
    else:
        for hit in hits:
            put(printable(f"{hit.path}: {_said(hit)}") + "\n")
    if not hits:
        say("no file has these words")
    raise typer.Exit(ExitCode.OK if hits else ExitCode.FAILURE)


def _found(query: str, top: int, database: str | None, *, by_vectors: bool, by_pictures: bool) -> list[Hit]:
    if by_vectors:
        from semcodec.search.vectors import search_vectors

        return search_vectors(query, top=top, database=database)
    if by_pictures:
        from semcodec.search.seen import search_seen

        return search_seen(query, top=top, database=database)
    from semcodec.search import search_words

    return search_words(query, top=top, database=database)


def _said(hit: Hit) -> str:
    parts = []
    if hit.words.text:
        said_by = "" if hit.words.origin is Origin.HUMAN else ", by a machine"
        parts.append(f'"{hit.words.text}" ({hit.words.language}{said_by})')
    if hit.phrases:
        said_by = "" if hit.phrases_origin is Origin.HUMAN else ", by a machine"
        parts.append(", ".join(f'"{phrase}"' for phrase in hit.phrases) + f" (regions{said_by})")
    return "; ".join(parts) or "without words"


def _as_object(hit: Hit) -> dict[str, object]:
    return {
        "file": hit.path,
        "text": hit.words.text,
        "language": hit.words.language,
        "origin": hit.words.origin.name.lower(),
        "score": round(hit.score, 6),
        "regions": {"phrases": list(hit.phrases), "origin": hit.phrases_origin.name.lower()} if hit.phrases else None,
    }

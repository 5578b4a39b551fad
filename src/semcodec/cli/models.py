"""`semcodec models`: which networks are here, and what a foundation model would need."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.painter_flags import TrustRemoteCode, quieten_libraries
from semcodec.cli.paths import no_empty_names
from semcodec.cli.streams import put, put_json
from semcodec.errors import MissingExtraError, SemcodecError

if TYPE_CHECKING:
    from semcodec.hub.catalog import ModelFacts


def models(
    references: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MODEL...]", help="hf:ORG/NAME[@REVISION] or folders.", callback=no_empty_names),
    ] = None,
    download: Annotated[bool, typer.Option("--download", help="Fetch them, so that they can be used offline.")] = False,
    trust_remote_code: TrustRemoteCode = False,
    as_json: Annotated[bool, typer.Option("--json", help="A list of JSON objects.")] = False,
) -> None:
    """List the networks that are embedded and cached, or tell what foundation models need.

    Without MODEL nobody is asked. With it the hub is asked about models that are not here; only --download fetches.
    """
    if download and not references:
        raise typer.BadParameter("--download what? give a model")
    quieten_libraries()
    if not references:
        _show_all(as_json=as_json)
        return
    shown: list[ModelFacts] = []
    failed = False
    for reference in references:
        try:
            shown.append(_facts(reference, download=download, trust_remote_code=trust_remote_code))
        except SemcodecError as exc:
            say(str(exc))  # these name the model themselves
            failed = True
        except OSError as exc:
            say(sentence(reference, exc))
            failed = True
    if as_json:
        put_json([asdict(facts) for facts in shown])
    else:
        put("\n".join(_as_text(facts) for facts in shown))
    if failed:
        raise typer.Exit(ExitCode.FAILURE)


def _facts(reference: str, *, download: bool, trust_remote_code: bool) -> ModelFacts:
    from semcodec.hub.catalog import facts_of
    from semcodec.hub.devices import choose_placement
    from semcodec.hub.fetch import fetch
    from semcodec.hub.references import parse_reference

    named = parse_reference(reference)
    facts, half = facts_of(named), False
    if facts.use == "painter":
        # Which of a pipeline's weights are wanted depends on the numbers that this machine computes in.
        half = choose_placement().is_half
        facts = facts_of(named, half=half)
    if download and not facts.is_here:
        fetch(named, half=half, trust_remote_code=trust_remote_code, say=say)
        facts = facts_of(named, half=half)
    return facts


def _show_all(*, as_json: bool) -> None:
    from semcodec.zoo.catalog import shipped

    embedded = [
        (name, sum(file["bytes"] for file in row["files"]), str(row["purpose"]), str(row["licence"]))
        for name, row in shipped().rows.items()
    ]
    cached: list[ModelFacts] = []
    try:
        from semcodec.hub.catalog import cached_models

        cached = cached_models()
    except MissingExtraError as exc:
        say(str(exc))
    if as_json:
        objects = [
            {"reference": name, "use": "embedded", "purpose": purpose, "num_bytes": num_bytes, "licence": licence}
            | {"is_here": True}
            for name, num_bytes, purpose, licence in embedded
        ]
        put_json([*objects, *map(asdict, cached)])
        return
    rows = [
        ("embedded", name, _bytes(num_bytes), f"{purpose}, {licence}") for name, num_bytes, purpose, licence in embedded
    ]
    rows += [(facts.use, facts.reference, _bytes(facts.num_bytes), facts.title) for facts in cached]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for use, name, size, note in rows:
        put(f"{use:<{widths[0]}}  {name:<{widths[1]}}  {size:>{widths[2]}}  {note}\n")


def _as_text(facts: ModelFacts) -> str:
    place = "in a folder or in the cache" if facts.is_here else "to fetch"
    rows = [
        ("use", f"--{facts.use} ({facts.title})" if facts.use else f"none here ({facts.title})"),
        ("licence", facts.licence or ("as its README says" if facts.is_here else "not said")),
        ("weights", f"{_bytes(facts.num_bytes)}, {place}"),
    ]
    half, whole = facts.memory_bytes(2), facts.memory_bytes(4)
    if half is not None and whole is not None and facts.num_params is not None:
        params = f"{facts.num_params:,} parameters"
        rows.append(
            ("memory", f"about {_bytes(half)} on a GPU (16 bits), {_bytes(whole)} on a CPU (32 bits): {params}")
        )
    return f"{facts.reference}\n" + "".join(f"  {name:<8} {value}\n" for name, value in rows)


def _bytes(num_bytes: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if num_bytes >= size:
            return f"{num_bytes / size:.1f} {unit}"
    return f"{num_bytes} bytes"

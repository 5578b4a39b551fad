"""`semcodec serve`: a folder as a gallery in the browser, and the codec as HTTP endpoints."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say
from semcodec.cli.flags import Quiet, Verbose
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.paths import no_empty_names
from semcodec.errors import MissingExtraError, SemcodecError
from semcodec.extras import require
from semcodec.limits import DEFAULT_LIMITS

VARIABLE = "SEMCODEC_TOKEN"
PORT = 7362  # "SEMC" on the keys of a telephone


def serve(
    folder: Annotated[
        str,
        typer.Argument(metavar="FOLDER", help="Where .semc files are, to its depths.", callback=no_empty_names),
    ],
    host: Annotated[
        str, typer.Option("--host", help="The address to listen on; 0.0.0.0 is all, and wants a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 is any free one.")] = PORT,
    token: Annotated[
        str | None,
        typer.Option("--token", help=f"What clients have to know; {VARIABLE} is the better place for it."),
    ] = None,
    allow_hosts: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A name that it may be called by; may be repeated."),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Only show the folder: take no uploads to encode, decode or describe.")
    ] = False,
    num_jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes that work on pictures; by default 2 to 4.")
    ] = None,
    work_s: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds that a piece of work may take.")] = 60.0,
    max_mb: Annotated[
        float, typer.Option("--max-mb", min=0.001, max=1024, help="Megabytes that an upload may have.")
    ] = 32.0,
    max_pixels: MaxPixels = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Show a folder of .semc files in the browser, with a search, and answer HTTP requests to encode, decode, describe,
    inform and search.

    Only this machine can reach it unless --host says otherwise; then clients need a token, and one is made and printed
    where none is given. The folder is never written to. Ctrl-C stops it. ADDRESS/docs tells the endpoints.
    """
    try:
        for module in ("starlette", "uvicorn"):
            require(module, extra="serve")
    except MissingExtraError as error:
        say(str(error))
        raise typer.Exit(ExitCode.FAILURE) from error
    from semcodec.service.app import make_app
    from semcodec.service.log import Logged
    from semcodec.service.options import SERVICE_LIMITS, ServiceOptions, usual_workers
    from semcodec.service.server import address_of, is_loopback, listening_socket, run

    limits = chosen_limits(max_pixels)
    if limits.max_pixels == DEFAULT_LIMITS.max_pixels:
        limits = replace(limits, max_pixels=SERVICE_LIMITS.max_pixels)
    try:
        listening = listening_socket(host, port)
    except SemcodecError as error:
        say(str(error))
        raise typer.Exit(ExitCode.FAILURE) from error
    with listening:
        given = token if token is not None else os.environ.get(VARIABLE)
        made = _made_token() if given is None and not is_loopback(listening) else None
        try:
            options = ServiceOptions(
                folder=Path(folder), token=given or made, hosts=tuple(allow_hosts or ()), read_only=read_only,
                limits=limits, work_s=work_s, max_body_bytes=round(max_mb * 1_000_000),
                num_workers=num_jobs or usual_workers(),
            )  # fmt: skip
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        app = make_app(options)
        if not quiet or made is not None:
            query = f"?token={made}" if made is not None else ""
            say(f"{folder} is at {address_of(listening)}{query}; Ctrl-C stops it")
        run(Logged(app, say) if verbose else app, listening)
        if not quiet:
            say("stopped")


def _made_token() -> str:
    import secrets

    return secrets.token_urlsafe(24)

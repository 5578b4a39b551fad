"""The service as an ASGI app: which request becomes which work, and which answer."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from semcodec import __version__
from semcodec.ids import MIME_TYPE
from semcodec.service import pages
from semcodec.service.answers import ASKED_FOR, http_answer, is_known, tag_of, tagged
from semcodec.service.guard import Guard, SlowClientError, refused
from semcodec.service.kept import Kept
from semcodec.service.openapi import description_of
from semcodec.service.options import ServiceOptions
from semcodec.service.parameters import (
    FILE,
    OF_DECODE,
    OF_DESCRIBE,
    OF_ENCODE,
    OF_FILES,
    OF_SEARCH,
    roi_of,
    values_of,
)
from semcodec.service.paths import FolderFile, read_file
from semcodec.service.problems import DEFECT, Refusal
from semcodec.service.ranges import range_of
from semcodec.service.tasks import JSON_TYPE, Answer
from semcodec.service.viewer import has_viewer, viewer_file
from semcodec.service.works import Works, object_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_CLIENT_GONE = 499  # nobody reads it; what nginx writes into its log
Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(options: ServiceOptions) -> ASGIApp:
    """The app of a service, with its guard around it. Its processes live as long as its lifespan."""
    return Guard(Service(options).app(), token=options.token, hosts=options.hosts)


class Service:
    """The endpoints, and what they share."""

    def __init__(self, options: ServiceOptions) -> None:
        self.options, self.works, self._kept = options, Works(options), Kept(options.cache_bytes)
        self._has_viewer = has_viewer()
        self._viewer_tags: dict[str, str] = {}
        self._page_files = {file.name: file.read_bytes() for file in (resources.files(__package__) / "page").iterdir()}

    def app(self) -> Starlette:
        gets = {
            "/": self.gallery, "/show": self.show, "/docs": self.docs, "/openapi.json": self.openapi,
            "/healthz": self.healthz, "/search": self.search, "/static/{name}": self.static,
            "/viewer/{path:path}": self.viewer, "/files/{name:path}": self.file,
            "/info": self.info_of_file, "/decode": self.decode_file,
        }  # fmt: skip
        posts = {
            "/info": self.info, "/decode": self.decode, "/encode": self.encode, "/describe": self.describe,
            "/search": self.search_like,
        }  # fmt: skip
        routes = [Route(path, endpoint, methods=["GET"]) for path, endpoint in gets.items()]
        routes += [Route(path, self._of_upload(endpoint), methods=["POST"]) for path, endpoint in posts.items()]
        handlers: dict[Any, Any] = {
            Refusal: refused,
            HTTPException: _of_http,
            ClientDisconnect: lambda request, error: Response(status_code=_CLIENT_GONE),
            Exception: _of_defect,
        }
        return Starlette(routes=routes, exception_handlers=handlers, lifespan=self._lifespan)

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with self.works:
            yield

    # Pages

    async def gallery(self, request: Request) -> Response:
        asked = _search_of(request)
        trouble, listed = None, {"num_files": 0, "files": []}
        try:
            listed = object_of(await self.works.listed(request, asked, await self._liked(asked)))
        except Refusal as refusal:
            if refusal.status not in (400, 422):
                raise
            trouble = refusal.sentence
        name = self.options.folder.resolve().name or "semcodec"
        return _page(
            pages.gallery(
                name, listed, query=asked["query"], like=asked["like"], first=asked["first"], top=asked["top"],
                trouble=trouble, has_viewer=self._has_viewer,
            )
        )  # fmt: skip

    async def show(self, request: Request) -> Response:
        file = await self._file_named(values_of(request.query_params.multi_items(), OF_FILES)["file"])
        about = object_of(await self.works.looked_up(request, "info", {}, file.data))
        return _page(pages.shown(file.name, about, has_viewer=self._has_viewer))

    async def docs(self, request: Request) -> Response:
        return _page(pages.docs(description_of(self.options)["paths"]))

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._page_files:
            raise HTTPException(404)
        body = self._page_files[name]
        return tagged(request, Answer(body, _TYPES[name.rpartition(".")[2]]), tag_of(body))

    async def viewer(self, request: Request) -> Response:
        """Scripts, tables and networks; they stay as they are while the service runs."""
        path = request.path_params["path"]
        # (a worker has the policy of its script)
        policy = {"Content-Security-Policy": pages.POLICY} if path.endswith((".html", ".js")) else {}
        tag = self._viewer_tags.get(path)
        if tag is not None and is_known(request, tag):
            return tagged(request, Answer(b"", headers=policy), tag)
        found = await run_in_threadpool(viewer_file, path)
        if found is None:
            raise HTTPException(404)
        self.works.held(request, len(found.data))
        tag = self._viewer_tags.setdefault(path, tag_of(found.data))
        coding = {} if found.content_encoding is None else {"Content-Encoding": found.content_encoding}
        return tagged(request, Answer(found.data, found.content_type, headers={**coding, **policy}), tag)

    # The folder

    async def search(self, request: Request) -> Response:
        asked = _search_of(request)
        return http_answer(await self.works.listed(request, asked, await self._liked(asked)))

    async def _liked(self, asked: dict[str, Any]) -> bytes:
        """The file that others are to be like."""
        if asked["like"] is None:
            return b""
        if asked["query"]:
            raise Refusal(400, "q and like exclude each other; give one")
        return (await self._file_named(asked["like"])).data

    async def file(self, request: Request) -> Response:
        file = await self._file_named(request.path_params["name"])
        self.works.held(request, len(file.data))
        tag, length = tag_of(file.name, file.stamp), len(file.data)
        headers = {
            "ETag": tag,
            "Cache-Control": ASKED_FOR,
            "Accept-Ranges": "bytes",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name.rpartition('/')[2], safe='')}",
        }
        if is_known(request, tag):
            return Response(status_code=304, headers=headers)
        is_same = request.headers.get("if-range", tag) == tag
        wanted = range_of(request.headers.get("range"), length) if is_same else None
        if wanted is None:
            return Response(file.data, 200, headers, MIME_TYPE)
        first, last = wanted
        headers["Content-Range"] = f"bytes {first}-{last}/{length}"
        return Response(file.data[first : last + 1], 206, headers, MIME_TYPE)

    async def info_of_file(self, request: Request) -> Response:
        file = await self._file_named(values_of(request.query_params.multi_items(), OF_FILES)["file"])
        return http_answer(await self.works.looked_up(request, "info", {}, file.data))

    async def decode_file(self, request: Request) -> Response:
        """Previews come from what was painted lately, where the file is still the same."""
        values = values_of(request.query_params.multi_items(), (FILE, *OF_DECODE))
        file = await self._file_named(values.pop("file"))
        asked = _decode_of(request, values)
        tag = tag_of(file.name, file.stamp, sorted(asked.items(), key=str), __version__)
        if is_known(request, tag):
            return tagged(request, Answer(b""), tag)
        answer = self._kept.get(tag)
        if answer is None:
            answer = await self.works.painted(request, "decode", asked, file.data)
            if answer.status == 200:
                self._kept.put(tag, answer)
        return tagged(request, answer, tag)

    async def _file_named(self, name: str | None) -> FolderFile:
        if name is None:
            raise Refusal(400, "say which file: file=NAME, or send one as the body of a POST")
        return await run_in_threadpool(read_file, self.options.folder, name, max_bytes=self.options.max_body_bytes)

    # Uploads

    async def info(self, request: Request) -> Response:
        values_of(request.query_params.multi_items(), ())
        return http_answer(await self.works.looked_up(request, "info", {}, None))

    async def decode(self, request: Request) -> Response:
        asked = _decode_of(request, values_of(request.query_params.multi_items(), OF_DECODE))
        return http_answer(await self.works.painted(request, "decode", asked))

    async def search_like(self, request: Request) -> Response:
        asked = _search_of(request)
        if asked["query"] or asked["like"] is not None:
            raise Refusal(400, "the body says what to look for; leave q and like out")
        return http_answer(await self.works.alike(request, {**asked, "like": ""}))

    async def encode(self, request: Request) -> Response:
        options = values_of(request.query_params.multi_items(), OF_ENCODE)
        options["describe"] = options["describe"] and options["caption"] is None and options["profile"] != "text"
        options["regions"] = options["regions"] or None
        asked = {"options": options, "as_json": _wants_json(request)}
        return http_answer(await self.works.painted(request, "encode", asked))

    async def describe(self, request: Request) -> Response:
        values = values_of(request.query_params.multi_items(), OF_DESCRIBE)
        tasks = ["caption", *(task for task in ("keywords", "regions") if values[task])]
        return http_answer(await self.works.painted(request, "describe", {"tasks": tasks}))

    def _of_upload(self, endpoint: Endpoint) -> Endpoint:
        async def asked(request: Request) -> Response:
            if self.options.read_only:
                raise Refusal(403, "this service only shows its folder (--read-only)", headers={"Connection": "close"})
            return await endpoint(request)

        return asked

    # About the service

    async def openapi(self, request: Request) -> Response:
        return Response(json.dumps(description_of(self.options)), media_type=JSON_TYPE)

    async def healthz(self, request: Request) -> Response:
        return Response('{"status": "ok"}', media_type=JSON_TYPE)


def _search_of(request: Request) -> dict[str, Any]:
    values = values_of(request.query_params.multi_items(), OF_SEARCH)
    query = values["q"] if values["q"].strip() else ""
    return {"query": query, **{name: values[name] for name in ("like", "first", "top")}}


def _decode_of(request: Request, values: dict[str, Any]) -> dict[str, Any]:
    outside = {"format", "width", "height", "fit", "strip", "roi"}
    return {
        **{name: values[name] for name in outside},
        "roi": roi_of(values["roi"]),
        "options": {name: value for name, value in values.items() if name not in outside},
        "as_json": _wants_json(request),
    }


def _wants_json(request: Request) -> bool:
    return JSON_TYPE in request.headers.get("accept", "")


def _page(html: str) -> Response:
    return Response(html, 200, {"Content-Security-Policy": pages.POLICY}, "text/html; charset=utf-8")


async def _of_defect(request: Request, error: Exception) -> Response:
    if not isinstance(error, SlowClientError):
        logging.getLogger("semcodec.service").error("a defect of the service", exc_info=error)
    return refused(request, Refusal(500, DEFECT))


_SENTENCES = {
    404: "there is nothing here; /docs tells what there is",
    405: "this cannot be asked for in this way; /docs tells how",
}


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = _SENTENCES.get(error.status_code, str(error.detail))
    return refused(request, Refusal(error.status_code, sentence, headers=dict(error.headers or {})))

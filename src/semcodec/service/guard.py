"""Who may come in, and what a browser is told about what it gets. Stands around everything else.

1. `Host` has to be an address, localhost, or a name that was allowed: a page on another name that was made to lead here
   (DNS rebinding) gets nothing.
2. A request that another page's script, form or picture makes is refused, whatever its method: by `Origin` and by
   `Sec-Fetch-Site`. A link to a page of the service works.
3. Where there is a token, it is asked for: as a bearer, as the cookie that the first visit with `?token=` sets, or in
   the form that is shown without it. All comparisons take the same time.
4. Every answer has the headers that keep a browser from guessing types, framing, and running what is not ours.
5. A client that does not take `PIECE_BYTES` of its answer in `SEND_S` seconds is let go.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from semcodec.service import pages
from semcodec.service.problems import PROBLEM_TYPE, Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SEND_S, PIECE_BYTES = 30.0, 1 << 16
UNTIL_SENT = "semcodec.until_sent"  # in a request's scope: what is to be called when its answer is sent
OPEN_TO_ALL = "/healthz"
LOGIN = "/login"
_MAX_LOGIN_BYTES = 2000

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox",
    "Cache-Control": "no-store",
}


class SlowClientError(Exception):
    """A client takes its answer too slowly."""


class Guard:
    """The app within, for those who may come in."""

    def __init__(self, app: ASGIApp, *, token: str | None, hosts: tuple[str, ...]) -> None:
        self._app, self._hosts = app, frozenset(host.lower().rstrip(".") for host in hosts)
        self._key = None if token is None else _Key(token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            for piece in _pieces_of(message):
                try:
                    async with asyncio.timeout(SEND_S):
                        await send(piece)
                except TimeoutError:
                    raise SlowClientError from None

        request = Request(scope, receive)
        try:
            self._ask(request)
            answer = await self._unlocked(request)
        except Refusal as refusal:
            answer = refused(request, refusal)
        try:
            await (self._app if answer is None else answer)(scope, receive, told)
        except SlowClientError:
            pass  # (the server closes a connection whose answer is not complete)
        finally:
            for sent in scope.get(UNTIL_SENT, ()):
                sent()

    def _ask(self, request: Request) -> None:
        """Raises `Refusal` for a request that is meant for somebody else, or that another page makes."""
        headers = request.headers
        named = headers.getlist("host")
        host = name_of(named[0]) if len(named) == 1 else None
        if host is None or not (is_address(host) or host == "localhost" or host in self._hosts):
            raise Refusal(
                421,
                f"this service does not go by the name {(host or 'that it was called by')[:100]!r}: call it by its "
                "address, or start it with --allow-host NAME",
            )
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != named[0].lower():
            raise Refusal(403, "another page asks for this: only pages of this service may")
        is_link = request.method in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
        is_link = is_link and headers.get("sec-fetch-dest") == "document"
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not is_link:
            raise Refusal(403, "another page asks for this: only pages of this service may")

    async def _unlocked(self, request: Request) -> Response | None:
        """None for who may come in; else what is answered instead. Raises `Refusal`."""
        key, path = self._key, request.url.path
        if key is None or path == OPEN_TO_ALL:
            return RedirectResponse("./", 303) if path == LOGIN else None
        if path == LOGIN and request.method == "POST":
            said = dict(parse_qsl((await _small_body(request)).decode("utf-8", "replace")))
            return key.opened(said.get("token", ""), "./")
        query = request.query_params
        if request.method == "GET" and "token" in query:
            rest = urlencode([(name, value) for name, value in query.multi_items() if name != "token"])
            return key.opened(query["token"], f"./{quote(path.rpartition('/')[2])}{f'?{rest}' if rest else ''}")
        if not key.fits(request.headers, request.cookies):
            raise Refusal(
                401,
                "this service wants its token: send it as Authorization: Bearer TOKEN, or open the address with "
                "?token= that it printed when it was started",
                headers={"WWW-Authenticate": 'Bearer realm="semcodec"'},
            )
        return None


class _Key:
    """What a client has to show. The cookie is not the token itself, and is another one for another token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._cookie = hmac.new(self._token, b"semcodec cookie", hashlib.sha256).hexdigest()
        self._name = f"semcodec_{hashlib.sha256(self._token).hexdigest()[:8]}"  # (cookies of two ports meet)

    def fits(self, headers: Headers, cookies: dict[str, str]) -> bool:
        scheme, _, said = headers.get("authorization", "").partition(" ")
        by_bearer = scheme.lower() == "bearer" and self._is_token(said.strip())
        by_cookie = hmac.compare_digest(cookies.get(self._name, "").encode(), self._cookie.encode())
        return by_bearer or by_cookie

    def opened(self, token: str, to: str) -> Response:
        """On to a page, with the cookie. Raises `Refusal` for another token."""
        if not self._is_token(token):
            raise Refusal(401, "this is not the token of this service; it was printed when it was started")
        answer = RedirectResponse(to, 303)
        answer.set_cookie(self._name, self._cookie, httponly=True, samesite="strict", path="/")
        return answer

    def _is_token(self, said: str) -> bool:
        return hmac.compare_digest(said.encode(), self._token)


def _pieces_of(message: Message) -> Iterator[Message]:
    """A long body in pieces: what waits for a client stands here, where it is counted, not in the server's buffers."""
    body = message.get("body", b"")
    if len(body) <= PIECE_BYTES:
        yield message
        return
    for at in range(0, len(body), PIECE_BYTES):
        piece = body[at : at + PIECE_BYTES]
        is_last = at + PIECE_BYTES >= len(body)
        yield {**message, "body": piece, "more_body": message.get("more_body", False) or not is_last}


async def _small_body(request: Request) -> bytes:
    body = b""
    async with asyncio.timeout(SEND_S):
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MAX_LOGIN_BYTES:
                raise Refusal(413, "a token is not that long", headers={"Connection": "close"})
    return body


def name_of(host: str) -> str | None:
    """The name or address in a `Host` header, without port and brackets; None for what is none."""
    name, bracket, rest = host.partition("]")
    if bracket:
        name, colon, port = name.removeprefix("["), rest[:1], rest[1:]
    else:
        name, colon, port = host.partition(":")
    is_port = not colon or (port.isascii() and port.isdigit())
    return name.lower().rstrip(".") if name and is_port and colon in ("", ":") else None


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def wants_page(headers: Headers) -> bool:
    """Whether it is a person's browser that asks, not a program."""
    return headers.get("accept", "").startswith("text/html")


def refused(request: Request, refusal: Refusal) -> Response:
    """A page for people, JSON for programs."""
    headers = dict(refusal.headers)
    if wants_page(request.headers):
        headers["Content-Security-Policy"] = pages.POLICY
        page = pages.refusal(refusal.status, refusal.sentence, asks_for_token=refusal.status == 401)
        return Response(page, refusal.status, headers, "text/html; charset=utf-8")
    return Response(refusal.as_json(), refusal.status, headers, PROBLEM_TYPE)

"""A line for each request, where they are wanted. Queries are left out: they hold words, and may hold the token."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Logged:
    """The app within; `say` gets `127.0.0.1 GET /decode 200, 48152 bytes, 0.31 s`, not yet escaped for a terminal."""

    def __init__(self, app: ASGIApp, say: Callable[[str], None]) -> None:
        self._app, self._say = app, say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, num_bytes = time.monotonic(), 0, 0

        async def told(message: Message) -> None:
            nonlocal status, num_bytes
            status = message.get("status", status)
            num_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            client = scope["client"][0] if scope["client"] else "somebody"
            seconds = time.monotonic() - began
            self._say(f"{client} {scope['method']} {scope['path']} {status}, {num_bytes} bytes, {seconds:.2f} s")

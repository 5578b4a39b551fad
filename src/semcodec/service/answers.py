"""Answers as HTTP has them: with a tag, so that what has not changed is not sent again."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from semcodec.service.tasks import Answer

# The browser keeps it, and asks each time whether it is still so.
ASKED_FOR = "private, no-cache"


def http_answer(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers), answer.type)


def tag_of(*parts: object) -> str:
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the client has what bears this tag."""
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return tag in known or known == ["*"]


def tagged(request: Request, answer: Answer, tag: str) -> Response:
    headers = {"ETag": tag, "Cache-Control": ASKED_FOR}
    if answer.status != 200:
        return http_answer(answer)
    if is_known(request, tag):
        # (the browser takes these for the headers of what it has: they are the same)
        told = {name: value for name, value in answer.headers.items() if name != "Content-Encoding"}
        return Response(status_code=304, headers={**told, **headers})
    return Response(answer.body, 200, {**answer.headers, **headers}, answer.type)

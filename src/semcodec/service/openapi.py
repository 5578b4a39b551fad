"""The endpoints as OpenAPI 3.1 describes them, made from the very tables that requests are read with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from semcodec import __version__
from semcodec.ids import MIME_TYPE
from semcodec.service.options import ServiceOptions
from semcodec.service.parameters import (
    FILE,
    OF_DECODE,
    OF_DESCRIBE,
    OF_ENCODE,
    OF_FILES,
    OF_SEARCH,
    Parameter,
)
from semcodec.service.problems import PROBLEM_TYPE
from semcodec.service.tasks import JSON_TYPE, PICTURE_TYPES

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_OBJECT = {"schema": {"type": "object"}}
_REFUSED = {
    400: "A parameter cannot be meant so.",
    401: "The token is wanted.",
    403: "Another page asks for this, or the service is read-only.",
    404: "There is no such file.",
    408: "The body did not arrive in time.",
    413: "It is larger than the limits allow.",
    415: "The body is no picture, or no .semc file.",
    422: "The library cannot do this with it; `detail` says why.",
    429: "You have asked for too much at a time; come again after Retry-After seconds.",
    501: "This installation lacks what that needs.",
    503: "All have asked for too much at a time, or memory ran out; Retry-After says when to come again.",
    504: "It took too long.",
}


def description_of(options: ServiceOptions) -> dict[str, Any]:
    """As `/openapi.json` has it. What a read-only service refuses is left out."""
    paths = _paths()
    if options.read_only:
        paths = {path: {way: told for way, told in ways.items() if way == "get"} for path, ways in paths.items()}
        paths = {path: ways for path, ways in paths.items() if ways}
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "semcodec",
            "version": __version__,
            "description": "Pictures sent by their meaning: a folder of .semc files, and the codec.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "./"}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}, "securitySchemes": {"token": _TOKEN}},
    }
    if options.token is not None:
        described["security"] = [{"token": []}]
    return described


_TOKEN = {"type": "http", "scheme": "bearer", "description": "The token that the service was started with."}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, where, and what to do, in one sentence."},
        "error": {"type": "string", "description": "The library's name for it, such as LimitError."},
        "offset": {"type": "integer", "description": "Where in the file, in bytes."},
        "least_bytes": {"type": "integer", "description": "The smallest file that is possible."},
    },
}


def _paths() -> dict[str, dict[str, Any]]:
    picture = {"*/*": _BINARY}
    file = {MIME_TYPE: _BINARY}
    pictures = dict.fromkeys(PICTURE_TYPES.values(), _BINARY)
    return {
        "/encode": {
            "post": _way(
                "A picture to a .semc file.",
                OF_ENCODE,
                body=picture,
                gives={**file, JSON_TYPE: _OBJECT},
                more="The body is the picture file. The answer is the file; with Accept: application/json an object "
                "with the file in base64, and what was noted.",
                example="curl --data-binary @photo.jpg -o photo.semc 'http://127.0.0.1:7362/encode?bytes=1000'",
            )
        },
        "/decode": {
            "get": _way(
                "A file of the folder as a picture.",
                (FILE, *OF_DECODE),
                gives={**pictures, JSON_TYPE: _OBJECT},
                example="curl -o photo.png 'http://127.0.0.1:7362/decode?file=photo.semc'",
            ),
            "post": _way(
                "A .semc file to a picture.",
                OF_DECODE,
                body=file,
                gives={**pictures, JSON_TYPE: _OBJECT},
                more="With Accept: application/json an object with the picture in base64, and what was sent, restored "
                "and invented (docs/report.md).",
                example="curl --data-binary @photo.semc -o photo.png http://127.0.0.1:7362/decode",
            ),
        },
        "/describe": {
            "post": _way(
                "What the describer sees in a picture, and how sure it is.",
                OF_DESCRIBE,
                body=picture,
                gives={JSON_TYPE: _OBJECT},
                example="curl --data-binary @photo.jpg http://127.0.0.1:7362/describe",
            )
        },
        "/info": {
            "get": _way(
                "What a file of the folder says, without decoding its picture.",
                OF_FILES,
                gives={JSON_TYPE: _OBJECT},
                example="curl 'http://127.0.0.1:7362/info?file=photo.semc'",
            ),
            "post": _way(
                "What a .semc file says, without decoding its picture.",
                (),
                body=file,
                gives={JSON_TYPE: _OBJECT},
                example="curl --data-binary @photo.semc http://127.0.0.1:7362/info",
            ),
        },
        "/search": {
            "get": _way(
                "Files of the folder by their words and by what they show, the best first.",
                OF_SEARCH,
                gives={JSON_TYPE: _OBJECT},
                example="curl 'http://127.0.0.1:7362/search?q=dog+on+a+beach'",
            ),
            "post": _way(
                "Files of the folder whose pictures are most like this one: a picture, or a .semc file.",
                tuple(parameter for parameter in OF_SEARCH if parameter.name in ("top", "first")),
                body=picture,
                gives={JSON_TYPE: _OBJECT},
                more="Only files with a vector are compared (semcodec encode --vector).",
                example="curl --data-binary @photo.jpg http://127.0.0.1:7362/search",
            ),
        },
        "/files/{name}": {
            "get": {
                **_way(
                    "A file of the folder as it is; ranges are answered.",
                    (),
                    gives=file,
                    example="curl -r 0-399 http://127.0.0.1:7362/files/photo.semc",
                ),
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "description": FILE.says, "schema": FILE.schema()}
                ],
            }
        },
        "/healthz": {"get": {"summary": "Whether the service is up.", "responses": {"200": {"description": "It is."}}}},
    }


def _way(
    summary: str,
    parameters: Sequence[Parameter],
    *,
    gives: dict[str, Any],
    example: str,
    body: dict[str, Any] | None = None,
    more: str = "",
) -> dict[str, Any]:
    said: dict[str, Any] = {"summary": summary, "x-example": example}
    if more:
        said["description"] = more
    said["parameters"] = [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter is FILE,
            "description": parameter.says,
            "schema": parameter.schema(),
        }
        for parameter in parameters
    ]
    if body is not None:
        said["requestBody"] = {"required": True, "content": body}
    problem = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    said["responses"] = {
        "200": {"description": "Done.", "content": gives},
        **{str(status): {"description": says, "content": problem} for status, says in _REFUSED.items()},
    }
    return said

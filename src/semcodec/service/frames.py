"""Messages between the process that listens and its workers: a JSON object and bytes, each with its length before it.

Nothing is unpickled: a worker that a stranger's file has taken over can send bytes, and no more.
"""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any, BinaryIO

_LENGTHS = struct.Struct(">II")
Message = tuple[dict[str, Any], bytes]


def packed(head: dict[str, Any], body: bytes) -> bytes:
    """The frame up to its body, which is written behind it: it may be large."""
    text = json.dumps(head).encode()
    return _LENGTHS.pack(len(text), len(body)) + text


def read_message(stream: BinaryIO) -> Message | None:
    """The next one; None at the end."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    num_head_bytes, num_body_bytes = _LENGTHS.unpack(lengths)
    head = json.loads(stream.read(num_head_bytes))
    return head, stream.read(num_body_bytes)


async def receive_message(stream: asyncio.StreamReader, *, max_bytes: int) -> Message:
    """The next one. Raises `asyncio.IncompleteReadError` where the stream ends, ValueError for one that is too long."""
    num_head_bytes, num_body_bytes = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
    if num_head_bytes + num_body_bytes > max_bytes:
        raise ValueError(f"a message of {num_head_bytes + num_body_bytes} bytes")
    head = json.loads(await stream.readexactly(num_head_bytes))
    return head, await stream.readexactly(num_body_bytes)

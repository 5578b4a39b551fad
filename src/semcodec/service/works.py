"""What requests have done: let in by the gate, done by a pool of workers, given up when the client goes."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from starlette.requests import ClientDisconnect, Request

from semcodec.service.gate import Gate, Ticket, busy, client_named
from semcodec.service.guard import UNTIL_SENT
from semcodec.service.options import ServiceOptions, num_cores
from semcodec.service.problems import Refusal
from semcodec.service.tasks import Answer, Setup
from semcodec.service.workers import Pool, Work

_REST = 10.0  # times as long as it took to look at the folder, until it is looked at again
_INDEX_S = 3600.0
_LOOK_UP_S = 20.0  # of what opens no network
# What a page waits for the folder to be looked at; the first time, and later, when an older list is there to be shown.
_FIRST_WAIT_S, _WAIT_S = 10.0, 0.3


class Works:
    """Pools for pictures, for what is quickly looked up, and for the index. Used as `async with`."""

    def __init__(self, options: ServiceOptions) -> None:
        self._options, self.gate = options, Gate(options)
        self._place = tempfile.TemporaryDirectory(prefix="semcodec-serve-", ignore_cleanup_errors=True)
        threads = options.settings.threads or max(1, num_cores() // options.num_workers)
        setup = Setup(
            folder=str(options.folder.resolve()),
            database=str(Path(self._place.name) / "words.sqlite"),
            limits=options.limits,
            settings=type(options.settings)(**{**_fields(options.settings), "threads": threads}),
            max_bytes=options.worker_bytes,
        )

        def pool(num: int, *, work_s: float) -> Pool:
            return Pool(setup, num, wait_s=options.wait_s, work_s=work_s, gone_s=options.gone_s)

        self._painters = pool(options.num_workers, work_s=options.work_s)
        self._readers = pool(min(2, num_cores()), work_s=_LOOK_UP_S)
        self._indexers = pool(1, work_s=_INDEX_S)
        self._index: asyncio.Task[None] | None = None
        self._is_indexed, self._fresh_until = False, 0.0
        self._ending: set[asyncio.Task[Answer]] = set()

    @property
    def painter_ids(self) -> list[int]:
        """The processes that work on pictures."""
        return self._painters.process_ids

    async def __aenter__(self) -> Works:
        self._look_at_folder()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._index is not None:
            self._index.cancel()
        await asyncio.gather(*(pool.close() for pool in (self._painters, self._readers, self._indexers)))
        self._place.cleanup()

    async def painted(self, request: Request, task: str, asked: dict[str, Any], body: bytes | None = None) -> Answer:
        """Work on a picture: of the request's body, or of the bytes given. Raises `Refusal`, `ClientDisconnect`."""
        return await self._done(self._painters, request, task, asked, body)

    async def looked_up(self, request: Request, task: str, asked: dict[str, Any], body: bytes | None = b"") -> Answer:
        """Work that opens no network."""
        return await self._done(self._readers, request, task, asked, body)

    async def listed(self, request: Request, asked: dict[str, Any], body: bytes = b"") -> Answer:
        """Files of the folder, as it was a few seconds ago at most. `body`: the .semc file that they are to be like."""
        await self._fresh()
        return await self.looked_up(request, "search", asked, body)

    async def alike(self, request: Request, asked: dict[str, Any]) -> Answer:
        """The same, like the picture in the request's body: somebody has to look at it."""
        await self._fresh()
        return await self.painted(request, "search", asked)

    def held(self, request: Request, num_bytes: int) -> Ticket:
        """Counts so many bytes until the answer to this request is sent. Raises `Refusal`."""
        client = client_named(request.client.host if request.client is not None else "")
        ticket = self.gate.enter(client, num_bytes)
        request.scope.setdefault(UNTIL_SENT, []).append(ticket.drop)
        return ticket

    async def _done(self, pool: Pool, request: Request, task: str, asked: dict[str, Any], body: bytes | None) -> Answer:
        num_bytes = _announced(request, self._options.max_body_bytes) if body is None else len(body)
        ticket = self.held(request, num_bytes)
        if body is None:
            body = await _body_of(request, num_bytes, self._options.body_s)
        client = client_named(request.client.host if request.client is not None else "")
        working = asyncio.create_task(pool.done(Work(task, asked, body, client=client)))
        ticket.share()
        self._ending.add(working)

        def ended(working: asyncio.Task[Answer]) -> None:
            self._ending.discard(working)
            ticket.drop()
            _ = working.cancelled() or working.exception()  # (told to whoever is still there)

        working.add_done_callback(ended)
        gone = asyncio.create_task(_gone(request))
        try:
            await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise ClientDisconnect
            answer = working.result()
        finally:
            gone.cancel()
            working.cancel()  # (nothing, where it is done)
        ticket.holds(len(answer.body))
        return answer

    def _look_at_folder(self) -> None:
        if self._index is None and asyncio.get_running_loop().time() >= self._fresh_until:
            self._index = asyncio.create_task(self._indexed())

    async def _indexed(self) -> None:
        seconds = 0.0
        try:
            seconds = object_of(await self._indexers.done(Work("index", {})))["seconds"]
            self._is_indexed = True
        except Refusal:
            pass  # (a page says that the folder is being read, and the next one has it tried again)
        finally:
            now = asyncio.get_running_loop().time()
            self._fresh_until = now + max(self._options.fresh_s, _REST * seconds)
            self._index = None

    async def _fresh(self) -> None:
        self._look_at_folder()
        if self._index is not None:
            await asyncio.wait({self._index}, timeout=_WAIT_S if self._is_indexed else _FIRST_WAIT_S)
        if not self._is_indexed:
            raise busy(503, "the folder is being read for the first time; come again")


async def _gone(request: Request) -> None:
    """Ends when the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _announced(request: Request, most: int) -> int:
    """How many bytes the body has at most. Raises `Refusal` where that is too many."""
    said = request.headers.get("content-length")
    if said is None:
        return most
    if int(said) > most:  # (the server has refused what is no number)
        raise _too_long(most)
    return int(said)


async def _body_of(request: Request, most: int, seconds: float) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise _too_long(most)
    except TimeoutError:
        raise Refusal(
            408, f"the body did not arrive within {seconds:g} seconds; send it again", headers={"Connection": "close"}
        ) from None
    return bytes(body)


def _too_long(most: int) -> Refusal:
    return Refusal(
        413, f"the body has more than {most} bytes, the most that is taken; send less", headers={"Connection": "close"}
    )


def _fields(settings: Any) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


def object_of(answer: Answer) -> dict[str, Any]:
    """What a worker says. Raises `Refusal` where it refuses."""
    said: dict[str, Any] = json.loads(answer.body)
    if answer.status != 200:
        raise Refusal(answer.status, str(said["detail"]), said.get("error"))
    return said

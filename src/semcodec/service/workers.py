"""Worker processes: started when there is work, ended when it takes too long, replaced when they hold too much.

Promises
1. A piece of work ends, in `work_s` at the latest: its process is ended then, and with it whatever the work did.
2. Work whose client has gone gives way: where it waits it is dropped, where it runs it has `gone_s` seconds more.
3. What one piece of work does to its process reaches no other: one that ends badly is not used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from typing import Any

from semcodec.service.frames import packed, receive_message
from semcodec.service.gate import busy
from semcodec.service.problems import Refusal
from semcodec.service.tasks import Answer, Setup
from semcodec.service.turns import Turns

_MAX_ANSWER_BYTES = 1 << 30


class Work:
    """A piece of work that a client waits for."""

    def __init__(self, task: str, asked: dict[str, Any], body: bytes = b"", *, client: str = "") -> None:
        self.task, self.asked, self.body, self.client = task, asked, body, client
        self.deadline: asyncio.Timeout | None = None  # while it runs


class Pool:
    """At most `num` processes. For one event loop."""

    def __init__(self, setup: Setup, num: int, *, wait_s: float, work_s: float, gone_s: float) -> None:
        self._setup, self._turns = setup, Turns(num)
        self._wait_s, self._work_s, self._gone_s = wait_s, work_s, gone_s
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._ended = False

    @property
    def process_ids(self) -> list[int]:
        return [worker.process_id for worker in self._all]

    async def done(self, work: Work) -> Answer:
        """The answer. Raises `Refusal` where there is none in time. Cancelled, it gives way (promise 2)."""
        running = asyncio.create_task(self._run(work))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            if work.deadline is None:
                running.cancel()
            else:
                soon = asyncio.get_running_loop().time() + self._gone_s
                with contextlib.suppress(RuntimeError):  # (it is over in this moment)
                    work.deadline.reschedule(min(soon, work.deadline.when() or soon))
            with contextlib.suppress(asyncio.CancelledError, Refusal):
                await running
            raise

    async def _run(self, work: Work) -> Answer:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turns.take(work.client)
        except TimeoutError:
            raise busy(503, f"no worker was free for {self._wait_s:g} seconds; come again") from None
        worker = None
        try:
            async with asyncio.timeout(self._work_s) as work.deadline:
                worker = self._idle.pop() if self._idle else await self._started()
                answer, held_bytes = await worker.ask(work)
            if held_bytes > self._setup.max_bytes // 2 or self._ended:
                await self._end(worker)
            else:
                self._idle.append(worker)
            return answer
        except BaseException as error:
            if worker is not None:
                await self._end(worker)
            if isinstance(error, TimeoutError):
                raise Refusal(
                    504, f"it took longer than {self._work_s:g} seconds; send less, or ask for less effort"
                ) from None
            if isinstance(error, asyncio.IncompleteReadError | ConnectionError | ValueError):
                raise Refusal(
                    503, "the process that worked on it has ended; it may have wanted more memory than there is"
                ) from error
            raise
        finally:
            self._turns.give_back()

    async def _started(self) -> _Worker:
        worker = await _Worker.started(self._setup)
        self._all.add(worker)
        return worker

    async def _end(self, worker: _Worker) -> None:
        self._all.discard(worker)
        await worker.end()

    async def close(self) -> None:
        """Ends all processes, in whatever they are."""
        self._ended = True
        self._idle.clear()
        await asyncio.gather(*(self._end(worker) for worker in list(self._all)))


class _Worker:
    """One process."""

    def __init__(self, transport: asyncio.SubprocessTransport, streams: SubprocessStreamProtocol) -> None:
        self._transport = transport
        self._process = Process(transport, streams, asyncio.get_running_loop())
        self.process_id = self._process.pid

    @classmethod
    async def started(cls, setup: Setup) -> _Worker:
        loop = asyncio.get_running_loop()
        # (-P: the folder that the service was started in may be a stranger's, with a numpy.py in it)
        transport, streams = await loop.subprocess_exec(
            lambda: SubprocessStreamProtocol(limit=1 << 16, loop=loop),
            sys.executable, "-P", "-m", "semcodec.service.worker",
            stdin=PIPE, stdout=PIPE, stderr=None, env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
        )  # fmt: skip
        worker = cls(transport, streams)
        try:
            await worker._send(setup.as_object(), b"")
        except BaseException:
            await worker.end()
            raise
        return worker

    async def ask(self, work: Work) -> tuple[Answer, int]:
        """The answer, and how many bytes of memory the process holds now."""
        assert self._process.stdout is not None
        await self._send({"task": work.task, "asked": work.asked}, work.body)
        said, body = await receive_message(self._process.stdout, max_bytes=_MAX_ANSWER_BYTES)
        return Answer(body, str(said["type"]), int(said["status"]), dict(said["headers"])), int(said["held_bytes"])

    async def _send(self, head: dict[str, Any], body: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(packed(head, body))
        self._process.stdin.write(body)
        await self._process.stdin.drain()

    async def end(self) -> None:
        """Ends the process, whatever it does, and closes its pipes."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._transport.close()

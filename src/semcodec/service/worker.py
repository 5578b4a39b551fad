"""A worker: a process that takes one piece of work after the other from stdin, and answers on stdout.

The first message is its `Setup`; it ends when stdin does. What libraries print goes to stderr.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback

from semcodec.service.frames import packed, read_message
from semcodec.service.problems import DEFECT, PROBLEM_TYPE, Refusal, refusal_of
from semcodec.service.tasks import Answer, Desk, Setup


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; who listens ends us
    taken, given = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    first = read_message(taken)
    if first is None:
        return
    desk = Desk(Setup.of(first[0]))
    limit_memory(desk.setup.max_bytes)
    while (message := read_message(taken)) is not None:
        (head, body) = message
        answer = _answered(desk, head["task"], head["asked"], body)
        del message, body
        said = {
            "status": answer.status,
            "type": answer.type,
            "headers": answer.headers,
            "held_bytes": held_bytes(),
        }
        given.write(packed(said, answer.body))
        given.write(answer.body)
        given.flush()


def _answered(desk: Desk, task: str, asked: dict[str, object], body: bytes) -> Answer:
    try:
        return desk.done(task, asked, body)
    except Refusal as refusal:
        return _refused(refusal)
    except Exception as error:
        refusal_or_none = refusal_of(error)
        if refusal_or_none is None:
            traceback.print_exc()
            refusal_or_none = Refusal(500, DEFECT)
        return _refused(refusal_or_none)


def _refused(refusal: Refusal) -> Answer:
    return Answer(refusal.as_json(), PROBLEM_TYPE, refusal.status)


def limit_memory(max_bytes: int) -> None:
    """Of the heap, where the system knows such a limit: what wants more is a MemoryError, and no other process ends."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = max_bytes if most == resource.RLIM_INFINITY else min(max_bytes, most)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))


def held_bytes() -> int:
    """How much memory this process holds now; 0 where that cannot be told."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0


if __name__ == "__main__":
    main()

"""Previews that were painted lately, as many as fit into so many bytes."""

from __future__ import annotations

from collections import OrderedDict

from semcodec.service.tasks import Answer


class Kept:
    """The last answers, by what they are answers to; the one that was asked for longest ago goes first."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._answers = max_bytes, OrderedDict[str, Answer]()
        self.num_bytes = 0

    def get(self, key: str) -> Answer | None:
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def put(self, key: str, answer: Answer) -> None:
        """One that would take more than a quarter of the room is not kept."""
        if key in self._answers or 4 * len(answer.body) > self._max_bytes:
            return
        self._answers[key] = answer
        self.num_bytes += len(answer.body)
        while self.num_bytes > self._max_bytes:
            self.num_bytes -= len(self._answers.popitem(last=False)[1].body)

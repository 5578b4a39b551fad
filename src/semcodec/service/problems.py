"""What is answered where something is wrong: a status and the library's own sentence, as RFC 9457 has it."""

from __future__ import annotations

import http
import json
from dataclasses import dataclass, field

from semcodec.errors import (
    BudgetError,
    FormatError,
    LimitError,
    MissingAvifError,
    MissingExtraError,
    ModelError,
    NotSemcError,
    PictureError,
    SemcodecError,
    WeightsError,
)
from semcodec.search.find import QueryError
from semcodec.search.store import IndexFileError

PROBLEM_TYPE = "application/problem+json"
DEFECT = "this is a defect of the service; its log has the details"

# The first that fits. What is wrong with the bytes is 415 where they are not what they should be at all, else 422.
_STATUSES: tuple[tuple[type[SemcodecError], int], ...] = (
    (LimitError, 413),
    (NotSemcError, 415),
    (PictureError, 415),
    (MissingAvifError, 501),
    (MissingExtraError, 501),
    (WeightsError, 501),
    (ModelError, 501),
    (QueryError, 400),
    (IndexFileError, 503),
    (SemcodecError, 422),
)


@dataclass
class Refusal(Exception):
    """An answer that is no success. `sentence` says what is wrong and what to do; `kind` is the name of the library's
    error; `facts` are further keys of the answer."""

    status: int
    sentence: str
    kind: str | None = None
    facts: dict[str, object] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> bytes:
        title = http.HTTPStatus(self.status).phrase
        said: dict[str, object] = {"title": title, "status": self.status, "detail": self.sentence}
        if self.kind is not None:
            said["error"] = self.kind
        return json.dumps({**said, **self.facts}).encode()  # (ASCII alone: strangers' characters arrive escaped)


def refusal_of(error: Exception) -> Refusal | None:
    """What an error of the library means to a client; None for what is no such error."""
    facts: dict[str, object] = {}
    if isinstance(error, FormatError | LimitError) and error.offset is not None:
        facts["offset"] = error.offset
    if isinstance(error, BudgetError):
        facts["least_bytes"] = error.least_bytes
    kind = type(error).__name__
    if isinstance(error, SemcodecError):
        status = next(status for one, status in _STATUSES if isinstance(error, one))
        return Refusal(status, str(error), kind, facts)
    if isinstance(error, MemoryError):
        return Refusal(413, "there is not enough memory for a picture of this size; send a smaller one", kind)
    return None

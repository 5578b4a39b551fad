"""What a worker does: every piece of work is a method of `Desk`, takes what was asked and bytes, and gives an `Answer`.

Only here are strangers' bytes looked at.
"""

from __future__ import annotations

import base64
import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semcodec.ids import MIME_TYPE
from semcodec.limits import Limits
from semcodec.models import Models, ModelSettings
from semcodec.service.problems import Refusal

if TYPE_CHECKING:
    from semcodec.search import Hit
    from semcodec.types import Size

JSON_TYPE = "application/json"
PICTURE_TYPES = {"png": "image/png", "webp": "image/webp", "jpg": "image/jpeg", "avif": "image/avif"}
NOTES = "Semcodec-Notes"
_MAX_NOTES_CHARS = 4000  # of a header


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    type: str = JSON_TYPE
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is told first: where the folder and its index are, its limits and networks."""

    folder: str
    database: str
    limits: Limits
    settings: ModelSettings
    max_bytes: int

    def as_object(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, said: dict[str, Any]) -> Setup:
        return cls(**{**said, "limits": Limits(**said["limits"]), "settings": ModelSettings(**said["settings"])})


class Desk:
    """Where the work is done. Raises what the library raises; `Refusal` for what only a service refuses."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.models = setup, Models(setup.settings)

    def done(self, task: str, asked: dict[str, Any], body: bytes) -> Answer:
        tasks = {
            "encode": self.encode, "decode": self.decode, "describe": self.describe, "info": self.info,
            "search": self.search, "index": self.index,
        }  # fmt: skip
        return tasks[task](asked, body)

    def encode(self, asked: dict[str, Any], body: bytes) -> Answer:
        from semcodec.encoding import encode_with
        from semcodec.options import EncodeOptions
        from semcodec.pictures import load_picture

        try:
            options = EncodeOptions(**asked["options"], limits=self.setup.limits)
        except ValueError as error:
            raise Refusal(400, str(error)) from error
        loaded = load_picture(_some(body, "a picture"), limits=options.limits)
        encoded = encode_with(loaded, options=options, models=self.models)
        if not asked["as_json"]:
            return Answer(encoded.data, MIME_TYPE, headers=_notes([*encoded.notes, encoded.described]))
        return _json(
            {
                "bytes": len(encoded.data),
                "width_px": loaded.size.width_px,
                "height_px": loaded.size.height_px,
                "bytes_by_layer": dict(encoded.bytes_by_layer),
                "notes": list(encoded.notes),
                "described": encoded.described or None,
                **_data(encoded.data, MIME_TYPE),
            }
        )

    def decode(self, asked: dict[str, Any], body: bytes) -> Answer:
        from semcodec.options import PaintOptions
        from semcodec.painting import paint

        size = self._size(asked, _some(body, "a .semc file"))
        roi = asked["roi"]
        options = PaintOptions(
            **asked["options"], size=size, roi=None if roi is None else tuple(roi), limits=self.setup.limits
        )
        painting = paint(body, options=options, models=self.models)
        told: list[str] = []
        picture = painting.picture_bytes(asked["format"], strip=asked["strip"], notes=told)
        kind = PICTURE_TYPES[asked["format"]]
        if asked["as_json"]:
            return _json({**painting.report(), "notes": told, **_data(picture, kind)})
        return Answer(picture, kind, headers=_notes([*map(str, painting.warnings), *told]))

    def describe(self, asked: dict[str, Any], body: bytes) -> Answer:
        from semcodec.opening import describe
        from semcodec.pictures import load_picture

        loaded = load_picture(_some(body, "a picture"), limits=self.setup.limits)
        found = describe(loaded, tasks=asked["tasks"], limits=self.setup.limits, models=self.models)
        return _json({**found.report(), "warnings": list(loaded.damage)})

    def info(self, asked: dict[str, Any], body: bytes) -> Answer:
        from semcodec.file.inspecting import info
        from semcodec.metadata.alt import alt_text, words_of
        from semcodec.metadata.objects import info_object

        found = info(_some(body, "a .semc file"), limits=self.setup.limits)
        return _json({**info_object(found), "alt": alt_text(found.words or words_of(found.regions))})

    def search(self, asked: dict[str, Any], body: bytes) -> Answer:
        """Without a query the files of the folder by their paths, else those that it finds, the best first; with `like`
        those whose pictures are most like that of the bytes: of the .semc file of this name, or "" for any picture."""
        from semcodec.search import search_shown
        from semcodec.search.listing import list_files

        query, first, top = asked["query"], asked["first"], asked["top"]
        if asked["like"] is not None:
            hits = self._alike(asked["like"], body, first + top)[first:]
            return _json({"query": "", "num_files": None, "files": self._shown(hits)})
        if query:
            hits = search_shown(
                query, top=first + top, database=self.setup.database, models=self.models, as_typed=True
            )[first:]
            return _json({"query": query, "num_files": None, "files": self._shown(hits)})
        listing = list_files(self.setup.folder, first=first, top=top, database=self.setup.database)
        return _json({"query": "", "num_files": listing.num_files, "files": self._shown(listing.files)})

    def _alike(self, name: str, body: bytes, top: int) -> list[Hit]:
        from semcodec.file.inspecting import info
        from semcodec.search import search_like
        from semcodec.search.shown import holds_vectors, vector_of

        if not holds_vectors(database=self.setup.database):
            raise Refusal(422, "no file of the folder has a vector; encode them with: semcodec encode --vector")
        if name:
            info(body, limits=self.setup.limits)  # (raises for what is no .semc file: nobody is to look at that here)
        body, name = _some(body, "a picture"), name or "the body"
        vector = vector_of(body, name=name, limits=self.setup.limits, models=self.models)
        return search_like(vector, top=top, database=self.setup.database)

    def index(self, asked: dict[str, Any], body: bytes) -> Answer:
        from semcodec.search import index_folder

        setup, began = self.setup, time.monotonic()
        tally = index_folder(setup.folder, database=setup.database, limits=setup.limits, links=False)
        seconds = time.monotonic() - began
        return _json({"num_files": tally.num_files, "num_damaged": len(tally.damaged), "seconds": seconds})

    def _shown(self, hits: list[Hit]) -> list[dict[str, object]]:
        """With names as the service has them: below the folder, parted by `/`. Those that are no text are left out."""
        from semcodec.metadata.alt import alt_text
        from semcodec.types import Words

        shown = []
        for hit in hits:
            name = Path(os.path.relpath(hit.path, self.setup.folder)).as_posix()
            if _is_text(name):
                words = hit.words if hit.words.text else None
                if words is None and hit.phrases:
                    words = Words(", ".join(hit.phrases), hit.words.language, hit.phrases_origin)
                shown.append({**hit.report(), "file": name, "alt": alt_text(words)})
        return shown

    def _size(self, asked: dict[str, Any], body: bytes) -> Size | None:
        """The size that a picture is wanted in; None: its own. Raises `Refusal`, `LimitError`."""
        from semcodec.file.inspecting import info
        from semcodec.types import Size

        width, height, fit = (asked[name] for name in ("width", "height", "fit"))
        if width is height is fit is None:
            return None
        if asked["roi"] is not None or (fit is not None and (width, height) != (None, None)):
            raise Refusal(400, "width and height, fit, and roi exclude each other; give one of the three")
        own = info(body, limits=self.setup.limits).size
        if fit is not None:
            scale = min(fit / own.width_px, fit / own.height_px, 1)
            width, height = round(scale * own.width_px), round(scale * own.height_px)
        elif width is None:
            width = round(height * own.width_px / own.height_px)
        elif height is None:
            height = round(width * own.height_px / own.width_px)
        size = Size(max(1, width), max(1, height))
        self.setup.limits.ask("max_pixels", size.width_px * size.height_px, f"a picture of {size} is wanted")
        self.setup.limits.ask("max_side_px", max(size.width_px, size.height_px), f"a picture of {size} is wanted")
        return size


def _some(body: bytes, what: str) -> bytes:
    if not body:
        raise Refusal(400, f"the request has no body; send {what} as its body")
    return body


def _is_text(name: str) -> bool:
    try:
        return bool(name.encode())
    except UnicodeEncodeError:
        return False


def _json(said: dict[str, Any]) -> Answer:
    return Answer(json.dumps(said).encode())


def _data(data: bytes, kind: str) -> dict[str, str]:
    return {"type": kind, "data": base64.b64encode(data).decode("ascii")}


def _notes(told: list[str]) -> dict[str, str]:
    """What is to be told beside bytes, as a header: a list in JSON, ASCII alone; its first items, where it is long."""
    told = [note for note in told if note]
    while told and len(text := json.dumps(told)) > _MAX_NOTES_CHARS:
        told = told[:-1]
    return {NOTES: text} if told else {}

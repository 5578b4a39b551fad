"""What differs from family to family of describers: read from `families.json`, so that no code asks for a name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from semcodec.errors import ModelError

TASKS = ("caption", "regions", "keywords")


@dataclass(frozen=True, slots=True)
class Example:
    """A published model of a family. `params` and `licence` are for the guide; the hub itself has the last word."""

    id: str
    params: int
    licence: str


@dataclass(frozen=True, slots=True)
class Family:
    """How models of one architecture (`model_type` in their config.json) are asked, and what they answer.

    `asked_by`: "chat" (through the chat template) or "text" (the prompt as it is, or none).
    `prompts`: task -> prompt. `answers`: task -> kind of answer, a key of `parse.PARSERS`; other tasks it cannot do.
    `box_scale`: boxes count in that many parts of a side; "patches": in pixels of the picture as the model saw it.
    `languages`: that it answers in; empty for any.
    """

    model_type: str
    title: str
    asked_by: str
    prompts: dict[str, str]
    answers: dict[str, str]
    box_scale: int | str | None
    languages: tuple[str, ...]
    examples: tuple[Example, ...]

    def prompt(self, task: str, *, num_words: int, language: str) -> str:
        """The question. Raises `ModelError` for a task or a language that the family cannot do."""
        if task not in self.answers:
            able = ", ".join(self.answers)
            raise ModelError(f"{self.title} cannot do {task!r} (it can do {able}): take another model or task")
        plain = language.split("-")[0]
        if self.languages and plain not in {*self.languages, "und"}:
            raise ModelError(f"{self.title} answers in {', '.join(self.languages)} alone, not in {language!r}")
        asks_for = "" if plain in {"en", "und"} else f" Answer in the language {language}."
        return self.prompts[task].format(num_words=num_words, language=asks_for)


def find_family(model_type: str) -> Family:
    """The family of a `model_type`; what holds for most chat models where it is not a known one."""
    facts = known_facts()
    return _family(model_type, facts["families"].get(model_type, facts["others"]))


def known_families() -> list[Family]:
    return [_family(model_type, entry) for model_type, entry in known_facts()["families"].items()]


@lru_cache(maxsize=1)
def known_facts() -> dict[str, Any]:
    """The content of `families.json`."""
    data = resources.files("semcodec.hub.describers").joinpath("families.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(data)
    return facts


def _family(model_type: str, entry: dict[str, Any]) -> Family:
    return Family(
        model_type=model_type,
        title=entry["title"],
        asked_by=entry["asked_by"],
        prompts={**known_facts()["tasks"], **entry.get("prompts", {})},
        answers=entry["answers"],
        box_scale=entry.get("box_scale"),
        languages=tuple(entry.get("languages", ())),
        examples=tuple(Example(**example) for example in entry["examples"]),
    )

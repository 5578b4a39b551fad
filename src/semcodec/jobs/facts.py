"""Words, guesses and vectors as columns of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.jobs.items import Row

if TYPE_CHECKING:
    from semcodec.extractors.guess import Guess
    from semcodec.types import Vector, Words


def words_facts(words: Words | None) -> Row:
    if words is None:
        return {}
    return {"words": words.text, "language": words.language, "origin": words.origin.name.lower()}


def guess_facts(name: str, guess: Guess | None) -> Row:
    from semcodec.types import Words

    if guess is None or not isinstance(guess.said, Words):
        return {}
    return {
        name: guess.said.text,
        f"{name}_confidence": round(guess.confidence, 4),
        f"{name}_is_sure": guess.is_sure,
    }


def vector_facts(vector: Vector | None) -> Row:
    """A vector as a file has it: 32 bytes, two levels in each."""
    if vector is None:
        return {}
    from semcodec.layers.vector.encode import pack_vector

    return {"vector": pack_vector(vector).payload, "vector_space": vector.space}

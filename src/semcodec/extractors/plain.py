"""A plain sentence of what a describer is sure to see: "A dog and a ball on grass."

It says less than a caption, and is right far more often: only things that are likelier than a threshold are named, two
at most, and a place.
"""

from __future__ import annotations

from semcodec.nets.kinds import Floats, Kind, Kinds

MOST_THINGS = 2


def plain_sentences(kinds: Kinds, chances_K: Floats) -> list[tuple[str, float]]:
    """Sentences and how sure they are (0..1), the longest first, each of the next ones with a part less. None where no
    thing is sure enough.

    A sentence is as sure as all its parts together: their chances are multiplied, and never fall below `enough`.
    """
    order = sorted(range(len(kinds.all)), key=lambda at: -float(chances_K[at]))
    first = next((at for at in order if not kinds.all[at].is_place), None)
    if first is None or chances_K[first] < kinds.enough:
        return []
    things, place, sure = [kinds.all[first]], list[Kind](), float(chances_K[first])
    found = [(_sentence(things, place), sure)]
    for at in order:
        kind, chance = kinds.all[at], float(chances_K[at])
        if chance < kinds.beside or sure * chance < kinds.enough:
            break
        parts, room = (place, 1) if kind.is_place else (things, MOST_THINGS)
        if len(parts) < room and not any(kind.shares_with(other) for other in things):
            parts.append(kind)
            sure *= chance
            found.insert(0, (_sentence(things, place), sure))
    return found


def _sentence(things: list[Kind], place: list[Kind]) -> str:
    text = " and ".join(kind.say for kind in things) + "".join(f" {kind.say}" for kind in place)
    return f"{text[:1].upper()}{text[1:]}."

"""How recipes are listed: functions that return frozen dataclasses, each of which says its own name.

A recipe stands beside its model in `recipes.py`; a variant is a `replace` of another, and each network has a `_debug`
twin that a test trains in seconds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

Make = Callable[[], Any]
Recipe = TypeVar("Recipe")


def listed(recipes: dict[str, Make]) -> Callable[[Callable[[], Recipe]], Callable[[], Recipe]]:
    """A decorator that lists a recipe by its name, and writes it into the field `name` of what it returns."""

    def add(make: Callable[[], Recipe]) -> Callable[[], Recipe]:
        @wraps(make)
        def named() -> Recipe:
            return replace(make(), name=make.__name__)  # type: ignore[type-var]

        recipes[make.__name__] = named
        return named

    return add


def arguments(doc: str | None, recipes: dict[str, Make]) -> argparse.ArgumentParser:
    """What every training takes: a recipe, `--out`, `--minutes`. The device is a GPU where there is one."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n")[0])
    parser.add_argument("recipe", choices=sorted(recipes))
    parser.add_argument(
        "--out", type=Path, required=True, help="weights, checkpoint, log, run.json; a run goes on here"
    )
    parser.add_argument("--minutes", type=float, help="of the whole training, instead of the recipe's")
    return parser


def chosen(args: argparse.Namespace, recipes: dict[str, Make]) -> Any:
    """The recipe that was asked for, as long as was asked for."""
    recipe = recipes[args.recipe]()
    if args.minutes is None:
        return recipe
    return recipe.lasting(args.minutes) if hasattr(recipe, "lasting") else replace(recipe, minutes=args.minutes)

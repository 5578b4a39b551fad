"""Recipes: listed by their names, as long as is asked for, each with a small twin."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, asdict
from importlib import import_module
from pathlib import Path

import pytest

from semcodec_train.common.recipes import Make, arguments, chosen
from semcodec_train.describer.recipes import DESCRIBERS, SELF_CRITICAL
from semcodec_train.generator.recipes import RECIPES as GENERATORS
from semcodec_train.judges.recipes import RECIPES as JUDGES
from semcodec_train.lora.recipes import RECIPES as LORAS
from semcodec_train.restorer.recipes import RECIPES as RESTORERS
from semcodec_train.restorer.recipes import restorer_nano_longer, restorer_nano_sharp
from semcodec_train.tokenizer.recipes import RECIPES as TOKENIZERS

ALL = (TOKENIZERS, DESCRIBERS, SELF_CRITICAL, GENERATORS, RESTORERS, JUDGES, LORAS)


@pytest.mark.parametrize("recipes", ALL)
def test_a_recipe_says_its_name_is_frozen_and_has_a_debug_twin(recipes: dict[str, Make]) -> None:
    for name, make in recipes.items():
        recipe = make()
        assert recipe.name == name == make.__name__ and make.__doc__
        json.dumps(asdict(recipe), allow_nan=False)
        with pytest.raises(FrozenInstanceError):
            recipe.name = "another"
    assert any(name.endswith("_debug") for name in recipes)


@pytest.mark.parametrize("recipes", ALL[:-1])
def test_any_training_lasts_as_long_as_is_asked_for(recipes: dict[str, Make]) -> None:
    name = next(iter(recipes))
    args = arguments("A sentence.", recipes).parse_args([name, "--out", "x", "--minutes", "9"])
    recipe = chosen(args, recipes)
    if recipes is TOKENIZERS:
        minutes = [stage.minutes for stage in recipe.stages]
        before = [stage.minutes for stage in recipes[name]().stages]
        assert sum(minutes) == pytest.approx(9) and minutes[0] / minutes[1] == pytest.approx(before[0] / before[1])
    elif recipes is DESCRIBERS:
        assert recipe.language_minutes + recipe.pictures_minutes == pytest.approx(9)
    else:
        assert recipe.minutes == 9
    assert chosen(arguments("", recipes).parse_args([name, "--out", "x"]), recipes) == recipes[name]()


def test_the_longer_restorer_is_the_sharp_one_with_networks_that_count_for_more() -> None:
    sharp, longer = asdict(restorer_nano_sharp()), asdict(restorer_nano_longer())
    assert {key: longer[key] for key in longer if longer[key] != sharp[key]} == {
        "minutes": 82, "lr": 1e-4, "lpips": 1.8, "mobilenet": 1.1, "average": 0.999,
        "name": "restorer_nano_longer",
    }  # fmt: skip


def test_the_recipes_that_the_shipped_weights_name_are_there(root: Path) -> None:
    rows = json.loads((root / "src" / "semcodec" / "zoo" / "models.json").read_text("utf-8"))
    assert rows
    for row in rows.values():
        module, name = row["recipe"].rsplit(".", 1)
        assert getattr(import_module(module), name)().name == name

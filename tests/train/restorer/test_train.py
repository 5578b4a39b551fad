"""The restorer's training: a few steps of the loop."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from semcodec_train.restorer.data import write_pairs
from semcodec_train.restorer.model import Restorer
from semcodec_train.restorer.recipes import RECIPES, restorer_debug, restorer_wide_debug
from semcodec_train.restorer.train import train


def test_a_training_runs_goes_on_and_says_what_it_was_made_with(pairs: Path, networks: Path, tmp_path: Path) -> None:
    recipe, lines = replace(restorer_debug(), minutes=0.02), []
    train(recipe, pairs / "*", networks, tmp_path / "first", log=lines.append)
    weights = load_file(tmp_path / "first" / "restorer.safetensors")
    assert Restorer.with_weights(weights).size == recipe.size
    assert all(value.isfinite().all() and value.dtype == torch.float16 for value in weights.values())
    first = json.loads((tmp_path / "first" / "run.json").read_text())
    assert first["recipe"] == "semcodec_train.restorer.recipes.restorer_debug"
    assert first["settings"]["size"]["widths"] == [4, 6, 8] and first["parents"] == {}
    assert first["crops"] == 2 * first["steps"] > 0 and first["seconds"] >= 1
    assert len(first["data"]["pairs"]) == 64
    wanted = {"pixels", "coarse", "lattice", "lpips", "mobilenet", "efficientnet", "adversary", "discerned", "norm"}
    assert wanted <= set(first["losses"]) and set(first["pairs"]) == {"base", "tokens"}

    # Given more minutes it goes on; the one that is done says the same again.
    train(recipe, pairs / "*", networks, tmp_path / "first", log=lines.append)
    assert lines[-2] == f"resumed at step {first['steps']}"
    assert json.loads((tmp_path / "first" / "run.json").read_text())["losses"] == first["losses"]
    train(
        replace(recipe, minutes=(first["seconds"] + 1.5) / 60),
        pairs / "*",
        networks,
        tmp_path / "first",
        log=lines.append,
    )
    assert json.loads((tmp_path / "first" / "run.json").read_text())["steps"] > first["steps"]

    init = tmp_path / "first" / "restorer.safetensors"
    train(
        replace(recipe, minutes=0.005, adversary=0.0),
        pairs / "*",
        networks,
        tmp_path / "second",
        init,
        log=lines.append,
    )
    second = json.loads((tmp_path / "second" / "run.json").read_text())
    assert second["parents"]["init"]["sha256"] == hashlib.sha256(init.read_bytes()).hexdigest()
    assert second["parents"]["init"]["run"]["steps"] > first["steps"] and "adversary" not in second["losses"]


def test_a_wider_network_goes_on_with_pairs_that_lie_in_memory(
    original: Image.Image, networks: Path, tmp_path: Path
) -> None:
    for source in ("base", "ordinary"):
        write_pairs([original], source, tmp_path / "pairs" / source, seed=3, enlarged=True)
    first, wider = (replace(make(), minutes=0.005) for make in (restorer_debug, restorer_wide_debug))
    train(first, tmp_path / "pairs/*", networks, tmp_path / "first", log=lambda line: None)
    init = tmp_path / "first" / "restorer.safetensors"
    train(wider, tmp_path / "pairs/*", networks, tmp_path / "wider", init, resident=True, log=lambda line: None)
    run = json.loads((tmp_path / "wider" / "run.json").read_text())
    assert run["pairs"] == {"base": 6, "tokens": 0, "ordinary": 5} and run["losses"]["meaning"] >= 0
    assert Restorer.with_weights(load_file(tmp_path / "wider" / "restorer.safetensors")).size == wider.size


def test_relit_crops_are_made_of_pairs_on_the_device_alone(pairs: Path, networks: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="add --resident"):
        train(replace(restorer_debug(), relit=True), pairs / "*", networks, tmp_path, log=lambda line: None)


@pytest.mark.parametrize("name", RECIPES)
def test_shares_of_every_recipe_are_of_one_whole(name: str) -> None:
    shares = RECIPES[name]().shares()
    assert sum(shares.values()) == pytest.approx(1) and all(0 < share <= 1 for share in shares.values())
    assert ("ordinary" in shares) == (RECIPES[name]().size.conditions == 4)

"""What is shipped is what `models.json` says."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

import pytest

from semcodec.errors import WeightsError
from semcodec.ids import FamilyId
from semcodec.layers.tokens.family import find_family
from semcodec.zoo.weights import find_weights, known_models


@pytest.mark.parametrize("family", list(FamilyId))
def test_every_family_has_its_weights_and_its_tables(family: FamilyId) -> None:
    parts = {"encoder-fine", "encoder-coarse", "encoder-residues", "encoder-painter", "decoder-coarse", "decoder-fine"}
    assert set(dict(find_weights(family))) == parts
    (entry,) = [model for model in known_models().values() if model.get("wire_id") == family]
    tables = resources.files("semcodec.layers.tokens") / "families" / entry["tables"]["file"]
    assert hashlib.sha256(tables.read_bytes()).hexdigest() == entry["tables"]["sha256"]
    assert find_family(family).seed == int(entry["tables"]["sha256"][:8], 16)


def test_every_model_says_where_it_comes_from_and_its_results_exist(root: Path) -> None:
    for model in known_models().values():
        assert {"licence", "recipe", "data", "figures"} <= set(model)
        assert model["results"] and all((root / path).exists() for path in model["results"])


def test_an_unknown_family_has_no_weights() -> None:
    with pytest.raises(WeightsError, match="token family 250"):
        find_weights(250)

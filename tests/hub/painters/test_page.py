"""The guide says of the families what `families.json` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcodec.hub.painters.families import known_families


@pytest.mark.parametrize("family", known_families(), ids=lambda family: family.name)
def test_the_table_has_each_family_with_its_facts(family, root: Path):
    page = (root / "docs" / "use-your-own-models.md").read_text("utf-8")
    start = {"image": "image-to-image", "latents": "noised latents"}[family.start]
    control = "yes" if family.controlnets else "no"
    row = f"| {family.title} | `{family.example}` | {family.licence} | {family.weights_gb} | {start} | {control} |"
    assert row in page

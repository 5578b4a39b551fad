"""What the extra `hub` brings, and what it never does."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from semcodec.hub.describers.families import known_families

GUIDE = "docs/use-your-own-models.md"


def hub_packages(root: Path) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return [re.match(r"[\w.-]+", requirement)[0] for requirement in project["optional-dependencies"]["hub"]]


def test_the_extra_has_what_the_hub_imports(root: Path):
    wanted = {
        "accelerate",
        "diffusers",
        "huggingface_hub",
        "peft",
        "safetensors",
        "sentencepiece",
        "torch",
        "transformers",
    }
    assert wanted <= set(hub_packages(root))


def test_torchvision_comes_with_no_extra_and_with_nothing_that_an_extra_brings(root: Path):
    assert "torchvision" not in (root / "pyproject.toml").read_text().split("[project.optional-dependencies]")[1].split(
        "[project.scripts]"
    )[0].replace("torchvision is", "")
    seen: set[str] = set()
    waiting = hub_packages(root)
    while waiting:
        package = waiting.pop().lower().replace("_", "-")
        if package in seen:
            continue
        seen.add(package)
        try:
            needed = requires(package) or []
        except PackageNotFoundError:  # for another system: of no use here
            continue
        waiting += [re.match(r"[\w.-]+", one)[0] for one in needed if "extra ==" not in one]
    assert {"tokenizers", "numpy", "torch"} <= seen  # the walk went somewhere
    assert "torchvision" not in seen


def test_the_guide_names_every_family_with_its_memory_and_licence(root: Path):
    guide = (root / GUIDE).read_text()
    for family in known_families():
        for example in family.examples:
            memory_gb = example.params * 2 * 1.2 / 1e9
            row = f"| {family.title} | `hf:{example.id}` | {', '.join(family.answers)} | {example.params / 1e9:.2f} | "
            assert f"{row}{memory_gb:.1f} GB | {example.licence} |" in guide

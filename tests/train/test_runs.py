"""The scripts in runs/: what they call is there, and takes what they give it."""

from __future__ import annotations

import json
import re
import subprocess
from importlib import import_module, util
from pathlib import Path

import pytest

from semcodec_train.describer.recipes import DESCRIBERS, SELF_CRITICAL
from semcodec_train.embedder.recipes import RECIPES as EMBEDDERS
from semcodec_train.generator.recipes import RECIPES as GENERATORS
from semcodec_train.interpolator.recipes import RECIPES as INTERPOLATORS
from semcodec_train.interpolator.recipes import TUNE_RECIPES
from semcodec_train.outliner.recipes import RECIPES as OUTLINERS
from semcodec_train.restorer.recipes import RECIPES as RESTORERS
from semcodec_train.structure.recipes import RECIPES as STRUCTURES
from semcodec_train.tokenizer.recipes import RECIPES as TOKENIZERS

RECIPES = TOKENIZERS | DESCRIBERS | SELF_CRITICAL | EMBEDDERS | GENERATORS | RESTORERS | INTERPOLATORS | TUNE_RECIPES
RECIPES |= OUTLINERS | STRUCTURES
RUNS = sorted((Path(__file__).parents[2] / "runs").glob("*.sh"))


def breaches(script: str) -> list[str]:
    """Modules, recipes and options that a script names and that are not there."""
    modules = re.findall(r"-m (semcodec_train[\w.]*)", script)
    found = [module for module in modules if util.find_spec(module) is None]
    families = "tokenizer|describer|embedder|anchored|restorer|self_critical|interpolator|tuned|outliner|structure"
    named = re.findall(rf"\b(?:{families})_(?:[a-z]+\d?|\d)(?:_[a-z]+)*\b(?!\.)", script)
    found += [name for name in named if name not in RECIPES]
    # A call goes up to the end of its last continued line.
    for module, rest in re.findall(r"-m (semcodec_train[\w.]*)((?:[^\n\\]|\\\n)*)", script):
        if util.find_spec(module) is not None:
            source = Path(import_module(module).__file__ or "").read_text("utf-8")
            known = {*re.findall(r'"(--[\w-]+)"', source), "--out", "--minutes", "--name", "--facts"}
            found += [
                f"{module} {option}" for option in re.findall(r"(?<!\S)(--[a-z][\w-]*)", rest) if option not in known
            ]
    return found


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_what_a_run_calls_is_there(path: Path) -> None:
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
    script = path.read_text("utf-8")
    assert breaches(script) == []
    first = re.search(r"-m (semcodec_train\.[\w.]+)", script)
    assert first is not None
    planted = script.replace(first[0], f"{first[0]}_gone tokenizer_tiny", 1)
    assert breaches(planted)[:1] == [f"{first[1]}_gone"] and "tokenizer_tiny" in breaches(planted)
    assert breaches(script.replace(first[0], f"{first[0]} --never", 1)) == [f"{first[1]} --never"]


def test_facts_of_releases_name_recipes_that_are_there(root: Path) -> None:
    facts = sorted((root / "runs").glob("*.facts.json"))
    assert facts
    for path in facts:
        module, name = json.loads(path.read_text("utf-8"))["recipe"].rsplit(".", 1)
        assert getattr(import_module(module), name)().name == name

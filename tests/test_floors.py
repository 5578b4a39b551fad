"""Imports only go down: every module stands on a floor, and sees its own floor and those below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src"

FLOORS = {
    0: (
        *(
            "errors",
            "ids",
            "types",
            "limits",
            "contracts",
            "mime",
            "forks",
            "options",
            "sources",
            "arguments",
            "extras",
        ),
        "together",
    ),
    1: ("container", "entropy"),
    2: ("layers", "file"),
    3: ("nets", "zoo", "pictures", "video", "metadata", "files"),
    4: ("extractors", "painters", "interpolators", "hub"),
    5: ("rate",),
    6: (
        "models",
        "encoding",
        "painting",
        "opening",
        "progressive",
        "restoring",
        "clips",
        "pillow_plugin",
        "imageio_plugin",
        "loading",
        "viewer",
    ),
    7: ("evaluation", "search", "radio", "service", "jobs"),
    8: ("cli", "__main__"),
}
FLOOR_OF = {part: floor for floor, parts in FLOORS.items() for part in parts}
# Rooms of one floor that never see each other.
BLIND = (
    {"container", "entropy"},
    {"extractors", "painters", "interpolators", "hub"},
    {"evaluation", "search", "radio"},
    {"evaluation", "service", "radio"},
    {"evaluation", "jobs", "radio"},
    {"service", "jobs"},
)
# Packages that only some parts may import; parts above floor 6 are free to use PIL.
ONLY_IMPORTERS = {
    "onnxruntime": {"nets"},
    "reedsolo": {"container"},
    "av": {"video"},
    "PIL": {"pictures", "hub", *FLOORS[6], *FLOORS[7], *FLOORS[8]},
    "torch": {"hub", "loading"},
    **{name: {"hub"} for name in ("transformers", "diffusers", "accelerate", "peft", "huggingface_hub")},
}
# Rooms that only some others look into, whatever their floor: `opening` has the two doors to foundation models.
ONLY_SEEN_FROM = {"hub": {"hub", "opening", "cli"}, "service": {"service", "cli"}}
FORBIDDEN = {"semcodec_train", "torchvision", "pickle"}
# The package's own door shows names of the doors below it, lazily; what it may import eagerly is nothing.
ROOT_PART = ""


def part_of(module: str) -> str:
    """`semcodec.layers.text.model` -> `layers`; `semcodec` -> the root."""
    return [*module.split("."), ROOT_PART][1]


def imports_of(source: str, module: str, *, is_package: bool) -> Iterator[tuple[str, bool]]:
    """(full name, only for type checkers) of everything that a module's text imports, wherever it stands."""
    tree = ast.parse(source)
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node in for_types
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            target = ".".join([*base, *([node.module] if node.module else [])])
            # `from semcodec import models` names a part; `from semcodec.types import Size` names a thing in one.
            for alias in node.names:
                deeper = target == "semcodec" and alias.name in FLOOR_OF
                yield (f"{target}.{alias.name}" if deeper else target), node in for_types
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"importlib.import_module", "__import__"}:
            names = [argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)]
            yield from ((str(name), node in for_types) for name in names)


def breaches_of(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What a module's text does against the floors, one sentence each."""
    part = part_of(module)
    if part != ROOT_PART and part not in FLOOR_OF:
        return [f"{module}: '{part}' stands on no floor; give it one in this test and in ARCHITECTURE.md"]
    found = []
    for target, for_types in imports_of(source, module, is_package=is_package):
        top = target.split(".")[0]
        if top in FORBIDDEN:
            found.append(f"{module} imports {target}, which nothing in semcodec may")
        elif top in ONLY_IMPORTERS and part not in ONLY_IMPORTERS[top] and not for_types:
            found.append(f"{module} imports {target}; only {sorted(ONLY_IMPORTERS[top])} may")
        elif top == "numpy" and not for_types and FLOOR_OF.get(part, 0) == 0:
            found.append(f"{module} imports numpy at run time; floor 0 and the root are plain Python")
        elif top == "semcodec" and part != ROOT_PART:
            found.extend(_breaches_inside(module, part, target))
        elif top == "semcodec" and target != "semcodec.forks" and not for_types:  # (it watches over what comes late)
            found.append(f"{module} imports {target} eagerly; `import semcodec` costs next to nothing")
    return found


def _breaches_inside(module: str, part: str, target: str) -> list[str]:
    wanted = part_of(target)
    if wanted == ROOT_PART:
        return [] if FLOOR_OF[part] >= 7 else [f"{module} imports the package itself; name the module below it"]
    if wanted not in FLOOR_OF:
        return [f"{module} imports {target}, which stands on no floor"]
    if FLOOR_OF[wanted] > FLOOR_OF[part]:
        return [f"{module} (floor {FLOOR_OF[part]}) imports {target} (floor {FLOOR_OF[wanted]}): imports only go down"]
    if wanted != part and any({wanted, part} <= rooms for rooms in BLIND):
        return [f"{module} imports {target}: these two are blind to each other"]
    if part not in ONLY_SEEN_FROM.get(wanted, {part}):
        return [f"{module} imports {target}: only {sorted(ONLY_SEEN_FROM[wanted])} may"]
    return []


def modules() -> list[tuple[Path, str]]:
    found = []
    for path in sorted((SOURCE / "semcodec").rglob("*.py")):
        parts = list(path.relative_to(SOURCE).with_suffix("").parts)
        found.append((path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)))
    return found


def test_imports_only_go_down():
    breaches = [
        breach
        for path, module in modules()
        for breach in breaches_of(path.read_text(), module, is_package=path.name == "__init__.py")
    ]
    assert not breaches, "\n".join(breaches)
    assert len(modules()) > 20


def test_the_parts_that_run_without_weights_are_all_there():
    present = {part_of(module) for _, module in modules()} - {ROOT_PART}
    assert {*FLOORS[0], *FLOORS[1], *FLOORS[2], "painting", "cli"} <= present


def test_nothing_in_training_is_imported_by_the_library_and_training_needs_no_private_floor():
    for path in sorted((SOURCE / "semcodec_train").rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        for target, _ in imports_of(path.read_text(), module, is_package=path.name == "__init__.py"):
            assert not target.startswith("semcodec.cli"), f"{module} imports {target}"


@pytest.mark.parametrize(
    ("module", "source", "sentence"),
    [
        ("semcodec.entropy.x", "from semcodec.layers import text", "imports only go down"),
        ("semcodec.entropy.x", "def f():\n    from semcodec.container import bits", "blind to each other"),
        ("semcodec.container.x", "from ..layers.text import model", "imports only go down"),
        ("semcodec.container.x", "from semcodec import painting", "imports only go down"),
        ("semcodec.painters.x", "import semcodec.extractors", "blind to each other"),
        ("semcodec.layers.x", "import onnxruntime as ort", r"only \['nets'\]"),
        ("semcodec.layers.x", "from PIL import Image", "pictures"),
        ("semcodec.painting", "import torch.nn", r"only \['hub', 'loading'\] may"),
        ("semcodec.hub.x", "import torchvision", "nothing in semcodec may"),
        ("semcodec.rate.x", "def f():\n    from semcodec.hub import fetch", r"only \['cli', 'hub', 'opening'\] may"),
        ("semcodec.evaluation.x", "import semcodec.hub.painters", r"only \['cli', 'hub', 'opening'\] may"),
        ("semcodec.hub.x", "from semcodec.extractors import tokens", "blind to each other"),
        ("semcodec.painting", "from semcodec_train import recipes", "nothing in semcodec may"),
        ("semcodec.painting", "import importlib\nimportlib.import_module('semcodec.cli.app')", "imports only go down"),
        ("semcodec.painting", "if TYPE_CHECKING:\n    from semcodec.cli import app", "imports only go down"),
        ("semcodec.types", "import numpy as np", "plain Python"),
        ("semcodec.layers.x", "import semcodec", "the package itself"),
        ("semcodec.attic", "", "stands on no floor"),
        ("semcodec.painting", "import semcodec.attic", "stands on no floor"),
    ],
)
def test_a_planted_breach_is_found(module: str, source: str, sentence: str):
    import re

    breaches = breaches_of(source, module)
    assert breaches
    assert re.search(sentence, breaches[0]), breaches


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "semcodec.layers.text.x",
            "from semcodec.entropy.tables import Table\nfrom semcodec.errors import DamagedError",
        ),
        ("semcodec.types", "if TYPE_CHECKING:\n    import numpy as np"),
        ("semcodec.nets.session", "import onnxruntime"),
        ("semcodec.cli.encode", "import semcodec\nfrom semcodec import models"),
        ("semcodec.cli.encode", "def f():\n    from semcodec.hub.describers import load"),
        ("semcodec.hub.x", "import torch\nfrom PIL import Image"),
    ],
)
def test_what_is_allowed_passes(module: str, source: str):
    assert breaches_of(source, module) == []


MAX_LINES = 400


def test_no_modules_import_each_other_in_a_ring():
    names = {module for _, module in modules()}
    graph: dict[str, set[str]] = {}
    for path, module in modules():
        if module != "semcodec":
            said = imports_of(path.read_text(), module, is_package=path.name == "__init__.py")
            graph[module] = {target for target, for_types in said if not for_types and target in names - {module}}
    assert sum(map(len, graph.values())) > 500
    TopologicalSorter(graph).prepare()
    graph["semcodec.models"] |= {"semcodec.painting"}
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()


def test_no_module_is_too_long_to_read():
    too_long = {module: lines for path, module in modules() if (lines := path.read_text().count("\n")) > MAX_LINES}
    assert too_long == {}
    assert any(path.read_text().count("\n") > MAX_LINES - 100 for path, _ in modules())  # (it counts)

"""The folders of `semcodec_train`: each network's own, what all share in `common`, and no module in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
MOST_LINES = 400


def imports() -> dict[str, set[str]]:
    """Modules of `semcodec_train`, and which others of it each imports, within functions too."""
    found: dict[str, set[str]] = {}
    for path in sorted((SOURCE / "semcodec_train").rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        found[module] = {
            node.module
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("semcodec_train.")
        }
    return found


def upward(graph: dict[str, set[str]]) -> list[str]:
    """What `common` and `judges` see of the networks that they serve."""
    allowed = {"common": {"common"}, "judges": {"common", "judges"}}
    return [
        f"{module} imports {target}"
        for module, targets in graph.items()
        for target in targets
        if (folder := module.split(".")[1:2]) and folder[0] in allowed
        if target.split(".")[1] not in allowed[folder[0]]
    ]


def test_what_all_share_sees_no_network() -> None:
    graph = imports()
    assert len(graph) > 40 and upward(graph) == []
    graph["semcodec_train.common.loop"] |= {"semcodec_train.tokenizer.model"}
    assert upward(graph) == ["semcodec_train.common.loop imports semcodec_train.tokenizer.model"]


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = imports()
    TopologicalSorter(graph).prepare()
    graph["semcodec_train.tokenizer.model"] |= {"semcodec_train.tokenizer.train"}
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()


def test_modules_are_short() -> None:
    long = [
        path.name for path in SOURCE.glob("semcodec_train/**/*.py") if len(path.read_text().splitlines()) > MOST_LINES
    ]
    assert long == []

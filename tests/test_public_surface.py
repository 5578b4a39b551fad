"""`semcodec.__all__` is what is public: every name is there, is what it says, and has a docstring."""

from __future__ import annotations

import ast
import inspect
import tomllib
from pathlib import Path

import semcodec

PUBLIC = [
    "Description",
    "EncodeOptions",
    "Encoded",
    "FileInfo",
    "Guess",
    "Joined",
    "Limits",
    "Link",
    "Metadata",
    "ModelSettings",
    "Models",
    "PaintOptions",
    "Painting",
    "Provenance",
    "Reading",
    "Region",
    "Regions",
    "Restored",
    "Scene",
    "SemcDataset",
    "SemcodecError",
    "Size",
    "TokenPyramid",
    "Words",
    "cut",
    "decode",
    "decode_progressive",
    "decode_structure",
    "describe",
    "encode",
    "encode_with",
    "imread",
    "imwrite",
    "info",
    "join",
    "missing",
    "numpy_handler",
    "open",
    "open_describer",
    "open_painter",
    "paint",
    "read",
    "read_metadata",
    "read_words",
    "render",
    "restore",
    "split",
    "tokens",
    "torch_handler",
]
# How many arguments without a name others want: WebDataset of its handlers, imageio's users of `imwrite`.
POSITIONAL = {"numpy_handler": 2, "torch_handler": 2, "imwrite": 2}


def test_the_public_names_are_frozen():
    assert semcodec.__all__ == PUBLIC
    assert dir(semcodec) == sorted(PUBLIC)


def test_every_public_name_can_be_had_and_only_those():
    for name in PUBLIC:
        assert getattr(semcodec, name).__name__ == name
    assert not hasattr(semcodec, "nonsense")


def test_type_checkers_and_the_interpreter_see_the_same_names():
    tree = ast.parse(Path(semcodec.__file__).read_text())
    for_types = next(node for node in tree.body if isinstance(node, ast.If))
    named = [alias.name for node in for_types.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(named) == sorted(PUBLIC)


def test_public_functions_say_what_they_do_and_take_options_by_name():
    for name in PUBLIC:
        thing = getattr(semcodec, name)
        assert inspect.getdoc(thing), f"{name} has no docstring"
        if inspect.isfunction(thing):
            parameters, count = list(inspect.signature(thing).parameters.values()), POSITIONAL.get(name, 1)
            assert all(first.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for first in parameters[:count])
            by_name = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
            assert all(option.kind in by_name for option in parameters[count:]), f"{name}: {parameters}"


def test_runtime_dependencies_are_five_and_no_more(root: Path):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    names = [requirement.split(">=")[0] for requirement in project["dependencies"]]
    assert names == ["numpy", "onnxruntime", "pillow", "rich", "typer"]

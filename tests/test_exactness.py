"""The exact half (floors 0 to 2) computes in integers: no float and no true division between bytes and symbols."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "semcodec"
EXACT = ("errors.py", "ids.py", "types.py", "limits.py", "contracts.py", "container", "entropy", "layers", "file")

# Functions that give floats, or round as a C library pleases. (Integers: isqrt, gcd, comb and the like stay allowed.)
_FLOAT_NAMES = {"float", "complex", "true_divide", "divide", "mean", "average", "std", "linspace", "random"}
_INTEGER_MATH = {"isqrt", "gcd", "lcm", "comb", "perm", "factorial", "prod"}


def inexact_in(source: str) -> list[str]:
    """What a module's text computes in floats: the line, and what stands there."""
    found = []
    for node in ast.walk(ast.parse(source)):
        what = None
        if isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
            what = f"the literal {node.value!r}"
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div):
            what = None if _joins_a_path(node) else "a true division"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _may_be_negative(node.right):
            what = "a power with a negative exponent"
        elif isinstance(node, (ast.Name, ast.Attribute)):
            name = node.id if isinstance(node, ast.Name) else node.attr
            owner = ast.unparse(node.value) if isinstance(node, ast.Attribute) else ""
            if name in _FLOAT_NAMES or name.startswith(("float1", "float3", "float6", "complex1", "complex6")):
                what = f"the name {name}"
            elif owner == "math" and name not in _INTEGER_MATH:
                what = f"math.{name}"
        elif isinstance(node, ast.ImportFrom) and node.module == "math":
            bad = [alias.name for alias in node.names if alias.name not in _INTEGER_MATH]
            what = f"math.{bad[0]}" if bad else None
        elif isinstance(node, ast.ImportFrom) and node.module in {"random", "statistics", "fractions", "decimal"}:
            what = f"the module {node.module}"
        elif isinstance(node, ast.Import) and {a.name for a in node.names} & {"random", "statistics", "cmath"}:
            what = "a module of floats"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_float_type(node.value):
            what = f"the type {node.value!r}"
        if what:
            found.append(f"line {getattr(node, 'lineno', '?')}: {what}")
    return found


def _joins_a_path(node: ast.AST) -> bool:
    """`folder / "name" / other`: what has a string among its operands is no number (a number would raise)."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _joins_a_path(node.left) or _joins_a_path(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _may_be_negative(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _is_float_type(text: str) -> bool:
    """Type codes of numpy ("<f4", "float32")."""
    return text.lstrip("<>=|") in {"f2", "f4", "f8", "f16", "c8", "c16", "float16", "float32", "float64", "float"}


def exact_files() -> list[Path]:
    files: list[Path] = []
    for name in EXACT:
        path = SOURCE / name
        files.extend([path] if path.suffix else sorted(path.rglob("*.py")))
    return files


@pytest.mark.parametrize("path", exact_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_exact_half_has_no_float(path: Path):
    found = inexact_in(path.read_text())
    assert not found, f"{path.relative_to(SOURCE)}: " + "; ".join(found)


def test_all_of_the_exact_half_is_looked_at():
    assert len(exact_files()) >= 12
    assert all(any(part in str(path) for path in exact_files()) for part in EXACT)


@pytest.mark.parametrize(
    "source",
    [
        "half = total / 2",
        "total /= 2",
        "share = part / whole",
        "path = folder / 'name'; share = part / whole",
        "scale = 0.5",
        "scale = 1e3",
        "wave = 2j",
        "x = float(3)",
        "convert = float",
        "x = np.float32(3)",
        "a = a.astype(np.float64)",
        "a = a.astype('<f4')",
        "a = np.zeros(3, dtype='float32')",
        "import math\nx = math.log2(3)",
        "from math import sqrt",
        "x = 2 ** -4",
        "m = a.mean()",
        "import random",
        "from random import randint",
    ],
)
def test_a_planted_float_is_found(source: str):
    assert inexact_in(source)


@pytest.mark.parametrize(
    "source",
    [
        "x = a // b",
        "x = a >> 3",
        "import math\nx = math.isqrt(9)",
        "x = 2**16",
        "a = a.astype(np.uint8)",
        "s = 'a / b 0.5'",
        "p = folder / 'x' / name",
    ],
)
def test_integers_pass(source: str):
    assert inexact_in(source) == []

"""What is shipped: the wheel holds the library with its weights and tables, and nothing of training."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder


@pytest.fixture(scope="module")
def wheel_names(root: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_the_library_alone(wheel_names: set[str], root: Path):
    assert {name.split("/")[0] for name in wheel_names if ".dist-info/" not in name} == {"semcodec"}
    assert any(name.endswith("licenses/LICENSE") for name in wheel_names)
    assert any(name.endswith("licenses/NOTICE") for name in wheel_names)


def test_the_wheel_holds_every_module_weight_and_table(wheel_names: set[str], root: Path):
    source = root / "src"
    kinds = {".py", ".onnx", ".json", ".bin", ".typed"}
    wanted = {str(path.relative_to(source)) for path in (source / "semcodec").rglob("*") if path.suffix in kinds}
    wanted.add("semcodec/py.typed")
    assert wanted <= wheel_names


def test_the_program_is_named_in_the_wheel(root: Path):
    assert 'semcodec = "semcodec.cli:main"' in (root / "pyproject.toml").read_text()

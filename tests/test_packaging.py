"""What is shipped: the wheel holds the library with its weights and tables, and nothing of training."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from importlib import util
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
    kinds = {".py", ".onnx", ".json", ".bin", ".typed", ".html", ".js", ".css", ".svg", ".gz"}
    wanted = {str(path.relative_to(source)) for path in (source / "semcodec").rglob("*") if path.suffix in kinds}
    wanted.add("semcodec/py.typed")
    assert wanted <= wheel_names


def test_the_wheel_for_receiving_lacks_what_receiving_does_without_and_nothing_else(
    wheel_names: set[str], root: Path, tmp_path: Path
):
    sys.path.insert(0, str(root / "scripts"))
    try:
        import receive_wheel
    finally:
        del sys.path[0]
    wheel = zipfile.ZipFile(receive_wheel.build(tmp_path))
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    lacking = {name for name in wheel_names if ".dist-info/" not in name} - names
    weights = {f"semcodec/zoo/weights/{file}" for file in receive_wheel.left_out()}
    viewer = {name for name in wheel_names if name.startswith(f"semcodec/{receive_wheel.VIEWER}/")}
    assert lacking == weights | viewer
    folders = {name.split("/")[3] for name in names if name.startswith("semcodec/zoo/weights/")}
    assert folders == {"nano-1", "outlines-nano-1", "restorer-2", "vector-nano-1"}
    sizes = {name: wheel.getinfo(name).file_size for name in names}
    assert sum(sizes.values()) < 30e6
    (about,) = (wheel.read(name).decode() for name in wheel.namelist() if name.endswith("/METADATA"))
    assert "Name: semcodec-receive\n" in about
    needed = re.findall(r"^Requires-Dist: ([a-z]+)>=[\d.]+(.*)$", about, re.MULTILINE)
    assert [name for name, only in needed if not only] == ["numpy", "onnxruntime", "pillow"]
    assert [name for name, only in needed if "extra == 'cli'" in only] == ["rich", "typer"]


def test_the_table_of_installations_is_that_of_the_committed_results(root: Path):
    spec = util.spec_from_file_location("receiver", root / "benchmarks" / "receiver.py")
    assert spec is not None and spec.loader is not None
    receiver = util.module_from_spec(spec)
    sys.modules["receiver"] = receiver
    spec.loader.exec_module(receiver)
    results = json.loads(receiver.RESULTS.read_text())
    table = receiver.readme_table(results)
    assert f"{receiver.BEGIN}{table}{receiver.END}" in (root / "README.md").read_text("utf-8")
    sizes = {row["name"]: row["MB"] for row in results["installations"]}
    assert sizes["semcodec"] - sizes["semcodec-receive"] >= 20


def test_the_program_is_named_in_the_wheel(root: Path):
    assert 'semcodec = "semcodec.cli:program"' in (root / "pyproject.toml").read_text()

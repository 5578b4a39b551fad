"""A trained network gets its row in the catalogue."""

from __future__ import annotations

from pathlib import Path

from semcodec.zoo.catalog import read_catalog
from semcodec_train.common.release import add_row, carry_run


def test_a_better_network_is_found_and_the_older_one_stays(tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text("{}")
    for name in ("one", "two"):
        folder = tmp_path / "weights" / name
        folder.mkdir(parents=True)
        (folder / "decoder-fine.onnx").write_text(name)
        add_row(name, "decoder", folder.glob("*"), {"licence": "Apache-2.0"}, serves=[1], zoo=tmp_path)
        found = read_catalog(tmp_path).find("decoder", family=1)
        assert (found.name, found.files["decoder-fine.onnx"].read_text()) == (name, name)
    assert found.row["version"] == 2 and found.row["licence"] == "Apache-2.0"
    assert read_catalog(tmp_path).find("decoder", name="one").row["version"] == 1


def test_a_row_of_the_same_name_is_replaced_and_keeps_its_version(tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text("{}")
    (tmp_path / "weights").mkdir()
    for content in ("worse", "better"):
        (tmp_path / "weights" / "words.onnx").write_text(content)
        add_row("says", "describer", [tmp_path / "weights" / "words.onnx"], {}, zoo=tmp_path)
    found = read_catalog(tmp_path).find("describer")
    assert found.row["version"] == 1 and found.files["words.onnx"].read_text() == "better"


def test_a_package_has_the_run_of_its_weights_and_its_row_knows_it(tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text("{}")
    folder, out = tmp_path / "weights" / "one", tmp_path / "out"
    out.mkdir()
    (out / "model.pt").write_bytes(b"weights")
    assert carry_run(out / "model.pt", folder) == []
    (out / "run.json").write_text("{}")
    files = carry_run(out / "model.pt", folder)
    add_row("one", "restorer", files, {}, serves=[1, "base"], zoo=tmp_path)
    assert read_catalog(tmp_path).find("restorer").files["run.json"].read_text() == "{}"

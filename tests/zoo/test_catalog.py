"""Networks are found by what they are for, in a catalogue made here and in the one that is shipped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from semcodec.errors import WeightsError
from semcodec.ids import FamilyId
from semcodec.layers.tokens.family import find_family
from semcodec.nets.anchored import AnchoredNets
from semcodec.nets.restorer import RestorerNets
from semcodec.zoo.catalog import PURPOSES, Catalog, package_at, read_catalog, shipped


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """Two decoders of family 1, the second of which paints family 2, too; a predictor and a restorer."""
    weights = tmp_path / "weights"

    def row(*files: str, **facts: object) -> dict[str, object]:
        hashes = {file: hashlib.sha256((weights / file).read_bytes()).hexdigest() for file in files}
        return {"version": 1, **facts, "files": [{"file": file, "sha256": hashes[file]} for file in files]}

    for folder in ("first", "second"):
        (weights / folder).mkdir(parents=True)
        for file in ("decoder-coarse.onnx", "about.json"):
            (weights / folder / file).write_text(f"{folder} {file}")
    rows = {
        "better": row("second/decoder-coarse.onnx", purpose="decoder", paints=[1, 2], version=2),
        "first": row("first/decoder-coarse.onnx", "first/about.json", purpose="decoder", paints=[1]),
        "predictor": row("first/decoder-coarse.onnx", purpose="predictor", predicts=[1]),
        "finishes": row("second/about.json", purpose="restorer", restores=[1, "base"]),
    }
    (tmp_path / "models.json").write_text(json.dumps(rows))
    return read_catalog(tmp_path)


def test_the_newest_network_for_a_purpose_and_family_is_found(catalog: Catalog) -> None:
    assert [catalog.find("decoder", family=family).name for family in (1, 2)] == ["better", "better"]
    assert catalog.find("predictor", family=1).name == "predictor"
    assert catalog.find("restorer").name == catalog.name_of("restorer") == "finishes"


def test_an_older_one_is_found_by_its_name(catalog: Catalog) -> None:
    found = catalog.find("decoder", name="first")
    assert set(found.files) == {"decoder-coarse.onnx", "about.json"} and found.row["version"] == 1
    with pytest.raises(WeightsError, match="no restorer"):
        catalog.find("restorer", name="first")


def test_two_networks_may_share_a_file(catalog: Catalog) -> None:
    predictor, decoder = catalog.find("predictor", family=1), catalog.find("decoder", name="first")
    assert predictor.files["decoder-coarse.onnx"] == decoder.files["decoder-coarse.onnx"]


def test_what_receiving_does_without_may_be_left_out_and_says_so(catalog: Catalog) -> None:
    rows = dict(catalog.rows)
    about = {"purpose": "describer", "version": 1, "files": [{"file": "words/image.onnx", "sha256": ""}]}
    (catalog.folder.parent / "models.json").write_text(json.dumps(rows | {"words": about}))
    receiving = read_catalog(catalog.folder.parent)
    assert receiving.rows == rows and set(receiving.left_out) == {"words"}
    with pytest.raises(WeightsError, match=r"no describer is installed.*to describe pictures, pip install semcodec "):
        receiving.find("describer")
    assert "no generator is shipped" in str(receiving.missing("generator"))
    (catalog.folder / "words").mkdir()
    (catalog.folder / "words" / "image.onnx").write_text("one")
    assert set(read_catalog(catalog.folder.parent).rows) == {*rows, "words"}


def test_a_file_that_is_not_the_right_one_is_named_when_it_is_needed(catalog: Catalog) -> None:
    about = catalog.folder / "first" / "about.json"
    files = catalog.find("decoder", name="first").files
    assert files["about.json"] == about
    about.write_text("something else")
    assert files["decoder-coarse.onnx"].exists()
    with pytest.raises(WeightsError, match=r"about\.json: its SHA-256 is"):
        _ = files["about.json"]
    about.unlink()
    with pytest.raises(WeightsError, match=r"about\.json: cannot be read"):
        _ = files["about.json"]


@pytest.mark.parametrize("purpose", ["generator", "describer"])
def test_a_build_without_a_network_says_so(catalog: Catalog, purpose: str) -> None:
    assert catalog.name_of(purpose) is None
    with pytest.raises(WeightsError, match=f"no {purpose} is shipped"):
        catalog.find(purpose)


def test_a_family_that_nothing_is_shipped_for_is_named(catalog: Catalog) -> None:
    with pytest.raises(WeightsError, match="no decoder is shipped for token family 250"):
        catalog.find("decoder", family=250)


def test_a_folder_is_a_network_if_it_has_its_files(
    catalog: Catalog, tiny_generator: Path, root: Path, tmp_path: Path
) -> None:
    for purpose, folder in (("generator", tiny_generator), ("describer", root / "tests" / "data" / "words-debug")):
        found = catalog.package_of(purpose, str(folder))
        assert found == package_at(folder) and found.name == folder.name
        for other in (str(tmp_path), "hf:some/model", "first"):
            assert catalog.package_of(purpose, other) is None


def test_what_is_shipped_has_a_known_purpose_and_says_where_it_comes_from(root: Path) -> None:
    rows = shipped().rows
    assert {row["purpose"] for row in rows.values()} == set(PURPOSES)
    for row in rows.values():
        assert {"version", "licence", "recipe", "data", "figures"} <= set(row)
        assert PURPOSES[row["purpose"]] in {"", *row}
        assert row["results"] and all((root / path).exists() for path in row["results"])


def test_every_file_that_is_shipped_stands_in_the_catalogue_as_it_is() -> None:
    catalog = shipped()
    packages = [catalog.find(row["purpose"], name=name) for name, row in catalog.rows.items()]
    named = {path for package in packages for path in package.files.values()}
    assert named == {path for path in catalog.folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("family", list(FamilyId))
def test_every_family_has_an_encoder_a_predictor_a_decoder_and_its_tables(family: FamilyId) -> None:
    encoder, predictor, decoder = (shipped().find(each, family=family) for each in ("encoder", "predictor", "decoder"))
    assert {"encoder-fine.onnx", "encoder-coarse.onnx", "encoder-residues.onnx", "about.json"} == set(encoder.files)
    assert set(predictor.files) == {"encoder-painter.onnx", *decoder.files}
    assert {"decoder-coarse.onnx", "decoder-fine.onnx", "about.json"} == set(decoder.files)
    assert find_family(family).seed == int(encoder.row["tables"]["sha256"][:8], 16)


def test_the_generator_fits_its_token_family_and_the_wheel() -> None:
    found = shipped().find("generator")
    about = AnchoredNets(found.files).about
    family = find_family(about.family)
    assert (about.strides, about.levels) == (family.strides, family.levels) and family.id in found.row["completes"]
    assert set(found.files) == {"about.json", "words.onnx", *(f"scale-{stride}.onnx" for stride in about.strides)}
    assert sum(file["bytes"] for file in found.row["files"]) <= 24_000_000


def test_the_restorer_fits_the_wheel_and_names_what_it_finishes() -> None:
    found = shipped().find("restorer")
    assert {1, "base"} <= set(found.row["restores"])
    assert set(found.files) == {"about.json", "head.onnx", "body.onnx", "tail.onnx"}
    assert RestorerNets(found.files).about.multiple == 16
    assert sum(file["bytes"] for file in found.row["files"]) <= 12_000_000

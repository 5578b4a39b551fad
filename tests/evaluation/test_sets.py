from __future__ import annotations

import hashlib
import json

import pytest

from semcodec.errors import PictureError
from semcodec.evaluation.sets import load_set


def write_manifest(path, **entries):
    about = {"name": "mine", "title": "My pictures", "licence": "free", "get": "Ask me for them."}
    path.write_text(json.dumps(about | entries))
    return path


def test_a_folder_is_a_set_in_the_order_of_names(picture_folder):
    pictures = load_set(picture_folder)
    assert [picture.name for picture in pictures.pictures] == ["one", "three", "two"]
    assert pictures.pictures[0].load().shape == (176, 192, 3)
    assert pictures.pictures[0].sha256 == hashlib.sha256((picture_folder / "one.png").read_bytes()).hexdigest()


def test_a_manifest_names_files_and_their_hashes(picture_folder, tmp_path):
    sha256 = hashlib.sha256((picture_folder / "two.png").read_bytes()).hexdigest()
    manifest = write_manifest(tmp_path / "m.json", files=[{"file": "two.png", "sha256": sha256}])
    pictures = load_set(picture_folder, manifest=manifest)
    assert (pictures.name, pictures.title, len(pictures.pictures)) == ("mine", "My pictures", 1)


def test_another_picture_under_the_same_name_is_refused(picture_folder, tmp_path):
    manifest = write_manifest(tmp_path / "m.json", files=[{"file": "two.png", "sha256": "0" * 64}])
    with pytest.raises(PictureError, match=r"two\.png: not the picture that the manifest names"):
        load_set(picture_folder, manifest=manifest)


def test_an_absent_picture_says_how_to_get_it(picture_folder, tmp_path):
    manifest = write_manifest(tmp_path / "m.json", files=[{"file": "four.png", "sha256": "0" * 64}])
    with pytest.raises(PictureError, match=r"absent\. Ask me for them"):
        load_set(picture_folder, manifest=manifest)


def test_a_pattern_counts_its_pictures(picture_folder, tmp_path):
    manifest = write_manifest(tmp_path / "m.json", pattern="t*.png", num_files=2)
    assert len(load_set(picture_folder, manifest=manifest).pictures) == 2
    with pytest.raises(PictureError, match="2 pictures, but mine has 9"):
        load_set(picture_folder, manifest=write_manifest(tmp_path / "n.json", pattern="t*.png", num_files=9))


def test_an_empty_folder_is_no_set(tmp_path):
    with pytest.raises(PictureError, match="nothing to measure"):
        load_set(tmp_path)


def test_the_first_pictures_are_evenly_spaced(picture_folder):
    pictures = load_set(picture_folder)
    assert [picture.name for picture in pictures.first(2).pictures] == ["one", "three"]
    assert pictures.first(9) == pictures.first(None) == pictures


def test_the_manifests_of_the_repository_are_whole(root):
    for path in sorted((root / "benchmarks" / "manifests").glob("*.json")):
        about = json.loads(path.read_text())
        assert about.keys() >= {"name", "title", "licence", "get"}, path
        assert ("files" in about) != ("pattern" in about), path
        assert all(len(entry["sha256"]) == 64 for entry in about.get("files", [])), path


def test_the_kodak_manifest_names_the_example_photo(root, photo_path):
    about = json.loads((root / "benchmarks" / "manifests" / "kodak.json").read_text())
    hashes = {entry["file"]: entry["sha256"] for entry in about["files"]}
    assert len(hashes) == 24
    assert hashes["kodim23.png"] == hashlib.sha256(photo_path.read_bytes()).hexdigest()

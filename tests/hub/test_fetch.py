"""Models are fetched once, pinned, safe, and found again without a network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from semcodec.errors import ModelError
from semcodec.hub.fetch import fetch
from semcodec.hub.references import parse_reference

from .describers import tiny
from .server import Hub

NAME = "tiny/blip"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny.blip(tmp_path_factory.mktemp("blip"))
    (folder / "pytorch_model.bin").write_bytes(b"a pickle, which nobody may fetch")
    (folder / "modeling_blip.py").write_text("raise SystemExit('ran code that nobody trusted')")
    return folder


def test_a_model_is_described_before_it_is_fetched(hub: Hub, program: Callable, model: Path):
    hub.repositories[NAME] = model
    ran = program("models", f"hf:{NAME}")
    assert ran.code == 0, ran.err
    assert f"hf:{NAME}@{hub.commit}" in ran.out
    assert "--describer (BLIP)" in ran.out
    assert "apache-2.0" in ran.out
    assert "1,234 parameters" in ran.out
    assert not any("/resolve/" in asked for asked in hub.asked)


def test_a_model_is_fetched_once_and_then_found_offline(hub: Hub, program: Callable, model: Path, photo_path: Path):
    hub.repositories[NAME] = model
    fetched = program("models", "--download", f"hf:{NAME}")
    assert fetched.code == 0, fetched.err
    assert f"fetching hf:{NAME}@{hub.commit}" in fetched.err
    assert "%|" in fetched.err  # a bar
    resolved = {asked.split("/")[-1] for asked in hub.asked if "/resolve/" in asked}
    assert "model.safetensors" in resolved
    assert not resolved & {"pytorch_model.bin", "modeling_blip.py"}

    hub.asked.clear()
    target = model.parent / "photo.semc"
    offline = program("encode", photo_path, target, "--bytes", 300, "--describer", f"hf:{NAME}", HF_HUB_OFFLINE="1")
    assert offline.code == 0, offline.err
    assert target.stat().st_size <= 300
    assert hub.asked == []
    listed = program("models", HF_HUB_OFFLINE="1")
    assert f"hf:{NAME}@{hub.commit}" in listed.out


def test_what_a_bare_name_means_does_not_change_once_it_is_cached(hub: Hub, program: Callable, model: Path):
    hub.repositories[NAME] = model
    program("models", "--download", f"hf:{NAME}")
    first, hub.commit = hub.commit, "b" * 40
    assert f"@{first}" in program("models", f"hf:{NAME}").out
    assert f"@{hub.commit}" in program("models", f"hf:{NAME}@main").out


def test_an_interrupted_download_is_not_taken_for_a_model(hub: Hub, program: Callable, model: Path, tmp_path: Path):
    hub.repositories[NAME] = model
    program("models", "--download", f"hf:{NAME}")
    (weights,) = (tmp_path / "cache").rglob("model.safetensors")
    weights.unlink()
    offline = program("models", f"hf:{NAME}", HF_HUB_OFFLINE="1")
    assert (offline.code, offline.out) == (1, "")
    assert "is not in the cache and HF_HUB_OFFLINE is set" in offline.err
    assert program("models", "--download", f"hf:{NAME}").code == 0
    assert "in the cache" in program("models", f"hf:{NAME}", HF_HUB_OFFLINE="1").out


def test_every_refusal_is_one_sentence_with_what_mends_it(hub: Hub, program: Callable, model: Path, tmp_path: Path):
    pickled = tmp_path / "pickled"
    pickled.mkdir()
    (pickled / "config.json").write_text('{"model_type": "blip"}')
    (pickled / "pytorch_model.bin").write_bytes(b"a pickle")
    hub.repositories |= {NAME: model, "tiny/pickled": pickled, "tiny/gated": model}
    hub.gated = {"tiny/gated"}
    told = {
        "hf:tiny/absent": "is not on the hub, or is private: check the name, or `hf auth login`",
        f"hf:{NAME}@no-such-branch": "has no such revision",
        "hf:tiny/pickled": "has its weights as pickles alone",
        "hf:tiny/gated": "asks for its licence to be accepted",
        "hf:a/b/c": "names no model: write hf:ORG/NAME",
        str(pickled): "has its weights as pickles alone",
        "somewhere/else": "for the model of that name on the hub write hf:somewhere/else",
    }
    ran = program("models", "--download", *told)
    assert (ran.code, ran.out) == (1, "")
    lines = [line for line in ran.err.splitlines() if line.startswith("semcodec: ") and "fetching" not in line]
    assert len(lines) == len(told)
    for line, (reference, sentence) in zip(lines, told.items(), strict=True):
        assert reference in line
        assert sentence in line


CONFIGURATION = """
from transformers import BlipConfig

print("THE CODE OF THE MODEL RAN")

class OwnConfig(BlipConfig):
    model_type = "own_blip"
"""
MODELING = """
from transformers import BlipForConditionalGeneration

from .configuration_own import OwnConfig

class OwnModel(BlipForConditionalGeneration):
    config_class = OwnConfig
"""


def test_code_of_a_model_runs_only_where_it_is_trusted(
    hub: Hub, program: Callable, model: Path, tmp_path: Path, photo_path: Path
):
    own = tmp_path / "own"
    shutil.copytree(model, own)
    config = json.loads((own / "config.json").read_text()) | {"model_type": "own_blip"}
    config["auto_map"] = {
        "AutoConfig": "configuration_own.OwnConfig",
        "AutoModelForImageTextToText": "modeling_own.OwnModel",
    }
    (own / "config.json").write_text(json.dumps(config))
    (own / "configuration_own.py").write_text(CONFIGURATION)
    (own / "modeling_own.py").write_text(MODELING)
    hub.repositories["tiny/own"] = own
    command = ("encode", photo_path, tmp_path / "photo.semc", "--bytes", 300, "--describer", "hf:tiny/own")
    refused = program(*command)
    assert refused.code == 1
    assert "comes with Python code of its own: read it, and give --trust-remote-code" in refused.err
    assert "THE CODE OF THE MODEL RAN" not in refused.out + refused.err
    assert not list((tmp_path / "cache").rglob("*.py"))
    trusted = program(*command, "--trust-remote-code")
    assert trusted.code == 0, trusted.err
    assert "THE CODE OF THE MODEL RAN" in trusted.out + trusted.err


def test_a_dead_hub_is_one_sentence(hub: Hub, program: Callable):
    ran = program("models", "hf:tiny/any", HF_ENDPOINT="http://127.0.0.1:9")
    assert ran.code == 1
    assert "hf:tiny/any is not in the cache, and the hub cannot be reached" in ran.err
    assert "Traceback" not in ran.err


def test_a_folder_of_ones_own_is_taken_as_it_is(model: Path):
    fetched = fetch(parse_reference(str(model)))
    assert (fetched.folder, fetched.revision, fetched.name) == (model, None, model.name)


def test_an_empty_folder_is_no_model(tmp_path: Path):
    with pytest.raises(ModelError, match=r"has no \.safetensors files"):
        fetch(parse_reference(str(tmp_path)))


def test_a_folder_of_pickles_is_refused(model: Path, tmp_path: Path):
    shutil.copytree(model, tmp_path / "copy")
    (tmp_path / "copy" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="pickles alone"):
        fetch(parse_reference(str(tmp_path / "copy")))

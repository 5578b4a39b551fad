"""The second judge, trained for seconds on drawn pictures: what training exports is what the benchmark runs."""

from __future__ import annotations

import io
import json
import tarfile

import numpy as np
import torch
from PIL import Image

from semcodec.evaluation.network import LayerNetwork
from semcodec.evaluation.weights import read_weights
from semcodec_train.judges.judge2 import export, load_pictures, split_held_out, train
from semcodec_train.judges.recipes import judge2_debug

from .conftest import draw


def write_tar(path):
    with tarfile.open(path, "w") as tar:
        for label in ("n01", "n02"):
            for at in range(13):
                out = io.BytesIO()
                Image.fromarray(draw(64, 64, shift=at * 7 + (90 if label == "n02" else 0))).save(out, "JPEG")
                member = tarfile.TarInfo(f"{label}/{label}_{at}.JPEG")
                member.size = len(out.getvalue())
                tar.addfile(member, io.BytesIO(out.getvalue()))
    return path


def test_the_exported_network_gives_the_logits_of_the_trained_one(tmp_path):
    pixels, labels, names = load_pictures(write_tar(tmp_path / "train.tar"))
    assert names == ["n01", "n02"]
    model = train(judge2_debug(), pixels, labels, num_classes=2, out=tmp_path)
    export(model, tmp_path / "judge2.safetensors", notes={"trained_on": "drawings"})
    image = pixels[:3].float() / 127.5 - 1
    with torch.no_grad():
        wanted = model(image).numpy()
    network = LayerNetwork(tmp_path / "judge2.safetensors")
    np.testing.assert_allclose(network.logits(image.numpy()), wanted, atol=0.02)
    assert [features.shape[2] for features in network.features(image.numpy())] == [32, 16, 8, 4]
    assert read_weights(tmp_path / "judge2.safetensors").metadata["trained_on"] == "drawings"
    run = json.loads((tmp_path / "run.json").read_text())
    assert (run["steps"], run["crops"]) == (2, 16) and {"loss", "top1_held_out"} == set(run["losses"])


def test_a_finished_training_is_not_trained_again(tmp_path):
    pixels, labels, _ = load_pictures(write_tar(tmp_path / "train.tar"))
    first = train(judge2_debug(), pixels, labels, num_classes=2, out=tmp_path)
    again = train(judge2_debug(), pixels, labels, num_classes=2, out=tmp_path)
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True))
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 1


def test_the_held_out_pictures_are_the_last_of_each_class():
    learn, held = split_held_out(torch.tensor([0] * 7 + [1] * 6))
    assert learn.tolist() == [0, 1, 7]
    assert held.tolist() == [2, 3, 4, 5, 6, 8, 9, 10, 11, 12]


def test_the_committed_judge_is_the_one_that_its_readme_names(root):
    folder = root / "benchmarks" / "judges"
    network = LayerNetwork(folder / "judge2.safetensors")
    text = (folder / "README.md").read_text()
    assert network.sha256 in text
    assert str((folder / "judge2.safetensors").stat().st_size) in text
    assert network.weights.metadata["top1_held_out"] == "0.2426 on 1010 pictures"
    assert [features.shape[1] for features in network.features(np.zeros((1, 3, 64, 64), np.float32))] == [
        24,
        64,
        128,
        224,
    ]

"""The feature networks of the benchmark against the PyTorch ones that training uses."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from semcodec.errors import WeightsError
from semcodec.evaluation.measures.distance import unit_distance, unit_features
from semcodec.evaluation.measures.judges import top1
from semcodec.evaluation.network import LayerNetwork, to_network_range
from semcodec.evaluation.weights import read_weights
from semcodec_train.judges.mobilenet import MobileNetV2, feature_distance

from .conftest import TINY_LAYERS, draw, write_safetensors


@pytest.mark.parametrize(("height", "width"), [(64, 64), (37, 50), (33, 31)])
def test_every_layer_agrees_with_the_training_judge_at_odd_and_even_sizes(tiny_network, height, width):
    image = to_network_range(draw(height, width))
    depths = tuple(range(len(TINY_LAYERS)))
    ours = LayerNetwork(tiny_network).features(image, depths)
    with torch.no_grad():
        theirs = MobileNetV2(tiny_network)(torch.from_numpy(image))
    for depth in depths:
        np.testing.assert_allclose(ours[depth], theirs[depth].numpy(), rtol=1e-4, atol=1e-5)


def test_the_distance_is_the_one_that_networks_are_trained_with(tiny_network):
    a, b = to_network_range(draw(48, 40)), to_network_range(draw(48, 40, shift=9))
    network = LayerNetwork(tiny_network)
    ours = unit_distance(unit_features(network.features(a)), unit_features(network.features(b)))
    judge = MobileNetV2(tiny_network)
    with torch.no_grad():
        theirs = feature_distance(judge(torch.from_numpy(a)), judge(torch.from_numpy(b)), depths=(3, 4))
    assert ours == pytest.approx(float(theirs), rel=1e-5)
    assert ours > 0.01


def test_the_distance_to_itself_is_zero(tiny_network):
    features = unit_features(LayerNetwork(tiny_network).features(to_network_range(draw(32, 32))))
    assert unit_distance(features, features) == 0


def test_the_distance_by_hand_for_two_positions():
    a = [np.array([[[[3.0, 1.0]], [[4.0, 0.0]]]], np.float32)]
    b = [np.array([[[[4.0, 2.0]], [[3.0, 0.0]]]], np.float32)]
    # Position one: (0.6, 0.8) against (0.8, 0.6) is 0.08; position two points the same way: 0. Their mean is 0.04.
    assert unit_distance(unit_features(a), unit_features(b)) == pytest.approx(0.04, abs=1e-5)


def test_half_precision_weights_are_widened(tmp_path):
    value = np.array([[1.5, -2.25]], np.float16)
    file = read_weights(write_safetensors(tmp_path / "w.safetensors", {"a": value}, {}))
    assert file["a"].dtype == np.float32
    assert file["a"].tolist() == [[1.5, -2.25]]


def test_the_first_class_is_that_of_the_central_part(tiny_network):
    network = LayerNetwork(tiny_network)
    assert top1(network, draw(300, 400)) == top1(network, draw(300, 400))
    assert 0 <= top1(network, draw(80, 60)) < 5


def test_a_file_without_a_layer_list_is_refused(tmp_path):
    path = write_safetensors(tmp_path / "w.safetensors", {"a": np.zeros(1, np.float32)}, {})
    with pytest.raises(WeightsError, match="no layer list"):
        LayerNetwork(path)


def test_an_absent_weight_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"nothing\.safetensors: no such weight file"):
        read_weights(tmp_path / "nothing.safetensors")


@pytest.mark.parametrize(
    "data", [b"", b"\x05", b"\xff" * 8 + b"{}", b"\x02" + b"\0" * 7 + b"{]", b"PK\x03\x04" + b"x" * 40]
)
def test_bytes_that_are_no_weight_file_are_refused(tmp_path, data):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="not a safetensors file"):
        read_weights(path)


def test_tensor_bytes_outside_the_file_are_refused(tmp_path):
    header = json.dumps({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}).encode()
    path = tmp_path / "bad.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 8)
    with pytest.raises(WeightsError, match="outside the file"):
        read_weights(path)


def test_a_missing_tensor_is_named(tmp_path):
    file = read_weights(write_safetensors(tmp_path / "w.safetensors", {"a": np.zeros(1, np.float32)}, {}))
    with pytest.raises(WeightsError, match="no tensor 'b'"):
        file["b"]

"""The interpolator trained for a moment, tuned, exported: whatever `runs` would do, tiny."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from semcodec.nets.interpolator import InterpolatorNets
from semcodec.zoo.catalog import package_at
from semcodec_train.interpolator.adapters import adapt, low_of, read_low, weakened
from semcodec_train.interpolator.export import export_interpolator
from semcodec_train.interpolator.model import Interpolator
from semcodec_train.interpolator.recipes import interpolator_debug, tuned_debug
from semcodec_train.interpolator.train import Batches, losses_of, train
from semcodec_train.interpolator.tune import tune
from semcodec_train.judges.lpips import LpipsAlex

SIZE = interpolator_debug().size


def quiet(line: str) -> None:
    pass


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, archives: Path, networks: Path) -> Path:
    out = tmp_path_factory.mktemp("trained")
    train(replace(interpolator_debug(), minutes=0.05), archives, networks, out, log=quiet)
    return out


def test_a_training_leaves_weights_and_says_how_they_came_about(trained: Path) -> None:
    Interpolator.with_weights(load_file(trained / "interpolator.safetensors"), SIZE)
    run = json.loads((trained / "run.json").read_text())
    assert run["recipe"].endswith("interpolator_debug") and run["steps"] > 0
    assert {"pixels", "merged", "edges", "lpips", "flow", "unlike"} <= set(run["losses"])


def test_what_a_batch_is_judged_by_can_be_learned(archives: Path, networks: Path) -> None:
    torch.manual_seed(1)
    model, lpips = Interpolator(SIZE), LpipsAlex(networks / "lpips_alex.safetensors")
    batch, known = Batches(archives, interpolator_debug(), "cpu", seed=1).get()
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    told = []
    for _ in range(20):
        parts = losses_of(model, batch, known, lpips)
        told.append({name: float(value.detach()) for name, value in parts.items()})
        optimiser.zero_grad()
        torch.stack(list(parts.values())).sum().backward()
        optimiser.step()
    assert all(told[-1][name] < told[0][name] for name in ("pixels", "merged", "flow"))


def test_a_tuning_trains_adapters_alone(tmp_path: Path, trained: Path, archives: Path, networks: Path) -> None:
    weights = trained / "interpolator.safetensors"
    tune(tuned_debug(), 1, weights, interpolator_debug(), archives, networks, tmp_path, log=quiet)
    low = read_low(tmp_path / "tuned-1.safetensors")
    assert low and any(float(up.abs().max()) > 0 for up, _ in low.values())
    with pytest.raises(FileNotFoundError, match=r"painted-2\.tar"):
        tune(tuned_debug(), 2, weights, interpolator_debug(), archives, networks, tmp_path / "2", log=quiet)


def test_the_package_does_what_the_network_does_with_and_without_an_adapter(tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = Interpolator(SIZE)
    for layer in (model.fin, model.m4_out):
        torch.nn.init.normal_(layer.weight, std=0.2)
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    for parameter in adapt(model):
        parameter.data.normal_(std=0.1)
    plain = Interpolator.with_weights(weights, SIZE)
    export_interpolator(plain, tmp_path, [(0.0, 0.01, low_of(model))], adapted_for=3)
    nets = InterpolatorNets(package_at(tmp_path).files, threads=1)
    rng = np.random.default_rng(2)
    first, last = rng.integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)
    a, b = (torch.from_numpy(frame).permute(2, 0, 1)[None].float() / 127.5 - 1 for frame in (first, last))
    shown = []
    for network, runtime in ((plain, nets), (model, nets.adapted(nets.about.adapters[0]))):
        with torch.no_grad():
            wanted = ((network(a, b, torch.tensor([[0.3]]))[0] + 1) * 127.5).clamp(0, 255).permute(1, 2, 0).numpy()
        (got,) = runtime.between(first, last, [0.3])
        assert np.abs(got - wanted).mean() < 0.6
        shown.append(got)
    assert not np.array_equal(*shown)
    for strength, same in ((0.0, 0), (1.0, 1)):
        folder = tmp_path / str(strength)
        export_interpolator(plain, folder, [(0.0, 0.01, weakened(low_of(model), strength))], adapted_for=3)
        nets = InterpolatorNets(package_at(folder).files, threads=1)
        assert np.array_equal(next(nets.adapted(nets.about.adapters[0]).between(first, last, [0.3])), shown[same])

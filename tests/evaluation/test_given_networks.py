"""LPIPS, DISTS and CLIP from weight files, against their definitions in PyTorch, with weights drawn at random."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from semcodec.errors import WeightsError
from semcodec.evaluation.measures.clip import ClipTower
from semcodec.evaluation.measures.dists import Dists
from semcodec.evaluation.measures.judges import Judges, WeightPaths
from semcodec.evaluation.measures.lpips import Lpips
from semcodec.evaluation.network import to_network_range

from .conftest import draw, write_safetensors

ALEX = {"net.slice1.0": (6, 3, 11), "net.slice2.3": (8, 6, 5), "net.slice3.6": (10, 8, 3)} | {
    "net.slice4.8": (7, 10, 3),
    "net.slice5.10": (5, 7, 3),
}
VGG_PLACES = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))


def random_convs(shapes: dict[str, tuple[int, int, int]]) -> dict[str, np.ndarray]:
    rng = np.random.Generator(np.random.Philox(9))
    tensors = {}
    for name, (cout, cin, kernel) in shapes.items():
        spread = (2 / (cin * kernel * kernel)) ** 0.5
        tensors[f"{name}.weight"] = rng.normal(0, spread, (cout, cin, kernel, kernel)).astype(np.float32)
        tensors[f"{name}.bias"] = rng.normal(0, 0.1, cout).astype(np.float32)
    return tensors


@pytest.fixture
def lpips_file(tmp_path):
    tensors = random_convs(ALEX)
    for at, (cout, _, _) in enumerate(ALEX.values()):
        tensors[f"lin{at}.model.1.weight"] = np.linspace(0.1, 1, cout, dtype=np.float32).reshape(1, cout, 1, 1)
    return write_safetensors(tmp_path / "lpips.safetensors", tensors, {})


@pytest.fixture
def dists_file(tmp_path):
    shapes, cin = {}, 3
    for stage, places in enumerate(VGG_PLACES, start=1):
        for place in places:
            shapes[f"stage{stage}.{place}"] = (4 + stage, cin, 3)
            cin = 4 + stage
    num = 3 + 5 + 6 + 7 + 8 + 9
    rng = np.random.Generator(np.random.Philox(3))
    weights = {name: rng.uniform(0.1, 1, (1, num, 1, 1)).astype(np.float32) for name in ("alpha", "beta")}
    return write_safetensors(tmp_path / "dists.safetensors", random_convs(shapes) | weights, {})


@pytest.fixture
def clip_file(tmp_path):
    rng = np.random.Generator(np.random.Philox(4))
    width, hidden, model = 128, 96, "vision_model"
    shapes = {
        f"{model}.embeddings.class_embedding": (width,),
        f"{model}.embeddings.patch_embedding.weight": (width, 3, 16, 16),
        f"{model}.embeddings.position_embedding.weight": (17, width),
        "visual_projection.weight": (20, width),
    }
    norms = [f"{model}.pre_layrnorm", f"{model}.post_layernorm"]
    for at in range(2):
        layer = f"{model}.encoder.layers.{at}"
        norms += [f"{layer}.layer_norm1", f"{layer}.layer_norm2"]
        for part in "qkv":
            shapes[f"{layer}.self_attn.{part}_proj.weight"] = (width, width)
            shapes[f"{layer}.self_attn.{part}_proj.bias"] = (width,)
        shapes[f"{layer}.self_attn.out_proj.weight"] = (width, width)
        shapes[f"{layer}.self_attn.out_proj.bias"] = (width,)
        shapes |= {f"{layer}.mlp.fc1.weight": (hidden, width), f"{layer}.mlp.fc1.bias": (hidden,)}
        shapes |= {f"{layer}.mlp.fc2.weight": (width, hidden), f"{layer}.mlp.fc2.bias": (width,)}
    tensors = {name: rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}
    for name in norms:
        tensors[f"{name}.weight"] = rng.uniform(0.5, 1.5, width).astype(np.float32)
        tensors[f"{name}.bias"] = rng.normal(0, 0.1, width).astype(np.float32)
    return write_safetensors(tmp_path / "clip.safetensors", tensors, {})


def as_torch(weights) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(value.copy()) for name, value in weights.tensors.items()}


def test_lpips_is_its_definition(lpips_file):
    network = Lpips(lpips_file)
    w = as_torch(network.weights)

    def features(x):
        shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])
        x = (x - shift[:, None, None]) / scale[:, None, None]
        outputs = []
        for name, stride, padding, pool in zip(ALEX, (4, 1, 1, 1, 1), (2, 2, 1, 1, 1), (0, 1, 1, 0, 0), strict=True):
            x = F.max_pool2d(x, 3, 2) if pool else x
            x = F.relu(F.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"], stride, padding))
            outputs.append(x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10))
        return outputs

    a, b = to_network_range(draw(96, 128)), to_network_range(draw(96, 128, shift=11))
    expected = 0.0
    for at, (x, y) in enumerate(zip(features(torch.from_numpy(a)), features(torch.from_numpy(b)), strict=True)):
        expected += float(F.conv2d((x - y).square(), w[f"lin{at}.model.1.weight"]).mean())
    assert network.distance(network.features(a), network.features(b)) == pytest.approx(expected, rel=1e-4)
    assert expected > 0.001


def test_dists_is_its_definition(dists_file):
    network = Dists(dists_file)
    w = as_torch(network.weights)

    def features(image_HWC):
        x = torch.from_numpy(image_HWC.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        outputs = [x]
        x = (x - torch.tensor([0.485, 0.456, 0.406])[:, None, None]) / torch.tensor([0.229, 0.224, 0.225])[
            :, None, None
        ]
        for stage, places in enumerate(VGG_PLACES, start=1):
            if stage > 1:
                taps = torch.tensor([0.5, 1.0, 0.5])
                window = (taps[:, None] * taps / 4)[None, None].repeat(x.shape[1], 1, 1, 1)
                x = (F.conv2d(x.square(), window, stride=2, padding=1, groups=x.shape[1]) + 1e-12).sqrt()
            for place in places:
                x = F.relu(F.conv2d(x, w[f"stage{stage}.{place}.weight"], w[f"stage{stage}.{place}.bias"], padding=1))
            outputs.append(x)
        return outputs

    a, b = draw(96, 128), draw(96, 128, shift=11)
    total, alike, first = w["alpha"].sum() + w["beta"].sum(), 0.0, 0
    for x, y in zip(features(a), features(b), strict=True):
        part = slice(first, first + x.shape[1])
        first += x.shape[1]
        mx, my = x.mean((2, 3)), y.mean((2, 3))
        vx, vy = x.var((2, 3), unbiased=False), y.var((2, 3), unbiased=False)
        cov = (x * y).mean((2, 3)) - mx * my
        s1, s2 = (2 * mx * my + 1e-6) / (mx**2 + my**2 + 1e-6), (2 * cov + 1e-6) / (vx + vy + 1e-6)
        alike += float((w["alpha"][0, part, 0, 0] / total * s1 + w["beta"][0, part, 0, 0] / total * s2).sum())
    assert network.distance(network.features(a), network.features(b)) == pytest.approx(1 - alike, rel=1e-3)
    assert network.distance(network.features(a), network.features(a)) == pytest.approx(0, abs=1e-5)


def test_clip_is_a_vision_transformer(clip_file):
    tower = ClipTower(clip_file)
    w, side = as_torch(tower.weights), 64
    image = draw(side, side)
    x = torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1)[None] / 255)
    mean, deviation = (
        torch.tensor([0.48145466, 0.4578275, 0.40821073]),
        torch.tensor([0.26862954, 0.26130258, 0.27577711]),
    )
    x = (x - mean[:, None, None]) / deviation[:, None, None]
    x = F.conv2d(x, w["vision_model.embeddings.patch_embedding.weight"], stride=16).flatten(2).transpose(1, 2)
    x = torch.cat([w["vision_model.embeddings.class_embedding"][None, None], x], 1)
    x = x + w["vision_model.embeddings.position_embedding.weight"]

    def norm(x, name):
        return F.layer_norm(x, (128,), w[f"{name}.weight"], w[f"{name}.bias"])

    x = norm(x, "vision_model.pre_layrnorm")
    for at in range(2):
        layer = f"vision_model.encoder.layers.{at}"
        attention = torch.nn.MultiheadAttention(128, 2, batch_first=True)
        attention.in_proj_weight.data = torch.cat([w[f"{layer}.self_attn.{p}_proj.weight"] for p in "qkv"])
        attention.in_proj_bias.data = torch.cat([w[f"{layer}.self_attn.{p}_proj.bias"] for p in "qkv"])
        attention.out_proj.weight.data = w[f"{layer}.self_attn.out_proj.weight"]
        attention.out_proj.bias.data = w[f"{layer}.self_attn.out_proj.bias"]
        y = norm(x, f"{layer}.layer_norm1")
        x = x + attention(y, y, y)[0]
        y = F.linear(norm(x, f"{layer}.layer_norm2"), w[f"{layer}.mlp.fc1.weight"], w[f"{layer}.mlp.fc1.bias"])
        x = x + F.linear(y * torch.sigmoid(1.702 * y), w[f"{layer}.mlp.fc2.weight"], w[f"{layer}.mlp.fc2.bias"])
    expected = F.normalize(norm(x[:, 0], "vision_model.post_layernorm") @ w["visual_projection.weight"].T, dim=1)
    np.testing.assert_allclose(tower.embed(image), expected[0].detach().numpy(), atol=1e-5)


def test_given_weights_add_their_measures_and_name_their_files(lpips_file, dists_file, clip_file):
    judges = Judges(WeightPaths(lpips=lpips_file, dists=dists_file, clip=clip_file), with_vmaf=False)
    picture = draw(176, 192)
    (same,) = judges.against(picture).measure([picture], judges.names)
    assert same.keys() == {"psnr_db", "ms_ssim", "lpips", "dists", "clip_score"} | {
        f"lattice_{period}" for period in (2, 4, 8, 16)
    }
    assert same["lpips"] == 0
    assert same["dists"] == pytest.approx(0, abs=1e-5)
    assert same["clip_score"] == pytest.approx(1, abs=1e-5)
    assert judges.weight_files()["clip"]["file"] == "clip.safetensors"


def test_costly_measures_are_taken_only_where_they_are_named(dists_file):
    judges = Judges(WeightPaths(dists=dists_file), with_vmaf=False)
    against = judges.against(draw(176, 192))
    (usual,), (costly,) = against.measure([draw(176, 192)]), against.measure([draw(176, 192)], ["dists"])
    assert "dists" not in usual
    assert costly.keys() == {"dists"}


def test_dists_is_taken_at_full_resolution(dists_file):
    shapes = [x.shape[1:] for x in Dists(dists_file).features(draw(300, 320))]
    assert shapes == [(300, 320), (300, 320), (150, 160), (75, 80), (38, 40), (19, 20)]


def test_the_weights_of_another_network_are_refused_by_name(lpips_file):
    with pytest.raises(WeightsError, match=r"no tensor 'stage1\.0\.weight'"):
        Dists(lpips_file)

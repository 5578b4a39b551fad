"""FID: its formula by hand, and a narrow Inception-v3 against the same network in PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from semcodec.evaluation.measures.fid import Inception, cut_patches, fid
from semcodec.evaluation.network import to_network_range

from .conftest import draw, write_safetensors


def test_for_one_feature_it_is_the_distance_of_two_normal_distributions():
    x, y = np.array([[0.0], [2.0], [4.0]]), np.array([[5.0], [6.0], [7.0]])
    # Means 2 and 6, variances 4 and 1: (2 - 6)^2 + (2 - 1)^2.
    assert fid([x[:1], x[1:]], [y[:1], y[1:]]) == pytest.approx(17)


def test_for_covariances_that_commute_it_is_the_distance_of_their_roots():
    rng = np.random.Generator(np.random.Philox(2))
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    base = rng.normal(size=(500, 3))
    base = (base - base.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(base, rowvar=False))).T
    x, y = base @ np.diag([1.0, 2.0, 3.0]) @ turn, base @ np.diag([2.0, 2.0, 0.5]) @ turn
    assert fid([x], [y]) == pytest.approx(1 + 0 + 2.5**2)


def test_equal_sets_are_at_zero():
    x = np.random.Generator(np.random.Philox(2)).normal(size=(9, 4))
    assert fid([x], [x]) == pytest.approx(0, abs=1e-9)


def test_patches_come_twice_where_both_sides_allow_it():
    assert cut_patches(np.zeros((1, 3, 512, 768), np.float32)).shape[0] == 6 + 2
    assert cut_patches(np.zeros((1, 3, 300, 768), np.float32)).shape[0] == 3
    assert cut_patches(np.zeros((1, 3, 200, 768), np.float32)).shape == (1, 3, 200, 768)


class Narrow:
    """Random weights of a narrow Inception-v3, made as they are asked for, and its forward pass in PyTorch."""

    def __init__(self) -> None:
        self.tensors: dict[str, np.ndarray] = {}
        self.rng = np.random.Generator(np.random.Philox(8))

    def conv(self, x, name, cout, kernel=(1, 1), stride=1, padding=(0, 0)):
        shape, normal = (cout, x.shape[1], *kernel), self.rng.normal
        made = {
            "conv.weight": normal(0, (2 / (x.shape[1] * kernel[0] * kernel[1])) ** 0.5, shape),
            "bn.weight": self.rng.uniform(0.5, 1.5, cout),
            "bn.bias": normal(0, 0.1, cout),
            "bn.running_mean": normal(0, 0.1, cout),
            "bn.running_var": self.rng.uniform(0.5, 1.5, cout),
        }
        made = {f"{name}.{key}": value.astype(np.float32) for key, value in made.items()}
        self.tensors |= made
        w = {key.removeprefix(f"{name}."): torch.from_numpy(value) for key, value in made.items()}
        x = F.conv2d(x, w["conv.weight"], stride=stride, padding=padding)
        mean, var = w["bn.running_mean"], w["bn.running_var"]
        return F.relu(F.batch_norm(x, mean, var, w["bn.weight"], w["bn.bias"], eps=1e-3))

    def forward(self, x):
        x = F.interpolate(x, size=(299, 299), mode="bilinear", align_corners=False)
        x = self.conv(x, "Conv2d_1a_3x3", 4, (3, 3), 2)
        x = self.conv(x, "Conv2d_2a_3x3", 4, (3, 3))
        x = self.conv(x, "Conv2d_2b_3x3", 6, (3, 3), padding=(1, 1))
        x = self.conv(F.max_pool2d(x, 3, 2), "Conv2d_3b_1x1", 5)
        x = F.max_pool2d(self.conv(x, "Conv2d_4a_3x3", 8, (3, 3)), 3, 2)
        for name in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
            b = f"{name}.branch"
            five = self.conv(self.conv(x, f"{b}5x5_1", 3), f"{b}5x5_2", 4, (5, 5), padding=(2, 2))
            three = self.conv(self.conv(x, f"{b}3x3dbl_1", 3), f"{b}3x3dbl_2", 4, (3, 3), padding=(1, 1))
            three = self.conv(three, f"{b}3x3dbl_3", 4, (3, 3), padding=(1, 1))
            x = torch.cat([self.conv(x, f"{b}1x1", 4), five, three, self.mean_branch(x, f"{b}_pool")], 1)
        b = "Mixed_6a.branch3x3"
        double = self.conv(self.conv(x, f"{b}dbl_1", 3), f"{b}dbl_2", 4, (3, 3), padding=(1, 1))
        double = self.conv(double, f"{b}dbl_3", 5, (3, 3), 2)
        x = torch.cat([self.conv(x, b, 4, (3, 3), 2), double, F.max_pool2d(x, 3, 2)], 1)
        for name in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
            b, wide, tall = f"{name}.branch", ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
            seven = self.conv(self.conv(x, f"{b}7x7_1", 3), f"{b}7x7_2", 3, *wide)
            seven = self.conv(seven, f"{b}7x7_3", 5, *tall)
            double = self.conv(x, f"{b}7x7dbl_1", 3)
            for at, kind in enumerate((tall, wide, tall, wide), start=2):
                double = self.conv(double, f"{b}7x7dbl_{at}", 4, *kind)
            x = torch.cat([self.conv(x, f"{b}1x1", 4), seven, double, self.mean_branch(x, f"{b}_pool")], 1)
        b = "Mixed_7a.branch"
        three = self.conv(self.conv(x, f"{b}3x3_1", 3), f"{b}3x3_2", 4, (3, 3), 2)
        seven = self.conv(self.conv(x, f"{b}7x7x3_1", 3), f"{b}7x7x3_2", 3, (1, 7), padding=(0, 3))
        seven = self.conv(seven, f"{b}7x7x3_3", 3, (7, 1), padding=(3, 0))
        x = torch.cat([three, self.conv(seven, f"{b}7x7x3_4", 4, (3, 3), 2), F.max_pool2d(x, 3, 2)], 1)
        for name in ("Mixed_7b", "Mixed_7c"):
            b = f"{name}.branch"
            three = self.conv(x, f"{b}3x3_1", 3)
            double = self.conv(self.conv(x, f"{b}3x3dbl_1", 3), f"{b}3x3dbl_2", 4, (3, 3), padding=(1, 1))
            parts = [self.conv(x, f"{b}1x1", 4)]
            for source, end in ((three, "3x3_2"), (double, "3x3dbl_3")):
                parts.append(self.conv(source, f"{b}{end}a", 4, (1, 3), padding=(0, 1)))
                parts.append(self.conv(source, f"{b}{end}b", 4, (3, 1), padding=(1, 0)))
            if name == "Mixed_7b":
                parts.append(self.mean_branch(x, f"{b}_pool"))
            else:
                parts.append(self.conv(F.max_pool2d(x, 3, 1, 1), f"{b}_pool", 3))
            x = torch.cat(parts, 1)
        return x.mean((2, 3))

    def mean_branch(self, x, name):
        return self.conv(F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), name, 3)


def test_the_network_is_inception_v3_as_fid_uses_it(tmp_path):
    narrow, image = Narrow(), to_network_range(draw(256, 256))
    with torch.no_grad():
        wanted = narrow.forward(torch.from_numpy(image)).numpy()
    network = Inception(write_safetensors(tmp_path / "inception.safetensors", narrow.tensors, {}))
    np.testing.assert_allclose(network.pooled(image), wanted, rtol=1e-3, atol=1e-4)

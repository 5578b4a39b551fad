"""KID against its definition written as loops."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.evaluation.measures.kid import cut_patches, kid, kid_difference


def features(seed: int, sizes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.Generator(np.random.Philox(seed))
    return [rng.normal(seed / 10, 1, (size, 4)) for size in sizes]


def by_loops(real: list[np.ndarray], decoded: list[np.ndarray]) -> float:
    x, y = np.concatenate(real), np.concatenate(decoded)
    kernel = lambda a, b: (float(a @ b) / len(a) + 1) ** 3  # noqa: E731
    m, n = len(x), len(y)
    xx = sum(kernel(x[i], x[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    yy = sum(kernel(y[i], y[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    return xx + yy - 2 * sum(kernel(a, b) for a in x for b in y) / (m * n)


def test_kid_is_the_unbiased_squared_mmd_of_the_cubic_kernel():
    real, decoded = features(1, (3, 2, 4)), features(5, (3, 2, 4))
    assert kid(real, decoded)[0] == pytest.approx(by_loops(real, decoded))


def test_the_standard_error_is_the_jackknife_over_pictures():
    real, decoded = features(1, (3, 2, 4)), features(5, (3, 2, 4))
    left_out = [by_loops(real[:i] + real[i + 1 :], decoded[:i] + decoded[i + 1 :]) for i in range(3)]
    expected = np.sqrt(2 / 3 * np.sum((np.array(left_out) - np.mean(left_out)) ** 2))
    assert kid(real, decoded)[1] == pytest.approx(expected)


def test_a_difference_is_that_of_both_and_its_error_the_jackknife_of_it():
    real, one, other = (features(seed, (3, 2, 4)) for seed in (1, 5, 8))
    without = lambda side, i: side[:i] + side[i + 1 :]  # noqa: E731
    left_out = [
        by_loops(without(real, i), without(one, i)) - by_loops(without(real, i), without(other, i)) for i in range(3)
    ]
    difference, error = kid_difference(real, one, other)
    assert difference == pytest.approx(kid(real, one)[0] - kid(real, other)[0])
    assert error == pytest.approx(np.sqrt(2 / 3 * np.sum((np.array(left_out) - np.mean(left_out)) ** 2)))


def test_equal_pictures_differ_by_nothing_for_certain():
    real, one = features(1, (3, 2, 4)), features(5, (3, 2, 4))
    assert kid_difference(real, one, one) == (0, 0)


def test_by_hand_for_features_of_one_number():
    # k(1, 1) = 8, k(2, 2) = 125, k(1, 2) = 27: 8 + 125 - 2 * 27.
    assert kid([np.array([[1.0]])] * 3, [np.array([[2.0]])] * 3)[0] == pytest.approx(79)


def test_two_pictures_are_too_few():
    with pytest.raises(ValueError, match="at least three"):
        kid([np.zeros((3, 2))] * 2, [np.zeros((3, 2))] * 2)


def test_patches_are_the_whole_squares_from_the_top_left():
    image = np.arange(3 * 300 * 260, dtype=np.float32).reshape(1, 3, 300, 260)
    patches = cut_patches(image)
    assert patches.shape == (4, 3, 128, 128)
    np.testing.assert_array_equal(patches[1], image[0, :, :128, 128:256])
    np.testing.assert_array_equal(patches[2], image[0, :, 128:256, :128])


def test_a_picture_smaller_than_a_patch_is_one_patch():
    assert cut_patches(np.zeros((1, 3, 100, 300), np.float32)).shape == (1, 3, 100, 300)

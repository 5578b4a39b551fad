"""The integers that decide what is invented."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semcodec.painters.noise import cell_numbers, noise_key
from semcodec.types import Scene, Size, TokenPyramid, Words

SIZE = Size(300, 200)
TOKENS = TokenPyramid(1, SIZE, (np.zeros((2, 3, 6), np.uint8), np.zeros((4, 5, 6), np.uint8)))


def test_the_numbers_are_the_same_for_ever() -> None:
    assert noise_key(Scene(SIZE, words=Words("a dog")), SIZE, 0) == 0xA7C68D6285A2C03D6841AC09973D7F6B
    first, second = [2011233765, 1355802542, 3957514211], [4064258036, 3057946226, 762185088]
    assert cell_numbers(7, 128, 1, 2, 3).tolist() == [[first, second]]


def test_other_seeds_words_sizes_and_coarse_tokens_give_other_numbers() -> None:
    scene = Scene(SIZE, words=Words("a dog"), tokens=TOKENS)
    coarse = np.ones_like(TOKENS.digits[0])
    keys = [
        noise_key(scene, SIZE, 0),
        noise_key(scene, SIZE, 1),
        noise_key(scene, Size(200, 300), 0),
        noise_key(replace(scene, words=Words("a cat")), SIZE, 0),
        noise_key(replace(scene, words=None), SIZE, 0),
        noise_key(replace(scene, tokens=None), SIZE, 0),
        noise_key(replace(scene, tokens=replace(TOKENS, digits=(coarse, TOKENS.digits[1]))), SIZE, 0),
    ]
    assert len(set(keys)) == len(keys) and max(keys) < 1 << 128


def test_what_arrives_after_the_coarsest_scale_leaves_the_numbers_alone() -> None:
    scene = Scene(SIZE, tokens=TOKENS)
    more = replace(TOKENS, digits=(TOKENS.digits[0], np.ones_like(TOKENS.digits[1])))
    assert noise_key(scene, SIZE, 5) == noise_key(replace(scene, tokens=more), SIZE, 5)


def test_words_of_any_script_and_lone_surrogates_are_taken() -> None:
    keys = {noise_key(Scene(SIZE, words=Words(text)), SIZE, 0) for text in ("犬", "犬 \ud800", "\ud800")}
    assert len(keys) == 3


def test_scales_have_numbers_of_their_own_that_fill_their_range() -> None:
    coarse, fine = cell_numbers(1, 128, 20, 30, 5), cell_numbers(1, 64, 20, 30, 5)
    assert coarse.shape == (20, 30, 5) and coarse.dtype.itemsize == 4
    assert not (coarse == fine).any()
    assert abs(coarse.mean() / 2**32 - 0.5) < 0.03 and coarse.min() < 2**25 and coarse.max() > 2**32 - 2**25

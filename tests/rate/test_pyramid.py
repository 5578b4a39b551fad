"""Which blocks are chosen at which effort, with the embedded networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.container.header import working_size
from semcodec.layers.tokens.decode import read_section
from semcodec.limits import DEFAULT_LIMITS
from semcodec.models import default_models
from semcodec.rate.fill import fill
from semcodec.rate.importance import activity
from semcodec.rate.pyramid import Encoder, best_tokens
from semcodec.types import FileHeader, Section, Size, TokenPyramid

ROOM = 500


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> np.ndarray:
    with Image.open(photo_path) as whole:
        return np.asarray(whole.convert("RGB").resize((384, 256)))


@pytest.fixture(scope="module")
def plain() -> Encoder:
    return default_models().encoder()


def blocks_of(payload: bytes, step: int, encoder: Encoder) -> set[tuple[int, int]]:
    section = Section(2, encoder.family.id, payload)
    decoded, _ = read_section(section, working_size(FileHeader(Size(384, 256), step)), encoder.family, DEFAULT_LIMITS)
    assert decoded.problem is None
    return {(scale, block) for scale, blocks in decoded.steps for block in blocks}


def test_what_reconstructions_lack_decides_and_not_what_digits_say_alone(photo: np.ndarray, plain: Encoder) -> None:
    made: dict[int, np.ndarray] = {}
    working = Size(384, 256)
    tokens = TokenPyramid(plain.family.id, working, plain.nets.encode(photo, reconstructions=made))
    assert made and all(picture.shape == photo.shape for picture in made.values())
    says = activity(tokens.digits, working, plain.family)
    told = fill(tokens.digits, says.__getitem__, plain.family, working, ROOM).payload
    for rebuilds in (False, True):
        seen = plain.tokens_at(photo, 0, ROOM, rebuilds=rebuilds).payload
        assert len(seen) <= ROOM and blocks_of(seen, 0, plain) != blocks_of(told, 0, plain)


def test_the_finest_scale_has_no_reconstruction_behind_it_until_one_is_made(photo: np.ndarray, plain: Encoder) -> None:
    made: dict[int, np.ndarray] = {}
    tokens = TokenPyramid(plain.family.id, Size(384, 256), plain.nets.encode(photo, reconstructions=made))
    finest = len(plain.family.strides) - 1
    guessed, seen = (plain.importance(photo, tokens, made, rebuilds=rebuilds)(finest) for rebuilds in (False, True))
    assert guessed.shape == seen.shape and np.corrcoef(guessed, seen)[0, 1] > 0.3


def test_a_budget_of_few_bytes_is_filled_at_any_effort(photo: np.ndarray, plain: Encoder) -> None:
    for effort in (1, 7):
        chosen = best_tokens(photo, plain, 40, effort=effort)
        assert 0 < len(chosen.payload) <= 40 and chosen.num_blocks

"""Transparency: small on the way out, and taken off white again without a fault in the picture growing."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from semcodec.container.boxes.decode import unpack_boxes
from semcodec.container.boxes.encode import pack_boxes
from semcodec.errors import DamagedError
from semcodec.limits import Limits
from semcodec.pictures import lifted_off_white, pack_alpha, unpack_alpha
from semcodec.types import Metadata, Size

SIZE = Size(320, 200)


@pytest.fixture(scope="module")
def cut_out() -> np.ndarray:
    """An ellipse, opaque within, with soft edges."""
    plane = Image.new("L", (320, 200), 0)
    ImageDraw.Draw(plane).ellipse((30, 30, 290, 170), fill=255)
    return np.asarray(plane.filter(ImageFilter.GaussianBlur(2)))


def test_with_room_enough_it_is_lossless(cut_out: np.ndarray) -> None:
    assert np.array_equal(unpack_alpha(pack_alpha(cut_out, 100_000), SIZE), cut_out)


def test_fewer_bytes_are_kept_to_and_give_a_coarser_plane(cut_out: np.ndarray) -> None:
    errors = []
    for max_bytes in (3000, 800, 300, 120):
        payload = pack_alpha(cut_out, max_bytes)
        assert len(payload) <= max_bytes
        errors.append(float(np.abs(unpack_alpha(payload, SIZE).astype(int) - cut_out).mean()))
    assert errors == sorted(errors) and errors[0] < 2 and errors[-1] < 40


def test_where_no_plane_is_so_small_a_very_small_one_comes(cut_out: np.ndarray) -> None:
    assert len(pack_alpha(cut_out, 1)) < 120


@pytest.mark.parametrize("max_bytes", [100_000, 500, 150])
def test_wholly_opaque_and_wholly_transparent_stay_exact(cut_out: np.ndarray, max_bytes: int) -> None:
    plane = unpack_alpha(pack_alpha(cut_out, max_bytes), SIZE)
    assert plane[100, 160] == 255
    assert plane[0, 0] == plane[-1, -1] == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (257, 2)])
def test_any_size_is_a_box_that_a_reader_takes(size: tuple[int, int]) -> None:
    plane = np.random.default_rng(0).integers(0, 256, size[::-1], dtype=np.uint8)
    for max_bytes in (60, 100_000):
        boxes = pack_boxes(Metadata(alpha=pack_alpha(plane, max_bytes)))
        metadata = unpack_boxes(boxes, Size(*size), Limits())
        assert metadata.problems == () and metadata.alpha is not None
        assert unpack_alpha(metadata.alpha, Size(*size)).shape == plane.shape


def test_damage_is_an_error_of_ours(cut_out: np.ndarray) -> None:
    payload = pack_alpha(cut_out, 100_000)
    for broken in (payload[:40], payload[:25] + bytes(len(payload) - 25), b""):
        with pytest.raises(DamagedError, match="alpha box is damaged"):
            unpack_alpha(broken, SIZE)


def test_colours_that_were_laid_onto_white_come_back() -> None:
    rng = np.random.default_rng(1)
    colours = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    alpha = rng.integers(0, 256, (64, 64), dtype=np.uint8)
    alpha[:8], alpha[8:16] = 255, 0
    picture = Image.fromarray(np.dstack([colours, alpha]))
    white = Image.new("RGBA", picture.size, "white")
    lifted = lifted_off_white(np.asarray(Image.alpha_composite(white, picture).convert("RGB")), alpha)
    assert np.array_equal(lifted[:8, :, :3], colours[:8])
    assert (lifted[8:16, :, :3] == 255).all() and np.array_equal(lifted[:, :, 3], alpha)
    solid = alpha >= 64
    assert np.abs(lifted[solid][:, :3].astype(int) - colours[solid]).max() <= 4


@pytest.mark.parametrize("ground", [0, 100, 255])
def test_on_any_ground_a_painting_is_no_further_off_than_it_was_on_white(ground: int) -> None:
    rng = np.random.default_rng(2)
    colours, alpha = rng.integers(0, 256, (80, 80, 3)), rng.integers(0, 256, (80, 80), dtype=np.uint8)
    opacity = alpha[:, :, None] / 255
    on_white = colours * opacity + 255 * (1 - opacity)
    painted = np.clip(np.rint(on_white + rng.normal(0, 12, on_white.shape)), 0, 255).astype(np.uint8)
    lifted = lifted_off_white(painted, alpha)[:, :, :3]
    difference = np.abs(lifted - colours) * opacity  # what is left of it on any ground
    assert (difference <= np.abs(painted - on_white) + 1.01).all()
    assert np.abs(lifted * opacity + ground * (1 - opacity) - (colours * opacity + ground * (1 - opacity))).mean() < 12


def test_the_file_is_an_ordinary_webp_picture(cut_out: np.ndarray) -> None:
    with Image.open(io.BytesIO(pack_alpha(cut_out, 500))) as picture:
        assert picture.format == "WEBP" and not getattr(picture, "is_animated", False)

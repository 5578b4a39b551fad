"""What a painter paints is enlarged, restored, and shown: sizes, parts, what the network is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcodec.nets.restorer import RestorerNets
from semcodec.painters.restored import RestoredPainter, restored_size
from semcodec.painters.told import base_told, bits_told, coded_told, tokens_told
from semcodec.pictures import Codec, Coding
from semcodec.types import BasePicture, Roi, Scene, Size, TokenPyramid
from semcodec.zoo.catalog import package_at

SHOWN = Size(230, 170)


class Gradient:
    """A painter of a picture that is nowhere like elsewhere, half as large as it is shown."""

    name, keeps_tokens = "gradient", True

    def own_size(self, scene: Scene) -> Size:
        return Size(-(-scene.size.width_px // 2), -(-scene.size.height_px // 2))

    def condition(self, scene: Scene, size: Size, least_and_most: tuple[float, float]) -> tuple[float, float]:
        return -1.0, bits_told(100, size, least_and_most)

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> np.ndarray:
        size = size or scene.size
        return self.render_part(scene, (0, 0, size.width_px, size.height_px), size=size, seed=seed)

    def render_part(self, scene: Scene, roi: Roi, *, size: Size | None = None, seed: int = 0) -> np.ndarray:
        assert size == self.own_size(scene), "it is asked for its own size alone"
        left, top, width_px, height_px = roi
        rows, cols = np.mgrid[top : top + height_px, left : left + width_px]
        return np.stack([rows * 7 % 256, cols * 5 % 256, rows * cols % 256], axis=2).astype(np.uint8)


@pytest.fixture(scope="module")
def painter(debug_restorer: Path) -> RestoredPainter:
    nets = RestorerNets(package_at(debug_restorer).files, threads=1)
    return RestoredPainter(Gradient(), nets, restorer="restorer-debug")


def test_the_shown_size_is_restored_unless_it_is_large() -> None:
    limit = 1_600_000
    assert restored_size(Size(192, 128), Size(768, 512), limit) == Size(768, 512)
    assert restored_size(Size(768, 512), Size(1549, 1032), limit) == Size(1549, 1032)
    # Larger pictures: that many pixels, in their shape ...
    large = restored_size(Size(768, 512), Size(6000, 4000), limit)
    assert large == Size(1549, 1033)
    # ... unless they were decoded larger.
    assert restored_size(Size(3000, 2000), Size(6000, 4000), limit) == Size(3000, 2000)
    assert restored_size(Size(6000, 4000), Size(6000, 4000), limit) == Size(6000, 4000)
    # (a line stays as high as the network's coarsest cell)
    assert restored_size(Size(40, 1), Size(1_000_000, 16), limit) == Size(316_228, 16)


def test_a_part_has_the_pixels_of_the_whole(painter: RestoredPainter) -> None:
    scene = Scene(SHOWN)
    whole = painter.render(scene)
    assert whole.shape == (170, 230, 3)
    for left, top, width_px, height_px in ((0, 0, 30, 20), (150, 100, 80, 70), (97, 61, 1, 1), (64, 0, 16, 170)):
        part = painter.render_part(scene, (left, top, width_px, height_px))
        there = whole[top : top + height_px, left : left + width_px]
        assert part.shape == there.shape
        assert (part != there).mean() < 0.002 and np.abs(part.astype(int) - there).max() <= 1


def test_a_large_picture_is_restored_smaller_and_then_enlarged(
    painter: RestoredPainter, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def restore(self: RestorerNets, image_HWC: np.ndarray, condition: tuple[float, float]) -> np.ndarray:
        asked.append((image_HWC.shape, condition))
        return image_HWC

    monkeypatch.setattr(RestorerNets, "restore", restore)
    assert painter.render(Scene(Size(3000, 2000)), size=Size(300, 200)).shape == (200, 300, 3)
    assert asked == [((1033, 1549, 3), (-1.0, bits_told(100, Size(1549, 1033), (0.0012, 0.16))))]


def test_what_is_told_of_the_bits_ends_where_training_did() -> None:
    known = (0.0012, 0.16)
    size = Size(768, 512)
    assert bits_told(768 * 512 // 8 // 16, size, known) == 0
    assert bits_told(0, size, known) == bits_told(58, size, known) < bits_told(60, size, known)
    assert bits_told(9000, size, known) == bits_told(10**6, size, known) > bits_told(7000, size, known)


def test_tokens_tell_the_bytes_that_they_were_read_from() -> None:
    size = Size(768, 512)
    tokens = TokenPyramid(1, size, (), num_bytes=1000)
    assert tokens_told(Scene(size, tokens=tokens), size, (0.0012, 0.16)) == (-1, bits_told(1000, size, (0.0012, 0.16)))
    assert tokens_told(Scene(size), size, (0.0012, 0.16)) == (-1, bits_told(0, size, (0.0012, 0.16)))


def test_a_base_tells_how_much_it_is_enlarged_and_how_finely_it_is_quantised() -> None:
    frame = int("0001" + f"{153:08b}" + "0000", 2).to_bytes(2, "big")
    assert base_told(BasePicture(Size(60, 40), 0, frame), Size(240, 160)) == (2.0, 1.0)
    assert base_told(BasePicture(Size(60, 40), 0, b""), Size(60, 40)) == (0.0, 0.5)


def test_a_picture_of_another_codec_tells_how_fine_it_is_in_its_own_terms() -> None:
    size = Size(100, 80)

    def told(codec: Codec, **terms: float) -> tuple[float, ...]:
        return coded_told(Coding(codec, 1000, **terms), size)  # type: ignore[arg-type]

    assert told(Codec.JPEG, mean_step=1) == (0, 2.5, 1, 0)
    assert told(Codec.JPEG, mean_step=64) == (0, 2 / 3.2, 1, 0)
    assert told(Codec.JPEG, mean_step=300) == (0, 0, 1, 0) and told(Codec.JPEG, mean_step=255)[1] > 0
    assert told(Codec.WEBP, quantizer=127) == (0, 0, 0, 1) and told(Codec.WEBP, quantizer=25) == (0, 2, 0, 1)
    assert told(Codec.AVIF, quantizer=153) == (0, 1, 0, 0)


def test_where_its_codec_says_nothing_its_bits_per_pixel_do() -> None:
    size = Size(1000, 1000)
    for codec in (Codec.HEIC, Codec.JPEG_XL, Codec.AVIF):
        found = [coded_told(Coding(codec, num_bytes), size) for num_bytes in (1, 5000, 30_000, 100_000, 10**7)]
        assert found == sorted(found) and found[1] < found[2] < found[3]
        assert all(0 <= fine <= 2.5 and (ratio, *others) == (0, 0, 0) for ratio, fine, *others in found)

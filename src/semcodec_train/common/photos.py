"""Training pictures: crops of photographs, drawn and resized in a background thread.

Shapes: N = pictures; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import io
import queue
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
import torch
from PIL import Image
from torch import Tensor

PICTURE_ENDINGS = (".webp", ".png", ".jpg", ".jpeg")


Files = dict[str, Callable[[], IO[bytes]]]  # by name, how each is opened


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that lies in a folder or in a tar archive; opened when it is asked for."""

    name: str
    files: Files  # what lies beside it, and itself

    @property
    def stem(self) -> str:
        return Path(self.name).stem

    def open(self) -> Image.Image:
        """RGB."""
        with self.files[self.name]() as file, Image.open(file) as picture:
            return picture.convert("RGB")

    def words(self) -> str:
        """What the .txt file of its name says; "" where there is none."""
        beside = str(Path(self.name).with_suffix(".txt"))
        if beside not in self.files:
            return ""
        with self.files[beside]() as file:
            return " ".join(file.read().decode("utf-8").split())


def pictures_in(*sources: Path) -> list[Picture]:
    """The pictures of folders, and of tar archives that pack them in one file each, by their names."""
    photos = []
    for source in sources:
        files: Files
        if source.is_dir():
            files = {path.name: partial(path.open, "rb") for path in source.iterdir()}
        else:
            with tarfile.open(source, "r:") as archive:  # not compressed: a member is a part of the file
                inside = [member for member in archive if member.isfile()]
            files = {file.name: partial(_part, source, file.offset_data, file.size) for file in inside}
        names = sorted(name for name in files if name.lower().endswith(PICTURE_ENDINGS))
        if not names:
            raise FileNotFoundError(f"{source}: no pictures ({', '.join(PICTURE_ENDINGS)}) in it")
        photos += [Picture(name, files) for name in names]
    return photos


def _part(file: Path, begin: int, num_bytes: int) -> IO[bytes]:
    with file.open("rb") as content:
        content.seek(begin)
        return io.BytesIO(content.read(num_bytes))


def load_photos(*sources: Path, limit: int | None = None) -> list[Image.Image]:
    """Decodes the pictures, or `limit` evenly spaced ones (5,000 photographs of 320 px: 2 GB, 20 s)."""
    photos = pictures_in(*sources)
    return [photo.open() for photo in (photos if limit is None else photos[:: -(-len(photos) // limit)])]


def load_frames(folder: Path, *, every_s: float = 0.4) -> list[Image.Image]:
    """Frames of the MP4 files of a folder, `every_s` seconds apart. Needs imageio-ffmpeg (the `bench` extra)."""
    frames: list[Image.Image] = []
    for path in sorted(folder.glob("*.mp4")):
        import imageio_ffmpeg

        reader = imageio_ffmpeg.read_frames(str(path), output_params=["-vf", f"fps={1 / every_s}"])
        size = next(reader)["size"]
        frames += [Image.frombytes("RGB", size, frame) for frame in reader]
    return frames


def random_crop(photo: Image.Image, size_px: int, rng: np.random.Generator) -> np.ndarray:
    """(size, size, 3) uint8: a square of 0.6 to 1.6 times the size (as far as the picture has it), flipped, re-lit.

    Photographs of 320 px have more detail a pixel than those of 768: enlarged ones stand in for these.
    """
    short = min(photo.size)
    side = size_px * float(np.exp(rng.uniform(np.log(0.6), np.log(1.6))))
    side = min(side, short)
    left = rng.uniform(0, photo.width - side)
    top = rng.uniform(0, photo.height - side)
    crop = photo.resize((size_px, size_px), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side))
    pixels = np.asarray(crop)
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    if rng.random() < 0.3:  # brightness, contrast and the balance of the three channels
        gain = rng.uniform(0.75, 1.2) * rng.uniform(0.92, 1.08, size=3)
        pixels = np.clip(pixels * gain + rng.uniform(-16, 16), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(pixels)


class CropStream:
    """An endless stream of (N, 3, size, size) uint8 batches; large pictures are drawn more often than small ones."""

    def __init__(self, photos: list[Image.Image], *, size_px: int, batch: int, seed: int) -> None:
        short = np.array([min(p.size) for p in photos], dtype=np.float64)
        weight = np.minimum(1.0, short / size_px) ** 2 * np.clip(short / 320, 0.5, 2.0)
        self._chances = weight / weight.sum()
        self._photos, self._size_px, self._batch = photos, size_px, batch
        self._rng = np.random.default_rng(seed)
        self._ready: queue.Queue[Tensor] = queue.Queue(maxsize=4)
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            picks = self._rng.choice(len(self._photos), size=self._batch, p=self._chances)
            crops = [random_crop(self._photos[i], self._size_px, self._rng) for i in picks]
            self._ready.put(torch.from_numpy(np.stack(crops).transpose(0, 3, 1, 2).copy()))

    def __iter__(self) -> Iterator[Tensor]:
        while True:
            yield self._ready.get()

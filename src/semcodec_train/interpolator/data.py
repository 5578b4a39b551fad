"""What the interpolator learns from: frames of clips and photographs, packed as WebP in a few tar archives.

    python -m semcodec_train.interpolator.data --clips DIR --photos DIR --out DIR

`clips-N.tar` hold `CLIP/00012.webp`, `photos-N.tar` the photographs as they are. None is larger than `MOST_BYTES`: they
are carried to other machines.
"""

from __future__ import annotations

import argparse
import io
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from semcodec_train.common.photos import pictures_in

MOST_BYTES = 40_000_000  # of an archive
CLIP_ENDINGS = (".mp4", ".mkv", ".webm", ".mov")
HEIGHT_PX = 480  # of a frame, at most
MOST_FRAMES = 110  # of a clip: of longer ones three stretches
QUALITY = 88
PHOTO_PX = 320  # sides of the square that is taken of a photograph


def frames_of(path: Path, height_px: int = HEIGHT_PX) -> Iterator[Image.Image]:
    """All frames of a clip, no higher than that. Needs imageio-ffmpeg (the `bench` extra)."""
    import imageio_ffmpeg

    # (-1 would keep the shape of odd pixels; sides are even)
    scale = f"scale=trunc(iw*sar*min(1\\,{height_px}/ih)/2)*2:trunc(ih*min(1\\,{height_px}/ih)/2)*2:flags=lanczos"
    reader = imageio_ffmpeg.read_frames(str(path), output_params=["-vf", scale, "-fps_mode", "passthrough"])
    size = next(reader)["size"]
    for frame in reader:
        yield Image.frombytes("RGB", size, frame)


def stretches(num: int, most: int = MOST_FRAMES) -> list[range]:
    """Which frames of a clip are kept: all, or three stretches evenly spaced."""
    if num <= most:
        return [range(num)]
    each = most // 3
    return [range(at, at + each) for at in (int(k * (num - each) / 2) for k in range(3))]


def write_archives(files: Iterable[tuple[str, bytes]], out: Path, kind: str) -> int:
    """Packs files; returns how many bytes they have."""
    out.mkdir(parents=True, exist_ok=True)
    number, total, waiting = 0, 0, list[tuple[str, bytes]]()
    for name, content in files:
        if sum(len(c) + 1024 for _, c in waiting) + len(content) > MOST_BYTES - 20_000:
            _write(out / f"{kind}-{number}.tar", waiting)
            number, waiting = number + 1, []
        waiting.append((name, content))
        total += len(content)
    _write(out / f"{kind}-{number}.tar", waiting)
    return total


def _write(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    with tarfile.open(path, "w") as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def clip_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Frames of the clips of a folder, each stretch under a name of its own."""
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in CLIP_ENDINGS):
        kept = stretches(sum(1 for _ in frames_of(path, 64)))
        for number, frame in enumerate(frames_of(path)):
            for part, stretch in enumerate(kept):
                if number in stretch:
                    file = io.BytesIO()
                    frame.save(file, "WEBP", quality=QUALITY, method=3)
                    yield f"{path.stem}.{part}/{number:05d}.webp", file.getvalue()


def photo_files(folder: Path, limit: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Photographs of a folder or tar archive as they are, or `limit` evenly spaced ones."""
    photos = pictures_in(folder)
    for photo in photos if limit is None else photos[:: -(-len(photos) // limit)]:
        with photo.files[photo.name]() as file:
            yield photo.name, file.read()


def members(pattern: Path) -> Iterator[tuple[str, bytes]]:
    """The files of all archives that match, by name."""
    for path in sorted(pattern.parent.glob(pattern.name)):
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is not None:
                    yield member.name, content.read()


def load_clips(folder: Path, heights_px: Iterable[int], *, threads: int | None = None) -> list[Tensor]:
    """Each stretch of frames at each of these heights, (T, 3, H, W) uint8; frames that are lower stay as they are."""
    by_clip: dict[str, list[bytes]] = defaultdict(list)
    for name, content in members(folder / "clips-*.tar"):
        by_clip[name.split("/")[0]].append(content)
    if not by_clip:
        raise FileNotFoundError(f"{folder}: no clips-*.tar; semcodec_train.interpolator.data makes them")
    clips = []
    with ThreadPoolExecutor(threads) as pool:
        for contents in by_clip.values():
            whole = list(pool.map(decoded_picture, contents))
            for height in sorted({min(height, whole[0].height) for height in heights_px}):
                width = round(whole[0].width * height / whole[0].height)
                clips.append(torch.from_numpy(np.stack(list(pool.map(_sized(width, height), whole)))))
    return clips


def load_photos(folder: Path, *, limit: int | None = None, threads: int | None = None) -> Tensor:
    """Squares of photographs, (P, 3, S, S) uint8."""
    contents = [content for _, content in members(folder / "photos-*.tar")]
    if not contents:
        raise FileNotFoundError(f"{folder}: no photos-*.tar; semcodec_train.interpolator.data makes them")
    chosen = contents if limit is None else contents[:: -(-len(contents) // limit)]
    with ThreadPoolExecutor(threads) as pool:
        return torch.from_numpy(np.stack(list(pool.map(_square, chosen))))


def decoded_picture(content: bytes) -> Image.Image:
    """RGB."""
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB")


def as_planes(picture: Image.Image) -> np.ndarray:
    """(3, H, W) uint8."""
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))


def _sized(width: int, height: int) -> Callable[[Image.Image], np.ndarray]:
    def sized(frame: Image.Image) -> np.ndarray:
        picture = frame if frame.size == (width, height) else frame.resize((width, height), Image.Resampling.LANCZOS)
        return as_planes(picture)

    return sized


def _square(content: bytes) -> np.ndarray:
    picture = decoded_picture(content)
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    box = (left, top, left + side, top + side)
    square = picture.resize((PHOTO_PX, PHOTO_PX), Image.Resampling.BICUBIC, box=box)
    return as_planes(square)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="how many photographs, evenly spaced")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    print(f"photos: {write_archives(photo_files(args.photos, args.limit), args.out, 'photos'):,} bytes")
    print(f"clips: {write_archives(clip_files(args.clips), args.out, 'clips'):,} bytes")


if __name__ == "__main__":
    main()

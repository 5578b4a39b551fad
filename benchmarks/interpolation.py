"""What lies between key frames: the network with and without its adapters, beside fading and motion compensation.

    python benchmarks/interpolation.py --clips DIR --lpips FILE [--interpolator FOLDER] [--out FILE]

Of each clip, key frames 4, 8 and 16 frames apart: the originals, and what the encoder and decoder paint of them at so
many `--bytes`. Frames at a quarter and at the middle of each span are shown and compared with the originals: PSNR and
LPIPS (Alex). `motion` is what receivers do without a network; `dis` is DIS optical flow (Kroeger et al., ECCV 2016;
OpenCV, medium preset) in both directions, taken to the time as Super SloMo does (Jiang et al., CVPR 2018), both frames
read along it and faded. Seconds are of one thread's processor time. Writes JSON: means by key frames, gap and method.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import semcodec
from semcodec.evaluation.measures.lpips import Lpips
from semcodec.evaluation.measures.pixels import psnr_db
from semcodec.evaluation.require import require
from semcodec.interpolators.compensated import Compensated
from semcodec.interpolators.plain import Fade, faded
from semcodec.models import EMBEDDED, Models, ModelSettings

if TYPE_CHECKING:
    from semcodec.contracts import Interpolator
    from semcodec.types import Pixels

Means = dict[str, dict[str, dict[str, dict[str, float]]]]  # bytes, gap, method, measure
HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "interpolation.json"
GAPS = (4, 8, 16)  # frames between key frames
KEY_FRAME_BYTES = (0, 300, 1000, 3000)  # of 854x480 pixels; 0: the original
MOST_SPANS = 3  # of a clip and gap, evenly spaced


class Motion:
    """Motion compensation without a network."""

    name = "dis"

    def __init__(self) -> None:
        self._cv2 = require("cv2")
        self._cv2.setNumThreads(1)
        self._dis = self._cv2.DISOpticalFlow_create(self._cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Sequence[float]) -> Iterator[Pixels]:
        """As `contracts.Interpolator` has it."""
        grey = [self._cv2.cvtColor(frame, self._cv2.COLOR_RGB2GRAY) for frame in (first_HWC, last_HWC)]
        forth, back = self._dis.calc(*grey, None), self._dis.calc(*grey[::-1], None)
        for t in times:
            to_first = -(1 - t) * t * forth + t * t * back
            to_last = (1 - t) ** 2 * forth - t * (1 - t) * back
            yield faded(self._read(first_HWC, to_first), self._read(last_HWC, to_last), t)

    def _read(self, image_HWC: Pixels, flow: np.ndarray) -> Pixels:
        height, width = flow.shape[:2]
        col = flow[..., 0] + np.arange(width, dtype=np.float32)
        row = flow[..., 1] + np.arange(height, dtype=np.float32)[:, None]
        read: Pixels = self._cv2.remap(
            image_HWC, col, row, self._cv2.INTER_LINEAR, borderMode=self._cv2.BORDER_REPLICATE
        )
        return read


def frames_of(path: Path) -> list[Pixels]:
    """All frames of a clip, as they are."""
    reader = require("imageio_ffmpeg").read_frames(str(path))
    width, height = next(reader)["size"]
    return [np.frombuffer(frame, np.uint8).reshape(height, width, 3) for frame in reader]


def spans(num_frames: int, gap: int) -> list[int]:
    """The first frames of the spans that are measured."""
    last = num_frames - 1 - gap
    return sorted({round(last * n / max(1, MOST_SPANS - 1)) for n in range(MOST_SPANS)}) if last >= 0 else []


def painted(frame_HWC: Pixels, num_bytes: int) -> Pixels:
    """A key frame as it is decoded; the original for 0 bytes."""
    if not num_bytes:
        return frame_HWC
    return semcodec.decode(semcodec.encode(frame_HWC, bytes=num_bytes).data)


def methods_for(models: Models, num_bytes: int, num_pixels: int) -> list[tuple[str, Interpolator]]:
    """By name; the network once as it was trained, and once tuned to such key frames."""
    found: list[tuple[str, Interpolator]] = [("fade", Fade()), ("motion", Compensated()), ("dis", Motion())]
    if models.name_of("interpolator") is not None:
        found.append(("network", models.interpolator()))
        tuned = models.interpolator(8 * num_bytes / num_pixels) if num_bytes else None
        if tuned is not None:
            found.append(("tuned", tuned))
    return found


def measured(clips: Iterable[Path], models: Models, lpips: Lpips, key_frame_bytes: Sequence[int]) -> Means:
    """Means by bytes of key frames, gap and method: psnr_db, lpips, seconds a frame, frames."""
    told: dict[tuple[int, int, str], list[tuple[float, float, float]]] = defaultdict(list)
    for path in clips:
        frames = frames_of(path)

        def features(image_HWC: Pixels) -> list[np.ndarray]:
            return lpips.features((image_HWC.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None])

        for num_bytes in key_frame_bytes:
            methods = methods_for(models, num_bytes, frames[0].shape[0] * frames[0].shape[1])
            for gap in GAPS:
                for begin in spans(len(frames), gap):
                    keys = [painted(frames[at], num_bytes) for at in (begin, begin + gap)]
                    times = [0.25, 0.5]
                    wanted = [frames[begin + round(gap * t)] for t in times]
                    seen = [features(frame) for frame in wanted]
                    for name, method in methods:
                        began = time.process_time()
                        shown = list(method.between(keys[0], keys[1], times))
                        seconds = (time.process_time() - began) / len(times)
                        told[num_bytes, gap, name] += [
                            (psnr_db(frame, want), lpips.distance(features(frame), saw), seconds)
                            for frame, want, saw in zip(shown, wanted, seen, strict=True)
                        ]
        print(path.name, flush=True)
    found: Means = defaultdict(lambda: defaultdict(dict))
    for (num_bytes, gap, name), rows in told.items():
        psnr, distance, seconds = np.mean(rows, axis=0)
        found[str(num_bytes)][str(gap)][name] = {
            "psnr_db": round(float(psnr), 2),
            "lpips": round(float(distance), 4),
            "seconds": round(float(seconds), 3),
            "frames": len(rows),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clips", type=Path, required=True, help="a folder of MP4 clips")
    parser.add_argument("--lpips", type=Path, required=True)
    parser.add_argument("--interpolator", default=EMBEDDED, help="another one: its name, or its folder")
    parser.add_argument("--bytes", default=",".join(map(str, KEY_FRAME_BYTES)), help="of key frames; 0: the originals")
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    models = Models(ModelSettings(interpolator=args.interpolator, threads=1))
    found = measured(
        sorted(args.clips.glob("*.mp4")), models, Lpips(args.lpips), tuple(map(int, args.bytes.split(",")))
    )
    package = models.package("interpolator")
    said = {"interpolator": None if package is None else package.identity, "means": found}
    args.out.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
    for num_bytes, gaps in found.items():
        for gap, methods in gaps.items():
            print(
                num_bytes, gap, {name: (row["psnr_db"], row["lpips"], row["seconds"]) for name, row in methods.items()}
            )


if __name__ == "__main__":
    main()

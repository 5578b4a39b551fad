"""Whether memory grows with a clip's length, and what a minute of clip takes: `semcodec clip encode` and `decode`.

    python benchmarks/long_clips.py --clips FOLDER [--photos FOLDER] [--size 320x180] [--minutes 1,10,60] [--effort 1]
        [--play 5]

What is seen are the first seconds of the folder's clips, one after the other, and where photographs are given, a view
that moves across one of them after each; at one size and 24 frames a second. After ten minutes it begins again (its
packets are copied). Each command runs in a process of its own; seconds are the processor's.
A line of each length goes into `results/long_clips.json` as soon as it is measured, and lines that are there are not
measured again; the table in docs/clips.md is made of them. Decoding is measured without the restorer, whose time a
frame is in `results/video`, and with it where `--restored` says so; of the first minutes alone with `--play`. Needs the
extra `video`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from PIL import Image

from semcodec.clips.options import DEFAULT_BPP
from semcodec.evaluation.marks import write_between_marks
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Size
from semcodec.video.opening import open_footage
from semcodec.video.writing import Mp4Writer

if TYPE_CHECKING:
    from semcodec.types import Pixels

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "long_clips.json"
PAGE = ROOT / "docs" / "clips.md"
BEGIN, END = "<!-- long-clips: made by benchmarks/long_clips.py -->\n", "<!-- /long-clips -->\n"
RATE, SECONDS_OF_EACH = 24, 3
MOST_MINUTES = 10  # until it begins again

# Runs a command line as `semcodec` does, then says how much memory the process had at its largest.
COMMAND = """
import sys
from semcodec.cli import main
code = main()
sys.stderr.write(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(code)
"""

# Plays the first frames of a clip into an MP4, without the restorer: clip, MP4, how many.
PLAY = """
import itertools, sys
from pathlib import Path
from semcodec import clips
playing = clips.decode(Path(sys.argv[1]), restore=False)
clips.save(itertools.islice(playing.frames(), int(sys.argv[3])), sys.argv[2], playing.size, playing.rate)
sys.stderr.write(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def frames_of(folder: Path, photos: Path | None, size: Size) -> Iterator[Pixels]:
    """The first seconds of each clip, without an end; between two, a view of the next photograph."""
    videos = sorted(path for path in folder.iterdir() if path.suffix in (".mp4", ".mkv"))
    pictures = itertools.cycle(sorted(photos.iterdir()) if photos else ())
    for path in itertools.cycle(videos):
        for _, image_HWC in itertools.islice(open_footage(path, DEFAULT_LIMITS).frames(size), SECONDS_OF_EACH * RATE):
            yield image_HWC
        for photo in itertools.islice(pictures, 1):
            yield from views_of(photo, size)


def views_of(photo: Path, size: Size) -> Iterator[Pixels]:
    """From its upper left corner, two thirds as wide or high as it is, to its lower right one."""
    with Image.open(photo) as opened:
        picture = opened.convert("RGB")
    shrink = min(picture.width / size.width_px, picture.height / size.height_px) * 2 / 3
    width, height = shrink * size.width_px, shrink * size.height_px
    for number in range(SECONDS_OF_EACH * RATE):
        share = number / (SECONDS_OF_EACH * RATE)
        left, top = share * (picture.width - width), share * (picture.height - height)
        view = picture.resize((size.width_px, size.height_px), box=(left, top, left + width, top + height))
        yield np.asarray(view)


def write_stretch(frames: Iterator[Pixels], size: Size, minutes: float, path: str) -> None:
    with Mp4Writer(path, size, Fraction(RATE), crf=23) as writer:
        for image_HWC in itertools.islice(frames, round(minutes * 60 * RATE)):
            writer.add(image_HWC)


def repeat(stretch: str, minutes: float, path: str) -> None:
    """So many minutes of it, packet by packet."""
    left, offset = round(minutes * 60 * RATE), 0
    with av.open(path, "w") as out:
        stream: Any = None
        while left > 0:
            with av.open(stretch) as read:
                source = read.streams.video[0]
                stream = stream or out.add_stream_from_template(source)
                for packet in itertools.islice(read.demux(source), left):
                    if packet.dts is None:
                        continue
                    packet.pts, packet.dts, packet.stream = packet.pts + offset, packet.dts + offset, stream
                    out.mux(packet)
                left -= source.frames
                offset += source.duration


def measured(arguments: Sequence[str], minutes: float, *, program: str = COMMAND) -> dict[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak_kB = int(re.findall(r"VmHWM:\s+(\d+) kB", done.stderr)[0])
    return {"s_per_minute": round(seconds / minutes, 1), "peak_MB": round(peak_kB * 1024 / 1e6)}


def one_length(
    frames: Iterator[Pixels], size: Size, minutes: float, effort: int, *, restored: bool, play: float | None
) -> dict[str, Any]:
    num_frames = round(minutes * 60 * RATE)
    with tempfile.TemporaryDirectory() as work:
        names = ("stretch.mp4", "long.mp4", "long.semv", "shown.mp4")
        stretch, video, clip, shown = (str(Path(work) / name) for name in names)
        write_stretch(frames, size, min(minutes, MOST_MINUTES), stretch)
        repeat(stretch, minutes, video)
        found: dict[str, Any] = {"size": str(size), "minutes": minutes, "effort": effort, "frames": num_frames}
        found["encode"] = measured(["clip", "encode", video, clip, "--effort", str(effort)], minutes)
        found["bytes"] = Path(clip).stat().st_size
        print(json.dumps(found), flush=True)
        if play is not None and play < minutes:
            found["played_minutes"] = play
            found["decode"] = measured([clip, shown, str(round(play * 60 * RATE))], play, program=PLAY)
        else:
            found["decode"] = measured(["clip", "decode", clip, shown, "--no-restore"], minutes)
        if restored:
            found["decode_restored"] = measured(["clip", "decode", clip, shown, "--overwrite"], minutes)
    return found


def table(lines: Sequence[dict[str, Any]]) -> str:
    """The lines for people: memory beside length."""
    text = "| size | minutes | effort | encode: MB | s of a core a minute | of the budget | decode: MB | s of a core a "
    text += "minute |\n|---|---|---|---|---|---|---|---|\n"
    for line in sorted(lines, key=lambda one: (int(one["size"].split("x")[0]), one["effort"], one["minutes"])):
        width, height = map(int, line["size"].split("x"))
        share = line["bytes"] / (DEFAULT_BPP * width * height * line["frames"] / 8)
        encode = f"{line['encode']['peak_MB']} | {line['encode']['s_per_minute']:g} | {100 * share:.1f} %"
        decode = f"{line['decode']['peak_MB']} | {line['decode']['s_per_minute']:g}"
        if "decode_restored" in line:
            decode = (
                f"{line['decode']['peak_MB']}, restored {line['decode_restored']['peak_MB']} | "
                f"{line['decode']['s_per_minute']:g}, restored {line['decode_restored']['s_per_minute']:g}"
            )
        if "played_minutes" in line:
            decode += f" (its first {line['played_minutes']:g})"
        text += f"| {line['size']} | {line['minutes']:g} | {line['effort']} | {encode} | {decode} |\n"
    return text


def write_page(lines: Sequence[dict[str, Any]]) -> None:
    write_between_marks(PAGE, BEGIN, END, table(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--photos", type=Path, help="a folder of photographs")
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--minutes", default="1,10,60")
    parser.add_argument("--effort", type=int, default=5)
    parser.add_argument("--restored", action="store_true", help="measure decoding with the restorer, too")
    parser.add_argument("--play", type=float, help="decode so many minutes of each at most")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    size = Size(*map(int, given.size.split("x")))
    lines = json.loads(given.out.read_text()) if given.out.exists() else []
    for minutes in map(float, given.minutes.split(",")):
        wanted = (str(size), minutes, given.effort)
        if any((line["size"], line["minutes"], line["effort"]) == wanted for line in lines):
            continue
        lines.append(
            one_length(
                frames_of(given.clips, given.photos, size),
                size,
                minutes,
                given.effort,
                restored=given.restored,
                play=given.play,
            )
        )
        print(json.dumps(lines[-1]), flush=True)
        given.out.write_text(json.dumps(lines, indent=1) + "\n")
    if given.out == RESULTS:
        write_page(lines)


if __name__ == "__main__":
    main()

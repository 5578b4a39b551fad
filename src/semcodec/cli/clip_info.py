"""`semcodec clip info`: what clips say of themselves. Loads neither numpy nor a network.

The keys of `--json` are promised: they are added to, never renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from semcodec.cli.clip_json import motion_object
from semcodec.cli.exits import ExitCode, counted, printable, say, sentence
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.paths import no_empty_names
from semcodec.cli.streams import input_name, put, put_json, read_input
from semcodec.errors import SemcodecError
from semcodec.metadata.objects import words_object

if TYPE_CHECKING:
    from semcodec.file.clips import Camera
    from semcodec.file.clips.inspecting import ClipInfo, KeyInfo, ShotInfo


def info(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Clips to describe; - is stdin.", callback=no_empty_names)
    ],
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object; for several files, a list of them in their order.")
    ] = False,
    max_pixels: MaxPixels = None,
) -> None:
    """Tell what clips hold: words of each shot, key frames, bytes. No network is loaded."""
    from semcodec.file.clips.inspecting import info as clip_info

    limits, worst = chosen_limits(max_pixels), ExitCode.OK
    objects: list[dict[str, Any]] = []
    for path in files:
        name = input_name(path)
        try:
            found = clip_info(read_input(path), limits=limits)
        except (SemcodecError, OSError) as exc:
            objects.append({"file": name, "error": sentence(name, exc)})
            say(sentence(name, exc))
            worst = ExitCode.FAILURE
            continue
        objects.append({"file": name, "error": None, **clip_object(found)})
        if not json:
            put("\n".join(printable(line) for line in clip_lines(name, found)) + "\n")
    if json:
        put_json(objects[0] if len(files) == 1 else objects)
    raise typer.Exit(worst)


def clip_lines(name: str, info: ClipInfo) -> list[str]:
    """What is shown of a clip."""
    seconds = info.num_frames * info.rate[1] / info.rate[0]
    rate = f"{info.rate[0] / info.rate[1]:.6g} a second"
    lines = [name, f"  video    {info.size}, {counted(info.num_frames, 'frame')}, {rate}, {seconds:.2f} s"]
    pixels = info.size.width_px * info.size.height_px * info.num_frames
    kbps, bpp = 8 * info.num_bytes / seconds / 1000, 8 * info.num_bytes / pixels
    lines.append(f"  size     {info.num_bytes} bytes, {kbps:.3g} kbit/s, {bpp:.4f} bits per pixel")
    for number, shot in enumerate(info.shots, 1):
        lines += _shot_lines(number, shot)
    for base in info.base_clips:
        num_bytes = sum(map(len, base.units))
        lines.append(
            f"  base     {_frames(base.first, base.last)}, {counted(len(base.units), 'picture')} of {base.coded}, "
            f"{num_bytes} bytes"
        )
    return [*lines, *(f"  warning  {warning}" for warning in info.warnings)]


def _shot_lines(number: int, shot: ShotInfo) -> list[str]:
    lines = [f"  shot {number}   {_frames(shot.first, shot.last)}"]
    said: str | None = None
    for key in shot.keys:
        words = _words_of(key)
        told = "" if words is None or words == said else f' "{words}"'
        said = words or said
        lines.append(f"    key    {key.frame}: {key.num_bytes} bytes{told}")
    for motion in shot.motions:
        told = "" if motion.words is None else f' "{motion.words.text}"'
        camera = "" if motion.camera is None else _camera(motion.camera)
        if told or camera:
            lines.append(f"    motion {motion.first}-{motion.last}:{told}{camera}")
    return lines


def _frames(first: int, last: int) -> str:
    return f"frames {first}-{last}" if last > first else f"frame {first}"


def _words_of(key: KeyInfo) -> str | None:
    return None if key.still is None or key.still.words is None else key.still.words.text


def _camera(camera: Camera) -> str:
    parts = (
        (camera.pan_x, f"moves {camera.pan_x / 40.96:+.0f} % across"),
        (camera.pan_y, f"{camera.pan_y / 40.96:+.0f} % down"),
        (camera.zoom, f"zoom {2 ** (camera.zoom / 4096):.2f}"),
        (camera.turn, f"turn {camera.turn / 65536 * 360:+.1f} degrees"),
    )
    told = [text for number, text in parts if number]
    return f" ({', '.join(told)})" if told else ""


def clip_object(info: ClipInfo) -> dict[str, Any]:
    """The same, for machines."""
    pixels = info.size.width_px * info.size.height_px * info.num_frames
    return {
        "bytes": info.num_bytes,
        "bits_per_pixel": 8 * info.num_bytes / pixels,
        "width_px": info.size.width_px,
        "height_px": info.size.height_px,
        "rate": list(info.rate),
        "num_frames": info.num_frames,
        "seconds": info.num_frames * info.rate[1] / info.rate[0],
        "shots": [
            {
                "first": shot.first,
                "last": shot.last,
                "key_frames": [_key_object(key) for key in shot.keys],
                "motions": [motion_object(motion) for motion in shot.motions],
            }
            for shot in info.shots
        ],
        "base_clips": [
            {
                "first": base.first,
                "last": base.last,
                "every": base.every,
                "pictures": base.num_frames,
                "there": len(base.units),
                "coding": base.coding,
                "width_px": base.coded.width_px,
                "height_px": base.coded.height_px,
                "bytes": sum(map(len, base.units)),
            }
            for base in info.base_clips
        ],
        "warnings": list(info.warnings),
    }


def _key_object(key: KeyInfo) -> dict[str, Any]:
    words = None if key.still is None else key.still.words
    return {
        "frame": key.frame,
        "bytes": key.num_bytes,
        "words": None if words is None else words_object(words),
        "layers": [] if key.still is None else [layer.name for layer in key.still.layers],
    }

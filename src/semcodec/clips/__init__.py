"""Clips: video to .semv files and back.

    clip = semcodec.clips.encode(Path("in.mp4"), bytes=20_000)
    with semcodec.clips.decode(clip.data) as playing:
        for shown in playing.frames():
            shown.image_HWC

Names are imported when they are first used: reading what a clip says takes neither numpy nor a network.
"""

from __future__ import annotations

import importlib

from semcodec.forks import import_together

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from semcodec.clips.decoding import Made, Playing, Shown, decode
    from semcodec.clips.encoding import encode, encode_with
    from semcodec.clips.filling import EncodedClip
    from semcodec.clips.options import ClipOptions, PlayOptions
    from semcodec.clips.saving import save
    from semcodec.file.clips import Camera, Clip
    from semcodec.file.clips.inspecting import ClipInfo, ShotInfo, info
    from semcodec.file.clips.reading import read_clip as read
    from semcodec.opening import open_clip_painter as open_painter

_HOMES = {
    "semcodec.clips.decoding": "Made Playing Shown decode",
    "semcodec.clips.encoding": "encode encode_with",
    "semcodec.clips.filling": "EncodedClip",
    "semcodec.clips.options": "ClipOptions PlayOptions",
    "semcodec.clips.saving": "save",
    "semcodec.file.clips": "Camera Clip",
    "semcodec.file.clips.inspecting": "ClipInfo ShotInfo info",
    "semcodec.file.clips.reading": "read",
    "semcodec.opening": "open_painter",
}
# What has another name where it is at home: there it stands beside the same of stills.
_NAMES_THERE = {"open_painter": "open_clip_painter", "read": "read_clip"}

__all__ = [
    "Camera",
    "Clip",
    "ClipInfo",
    "ClipOptions",
    "EncodedClip",
    "Made",
    "PlayOptions",
    "Playing",
    "ShotInfo",
    "Shown",
    "decode",
    "encode",
    "encode_with",
    "info",
    "open_painter",
    "read",
    "save",
]


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names.split():
            import_together(home)
            return getattr(importlib.import_module(home), _NAMES_THERE.get(name, name))
    raise AttributeError(f"module 'semcodec.clips' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

"""What `semcodec scene` prints of a clip: everything that it says, for machines. Loads no network.

The form is the one that `conformance/README.md` describes; keys are added to, never renamed.
"""

from __future__ import annotations

import hashlib
from typing import Any

from semcodec.errors import FormatError, LimitError
from semcodec.file.clips import BaseClip, Clip, Motion
from semcodec.file.clips.reading import read_clip
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.objects import words_object

# What nothing can be said of: the header is unreadable, or the clip asks for more than the limits allow.
_NOTHING: dict[str, Any] = {
    "width_px": None,
    "height_px": None,
    "rate": None,
    "num_frames": None,
    "key_frames": [],
    "motions": [],
    "shots": [],
    "base_clips": [],
    "skipped": 0,
}
CAMERA = ("pan_x", "pan_y", "zoom", "turn")


def clip_scene_of(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> dict[str, Any]:
    """What a clip says and what is wrong with it, in lists, numbers and strings. Raises nothing for its content."""
    try:
        clip = read_clip(data, limits=limits)
    except (FormatError, LimitError) as refusal:
        return {**_NOTHING, "problems": [_problem(refusal)]}
    return {**_said(clip), "problems": [_problem(problem) for problem in clip.problems]}


def _said(clip: Clip) -> dict[str, Any]:
    return {
        "width_px": clip.header.size.width_px,
        "height_px": clip.header.size.height_px,
        "rate": list(clip.header.rate),
        "num_frames": clip.header.num_frames,
        "key_frames": [{"frame": key.frame, **_bytes(key.still)} for key in clip.key_frames],
        "motions": [motion_object(motion) for motion in clip.motions],
        "shots": [shot.frame for shot in clip.shots],
        "base_clips": [_base_clip(base) for base in clip.base_clips],
        "skipped": clip.others,
    }


def motion_object(motion: Motion) -> dict[str, Any]:
    """A motion record, for machines."""
    camera = motion.camera
    return {
        "first": motion.first,
        "last": motion.last,
        "blend": motion.blend.name.lower(),
        "camera": None if camera is None else {name: getattr(camera, name) for name in CAMERA},
        "words": None if motion.words is None else words_object(motion.words),
    }


def _base_clip(base: BaseClip) -> dict[str, Any]:
    return {
        "first": base.first,
        "pictures": base.num_frames,
        "every": base.every,
        "coding": base.coding,
        "width_px": base.coded.width_px,
        "height_px": base.coded.height_px,
        "tools": base.tools.hex(),
        "units": [_bytes(unit) for unit in base.units],
    }


def _bytes(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _problem(problem: FormatError | LimitError) -> dict[str, Any]:
    return {"error": type(problem).__name__, "offset": problem.offset, "message": str(problem)}

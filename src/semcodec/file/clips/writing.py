"""Records of a clip to its bytes. Encoder only.

```text
 key frame     varint frame; a still file
 motion        varint first; varint last - first - 1; flags; the camera's four numbers, signed varints, where the flags
               say so; the words: number of their table, payload, where the flags say so
 shot          varint frame
 base clip     varint first, frames - 1, every - 1; coding byte; varint coded width - 1, height - 1; varint length of
               the tools, tools; units, each its length as a varint and its bytes
```
"""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.container.clips import ClipHeader, Record
from semcodec.container.clips.encode import pack_clip_header, pack_record, signed
from semcodec.container.encode import varint_bytes
from semcodec.file.clips import BaseClip, KeyFrame, Motion, Shot
from semcodec.ids import Blend, RecordId
from semcodec.layers.text.encode import pack_words
from semcodec.limits import DEFAULT_LIMITS

_BLEND_SHIFT, _HAS_CAMERA, _HAS_WORDS = 2, 1, 2

Part = KeyFrame | Motion | Shot | BaseClip


def pack_clip(header: ClipHeader, parts: Sequence[Part], *, max_chars: int = DEFAULT_LIMITS.max_caption_chars) -> bytes:
    """The file, its records in the order given. There is at least one. Raises `CaptionError`."""
    records = [record_of(part, max_chars=max_chars) for part in parts]
    assert records, "a clip has at least one record"
    packed = (pack_record(record, is_last=at == len(records) - 1) for at, record in enumerate(records))
    return pack_clip_header(header) + b"".join(packed)


def record_of(part: Part, *, max_chars: int = DEFAULT_LIMITS.max_caption_chars) -> Record:
    """Raises `CaptionError` for words that cannot be stored."""
    match part:
        case KeyFrame():
            return Record(RecordId.KEY_FRAME, varint_bytes(part.frame) + part.still)
        case Motion():
            return Record(RecordId.MOTION, _motion(part, max_chars))
        case Shot():
            return Record(RecordId.SHOT, varint_bytes(part.frame))
        case BaseClip():
            return Record(RecordId.BASE_CLIP, _base_clip(part))


def _motion(motion: Motion, max_chars: int) -> bytes:
    has_camera, has_words = motion.camera is not None, motion.words is not None
    flags = Blend(motion.blend) << _BLEND_SHIFT | has_camera * _HAS_CAMERA | has_words * _HAS_WORDS
    data = varint_bytes(motion.first) + varint_bytes(motion.last - motion.first - 1) + bytes([flags])
    if motion.camera is not None:
        camera = motion.camera
        numbers = (camera.pan_x, camera.pan_y, camera.zoom, camera.turn)
        data += b"".join(varint_bytes(signed(number)) for number in numbers)
    if motion.words is not None:
        section = pack_words(motion.words, max_chars=max_chars)
        data += bytes([section.model]) + section.payload
    return data


def _base_clip(base: BaseClip) -> bytes:
    sides = (base.coded.width_px - 1, base.coded.height_px - 1)
    head = b"".join(map(varint_bytes, (base.first, base.num_frames - 1, base.every - 1)))
    head += bytes([base.coding]) + b"".join(map(varint_bytes, sides))
    units = b"".join(varint_bytes(len(unit)) + unit for unit in base.units)
    return head + varint_bytes(len(base.tools)) + base.tools + units

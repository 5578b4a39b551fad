"""The painter hint: which painter the encoder tried, and the best of its seeds. A section of 4 bytes and a few.

```text
 model byte    number of the painter in `ids.PAINTERS`; 0: its name is spelled out
 payload       revision      28 bits   first 7 hex digits of the commit; 0: not said
               seed bits      4 bits   n: 2^n seeds were tried
               seed           n bits   the best of them, then zero bits up to a whole byte
               name          ASCII     only for model byte 0: 1 to 96 of A-Z a-z 0-9 . _ / -, to the end of the section
```

Only a hint: nothing in it is needed to show the picture, and nothing is ever fetched or run because of it.
"""

from __future__ import annotations

from dataclasses import replace

from semcodec.errors import FormatError
from semcodec.ids import LAYER_NAMES, PAINTER_SPELLED_OUT, PAINTERS, LayerId
from semcodec.limits import Limits
from semcodec.types import FileHeader, PainterHint, Scene, Section

MAX_NAME_CHARS = 96
MAX_SEED_BITS = 15
_HEAD_BYTES = 4
_REVISION_DIGITS = 7
_NAME_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-")


class HintLayer:
    """Satisfies `contracts.Layer`."""

    id = LayerId.PAINTER
    name = LAYER_NAMES[LayerId.PAINTER]

    def pack(self, scene: Scene, header: FileHeader) -> Section | None:
        """Raises ValueError for a hint that cannot be written: its name, its revision, or more than 2^15 tries."""
        hint = scene.painter
        if hint is None:
            return None
        if not is_name(hint.name):
            raise ValueError(f"{hint.name!r} cannot stand in a file as a painter's name: 1 to 96 of A-Za-z0-9._/-")
        seed_bits = (hint.num_tries - 1).bit_length()
        if not (1 <= hint.num_tries and seed_bits <= MAX_SEED_BITS and 0 <= hint.seed < hint.num_tries):
            raise ValueError(f"seed {hint.seed} of {hint.num_tries} tries: up to 2^15 tries can be written")
        revision = int(hint.revision[:_REVISION_DIGITS].ljust(_REVISION_DIGITS, "0"), 16) if hint.revision else 0
        padding = -seed_bits % 8
        bits = (revision << 4 | seed_bits) << (seed_bits + padding) | hint.seed << padding
        payload = bits.to_bytes(_HEAD_BYTES + ((seed_bits + padding) >> 3), "big")
        model = PAINTERS.index(hint.name) if hint.name in PAINTERS else PAINTER_SPELLED_OUT
        if model == PAINTER_SPELLED_OUT:
            payload += hint.name.encode("ascii")
        return Section(self.id, model, payload)

    def unpack(
        self, section: Section, header: FileHeader, scene: Scene, limits: Limits
    ) -> tuple[Scene, FormatError | None]:
        """A painter that `ids.PAINTERS` does not have yet is no hint and no problem: newer writers know more."""
        if section.cut_short:
            return scene, None  # the frame says so already
        if section.model >= len(PAINTERS):
            return scene, None
        try:
            return replace(scene, painter=_read(section)), None
        except FormatError as problem:
            return scene, problem


def is_name(text: str) -> bool:
    """Whether a name can stand in a hint: shown to people and matched, so of few and harmless characters."""
    return 1 <= len(text) <= MAX_NAME_CHARS and _NAME_CHARS.issuperset(text)


def as_name(text: str) -> str:
    """A name that can stand in a hint, out of any: what is not allowed becomes "-", what is too long is cut."""
    return "".join(char if char in _NAME_CHARS else "-" for char in text[:MAX_NAME_CHARS]) or "-"


def _read(section: Section) -> PainterHint:
    payload, where = section.payload, f"the painter hint at offset {section.offset}"

    def bad(what: str, at: int) -> FormatError:
        offset = section.offset + at
        return FormatError(f"{where} {what} (offset {offset}); the picture does not need it", offset=offset)

    head = int.from_bytes(payload[:_HEAD_BYTES], "big")
    seed_bits = head & 15
    end = _HEAD_BYTES + ((seed_bits + 7) >> 3)
    if section.open_end:
        raise bad("is marked as cut, which no hint is", 0)
    if len(payload) < end:
        raise bad(f"has {len(payload)} bytes of {max(end, _HEAD_BYTES)} or more", len(payload))
    padded = int.from_bytes(payload[_HEAD_BYTES:end], "big")
    if padded & ((1 << (-seed_bits % 8)) - 1):
        raise bad("has bits set behind its seed", end - 1)
    spelled = payload[end:].decode("latin-1")
    if section.model == PAINTER_SPELLED_OUT:
        if not is_name(spelled):
            raise bad(f"has no name of 1 to {MAX_NAME_CHARS} letters, digits or . _ / -", end)
        if spelled in PAINTERS:
            raise bad(f"spells out painter {PAINTERS.index(spelled)}, which has this number", end)
    elif spelled:
        raise bad("goes on behind its end", end)
    name = spelled if section.model == PAINTER_SPELLED_OUT else PAINTERS[section.model]
    revision = head >> 4
    seed = padded >> (-seed_bits % 8)
    return PainterHint(name, f"{revision:07x}" if revision else "", seed, 1 << seed_bits)

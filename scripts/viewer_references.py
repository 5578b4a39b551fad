"""What the viewer's tests compare with: small pictures as this package paints them, packets and what they say.

    python scripts/viewer_references.py

Run it after a change of a decoder, the restorer or the format; `git diff` shows what became different.
"""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

import semcodec
from semcodec.options import PaintOptions
from semcodec.painting import paint
from semcodec.types import MISSING

ROOT = Path(__file__).resolve().parents[1]
TO = ROOT / "viewer" / "test" / "data"
PAINTED = ("open-end-tokens", "odd", "step-6", "pixels-enlarged", "pixels-open-end", "words-and-base")
RESTORED = ("odd", "words-and-base")
TRANSPARENT = ("smaller-alpha", "boxes")
COUNTED = ("words-and-base", "odd", "open-end-tokens", "step-6", "pixels-open-end", "words-tokens-and-base")
# file, bytes a packet, packets that are lost
SPLIT = (
    ("open-end-regions", 51, (3, 7)),
    ("words-tokens-and-base", 40, ()),
    ("boxes", 60, (2,)),
)


def main() -> None:
    TO.mkdir(parents=True, exist_ok=True)
    for name in PAINTED:
        _save(f"{name}.png", _good(name), restore=False)
    for name in RESTORED:
        _save(f"{name}.restored.png", _good(name), restore=True)
    for name in TRANSPARENT:
        image_HWA = semcodec.decode(_good(name), restore=False, alpha=True)
        Image.fromarray(image_HWA).save(TO / f"{name}.alpha.png", optimize=True)
    counted = {name: _counted(_good(name)) for name in COUNTED}
    (TO / "provenance.json").write_text(json.dumps(counted, indent=1) + "\n")
    said = {name: _split(name, mtu, lost) for name, mtu, lost in SPLIT}
    (TO / "packets.json").write_text(json.dumps(said, separators=(",", ":")) + "\n")


def _good(name: str) -> bytes:
    return (ROOT / "conformance" / "good" / f"{name}.semc").read_bytes()


def _save(name: str, data: bytes, *, restore: bool) -> None:
    reading = semcodec.read(data)
    image_HWC = semcodec.render(reading.scene, restore=restore)
    Image.fromarray(image_HWC).save(TO / name, optimize=True)


def _counted(data: bytes) -> dict[str, str]:
    """Which blocks were sent, as they are painted and as they are restored."""
    options = {"sent": PaintOptions(restore=False), "restored": PaintOptions()}
    return {name: paint(data, options=asked).provenance.runs for name, asked in options.items()}


def _split(name: str, mtu: int, lost: tuple[int, ...]) -> dict[str, object]:
    """The packets that arrive, in hexadecimal, and what they say."""
    packets = semcodec.split(_good(name), mtu=mtu)
    arrived = [packet for number, packet in enumerate(packets) if number not in lost]
    joined = semcodec.join(arrived)
    scene = joined.reading.scene
    return {
        "packets": [packet.hex() for packet in arrived],
        "missing": list(lost),
        "words": None if scene.words is None else scene.words.text,
        "regions": 0 if scene.regions is None else len(scene.regions.items),
        "base_bytes": None if scene.base is None else len(scene.base.frame),
        "boxes": sorted(name for name in ("alpha", "link", "exif", "xmp") if getattr(joined.reading.metadata, name)),
        "scales": [
            [[None if token[0] == MISSING else token for token in row] for row in digits.tolist()]
            for digits in (() if scene.tokens is None else scene.tokens.digits)
        ],
    }


if __name__ == "__main__":
    main()

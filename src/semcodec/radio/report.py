"""What is known of a picture that arrives, as JSON."""

from __future__ import annotations

from textwrap import shorten

from semcodec.errors import SemcodecError
from semcodec.file.inspecting import info
from semcodec.limits import Limits
from semcodec.radio.picture import Incoming, Shown

MOST_CHARS = 100  # of words in a sentence


def report_of(picture: Incoming, shown: Shown, limits: Limits) -> dict[str, object]:
    """`state` is "whole", "part" or "announced"; `matches` whether the file is the one that was announced."""
    envelope = picture.envelope
    state = "whole" if picture.is_whole else "part" if picture.packets else "announced"
    matches = envelope.is_of(shown.data) if envelope is not None and picture.is_whole and shown.data else None
    painting = shown.painting
    return {
        "file": f"{picture.key[1]:04x}",
        "sender": picture.key[0],
        "state": state,
        "announced": None if envelope is None else {"packets": envelope.num_packets, "bytes": envelope.num_bytes},
        "packets": {
            "arrived": len(picture.packets),
            "of": picture.num_packets,
            "missing": [list(each) for each in picture.missing],
        },
        "bytes": None if shown.data is None else len(shown.data),
        "matches": matches,
        **_said(shown.data if shown.data is not None else envelope.preview if envelope is not None else b"", limits),
        "shows": None if painting is None else "preview" if shown.from_preview else "picture",
        "provenance": None if painting is None else painting.provenance.sentence,
        "problem": shown.problem,
        "problems": [] if painting is None else [str(each) for each in painting.reading.problems],
    }


def sentence_of(picture: Incoming, shown: Shown) -> str:
    """For people: `3fa2: "Two macaws.", 768x512: 5 of 12 packets`."""
    said = [f"{picture.folder}:"]
    painting, envelope = shown.painting, picture.envelope
    words = painting.reading.scene.words if painting is not None else None
    if words is not None:
        said.append(f'"{shorten(words.text, MOST_CHARS, placeholder="…")}",')
    if painting is not None:
        said.append(f"{painting.reading.scene.size}:")
    if picture.is_whole:
        said.append(f"whole, {len(shown.data or b'')} bytes")
        if envelope is not None and shown.data is not None and not envelope.is_of(shown.data):
            said.append("(not the file that was announced: a packet is damaged, or a stranger's)")
    elif picture.packets:
        said.append(picture.so_far)
    elif envelope is not None:
        said.append(f"announced, {envelope.num_bytes} bytes in {envelope.num_packets} packets")
    if shown.problem is not None:
        said.append(f"- {shown.problem}")
    return " ".join(said)


def _said(data: bytes, limits: Limits) -> dict[str, object]:
    try:
        found = info(data, limits=limits)
    except SemcodecError:
        return {"size": None, "words": None}
    words = found.words
    said = None if words is None else {
        "text": words.text, "language": words.language, "origin": words.origin.name.lower()
    }  # fmt: skip
    return {"size": [found.size.width_px, found.size.height_px], "words": said}

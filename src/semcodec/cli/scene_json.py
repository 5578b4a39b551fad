"""What `semcodec scene` prints: everything that a file says, for machines. Loads no network.

The form is the one that `conformance/README.md` describes; keys are added to, never renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from typing import Any

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.streams import input_name, put, read_input
from semcodec.errors import FormatError, LimitError
from semcodec.ids import CLIP_MAGIC
from semcodec.layers.base.av1 import temporal_unit
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.objects import painter_object, regions_object, vector_object, words_object
from semcodec.types import MISSING, BasePicture, Metadata, PixelGrid, Reading, TokenPyramid

# What nothing can be said of: the header is unreadable, or the file asks for more than the limits allow.
_NOTHING: dict[str, Any] = {
    "width_px": None,
    "height_px": None,
    "working_width_px": None,
    "working_height_px": None,
    "words": None,
    "regions": None,
    "tokens": None,
    "base": None,
    "painter": None,
    "pixels": None,
    "boxes": {},
}


def show_scenes(paths: list[str], limits: Limits = DEFAULT_LIMITS) -> ExitCode:
    """One line of JSON for each file, in their order; the code is that of the worst of them."""
    worst = ExitCode.OK
    for path in paths:
        try:
            if os.path.isdir(path):
                scene = scene_of_packets(_packets_in(path), limits=limits)
            else:
                scene = _scene_of(read_input(path), limits)
        except OSError as exc:
            say(sentence(input_name(path), exc))
            worst = ExitCode.FAILURE
            continue
        put(json.dumps(scene, separators=(",", ":")) + "\n")  # ASCII alone, as in `put_json`
        if scene["width_px"] is None:
            worst = ExitCode.FAILURE
        elif (scene["problems"] or scene.get("packets", {}).get("missing")) and worst == ExitCode.OK:
            worst = ExitCode.DAMAGED
    return worst


def _scene_of(data: bytes, limits: Limits) -> dict[str, Any]:
    if not data.startswith(CLIP_MAGIC):
        return scene_of(data, limits=limits)
    from semcodec.cli.clip_json import clip_scene_of

    return clip_scene_of(data, limits=limits)


def _packets_in(folder: str) -> list[bytes]:
    """Of the files of a folder, in the order of their names, as much as a packet can have, and a byte more."""
    from semcodec.container.packets import MAX_PACKET_BYTES

    packets = []
    for name in sorted(os.listdir(folder)):
        if os.path.isfile(path := os.path.join(folder, name)) and not name.startswith("."):
            with open(path, "rb") as file:
                packets.append(file.read(MAX_PACKET_BYTES + 1))
    return packets


def scene_of_packets(packets: list[bytes], *, limits: Limits = DEFAULT_LIMITS) -> dict[str, Any]:
    """What packets say together, as `scene_of`, and what became of each of them. Raises nothing for their content."""
    from semcodec import join

    try:
        joined = join(packets, limits=limits)
    except (FormatError, LimitError) as refusal:
        return {**_NOTHING, "packets": {}, "problems": [_problem(refusal)]}
    return {
        **_said(joined.reading),
        "packets": {
            "file": f"{joined.file_id:04x}",
            "count": joined.num_packets,
            "missing": [list(gap) for gap in joined.missing],
            "repaired": list(joined.repaired),
            "fates": [verdict.fate.value for verdict in joined.verdicts],
        },
        "problems": [_problem(problem) for problem in (*joined.reading.problems, *joined.reading.metadata.problems)],
    }


def scene_of(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> dict[str, Any]:
    """The Scene of a file and what is wrong with it, in lists, numbers and strings. Raises nothing for its content."""
    from semcodec import read

    try:
        reading = read(data, limits=limits)
    except (FormatError, LimitError) as refusal:
        return {**_NOTHING, "problems": [_problem(refusal)]}
    return {
        **_said(reading),
        "problems": [_problem(problem) for problem in (*reading.problems, *reading.metadata.problems)],
    }


def _said(reading: Reading) -> dict[str, Any]:
    from semcodec.container.header import working_size

    scene, working = reading.scene, working_size(reading.header)
    return {
        "width_px": scene.size.width_px,
        "height_px": scene.size.height_px,
        "working_width_px": working.width_px,
        "working_height_px": working.height_px,
        "words": None if scene.words is None else words_object(scene.words),
        "regions": None if scene.regions is None else regions_object(scene.regions),
        "tokens": None if scene.tokens is None else _tokens(scene.tokens),
        "base": None if scene.base is None else _base(scene.base),
        "painter": None if scene.painter is None else painter_object(scene.painter),
        "pixels": None if scene.pixels is None else _pixels(scene.pixels),
        **({} if scene.vector is None else {"vector": vector_object(scene.vector)}),
        **({} if scene.structure is None else {"structure": _tokens(scene.structure)}),
        "boxes": dict(_boxes(reading.metadata)),
    }


def _tokens(pyramid: TokenPyramid) -> dict[str, Any]:
    """Per scale rows, per row tokens, a token its digits, or null where it is not in the file."""
    scales = [
        [[None if token[0] == MISSING else token for token in row] for row in digits.tolist()]
        for digits in pyramid.digits
    ]
    return {"family": pyramid.family, "scales": scales}


def _base(base: BasePicture) -> dict[str, Any]:
    """Its coded size, and the length and SHA-256 of the AV1 stream that is built of it."""
    stream = temporal_unit(base)
    return {
        "width_px": base.coded.width_px,
        "height_px": base.coded.height_px,
        "bytes": len(stream),
        "sha256": hashlib.sha256(stream).hexdigest(),
    }


def _pixels(grid: PixelGrid) -> dict[str, Any]:
    """Per row its cells, a cell its red, green and blue, or null where it is not in the file."""
    rows = [
        [colour if is_known else None for colour, is_known in zip(row, known, strict=True)]
        for row, known in zip(grid.colours_RKC.tolist(), grid.known_RK.tolist(), strict=True)
    ]
    return {"levels": grid.num_levels, "rows": rows}


def _boxes(metadata: Metadata) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the boxes hold, unpacked: a link whole, of the others length and SHA-256."""
    if metadata.link is not None:
        yield "link", {"sha256": metadata.link.sha256.hex(), "name": metadata.link.name}
    for name, content in (
        ("alpha", metadata.alpha),
        ("icc", metadata.icc_profile),
        ("exif", metadata.exif),
        ("xmp", metadata.xmp),
    ):
        if content is not None:
            yield name, {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _problem(problem: FormatError | LimitError) -> dict[str, Any]:
    return {"error": type(problem).__name__, "offset": problem.offset, "message": str(problem)}

"""Builds every file in conformance/ again, out of the shipped family, the photographs in examples/, and streams written
symbol by symbol.

    python scripts/conformance.py             writes conformance/good, conformance/malformed and the manifest
    python scripts/conformance.py FOLDER      the same, elsewhere

To be run after every change of the format, of a message, or of the family. What each file is *meant* to show (which
rules it breaks, and what a reader must say of it) stands in `conformance_files/` by hand, and the build stops where the
reader says otherwise; only then is what the reader said written down. To add a file, yield one more `Case` from the
chapter that it belongs to.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from conformance_files import CHAPTERS, CLIP_CHAPTERS, PACKET_CHAPTERS
from conformance_files.packets import Mask, PacketCase
from conformance_files.tools import (
    ROOT,
    UNKNOWN_FAMILIES,
    UNKNOWN_LAYERS,
    UNKNOWN_REGION_TABLE,
    UNKNOWN_TEXT_TABLE,
    Case,
    Kit,
)

from semcodec.cli.clip_json import clip_scene_of
from semcodec.cli.scene_json import scene_of, scene_of_packets
from semcodec.container.decode import read_file
from semcodec.errors import FormatError, LimitError
from semcodec.file.packets import join
from semcodec.ids import FAMILY_NAMES, FORMAT_VERSION, LAYER_NAMES
from semcodec.layers.shipped import REGION_TABLES, TEXT_TABLES
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Fate


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Build the conformance files again.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "conformance")
    options = parser.parse_args(arguments)
    print(f"{build(options.folder)} files in {options.folder}")
    return 0


def build(folder: Path) -> int:
    """Writes every file below `folder`, whose folders good/ and malformed/ are made anew. Returns how many."""
    assert not set(UNKNOWN_LAYERS) & set(LAYER_NAMES), "what stands for unknown layers has become known"
    assert not set(UNKNOWN_FAMILIES) & set(FAMILY_NAMES), "what stands for unknown families has become known"
    assert UNKNOWN_REGION_TABLE not in REGION_TABLES, "what stands for an unknown table has become known"
    assert UNKNOWN_TEXT_TABLE not in TEXT_TABLES, "what stands for an unknown table has become known"
    kit = Kit()
    cases = [(f"{part}/{case.name}", case) for part in CHAPTERS for chapter in CHAPTERS[part] for case in chapter(kit)]
    assert len(dict(cases)) == len(cases), "two files have one name"
    scenes = {name: scene_of(case.data) for name, case in cases}
    for name, case in cases:
        hold(name, case, scenes[name]["problems"])
    refuse_twins(scenes)
    for part in CHAPTERS:
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir(parents=True)
    for name, case in cases:
        (folder / f"{name}.semc").write_bytes(case.data)
        (folder / f"{name}.json").write_text(as_text(scenes[name]), "utf-8")
    packet_cases = [case for chapter in PACKET_CHAPTERS for case in chapter(kit)]
    said = {case.name: as_text(packets_object(case)) for case in packet_cases}
    assert len(said) == len(packet_cases), "two cases of packets have one name"
    shutil.rmtree(folder / "packets", ignore_errors=True)
    (folder / "packets").mkdir()
    for name, text in said.items():
        (folder / "packets" / f"{name}.json").write_text(text, "utf-8")
    packets = {
        f"packets/{case.name}": {
            "about": case.about,
            "musts": case.musts,
            "sha256": hashlib.sha256(said[case.name].encode()).hexdigest(),
        }
        for case in packet_cases
    }
    clips = build_clips(kit, folder)
    whole = manifest(kit, dict(cases)) | {"packets": packets, "clips": clips}
    (folder / "manifest.json").write_text(as_text(whole), "utf-8")
    return len(cases) + len(packet_cases) + len(clips)


def build_clips(kit: Kit, folder: Path) -> dict[str, Any]:
    """Writes the files of clips; returns what the manifest says of them."""
    cases = {f"clips/{case.name}": case for chapter in CLIP_CHAPTERS for case in chapter(kit)}
    scenes = {name: clip_scene_of(case.data) for name, case in cases.items()}
    shutil.rmtree(folder / "clips", ignore_errors=True)
    (folder / "clips").mkdir()
    for name, case in cases.items():
        hold(name, case, scenes[name]["problems"])
        (folder / f"{name}.semv").write_bytes(case.data)
        (folder / f"{name}.json").write_text(as_text(scenes[name]), "utf-8")
    refuse_twins(scenes)
    return {
        name: {"about": case.about, "musts": case.musts, "sha256": hashlib.sha256(case.data).hexdigest()}
        for name, case in cases.items()
    }


def packets_object(case: PacketCase) -> dict[str, Any]:
    """A case of packets as its file has it: what is sent, all tokens, and for each mask the Scene; of its tokens only
    which ones are there, row by row.
    """
    tokens, masks = None, []
    for mask in case.masks:
        arrived = [case.packets[at] for at in mask.arrived]
        scene = scene_of_packets(arrived)
        hold(f"packets/{case.name} ({mask.about})", mask, scene["problems"])
        if scene["packets"]:
            hold_fates(case, mask, scene["packets"])
        if scene["tokens"] is not None:
            tokens = scene["tokens"] if tokens is None else tokens
            scene["tokens"] = {"family": scene["tokens"]["family"], "there": there_of(scene["tokens"], tokens)}
        masks.append({"about": mask.about, "arrived": list(mask.arrived), "scene": scene})
    return {
        "about": case.about,
        "musts": list(case.musts),
        "packets": [packet_text(packet) for packet in case.packets],
        "tokens": tokens,
        "masks": masks,
    }


def hold_fates(case: PacketCase, mask: Mask, said: dict[str, Any]) -> None:
    """Holds what became of each packet, and what is missing, to what the mask was made for."""
    name = f"packets/{case.name} ({mask.about})"
    missing = [number for first, last in said["missing"] for number in range(first, last + 1)]
    assert missing == list(mask.missing), f"{name}: {missing} are missing, not {list(mask.missing)}"
    verdicts = join([case.packets[at] for at in mask.arrived]).verdicts
    reasons = dict(mask.left_out)
    for at, verdict in enumerate(verdicts):
        if at in reasons:
            assert reasons[at] in verdict.reason, f"{name}: packet {at} is {verdict}, meant to be: {reasons[at]}"
        else:
            assert verdict.fate in (Fate.USED, Fate.SPARE), f"{name}: packet {at} is {verdict}, meant to be used"


def there_of(part: dict[str, Any], whole: dict[str, Any]) -> list[list[str]]:
    """A string of 0 and 1 for each row of each scale."""
    for part_rows, rows in zip(part["scales"], whole["scales"], strict=True):
        for part_row, row in zip(part_rows, rows, strict=True):
            assert all(one in (None, other) for one, other in zip(part_row, row, strict=True)), "another token came out"
    return [["".join("01"[token is not None] for token in row) for row in rows] for rows in part["scales"]]


def packet_text(packet: bytes) -> str:
    """In hexadecimal digits; zeros at the end of a long one are counted: "fa*65535"."""
    start = packet.rstrip(b"\0")
    return packet.hex() if len(packet) < 1000 else f"{start.hex()}*{len(packet) - len(start)}"


def hold(name: str, case: Case | Mask, problems: list[dict[str, Any]]) -> None:
    """Holds what the reader said to what the file was made for."""
    error, _, says = case.verdict.partition(": ")
    if not error:
        assert not problems, f"{name} is meant to be good, but: {problems}"
        return
    assert problems and problems[0]["error"] == error and says in problems[0]["message"], (
        f"{name} is meant to be refused with {case.verdict!r}, but: {problems}"
    )
    if isinstance(case, Case):
        assert all(problem["offset"] is not None for problem in problems), (
            f"{name}: an error says not where: {problems}"
        )


def refuse_twins(scenes: dict[str, Any]) -> None:
    """No two files may be refused in the same words: these would say of neither what is wrong, and where."""
    seen: dict[str, str] = {}
    for name, scene in scenes.items():
        for problem in scene["problems"][:1]:
            other = seen.setdefault(problem["message"], name)
            assert other == name, f"{name} and {other} are refused in the same words: {problem['message']}"


def manifest(kit: Kit, cases: dict[str, Case]) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "family": {"number": kit.family.id, "name": kit.family.name},
        "limits": {name: getattr(DEFAULT_LIMITS, name) for name in DEFAULT_LIMITS.__slots__},
        "files": {
            name: {
                "about": case.about,
                "musts": case.musts,
                "layers": layers_of(case.data),
                "sha256": hashlib.sha256(case.data).hexdigest(),
            }
            for name, case in cases.items()
        },
    }


def layers_of(data: bytes) -> list[str]:
    """Names of the layers that stand in a file, as far as it can be read, so that a runner can leave files out."""
    try:
        _, sections, _ = read_file(data, DEFAULT_LIMITS)
    except (FormatError, LimitError):
        return []
    return [LAYER_NAMES[section.layer] for section in sections if section.layer in LAYER_NAMES]


def as_text(value: Any, indent: str = "") -> str:
    """JSON with a line for each key and each row of tokens, so that a difference shows where it is."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{json.dumps(key)}: {as_text(item, inner)}" for key, item in value.items()]
        text = "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    elif isinstance(value, list) and value and isinstance(value[0], (list, dict)) and _depth(value) > 2:
        text = "[\n" + ",\n".join(inner + as_text(item, inner) for item in value) + f"\n{indent}]"
    else:
        text = json.dumps(value)
    return text if indent else text + "\n"


def _depth(value: Any) -> int:
    """How deep lists of lists go: 4 for scales of rows of tokens of digits."""
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

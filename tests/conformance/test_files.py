"""The conformance files: semcodec reads each as it must, and together they put every MUST of the format to the test."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import semcodec.errors
from semcodec.cli.scene_json import scene_of
from semcodec.ids import LAYER_NAMES
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Fate

FOLDER = Path(__file__).resolve().parent.parent.parent / "conformance"
MANIFEST: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
FILES: dict[str, Any] = MANIFEST["files"]
PACKETS: dict[str, Any] = MANIFEST["packets"]
CLIPS: dict[str, Any] = MANIFEST["clips"]
MALFORMED = [name for name in FILES if name.startswith("malformed/")]
# Rules of what a reader must *not* make of a file, and one of writers alone: no error can belong to them.
SHOWN_BY_GOOD_FILES = {"B1", "K4", "N1", "N3", "O1", "O2", "P1", "P3", "T11", "V1", "V8"}


def scene(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def rules_of(page: str) -> Iterator[tuple[str, list[str]]]:
    """(text, names) of each MUST of a page: from the word to the next one, or to the end of its paragraph or item."""
    for paragraph in re.split(r"\n\s*\n|\n(?=- )", page):
        places = [*(match.start() for match in re.finditer(r"\bMUST\b", paragraph)), len(paragraph)]
        for start, end in zip(places, places[1:], strict=False):
            text = paragraph[start:end]
            yield text, re.findall(r"\[([A-Z]\d+)\]", text)


def rules(root: Path) -> list[tuple[str, list[str]]]:
    page = (root / "docs" / "format.md").read_text("utf-8")
    packets = (root / "docs" / "packets.md").read_text("utf-8")
    # The introduction says what MUST means, and the page of packets before its chapters is for users.
    return [*rules_of(page[page.index("## 1.") :]), *rules_of(packets[packets.index("### 1.") :])]


@pytest.mark.parametrize("name", FILES)
def test_semcodec_reads_the_file_as_it_must(name: str, runner: ModuleType) -> None:
    found, _ = runner.judge(name, runner.semcodec_scene, "message")
    assert not found


@pytest.mark.parametrize("name", CLIPS)
def test_semcodec_reads_the_clip_as_it_must(name: str, runner: ModuleType) -> None:
    found, _ = runner.judge(name, runner.semcodec_scene, "message")
    assert not found
    assert hashlib.sha256((FOLDER / f"{name}.semv").read_bytes()).hexdigest() == CLIPS[name]["sha256"]


def test_every_rule_of_clips_has_a_file_and_every_file_of_clips_names_rules_that_are_there(root: Path) -> None:
    page = (root / "docs" / "clip-format.md").read_text("utf-8")
    rules_of_clips = set(re.findall(r"\[(C[A-Z]\d+)\]", page))
    shown = {must for entry in CLIPS.values() for must in entry["musts"]}
    assert rules_of_clips - {"CS2"} == shown, "CS2 is about playing: tests/clips/test_walk.py"
    refused = [scene(name)["problems"][0]["message"] for name in CLIPS if scene(name)["problems"]]
    assert len(refused) == len(set(refused)) > 20


@pytest.mark.parametrize("name", PACKETS)
def test_semcodec_joins_what_arrives_as_it_must(name: str, runner: ModuleType) -> None:
    found, scenes = runner.judge_packets(name, runner.semcodec_scene, "message")
    assert not found and len(scenes) == len(scene(name)["masks"])


def test_packets_without_their_first_words_and_pictures_are_among_the_masks() -> None:
    masks = [mask for name in PACKETS for mask in scene(name)["masks"]]
    assert sum(bool(mask["scene"]["packets"].get("repaired")) for mask in masks) >= 10
    assert sum(bool(mask["scene"]["packets"].get("missing")) for mask in masks) >= 8
    assert any(0 in mask["scene"]["packets"].get("repaired", ()) and mask["scene"]["base"] for mask in masks)
    fates = {fate for mask in masks for fate in mask["scene"]["packets"].get("fates", ())}
    assert fates == {fate.value for fate in Fate}


def test_every_must_of_the_format_has_a_name(root: Path) -> None:
    nameless = [text for text, names in rules(root) if not names]
    assert not nameless, f"give each of these a name such as [H1], and a file in conformance/: {nameless}"


def test_a_must_without_a_name_is_found() -> None:
    page = "A MUST [H1] be so, and B MUST\nbe thus.\n\n- C MUST NOT [H2] be.\n- D MUST be [H3], and MUST NOT not be.\n"
    assert [names for _, names in rules_of(page)] == [["H1"], [], ["H2"], ["H3"], []]


def test_every_must_has_a_malformed_file_and_every_file_names_rules_that_are_there(root: Path) -> None:
    said = {name for _, names in rules(root) for name in names}
    broken = {must for name in MALFORMED for must in FILES[name]["musts"] if scene(name)["problems"]}
    broken |= {must for entry in PACKETS.values() for must in entry["musts"]}
    shown = {must for entry in (*FILES.values(), *PACKETS.values()) for must in entry["musts"]}
    assert said - broken == SHOWN_BY_GOOD_FILES, "a rule without a malformed file: add one to scripts/conformance_files"
    assert said == shown


def test_no_two_files_are_refused_in_the_same_words_and_every_error_says_where() -> None:
    first = [scene(name)["problems"][0] for name in FILES if scene(name)["problems"]]
    assert len(first) >= len(MALFORMED)
    assert Counter(problem["message"] for problem in first).most_common(1)[0][1] == 1
    assert all(problem["offset"] is not None for name in FILES for problem in scene(name)["problems"])


def test_every_class_of_error_that_a_file_can_cause_is_there() -> None:
    seen = {problem["error"] for name in FILES for problem in scene(name)["problems"]}
    classes = {cls.__name__ for cls in semcodec.errors.FormatError.__subclasses__()}
    assert {*classes, "FormatError", "LimitError"} - {
        "PacketError",
        "MissingAvifError",
        "MissingRepairError",
    } == seen  # of packets and machines


def test_good_files_are_many_and_hold_every_layer_missing_blocks_and_extreme_shapes() -> None:
    good = {name: scene(name) for name in FILES if name.startswith("good/")}
    assert len(good) >= 15
    assert {layer for name in good for layer in FILES[name]["layers"]} == set(LAYER_NAMES.values())
    assert {name for name in good if good[name]["problems"]} == {"good/unknown-family-with-words"}
    assert good["good/unknown-family-with-words"]["words"] is not None
    sizes = {(said["width_px"], said["height_px"]) for said in good.values()}
    assert (1, 1) in sizes and (129, 127) in sizes and max(map(max, sizes)) > 1 << 14
    holes = [
        sum(token is None for row in scale for token in row)
        for scale in good["good/missing-blocks"]["tokens"]["scales"]
    ]
    assert all(holes), "the file of missing blocks has a whole scale"


def test_the_manifest_names_every_file_and_the_limits_that_they_were_read_with() -> None:
    assert {str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.semc")} == set(FILES)
    assert {path.with_suffix("") for path in FOLDER.glob("*/*.json")} == {
        FOLDER / name for name in (*FILES, *PACKETS, *CLIPS)
    }
    assert {str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.semv")} == set(CLIPS)
    for name, entry in PACKETS.items():
        assert hashlib.sha256((FOLDER / f"{name}.json").read_bytes()).hexdigest() == entry["sha256"], name
    for name, entry in FILES.items():
        assert hashlib.sha256((FOLDER / f"{name}.semc").read_bytes()).hexdigest() == entry["sha256"], name
    assert json.loads((FOLDER / "manifest.json").read_text("utf-8"))["limits"] == asdict(DEFAULT_LIMITS)


@pytest.mark.parametrize("name", ["good/missing-blocks", "good/words-and-tokens", "good/photograph-100"])
def test_every_prefix_of_a_file_says_less_but_nothing_else(name: str) -> None:
    data, whole = (FOLDER / f"{name}.semc").read_bytes(), scene(name)
    for length in range(7, len(data), 5):
        said = scene_of(data[:length])
        assert said["problems"], f"{length} of {len(data)} bytes"
        if said["words"] is not None:
            assert whole["words"]["text"].startswith(said["words"]["text"])
        for mine, all_rows in zip(
            (said["tokens"] or {"scales": []})["scales"], whole["tokens"]["scales"], strict=False
        ):
            for row, whole_row in zip(mine, all_rows, strict=True):
                assert all(token in (None, whole_token) for token, whole_token in zip(row, whole_row, strict=True))

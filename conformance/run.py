#!/usr/bin/env python3
"""Holds a decoder to the conformance files. Needs this folder and Python 3.11, nothing else.

    python conformance/run.py                                    semcodec itself, as it can be imported here
    python conformance/run.py --decoder "my-decoder --dump"      any program: it is called with one file's path, and
                                                                 prints the file's Scene as JSON (README.md)
    python conformance/run.py --compare class good/one-pixel     some files, compared less strictly

Prints each difference, then a summary with a SHA-256 over all Scenes that came out. The exit code is 0 if all files
came out as they must, 1 if not, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SECONDS_PER_FILE = 60
# From loose to strict: is something wrong at all; what kind; where; in which words.
COMPARISONS = ("scene", "class", "offset", "message")

Scene = dict[str, Any]


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    files = load_manifest()["files"]
    names = options.names or [
        *(name for name in files if not set(files[name]["layers"]) & set(options.without)),
        *(load_manifest()["packets"] if "packets" not in options.without else ()),
        *(load_manifest()["clips"] if "clips" not in options.without else ()),
    ]
    unknown = [name for name in names if not scene_path(name).exists()]
    if unknown:
        print(f"no such conformance file: {', '.join(unknown)}", file=sys.stderr)
        return 2
    if options.decoder is None:
        read, compare = semcodec_scene, options.compare or "message"
    else:
        read, compare = program(options.decoder), options.compare or "offset"
    digest, num_wrong = hashlib.sha256(), 0
    for name in names:
        if name.startswith("packets/"):
            found, scenes = judge_packets(name, read, compare)
        else:
            found, got = judge(name, read, compare)
            scenes = [got]
        for got in scenes:
            digest.update(symbols(name, got))
        num_wrong += bool(found)
        for line in found:
            print(f"{name}: {line}")
    print(f"{len(names) - num_wrong} of {len(names)} files as they must be; symbols {digest.hexdigest()}")
    return int(num_wrong > 0)


def judge(name: str, read: Callable[[Path], Scene], compare: str) -> tuple[list[str], Scene]:
    """What is wrong with what a decoder makes of a file (nothing: an empty list), and that itself."""
    try:
        got = read(file_path(name))
    except DecoderFailure as failure:
        return [str(failure)], {}
    try:
        return list(differences(load_scene(name), got, compare)), got
    except (AttributeError, KeyError, TypeError) as exc:
        return [f"what it prints has not the form of a Scene ({exc})"], {}


def judge_packets(name: str, read: Callable[[Path], Scene], compare: str) -> tuple[list[str], list[Scene]]:
    """What is wrong with what a decoder makes of a case of packets, of which other ones arrive for each mask."""
    case, found, scenes = load_scene(name), list[str](), list[Scene]()
    for mask in case["masks"]:
        with tempfile.TemporaryDirectory() as folder:
            for place, at in enumerate(mask["arrived"]):
                (Path(folder) / f"{place:04}.semp").write_bytes(packet_bytes(case["packets"][at]))
            try:
                got = read(Path(folder))
            except DecoderFailure as failure:
                found.append(f"{mask['about']}: {failure}")
                continue
        scenes.append(got)
        expected = expected_scene(case, mask)
        if compare != "message":  # (a reader may use other repair packets, and name what it leaves out as it likes)
            for scene in (expected, got):
                scene["packets"] = _without_fates(scene.get("packets", {}))
        try:
            found += [f"{mask['about']}: {line}" for line in differences(expected, got, compare)]
        except (AttributeError, KeyError, TypeError) as exc:
            found.append(f"{mask['about']}: what it prints has not the form of a Scene ({exc})")
    return found, scenes


def _without_fates(packets: Scene) -> Scene:
    return {key: value for key, value in packets.items() if key != "fates"}


def packet_bytes(text: str) -> bytes:
    start, star, num_zeros = text.partition("*")
    return bytes.fromhex(start) + bytes(int(num_zeros) if star else 0)


def expected_scene(case: Scene, mask: Scene) -> Scene:
    """A mask's Scene, with the digits of the tokens that are there."""
    scene = dict(mask["scene"])
    if scene["tokens"] is not None:
        scales = [
            [
                [token if is_there == "1" else None for token, is_there in zip(row, there, strict=True)]
                for row, there in zip(rows, all_there, strict=True)
            ]
            for rows, all_there in zip(case["tokens"]["scales"], scene["tokens"]["there"], strict=True)
        ]
        scene["tokens"] = {"family": scene["tokens"]["family"], "scales": scales}
    return scene


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Hold a decoder to the conformance files.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="files such as good/one-pixel; all if none is given")
    parser.add_argument("--decoder", metavar="CMD", help="program that prints the Scene of the file named behind CMD")
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="LAYER",
        help="leave out the files that hold this layer (painter, alpha, icc ...), which the decoder skips, or packets, "
        "or clips; repeatable",
    )
    parser.add_argument(
        "--compare",
        choices=COMPARISONS,
        help="how strictly errors are compared: that there is one, its class, its offset too (what a --decoder is held "
        "to), its message too (what semcodec is held to)",
    )
    return parser


def load_manifest() -> dict[str, Any]:
    return json.loads((HERE / "manifest.json").read_text("utf-8"))  # type: ignore[no-any-return]


def file_path(name: str) -> Path:
    return HERE / (f"{name}.semv" if name.startswith("clips/") else f"{name}.semc")


def scene_path(name: str) -> Path:
    return HERE / f"{name}.json"


def load_scene(name: str) -> Scene:
    return json.loads(scene_path(name).read_text("utf-8"))  # type: ignore[no-any-return]


class DecoderFailure(Exception):
    """A decoder that gave no Scene at all."""


def semcodec_scene(path: Path) -> Scene:
    """The Scene as the semcodec that can be imported here reads it, in this process."""
    try:
        from semcodec.cli.clip_json import clip_scene_of
        from semcodec.cli.scene_json import scene_of, scene_of_packets
    except ImportError as exc:
        raise SystemExit(f"semcodec cannot be imported ({exc}); name a decoder with --decoder") from exc
    if path.is_dir():
        return scene_of_packets([packet.read_bytes() for packet in sorted(path.iterdir())])
    return (clip_scene_of if path.suffix == ".semv" else scene_of)(path.read_bytes())


def program(command: str) -> Callable[[Path], Scene]:
    """A program of any kind, called once for each file. Its exit code does not matter, what it prints does."""
    words = shlex.split(command)

    def read(path: Path) -> Scene:
        try:
            done = subprocess.run([*words, str(path)], capture_output=True, timeout=SECONDS_PER_FILE, check=False)
        except subprocess.TimeoutExpired:
            raise DecoderFailure(f"no answer in {SECONDS_PER_FILE} s") from None
        except OSError as exc:
            raise DecoderFailure(f"{words[0]} cannot be started: {exc.strerror}") from None
        try:
            scene = json.loads(done.stdout)
        except ValueError:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise DecoderFailure(f"printed no JSON; {said[-1] if said else f'exit code {done.returncode}'}") from None
        if not isinstance(scene, dict):
            raise DecoderFailure("printed JSON that is no object")
        return scene

    return read


def symbols(name: str, scene: Scene) -> bytes:
    """What is hashed: everything exact that a file says, and the classes and places of what is wrong with it."""
    said = {key: value for key, value in scene.items() if key != "problems"}
    if "packets" in said:
        said["packets"] = _without_fates(said["packets"])
    faults = [[problem.get("error"), problem.get("offset")] for problem in scene.get("problems", [])]
    return json.dumps([name, said, faults], sort_keys=True, separators=(",", ":")).encode() + b"\n"


def differences(expected: Scene, got: Scene, compare: str) -> Iterator[str]:
    """What a Scene has otherwise than it must, a sentence each."""
    for key in expected:
        if key in ("tokens", "problems"):
            continue
        if got.get(key, "nothing") != expected[key]:
            yield f"{key} is {_shown(got.get(key, 'not printed'))}, must be {_shown(expected[key])}"
    yield from _token_differences(expected.get("tokens"), got.get("tokens"))
    wanted, found = (_faults(scene.get("problems", []), compare) for scene in (expected, got))
    if wanted != found:
        yield f"what is wrong with it: {_shown(found) if found else 'nothing'}, must be {_shown(wanted) or 'nothing'}"


def _faults(problems: list[dict[str, Any]], compare: str) -> Any:
    if compare == "scene":
        return bool(problems)
    keys = ("error", "offset", "message")[: COMPARISONS.index(compare)]
    return sorted([str(problem.get(key)) for key in keys] for problem in problems)


def _token_differences(expected: Scene | None, got: Scene | None) -> Iterator[str]:
    if expected is None or got is None:
        if expected is not got:
            yield f"tokens: {'none' if got is None else 'some'}, must be {'none' if expected is None else 'some'}"
        return
    if got.get("family") != expected["family"]:
        yield f"token family is {got.get('family')}, must be {expected['family']}"
    wanted, found = expected["scales"], got.get("scales", [])
    if _shape(wanted) != _shape(found):
        yield f"scales have (rows, columns) {_shape(found)}, must have {_shape(wanted)}"
        return
    for scale, (wanted_rows, found_rows) in enumerate(zip(wanted, found, strict=True)):
        wrong = [
            (row, col)
            for row, (wanted_row, found_row) in enumerate(zip(wanted_rows, found_rows, strict=True))
            for col, (wanted_token, found_token) in enumerate(zip(wanted_row, found_row, strict=True))
            if wanted_token != found_token
        ]
        if wrong:
            row, col = wrong[0]
            yield (
                f"scale {scale}: {len(wrong)} tokens differ; the first, at row {row}, column {col}, is "
                f"{found_rows[row][col]}, must be {wanted_rows[row][col]}"
            )


def _shape(scales: Any) -> list[tuple[int, list[int]]]:
    """Rows, and the different lengths that they have (one, in a good Scene), for each scale."""
    return [(len(rows), sorted({len(row) for row in rows})) for rows in scales]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 300 else f"{text[:300]}... ({len(text)} characters)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Builds `semcodec-receive`: the same package for who only receives, without what only senders, describers and
inventors need. It is installed in place of `semcodec`, never beside it.

    python scripts/receive_wheel.py [FOLDER]

One source, one pyproject.toml: this changes four things of it. The name; the dependencies, of which typer becomes the
extra `cli`; the networks that the catalogue calls not needed for receiving; and the viewer.
"""

from __future__ import annotations

import argparse
import copy
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.wheel import WheelBuilder
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from semcodec.zoo.catalog import NOT_FOR_RECEIVING, shipped

ROOT = Path(__file__).resolve().parent.parent
NAME = "semcodec-receive"
FOR_COMMANDS = ("rich", "typer")
VIEWER = "viewer/built"  # 1.6 MB, for who has a browser


def left_out() -> list[str]:
    """Files below the folder of weights that no network for receiving has."""
    files: dict[bool, set[str]] = {False: set(), True: set()}
    for row in shipped().rows.values():
        files[row["purpose"] in NOT_FOR_RECEIVING] |= {entry["file"] for entry in row["files"]}
    return sorted(files[True] - files[False])


def receiving(project: dict[str, Any]) -> dict[str, Any]:
    """What pyproject.toml says, for the other wheel."""
    changed = copy.deepcopy(project)
    about, wheel = changed["project"], changed["tool"]["hatch"]["build"]["targets"]["wheel"]
    about["name"] = NAME
    about["description"] += " (for receiving alone)"
    needed = about["dependencies"]
    about["dependencies"] = [need for need in needed if not need.startswith(FOR_COMMANDS)]
    about["optional-dependencies"] = {"cli": [need for need in needed if need.startswith(FOR_COMMANDS)]}
    wheel["exclude"] = [f"/src/semcodec/zoo/weights/{file}" for file in left_out()] + [f"/src/semcodec/{VIEWER}"]
    return changed


def build(folder: Path) -> Path:
    """The wheel that was written."""
    config, plugins = receiving(tomllib.loads((ROOT / "pyproject.toml").read_text())), PluginManager()
    metadata = ProjectMetadata(str(ROOT), plugins, config)
    builder = WheelBuilder(str(ROOT), plugins, config, metadata)
    (wheel,) = builder.build(directory=str(folder), versions=["standard"])
    return Path(wheel)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist")
    wheel = build(parser.parse_args().folder)
    print(f"{wheel}: {wheel.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

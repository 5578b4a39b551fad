"""What is built of `viewer/` is built of what stands there now: a change is followed by `npm run package`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from semcodec.viewer.built import built

FOLDERS = ("page", "runtime", "src")
FILES = (*(f"scripts/{name}.ts" for name in ("bundle", "package", "trim", "wasm")), "package-lock.json")


def hash_of_sources(viewer: Path) -> str:
    """As viewer/scripts/package.ts makes it."""
    found = [path for folder in FOLDERS for path in sorted(_files(viewer, folder))]
    digest = hashlib.sha256()
    for path in [*found, *FILES]:
        digest.update(f"{path}\0".encode() + (viewer / path).read_bytes() + b"\0")
    return digest.hexdigest()


def _files(viewer: Path, folder: str) -> list[str]:
    return [path.relative_to(viewer).as_posix() for path in (viewer / folder).rglob("*") if path.is_file()]


def test_the_viewer_in_the_package_is_built_of_its_sources(root: Path):
    assert json.loads(built("sources.json"))["sha256"] == hash_of_sources(root / "viewer"), (
        "viewer/ has changed: cd viewer && npm ci && npm run package"
    )


def test_another_source_shows(tmp_path: Path):
    for file in ("page/a.ts", "runtime/a.json", "src/a.ts", *FILES):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("")
    before = hash_of_sources(tmp_path)
    (tmp_path / "src" / "new.ts").write_text("")
    assert hash_of_sources(tmp_path) != before

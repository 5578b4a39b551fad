"""What is built of `viewer/` is built of what stands there now: a change is followed by `npm run package`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from semcodec.viewer.built import built


def hash_of_sources(viewer: Path) -> str:
    """As viewer/scripts/package.ts makes it."""
    found = [path for folder in ("page", "scripts", "src") for path in sorted(_files(viewer, folder))]
    digest = hashlib.sha256()
    for path in [*found, "package-lock.json"]:
        digest.update(f"{path}\0".encode() + (viewer / path).read_bytes() + b"\0")
    return digest.hexdigest()


def _files(viewer: Path, folder: str) -> list[str]:
    return [path.relative_to(viewer).as_posix() for path in (viewer / folder).rglob("*") if path.is_file()]


def test_the_viewer_in_the_package_is_built_of_its_sources(root: Path):
    assert json.loads(built("sources.json"))["sha256"] == hash_of_sources(root / "viewer"), (
        "viewer/ has changed: cd viewer && npm ci && npm run package"
    )


def test_another_source_shows(tmp_path: Path):
    for folder in ("page", "scripts", "src"):
        (tmp_path / folder).mkdir()
    (tmp_path / "package-lock.json").write_text("{}")
    before = hash_of_sources(tmp_path)
    (tmp_path / "src" / "new.ts").write_text("")
    assert hash_of_sources(tmp_path) != before

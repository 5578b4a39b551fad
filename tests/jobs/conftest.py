"""Sources for jobs: tiny pictures, which are encoded without a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semcodec.jobs import Encode, Engine, Manner, Reading, Summary, run_job

PICTURES = Reading(suffixes=(".png", ".jpg"))


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Five pictures at two depths, and a file that only looks like one."""
    folder = tmp_path / "album"
    (folder / "summer").mkdir(parents=True)
    for number in range(5):
        picture_at(folder / ("summer" if number > 2 else "") / f"{number}.png", number)
    (folder / "broken.jpg").write_text("no picture")
    (folder / "notes.txt").write_text("no input")
    (folder / ".hidden.png").write_bytes(b"not looked at")
    return folder


def picture_at(path: Path, seed: int) -> Path:
    pixels_HWC = np.random.default_rng(seed).integers(0, 255, (12, 20, 3), dtype=np.uint8)
    Image.fromarray(pixels_HWC).save(path)
    return path


@pytest.fixture
def encode() -> Callable[..., Summary]:
    """`encode(source, target, part_rows=2)`: a job in this process."""

    def run(source: Path | str, target: Path | str, **options: Any) -> Summary:
        work = options.pop("work", None) or Encode(bytes=200, describe=False)
        manner = Manner(options.pop("part_rows", 1000), options.pop("batch", 16))
        engine = options.pop("engine", Engine())
        reading = options.pop("reading", PICTURES)
        return run_job(work, str(source), str(target), reading=reading, manner=manner, engine=engine, **options)

    return run


@pytest.fixture
def rows_in() -> Callable[[Path], dict[str, dict[str, Any]]]:
    """The rows of results by name, each of which must be there once."""

    def read(folder: Path) -> dict[str, dict[str, Any]]:
        from semcodec.jobs.results import Results

        forms = {".parquet": "parquet", ".tar": "webdataset"}
        rows = [
            row
            for part in sorted(folder.glob("part-*"))
            for row in Results(str(folder), "encode", forms[part.suffix]).rows(part.name)
        ]
        by_name = {row["name"]: row for row in rows}
        assert len(by_name) == len(rows), "an input has two rows"
        return by_name

    return read

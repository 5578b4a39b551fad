"""`verify_job`: what is missing, changed, twice or damaged is found, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from semcodec.jobs import verify_job
from semcodec.jobs.results import Results, ResultsError

from .conftest import PICTURES, picture_at


def kinds(album: Path, target: Path) -> dict[str, int]:
    return verify_job(str(album), str(target), reading=PICTURES).report.kinds


def test_results_that_are_whole_are_said_to_be(album: Path, tmp_path: Path, encode: Callable):
    for form in ("parquet", "webdataset"):
        encode(album, tmp_path / form, form=form)
        summary = verify_job(str(album), str(tmp_path / form), reading=PICTURES)
        assert (summary.report.num_inputs, summary.report.num_made, summary.report.num_failed) == (6, 6, 0)


def test_what_is_wrong_is_counted_by_its_kind(album: Path, tmp_path: Path, encode: Callable):
    encode(album, tmp_path / "out")
    picture_at(album / "new.png", 8)
    picture_at(album / "0.png", 9)
    assert kinds(album, tmp_path / "out") == {"missing": 1, "changed": 1}


def test_rows_that_are_there_twice_and_files_that_are_damaged_are_found(album: Path, tmp_path: Path, encode: Callable):
    encode(album, tmp_path / "out")
    (part,) = (tmp_path / "out").glob("part-*")
    shutil.copy(part, part.with_name("part-other-000.parquet"))
    assert kinds(album, tmp_path / "out") == {"twice": 6}
    part.with_name("part-other-000.parquet").unlink()
    results = Results(str(tmp_path / "out"), "encode")
    rows = results.rows(part.name)
    rows[1]["semc"] = rows[1]["semc"][:-3]
    results.write(part.name, rows)
    assert kinds(album, tmp_path / "out") == {"damaged": 1}


def test_a_folder_without_results_is_refused(album: Path, tmp_path: Path):
    with pytest.raises(ResultsError, match="holds no results of a job"):
        kinds(album, tmp_path)

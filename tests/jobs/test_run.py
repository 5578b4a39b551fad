"""A job on this machine: a row for each input, whatever happens, and nothing twice."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import semcodec
from semcodec.jobs import Encode, Engine
from semcodec.jobs.items import Item, Row
from semcodec.jobs.places import Place, PlaceError
from semcodec.jobs.results import ResultsError

from .conftest import picture_at


def test_every_input_has_a_row_and_a_broken_one_an_error(
    album: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    summary = encode(album, tmp_path / "out")
    rows = rows_in(tmp_path / "out")
    assert sorted(rows) == ["0.png", "1.png", "2.png", "broken.jpg", "summer/3.png", "summer/4.png"]
    assert (summary.report.num_inputs, summary.report.num_made, summary.report.num_failed) == (6, 5, 1)
    broken, good = rows["broken.jpg"], rows["summer/3.png"]
    assert broken["semc"] is None and broken["error_kind"] == "PictureError"
    assert broken["error"].startswith("is no picture")
    assert good["sha256"] == hashlib.sha256((album / "summer" / "3.png").read_bytes()).hexdigest()
    assert (good["width"], good["height"], good["error"]) == (20, 12, None)
    assert good["semc_bytes"] == len(good["semc"]) <= 200
    assert semcodec.info(good["semc"]).size == semcodec.Size(20, 12)


def test_what_a_job_writes_is_what_encode_writes(album: Path, tmp_path: Path, encode: Callable, rows_in: Callable):
    encode(album, tmp_path / "out")
    expected = semcodec.encode(album / "0.png", bytes=200).data
    assert rows_in(tmp_path / "out")["0.png"]["semc"] == expected


def test_a_second_run_does_nothing_and_a_new_picture_alone_is_worked_on(
    album: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    encode(album, tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    again = encode(album, tmp_path / "out").report
    assert (again.num_made, again.num_known, again.num_failed, again.num_failed_before) == (0, 6, 0, 1)
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    picture_at(album / "new.png", 9)
    more = encode(album, tmp_path / "out").report
    assert (more.num_made, more.num_known) == (1, 6)
    assert len(rows_in(tmp_path / "out")) == 7


def test_a_renamed_picture_is_not_encoded_again_but_has_its_row(
    album: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    encode(album, tmp_path / "out")
    (album / "0.png").rename(album / "zero.png")
    report = encode(album, tmp_path / "out").report
    assert (report.num_made, report.num_copied, report.num_known) == (0, 1, 5)
    rows = rows_in(tmp_path / "out")
    assert rows["zero.png"]["semc"] == rows["0.png"]["semc"]


def test_a_picture_that_changed_under_its_name_is_encoded(album: Path, tmp_path: Path, encode: Callable):
    encode(album, tmp_path / "out")
    picture_at(album / "0.png", 77)
    assert encode(album, tmp_path / "out").report.num_made == 1


def test_what_was_done_before_an_interruption_is_kept(
    album: Path, tmp_path: Path, encode: Callable, rows_in: Callable, monkeypatch: pytest.MonkeyPatch
):
    class Interrupted(Encode):
        num_left = 3

        def _facts(self, item: Item, data: bytes) -> Row:
            self.num_left -= 1
            if self.num_left < 0:
                raise KeyboardInterrupt
            return super()._facts(item, data)

    with pytest.raises(KeyboardInterrupt):
        encode(album, tmp_path / "out", work=Interrupted(bytes=200, describe=False), batch=1)
    assert len(rows_in(tmp_path / "out")) == 3
    report = encode(album, tmp_path / "out").report
    assert (report.num_known, report.num_made, report.num_failed) == (3, 2, 1)
    assert len(rows_in(tmp_path / "out")) == 6


def test_parts_have_no_more_rows_than_asked_for(album: Path, tmp_path: Path, encode: Callable, rows_in: Callable):
    encode(album, tmp_path / "out", part_rows=2)
    assert len(list((tmp_path / "out").glob("part-*.parquet"))) == 3
    assert len(rows_in(tmp_path / "out")) == 6


def test_an_error_of_the_machine_is_tried_again_and_one_of_the_input_when_asked(
    album: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    class NoWeights(Encode):
        def _facts(self, item: Item, data: bytes) -> Row:
            if item.name == "1.png":
                raise semcodec.errors.WeightsError("the disk was away")
            return super()._facts(item, data)

    first = encode(album, tmp_path / "out", work=NoWeights(bytes=200, describe=False)).report
    assert first.kinds == {"WeightsError": 1, "PictureError": 1}
    second = encode(album, tmp_path / "out")
    assert (second.num_reopened, second.report.num_made, second.report.num_known) == (1, 1, 5)
    third = encode(album, tmp_path / "out", retry_errors=True)
    assert (third.num_reopened, third.report.num_failed) == (1, 1)
    assert len(rows_in(tmp_path / "out")) == 6


def test_a_file_that_cannot_be_read_has_a_row_and_is_tried_again(
    album: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    (album / "gone.png").symlink_to(tmp_path / "nowhere")
    encode(album, tmp_path / "out")
    row = rows_in(tmp_path / "out")["gone.png"]
    assert (row["sha256"], row["error"]) == (None, "No such file or directory")
    (album / "gone.png").unlink()
    picture_at(album / "gone.png", 5)
    assert encode(album, tmp_path / "out").num_reopened == 1
    assert rows_in(tmp_path / "out")["gone.png"]["error"] is None


def test_results_of_other_settings_and_folders_of_others_are_left_alone(album: Path, tmp_path: Path, encode: Callable):
    encode(album, tmp_path / "out")
    with pytest.raises(ResultsError, match="was made with bytes 200, not 300: name another folder"):
        encode(album, tmp_path / "out", work=Encode(bytes=300, describe=False))
    with pytest.raises(ResultsError, match="no results of a job"):
        encode(album, album / "summer")
    with pytest.raises(PlaceError, match="there is no such file or folder"):
        encode(tmp_path / "nowhere", tmp_path / "other")
    assert not (tmp_path / "other").exists()
    about = json.loads((tmp_path / "out" / "_semcodec.json").read_text())
    assert (about["command"], about["bytes"], about["version"]) == ("encode", 200, semcodec.__version__)


def test_results_inside_their_source_are_no_inputs(album: Path, encode: Callable, rows_in: Callable):
    encode(album, album / "out")
    assert encode(album, album / "out").report.num_inputs == 6
    assert len(rows_in(album / "out")) == 6


def test_sources_and_results_may_lie_at_any_address(album: Path, encode: Callable):
    memory = Place.at("memory://jobs-test")
    for path in album.glob("*.png"):
        (memory / path.name).write(path.read_bytes())
    assert encode("memory://jobs-test", "memory://jobs-out").report.num_made == 3
    assert encode("memory://jobs-test/*.png", "memory://jobs-out").report.num_known == 3
    assert sum(name.endswith(".parquet") for name in Place.at("memory://jobs-out").names()) == 1
    with pytest.raises(PlaceError, match="nonsense"):
        encode("nonsense://x", "memory://y")


def test_a_pool_of_processes_gives_the_same_rows(album: Path, tmp_path: Path, encode: Callable, rows_in: Callable):
    encode(album, tmp_path / "one")
    encode(album, tmp_path / "two", engine=Engine("local", 2))
    one, two = rows_in(tmp_path / "one"), rows_in(tmp_path / "two")
    assert {name: row["semc"] for name, row in one.items()} == {name: row["semc"] for name, row in two.items()}
    assert not (tmp_path / "two" / "_attempts").exists()


_DEADLY = """
import os
from semcodec.jobs import Encode

class Deadly(Encode):
    def _facts(self, item, data):
        if item.name == "1.png":
            os._exit(9)
        return super()._facts(item, data)
"""


def test_an_input_that_kills_its_worker_gets_an_error_and_costs_nobody_else(
    album: Path, tmp_path: Path, encode: Callable, rows_in: Callable, monkeypatch: pytest.MonkeyPatch
):
    shutil.rmtree(album / "summer")
    (tmp_path / "deadly.py").write_text(_DEADLY)
    monkeypatch.syspath_prepend(tmp_path)
    from importlib import import_module

    work = import_module("deadly").Deadly(bytes=200, describe=False)
    report = encode(album, tmp_path / "out", work=work, engine=Engine("local", 2)).report
    rows = rows_in(tmp_path / "out")
    assert rows["1.png"]["error_kind"] == "WorkerDiedError"
    assert (len(rows), report.num_inputs, report.num_made, report.num_failed) == (4, 4, 2, 2)

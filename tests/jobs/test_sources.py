"""Shards and tables as sources and as results: every picture once, whatever breaks off."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import webdataset
from hypothesis import given
from hypothesis import strategies as st

from semcodec.ids import MAGIC
from semcodec.jobs import Decode, Encode, Engine, Reading
from semcodec.jobs.listing import tasks_of
from semcodec.jobs.tars import key_of
from semcodec.jobs.tasks import TarTask, task_of, told

from .conftest import PICTURES

CAPTIONS = Reading(suffixes=(".png",), caption_column="txt")


@pytest.fixture
def shard(album: Path, tmp_path: Path) -> Path:
    """Four samples, three with a caption and a picture, one without a picture."""
    path = tmp_path / "shard-000.tar"
    with tarfile.open(path, "w") as out:
        for number in range(3):
            add(out, f"a/{number}.txt", f"caption {number}\n".encode())
            add(out, f"a/{number}.png", next(album.rglob(f"{number}.png")).read_bytes())
        add(out, "a/3.txt", b"no picture")
    return path


def add(out: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    out.addfile(member, io.BytesIO(data))


def test_the_samples_of_a_shard_are_inputs_with_their_captions(
    shard: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    encode(shard, tmp_path / "out", reading=CAPTIONS)
    rows = rows_in(tmp_path / "out")
    assert {name: row["words"] for name, row in rows.items()} == {
        f"shard-000.tar/a/{number}.png": f"caption {number}" for number in range(3)
    }


def test_a_shard_that_breaks_off_gives_what_is_good_and_a_row_that_says_so(
    shard: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    with tarfile.open(shard) as whole:
        broken = whole.getmember("a/2.png")
    shard.write_bytes(shard.read_bytes()[: broken.offset_data + 9])
    report = encode(shard, tmp_path / "out").report
    rows = rows_in(tmp_path / "out")
    assert (report.num_made, report.num_failed) == (2, 1)
    assert "cannot be read to its end" in rows["shard-000.tar"]["error"]


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_the_slices_of_a_shard_are_all_of_it(shard: Path, step: int):
    tasks = [TarTask(str(shard.parent), shard.name, CAPTIONS, first, step) for first in range(step)]
    names = sorted(item.name for task in tasks for item in task.items())
    assert names == [f"shard-000.tar/a/{number}.png" for number in range(3)]
    assert all(item.caption for task in tasks for item in task.items())


def test_results_are_shards_that_webdataset_reads(album: Path, tmp_path: Path, encode: Callable, rows_in: Callable):
    encode(album, tmp_path / "out", form="webdataset", part_rows=4)
    shards = sorted(map(str, (tmp_path / "out").glob("*.tar")))
    assert len(shards) == 2
    samples = list(webdataset.WebDataset(shards, shardshuffle=False))
    assert len({sample["__key__"] for sample in samples}) == 6
    assert sum("semc" in sample for sample in samples) == 5
    errors = [json.loads(sample["json"])["error"] for sample in samples if "semc" not in sample]
    assert errors[0].startswith("is no picture")
    again = encode(album, tmp_path / "out", form="webdataset", part_rows=4).report
    assert (again.num_known, again.num_made) == (6, 0)
    assert rows_in(tmp_path / "out")["summer/3.png"]["semc"].startswith(MAGIC)


def test_rows_are_the_same_in_a_shard_and_in_a_table(album: Path, tmp_path: Path, encode: Callable, rows_in: Callable):
    encode(album, tmp_path / "tables", form="parquet")
    encode(album, tmp_path / "shards", form="webdataset")
    tables, shards = rows_in(tmp_path / "tables"), rows_in(tmp_path / "shards")
    for rows in (tables, shards):
        for row in rows.values():
            del row["seconds"]
    assert tables == shards


@pytest.fixture
def table(album: Path, tmp_path: Path) -> Path:
    """Seven rows in row groups of two: bytes, structs as Hugging Face writes them, and one that is empty."""
    pictures = [path.read_bytes() for path in sorted(album.rglob("[0-9].png"))]
    structs = [{"bytes": data, "path": None} for data in pictures] + [{"bytes": None, "path": None}]
    structs.append({"bytes": None, "path": str(album / "0.png")})
    columns = {"image": structs, "text": [f"words {number}" for number in range(7)], "id": list("abcdefg")}
    pq.write_table(pa.table(columns), tmp_path / "table.parquet", row_group_size=2)
    return tmp_path / "table.parquet"


def test_the_rows_of_a_table_are_inputs(table: Path, tmp_path: Path, encode: Callable, rows_in: Callable):
    encode(table, tmp_path / "out", reading=Reading((), "image", None, "text"), part_rows=2)
    rows = rows_in(tmp_path / "out")
    assert sorted(rows) == [f"table.parquet#{number}" for number in range(7)]
    assert rows["table.parquet#5"]["error"] == "there is nothing in its place"
    assert rows["table.parquet#6"]["words"] == "words 6"
    assert rows["table.parquet#6"]["sha256"] == rows["table.parquet#0"]["sha256"]
    encode(table, tmp_path / "named", reading=Reading((), "image", "id"))
    assert sorted(rows_in(tmp_path / "named")) == list("abcdefg")


def test_a_table_without_the_column_and_one_that_is_none_say_so(
    table: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    encode(table, tmp_path / "out", reading=Reading((), "jpg"))
    assert rows_in(tmp_path / "out")["table.parquet"]["error"].startswith(
        "has no column 'jpg'; name one (--column): image"
    )
    table.write_bytes(b"none")
    encode(table, tmp_path / "other")
    assert rows_in(tmp_path / "other")["table.parquet"]["error"].startswith("the table cannot be read: ")


def test_results_are_a_source_and_rows_without_a_file_say_why(
    album: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    encode(album, tmp_path / "out", form="parquet")
    work = Decode(format="png", restore=False)
    encode(tmp_path / "out", tmp_path / "pictures", work=work, reading=Reading((".semc",), "semc"))
    rows = {row["name"]: row for row in pq.read_table(tmp_path / "pictures").to_pylist()}
    assert sorted(rows) == sorted(rows_in(tmp_path / "out"))
    assert rows["broken.jpg"]["error"].startswith("was not made: is no picture")
    assert rows["0.png"]["image"].startswith(b"\x89PNG")
    assert rows["0.png"]["sent"] == 1.0


def test_small_sources_are_shared_out_and_large_ones_cut_at_the_most(table: Path, album: Path):
    def count(source: Path, **options: int) -> list[int]:
        tasks = tasks_of(str(source), PICTURES, **options)
        return [sum(1 for _ in task.items()) for task in tasks]

    assert count(album, most=100, workers=1) == [6]
    assert count(album, most=2, workers=1) == [2, 2, 2]
    assert count(album, most=100, workers=2) == [1] * 6
    assert count(table, most=100, workers=1) == [7]
    assert count(table, most=4, workers=1) == [4, 3]
    assert count(table, most=100, workers=2) == [2, 2, 2, 1]


def test_a_folder_may_hold_files_shards_and_tables(shard: Path, table: Path, tmp_path: Path, encode: Callable):
    assert shard.parent == table.parent == tmp_path
    report = encode(tmp_path, tmp_path / "out", engine=Engine("local", 1)).report
    assert report.num_inputs == 6 + 3 + 7


def test_a_task_is_what_was_told_of_it(shard: Path, album: Path, table: Path):
    for source in (shard, album, table):
        for task in tasks_of(str(source), CAPTIONS, most=2, workers=2):
            assert task_of(told(task)) == task


@given(st.text(min_size=1), st.text(min_size=1))
def test_keys_of_shards_have_no_dot_and_differ_where_names_do(one: str, other: str):
    assert "." not in key_of(one) and "/" not in key_of(one)
    assert (key_of(one) == key_of(other)) == (one == other)


def test_an_array_of_pixels_is_a_picture():
    pixels_HWC = np.zeros((12, 20, 3), np.uint8)
    found = Encode(bytes=100, describe=False)({"image": np.stack([pixels_HWC, pixels_HWC + 200])})
    assert list(found["name"]) == ["0", "1"]
    assert list(found["width"]) == [20, 20]

"""On a Ray cluster of this machine, started once: the rows are those that one process makes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import ray

from semcodec.jobs import Cluster, Engine


@pytest.fixture
def cluster() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_ray_makes_the_same_rows_and_goes_on_where_it_was(
    album: Path,
    tmp_path: Path,
    encode: Callable,
    rows_in: Callable,
    root: Path,
    cluster: None,
):
    engine = Engine("ray", 1, Cluster())
    encode(album / "summer", tmp_path / "out")
    report = encode(album, tmp_path / "out", engine=engine, part_rows=2).report
    assert (report.num_made, report.num_copied, report.num_failed) == (3, 2, 1)
    assert report.failures[0].name == "broken.jpg"
    encode(album, tmp_path / "here")
    by_ray, here = rows_in(tmp_path / "out"), rows_in(tmp_path / "here")
    assert {name: row["semc"] for name, row in here.items()} == {name: by_ray[name]["semc"] for name in here}
    assert ray.is_initialized()  # (it was there before the job)
    # What the page shows is run here, where Ray is running. (Its workers have another current folder.)
    shown = ray_block(root / "docs" / "archives.md")
    exec(shown.replace('"photos"', repr(str(album))).replace('"rows"', repr(str(tmp_path / "rows"))), {})
    made = pq.read_table(tmp_path / "rows").to_pylist()
    assert sum(row["error"] is None for row in made) == 5
    assert {row["error_kind"] for row in made} == {None, "PictureError"}


def ray_block(page: Path) -> str:
    """The block of the page about Ray Data."""
    (found,) = (block for block in re.findall(r"```text\n(.*?)```", page.read_text(), re.S) if "import ray" in block)
    return found

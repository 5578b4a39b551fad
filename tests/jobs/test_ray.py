"""On a Ray cluster of this machine, started once: the rows are those that one process makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from semcodec.jobs import Cluster, Engine


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_ray_makes_the_same_rows_and_goes_on_where_it_was(
    album: Path, tmp_path: Path, encode: Callable, rows_in: Callable
):
    ray = Engine("ray", 1, Cluster())
    encode(album / "summer", tmp_path / "out")
    report = encode(album, tmp_path / "out", engine=ray, part_rows=2).report
    assert (report.num_made, report.num_copied, report.num_failed) == (3, 2, 1)
    assert report.failures[0].name == "broken.jpg"
    encode(album, tmp_path / "here")
    by_ray, here = rows_in(tmp_path / "out"), rows_in(tmp_path / "here")
    assert {name: row["semc"] for name, row in here.items()} == {name: by_ray[name]["semc"] for name in here}
    import ray as package

    assert not package.is_initialized()

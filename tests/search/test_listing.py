"""What a gallery shows without a query."""

from __future__ import annotations

from pathlib import Path

from semcodec.search import index_folder
from semcodec.search.listing import list_files

from .conftest import file_with


def test_files_are_listed_by_path_a_page_at_a_time(album: Path, database: Path):
    index_folder(album, database=database)
    listing = list_files(album, database=database)
    names = [Path(hit.path).relative_to(album).as_posix() for hit in listing.files]
    assert names == ["beach.semc", "bus.semc", "deep/dog.semc", "deep/er/chien.SEMC", "silent.semc"]
    assert listing.num_files == 5
    assert [hit.words.text for hit in listing.files][-1] == ""
    page = list_files(album, first=3, top=1, database=database)
    assert (page.num_files, page.files) == (5, listing.files[3:4])


def test_only_files_of_the_folder_are_listed(album: Path, database: Path, tmp_path: Path):
    other = tmp_path / "album2"
    other.mkdir()
    (other / "x.semc").write_bytes(file_with("elsewhere"))
    index_folder(album, database=database)
    index_folder(other, database=database)
    assert [Path(hit.path).name for hit in list_files(other, database=database).files] == ["x.semc"]


def test_links_are_left_out_where_that_is_asked_for(album: Path, database: Path, tmp_path: Path):
    (tmp_path / "outside.semc").write_bytes(file_with("outside"))
    (album / "link.semc").symlink_to(tmp_path / "outside.semc")
    assert index_folder(album, database=database).num_files == 6
    assert index_folder(album, database=database, links=False).num_removed == 1
    assert list_files(album, database=database).num_files == 5

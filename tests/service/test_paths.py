"""No name that a client can give leads out of the folder."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semcodec.service.paths import parts_of, read_file
from semcodec.service.problems import Refusal

from .conftest import Running

OUT = [
    "../outside.semc",
    "deep/../../outside.semc",
    "./dogs.semc",
    "/etc/passwd.semc",
    "//dogs.semc",
    "deep//dogs.semc",
    "",
    ".semc",
    ".hidden.semc",
    "link.semc",
    "linked/outside.semc",
    "linked/album/dogs.semc",
    "notes.txt",
    "deep",
    "dogs.semc/",
    "dogs.semc\0.txt",
    "notes.txt\0.semc",
    "\0",
    "x" * 5000 + ".semc",
    "..\\outside.semc",
    "C:\\outside.semc",
    "\\\\server\\share\\x.semc",
    "con.semc",
    "dogs.semc:stream.semc",
    "%2e%2e/outside.semc",
]


@pytest.mark.parametrize("name", OUT, ids=repr)
def test_a_name_that_leads_elsewhere_is_an_absent_file(service: Running, album: Path, name: str):
    with pytest.raises(Refusal) as refusal:
        read_file(album, name, max_bytes=1 << 20)
    assert (refusal.value.status, refusal.value.sentence) == (404, "there is no such .semc file in the folder")
    for path in (f"/info?file={quote(name, safe='')}", f"/decode?file={quote(name, safe='')}"):
        assert service.get(path).status in {400, 404}, path
    if name:
        assert service.get(f"/files/{quote(name, safe='')}").status == 404


@pytest.mark.parametrize("raw", ["/files/../outside.semc", "/files/%2e%2e/outside.semc", "/files/..%2foutside.semc",
                                 "/static/..%2fapp.py", "/static/%2e%2e%2fapp.py", "/viewer/../pages.py",
                                 "/viewer/%2e%2e/package.json", "/files/%c0%ae%c0%ae/outside.semc"])  # fmt: skip
def test_nor_does_an_address_as_it_is_sent(service: Running, raw: str):
    assert service.get(raw).status == 404


def test_windows_has_more_names_that_lead_elsewhere():
    for name in (
        "a\\b.semc",
        "c:x.semc",
        "nul.semc",
        "deep/COM1.semc",
        "com¹.semc",
        "aux .semc",
        "a./b.semc",
        "a /b.semc",
    ):
        assert parts_of(name, windows=True) is None, name
        assert parts_of(name, windows=False) is not None, name
    assert parts_of("deep/10 dogs.SEMC", windows=True) == ["deep", "10 dogs.SEMC"]
    assert parts_of("10:30.semc", windows=False) == ["10:30.semc"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.sampled_from(
            ["..", ".", "", "deep", "linked", "dogs.semc", "outside.semc", "link.semc", "\0", "album", "~"]
        ),
        max_size=5,
    ),
    tail=st.text(max_size=4),
)
def test_whatever_a_name_is_only_files_of_the_folder_are_read(album: Path, parts: list[str], tail: str):
    name = "/".join(parts) + tail
    try:
        found = read_file(album, name, max_bytes=1 << 20)
    except Refusal as refusal:
        assert refusal.status == 404
    else:
        path = Path(os.path.realpath(album / name))
        assert path.is_relative_to(album.resolve()) and path.read_bytes() == found.data


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path):
    (tmp_path / "folder.semc").mkdir()
    os.mkfifo(tmp_path / "pipe.semc")
    for name in ("folder.semc", "pipe.semc"):
        with pytest.raises(Refusal, match="no such"):
            read_file(tmp_path, name, max_bytes=99)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path):
    (tmp_path / "large.semc").write_bytes(bytes(100))
    assert len(read_file(tmp_path, "large.semc", max_bytes=100).data) == 100
    with pytest.raises(Refusal, match="more than the 99 bytes"):
        read_file(tmp_path, "large.semc", max_bytes=99)

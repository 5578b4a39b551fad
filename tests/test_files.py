from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from semcodec.files import FileInTheWayError, refuse_same_file, write_atomic


def test_what_is_written_is_what_is_read(tmp_path: Path):
    write_atomic(tmp_path / "a.bin", b"one")
    write_atomic(tmp_path / "a.bin", b"two")
    assert (tmp_path / "a.bin").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_failed_write_leaves_the_old_file_and_no_temporary(tmp_path: Path):
    (tmp_path / "a.bin").write_bytes(b"old")
    with pytest.raises(TypeError):
        write_atomic(tmp_path / "a.bin", "not bytes")  # type: ignore[arg-type]
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_new_file_follows_the_umask_and_a_replaced_one_keeps_its_permissions(tmp_path: Path):
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "new.bin", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.bin").stat().st_mode) == 0o640
    (tmp_path / "new.bin").chmod(0o604)
    write_atomic(tmp_path / "new.bin", b"y")
    assert stat.S_IMODE((tmp_path / "new.bin").stat().st_mode) == 0o604


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path):
    (tmp_path / "real.bin").write_bytes(b"old")
    (tmp_path / "link.bin").symlink_to("real.bin")
    write_atomic(tmp_path / "link.bin", b"new")
    assert (tmp_path / "link.bin").is_symlink()
    assert (tmp_path / "real.bin").read_bytes() == b"new"


def test_a_device_is_written_to_and_not_replaced():
    write_atomic(os.devnull, b"gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_folder_is_refused(tmp_path: Path):
    with pytest.raises(IsADirectoryError, match="folder"):
        write_atomic(tmp_path, b"x")


def test_a_long_name_in_four_byte_letters_can_be_written(tmp_path: Path):
    path = tmp_path / ("🦜" * 62 + ".semc")
    write_atomic(path, b"x")
    assert path.read_bytes() == b"x"


def test_the_input_is_recognised_by_any_name(tmp_path: Path):
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"x")
    (tmp_path / "link.png").symlink_to(photo)
    os.link(photo, tmp_path / "hard.png")
    for same in (photo, tmp_path / "." / "photo.png", tmp_path / "link.png", tmp_path / "hard.png"):
        with pytest.raises(FileInTheWayError, match="never overwritten"):
            refuse_same_file(photo, same)
    refuse_same_file(photo, tmp_path / "other.png")

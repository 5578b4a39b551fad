from __future__ import annotations

from dataclasses import replace

from semcodec.evaluation.files import FileStore
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.results import Line, SetLine, append_lines, best_lines, read_lines, read_set_lines, write_lines


def line(codec="webp", picture="one", budgets=(340,), scale=1, num_bytes=300, **values) -> Line:
    return Line(codec, picture, "00", "settings", budgets, (), scale, 10, num_bytes, 0.1, values)


def test_lines_come_back_as_they_were_written(tmp_path):
    lines = [line(psnr_db=20.0), line(budgets=(340, 1000), scale=4, psnr_db=21.5)]
    append_lines(tmp_path / "r.jsonl", lines[:1])
    append_lines(tmp_path / "r.jsonl", lines[1:])
    assert read_lines(tmp_path / "r.jsonl") == lines


def test_set_lines_come_back_as_they_were_written(tmp_path):
    lines = [SetLine("webp", "s", "p", 340, "kid_mobilenet", 0.5, 0.1, 24)]
    write_lines(tmp_path / "s.jsonl", lines)
    assert read_set_lines(tmp_path / "s.jsonl") == lines


def test_a_line_that_a_crash_cut_off_is_left_out_and_the_next_one_is_whole(tmp_path):
    path = tmp_path / "r.jsonl"
    append_lines(path, [line(), line(picture="two")])
    path.write_bytes(path.read_bytes()[:-20])
    append_lines(path, [line(picture="three")])
    assert [one.picture for one in read_lines(path)] == ["one", "three"]


def test_no_file_is_no_lines(tmp_path):
    assert read_lines(tmp_path / "r.jsonl") == []


def test_each_measure_takes_its_own_best_file():
    lines = [
        line(scale=1, psnr_db=20.0, mobilenet_distance=0.5),
        line(scale=4, psnr_db=22.0, mobilenet_distance=0.9),
        line(scale=8, psnr_db=30.0, mobilenet_distance=0.1, budgets=(1000,)),
    ]
    assert best_lines(lines, find_measure("psnr_db"), 340)["one"].scale == 4
    assert best_lines(lines, find_measure("mobilenet_distance"), 340)["one"].scale == 1
    assert best_lines(lines, find_measure("vmaf"), 340) == {}


def test_the_archive_is_the_same_for_the_same_files_and_keeps_only_named_ones(tmp_path):
    archives = []
    for folder, order in (("a", "xyz"), ("b", "zyx")):
        store = FileStore(tmp_path / folder)
        for name in order:
            store.put(f"webp/{name}.bin", name.encode() * 5)
        store.pack(["webp/x.bin", "webp/z.bin"])
        archives.append((tmp_path / folder / "files.zip").read_bytes())
        assert store.get("webp/z.bin") == b"zzzzz"
    assert archives[0] == archives[1]
    store.pack(["webp/z.bin"])
    assert store.get("webp/x.bin") is None


def test_of_one_file_the_line_with_more_measures_counts(tmp_path):
    path = tmp_path / "r.jsonl"
    append_lines(path, [line(psnr_db=20.0), line(picture="two")])
    append_lines(path, [line(psnr_db=20.0, lpips=0.4)])
    assert [one.values for one in read_lines(path) if one.picture == "one"] == [{"psnr_db": 20.0, "lpips": 0.4}]
    assert len(read_lines(path)) == 2


def test_a_line_says_which_measures_so_small_a_picture_cannot_have(tmp_path):
    path = tmp_path / "r.jsonl"
    append_lines(path, [replace(line(), without=("ms_ssim",)), line(picture="two")])
    assert [one.without for one in read_lines(path)] == [("ms_ssim",), ()]
    assert "without" not in path.read_text().splitlines()[1]

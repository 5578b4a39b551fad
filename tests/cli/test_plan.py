from __future__ import annotations

from pathlib import Path

import pytest

from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs

ENCODING = Kinds(
    is_input=lambda path: path.suffix.lower() in {".png", ".jpg"},
    is_output=lambda path: path.suffix.lower() == ".semc",
    input_suffixes=frozenset({".png", ".jpg"}),
    output_suffix=".semc",
)


def plan(*paths: object, output_dir: object = None) -> list[Job]:
    return plan_jobs([str(path) for path in paths], str(output_dir) if output_dir else None, ENCODING)


def targets(jobs: list[Job]) -> list[str]:
    assert not any(job.problem for job in jobs), jobs
    return [job.target for job in jobs]


@pytest.fixture
def album(tmp_path: Path) -> Path:
    for name in ("a.png", "b.JPG", "deep/c.png", "deep/er/d.png", ".hidden/e.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_an_input_and_an_output_are_taken_as_they_are(album: Path):
    assert plan(album / "a.png", album / "x.semc") == [Job(str(album / "a.png"), str(album / "x.semc"), named=True)]
    assert plan(album / "a.png", album / "new.bin") == [Job(str(album / "a.png"), str(album / "new.bin"), named=True)]
    assert plan(album / "a.png", "-") == [Job(str(album / "a.png"), "-", named=True)]
    assert plan("-", "x.semc") == [Job("-", "x.semc", named=True)]
    assert plan("-") == [Job("-", "-", named=True)]


def test_without_an_output_it_lands_beside_the_input(album: Path):
    assert targets(plan(album / "a.png")) == [str(album / "a.semc")]
    assert targets(plan(album / "notes.txt")) == [str(album / "notes.txt.semc")]


def test_two_pictures_are_two_inputs_and_never_input_and_output(album: Path):
    assert targets(plan(album / "a.png", album / "b.JPG")) == [str(album / "a.semc"), str(album / "b.semc")]
    with pytest.raises(UsageError, match=r"a2\.png: there is no such file to read, .* would have to end with \.semc"):
        plan(album / "a.png", album / "a2.png")
    three = plan(album / "a.png", album / "b.JPG", album / "mistyped.png")
    assert targets(three)[2] == str(album / "mistyped.semc")


def test_behind_several_inputs_an_existing_file_of_another_kind_is_not_taken_for_an_output(album: Path):
    with pytest.raises(UsageError, match=r"notes\.txt: exists and is neither"):
        plan(album / "a.png", album / "b.JPG", album / "notes.txt")


def test_a_folder_is_searched_to_its_depths_and_its_tree_is_kept(album: Path):
    names = ["a.semc", "b.semc", "deep/c.semc", "deep/er/d.semc"]
    assert targets(plan(album)) == [str(album / name) for name in names]
    assert targets(plan(album, output_dir="out")) == [str(Path("out") / name) for name in names]
    assert targets(plan(album, "out")) == [str(Path("out") / name) for name in names]


def test_a_pattern_keeps_the_tree_below_its_fixed_part(album: Path):
    assert targets(plan(album / "**" / "*.png", "out")) == ["out/a.semc", "out/deep/c.semc", "out/deep/er/d.semc"]
    assert targets(plan(album / "deep" / "*.png", "out/")) == ["out/c.semc"]
    assert targets(plan(album / "*.png")) == [str(album / "a.semc")]


def test_one_input_into_an_existing_folder_keeps_its_name(album: Path):
    assert targets(plan(album / "a.png", album / "deep")) == [str(album / "deep" / "a.semc")]


def test_several_inputs_need_a_folder(album: Path):
    with pytest.raises(UsageError, match="need a folder"):
        plan(album / "a.png", album / "b.JPG", album / "x.semc")
    with pytest.raises(UsageError, match="need a folder"):
        plan(album, "-")
    with pytest.raises(UsageError, match="stdin"):
        plan("-", album / "a.png")


def test_two_inputs_of_one_output_are_said_and_the_first_has_it(album: Path):
    (album / "a.jpg").write_bytes(b"x")
    first, second = plan(album / "a.jpg", album / "a.png")
    assert first.problem is None
    assert second.problem is not None
    assert "as" in second.problem
    assert "rename" in second.problem


def test_the_same_input_twice_counts_once(album: Path):
    assert len(plan(album / "a.png", album / "a.png", output_dir="out")) == 1


def test_what_matches_nothing_is_a_problem_of_its_own_and_costs_the_others_nothing(album: Path):
    (album / "empty").mkdir()
    jobs = plan(album / "*.bmp", album / "empty", album / "a.png", output_dir="out")
    assert [bool(job.problem) for job in jobs] == [True, True, False]
    assert "matches no file" in str(jobs[0].problem)
    assert "holds no file" in str(jobs[1].problem)


def test_a_file_with_a_bracket_in_its_name_is_that_file(album: Path):
    (album / "shot[1].png").write_bytes(b"x")
    assert targets(plan(album / "shot[1].png")) == [str(album / "shot[1].semc")]

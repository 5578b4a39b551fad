"""Whole small runs: real pictures, real encoders, a tiny network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.errors import SemcodecError
from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.ladders import Ladder
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.measures.judges import WeightPaths
from semcodec.evaluation.peers.registry import open_peers
from semcodec.evaluation.report.extract import table_markdown
from semcodec.evaluation.report.page import build_page
from semcodec.evaluation.report.pictures import make_views
from semcodec.evaluation.results import best_lines, read_lines, read_set_lines, write_lines
from semcodec.evaluation.runner import Plan, run_plan
from semcodec.evaluation.sets import load_set
from semcodec.evaluation.summary import read_summary

from .conftest import draw


@pytest.fixture
def plan(picture_folder, tiny_network, tmp_path) -> Plan:
    peers, _ = open_peers(["jpeg", "webp", "thumbhash"])
    return Plan(
        load_set(picture_folder),
        tuple(peers),
        (100, 340, 1000),
        WeightPaths(mobilenet=tiny_network),
        tmp_path / "out",
        with_vmaf=False,
        with_semcodec=False,
    )


def run_and_count(plan: Plan, *, jobs: int = 1) -> int:
    seen: list[str] = []
    run_plan(plan, jobs=jobs, on_progress=lambda done, num, text: seen.append(text))
    return len(seen)


def test_a_second_run_has_nothing_to_do_and_changes_nothing(plan):
    assert run_and_count(plan) == 9
    before = {path.name: path.read_bytes() for path in plan.out.iterdir() if path.is_file()}
    assert run_and_count(plan) == 0
    assert {path.name: path.read_bytes() for path in plan.out.iterdir() if path.is_file()} == before


def test_a_stopped_run_goes_on_where_it_was(plan):
    def stop(done: int, num: int, text: str) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_plan(plan, on_progress=stop)
    assert run_and_count(plan) == 5


def test_two_processes_give_the_same_results_as_one(plan, tmp_path):
    run_plan(plan)
    other = replace(plan, out=tmp_path / "other")
    run_plan(other, jobs=2)
    for name in ("results.jsonl", "sets.jsonl", "files.zip"):
        assert (plan.out / name).read_bytes() == (other.out / name).read_bytes()


def test_a_new_measure_or_budget_is_measured_and_the_rest_is_kept(plan, tiny_network):
    run_plan(plan)
    assert run_and_count(replace(plan, budgets=(340,))) == 0
    assert run_and_count(replace(plan, weights=WeightPaths(mobilenet=tiny_network, judge2=tiny_network))) == 9


def test_a_new_measure_needs_no_new_search_and_leaves_the_old_values(plan, tiny_network, monkeypatch):
    run_plan(plan)
    before = read_lines(plan.out / "results.jsonl")
    archive = (plan.out / "files.zip").read_bytes()
    monkeypatch.setattr(Ladder, "best", lambda *_: pytest.fail("a quality was looked for"))
    more = replace(plan, weights=WeightPaths(mobilenet=tiny_network, judge2=tiny_network))
    run_plan(more)
    after = read_lines(plan.out / "results.jsonl")
    assert [line.key for line in after] == [line.key for line in before]
    assert [line.shown for line in after] == [line.shown for line in before]
    for old, new in zip(before, after, strict=True):
        if new.num_bytes:
            assert new.values == old.values | {"judge2_distance": new.values["mobilenet_distance"]}
    assert (plan.out / "files.zip").read_bytes() == archive
    assert run_and_count(more) == 0


def test_where_an_encoder_makes_other_files_now_its_qualities_are_looked_for_again(plan, tiny_network):
    run_plan(plan)
    path = plan.out / "results.jsonl"
    lines = [replace(line, num_bytes=max(0, line.num_bytes - 1)) for line in read_lines(path)]
    write_lines(path, lines)
    more = replace(plan, weights=WeightPaths(mobilenet=tiny_network, judge2=tiny_network))
    run_plan(more)
    fresh = replace(more, out=plan.out.parent / "fresh")
    run_plan(fresh)
    assert read_lines(path) == read_lines(fresh.out / "results.jsonl")


def test_a_costly_measure_is_taken_of_the_best_file_of_every_budget_alone(plan, tiny_network, monkeypatch):
    monkeypatch.setattr("semcodec.evaluation.runner.COSTLY", frozenset({"mobilenet_top1"}))
    monkeypatch.setattr("semcodec.evaluation.worker.COSTLY", frozenset({"mobilenet_top1"}))
    monkeypatch.setattr("semcodec.evaluation.measures.judges.COSTLY", frozenset({"mobilenet_top1"}))
    judged = replace(plan, weights=WeightPaths(mobilenet=tiny_network, judge2=tiny_network))
    run_plan(judged)
    webp = [line for line in read_lines(judged.out / "results.jsonl") if line.codec == "webp" and line.num_bytes]
    assert any("mobilenet_top1" not in line.values for line in webp)
    best = find_measure("judge2_distance")
    for budget in (340, 1000):
        assert all("mobilenet_top1" in line.values for line in best_lines(webp, best, budget).values())
    assert run_and_count(judged) == 0


def test_budgets_in_bits_per_pixel_are_other_bytes_for_other_sizes(plan, picture_folder):
    Image.fromarray(draw(352, 384)).save(picture_folder / "large.png")
    by_pixel = replace(plan, pictures=load_set(picture_folder), budgets=(100, 200), unit=Unit.MILLIBPP)
    run_plan(by_pixel)
    lines = [line for line in read_lines(plan.out / "results.jsonl") if line.codec == "webp" and line.num_bytes]
    for name, num_pixels in (("one", 176 * 192), ("large", 352 * 384)):
        largest = max(line.num_bytes for line in lines if line.picture == name)
        assert 0.7 * 200 * num_pixels / 8000 < largest <= 200 * num_pixels / 8000
    summary = read_summary(plan.out)
    assert summary.unit is Unit.MILLIBPP
    assert "0.2 bpp" in table_markdown(summary, summary.measures)


def test_pictures_too_small_for_a_measure_are_done_without_it(plan, picture_folder):
    Image.fromarray(draw(60, 90)).save(picture_folder / "tiny.png")
    small = replace(plan, pictures=load_set(picture_folder))
    run_plan(small)
    assert run_and_count(small) == 0
    lines = [line for line in read_lines(plan.out / "results.jsonl") if line.picture == "tiny" and line.num_bytes]
    assert lines
    assert all({"ms_ssim", "lattice_8"} <= set(line.without) for line in lines)


def test_every_line_says_what_it_cost_and_budgets_are_never_exceeded(plan):
    run_plan(plan)
    lines = read_lines(plan.out / "results.jsonl")
    for line in lines:
        assert line.num_bytes <= min(line.budgets)
        assert line.bpp == pytest.approx(8 * line.num_bytes / (192 * 176), abs=1e-6)
        if line.num_bytes:
            assert line.values.keys() == {"psnr_db", "ms_ssim", "mobilenet_distance", "mobilenet_top1"} | {
                f"lattice_{period}" for period in (2, 4, 8, 16)
            }
    assert any(not line.num_bytes and line.codec == "jpeg" and 100 in line.budgets for line in lines)


def test_without_scratch_files_a_later_run_keeps_the_kid_of_the_earlier(plan):
    run_plan(plan)
    before = read_set_lines(plan.out / "sets.jsonl")
    for path in (plan.out / "scratch").rglob("*.npz"):
        path.unlink()
    run_plan(plan)
    assert read_set_lines(plan.out / "sets.jsonl") == before
    assert {line.measure for line in before} == {"kid_mobilenet"}


def test_one_broken_picture_does_not_stop_the_others(plan, picture_folder):
    (picture_folder / "two.png").write_bytes(b"not a picture")
    with pytest.raises(SemcodecError, match=r"3 of 9 pieces of work failed; the first: .* on two"):
        run_plan(plan)
    assert {line.picture for line in read_lines(plan.out / "results.jsonl")} == {"one", "three"}


def test_means_need_every_picture_and_the_best_peer_is_the_best_mean(plan):
    run_plan(plan)
    summary = read_summary(plan.out)
    measure = next(m for m in summary.measures if m.name == "psnr_db")
    assert summary.mean("jpeg", measure, 100) is None
    assert summary.num_reached("jpeg", 100) == 0
    mean = summary.mean("webp", measure, 1000)
    assert mean is not None
    values = summary.values("webp", measure, 1000)
    assert mean.value == pytest.approx(np.mean(list(values.values())))
    assert mean.low <= mean.value <= mean.high
    assert summary.best_peer(measure, 1000) == "webp"


def test_nobody_is_best_by_a_measure_that_is_best_at_one(plan):
    run_plan(plan)
    summary = read_summary(plan.out)
    measure = find_measure("lattice_8")
    assert summary.mean("webp", measure, 1000) is not None
    assert summary.best_peer(measure, 1000) is None
    assert summary.duels(measure) == []
    assert "**" not in table_markdown(summary, (measure,)).split("original has)")[1]


def test_the_report_is_one_page_that_needs_nothing_else(plan):
    run_plan(replace(plan, absent=("<b>LPIPS</b>: not measured",)))
    summary = read_summary(plan.out)
    views = make_views(summary, plan.pictures.pictures, plan.out, num_pictures=2)
    page = build_page(summary, views)
    assert {pane.codec for view in views for pane in view.panes} == {"original", "jpeg", "webp"}
    assert "http" not in page.replace("http-equiv", "")
    assert all(part.startswith("data:image/webp;base64,") for part in page.split(' src="')[1:])
    assert "<link" not in page
    assert "&lt;b&gt;LPIPS&lt;/b&gt;: not measured" in page
    for text in ("PSNR", "MS-SSIM", "ThumbHash", "libjpeg-turbo", "1,000 bytes", "no file so small"):
        assert text in page


def test_names_from_outside_are_escaped(plan, picture_folder):
    run_plan(plan)
    run = plan.out / "run.json"
    run.write_text(run.read_text().replace('"title": "pictures"', '"title": "<script>alert(1)</script>"'))
    page = build_page(read_summary(plan.out), [])
    assert "<script>alert" not in page


def test_a_measure_without_weights_is_a_sentence(plan):
    run_plan(plan)
    assert any("second network's distance: not measured" in text for text in read_summary(plan.out).about["absent"])


def test_results_name_no_place_of_this_machine(plan):
    run_plan(plan)
    for name in ("results.jsonl", "sets.jsonl", "run.json"):
        assert str(Path(plan.out).parent) not in (plan.out / name).read_text()


def test_a_run_with_fewer_peers_or_pictures_keeps_the_lines_of_the_others(plan):
    run_plan(plan)
    everything = (plan.out / "results.jsonl").read_bytes(), (plan.out / "sets.jsonl").read_bytes()
    fewer = replace(plan, peers=plan.peers[1:2], pictures=plan.pictures.first(2))
    assert run_and_count(fewer) == 0
    summary = read_summary(plan.out)
    assert list(summary.titles) == ["webp"]
    assert summary.pictures == ("one", "three")
    assert run_and_count(plan) == 0
    assert ((plan.out / "results.jsonl").read_bytes(), (plan.out / "sets.jsonl").read_bytes()) == everything

"""`run.json`: all of what a training was made with, and where it goes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from semcodec_train.common.run import KEYS, RUN, Done, Sources, card, run_beside, sha256_of, write_run
from semcodec_train.restorer.recipes import restorer_debug

DONE = Done("cpu", 12.4, 30, 60, {"loss": 0.5})


def test_a_run_says_everything_and_its_child_says_it_too(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    (first / "weights.pt").write_bytes(b"weights")
    write_run(first / RUN, restorer_debug(), DONE, Sources(data={"photos": "ab" * 32}), pairs=7)
    run = json.loads((first / RUN).read_text())
    assert tuple(run)[: len(KEYS)] == KEYS and run["pairs"] == 7
    assert run["recipe"] == "semcodec_train.restorer.recipes.restorer_debug"
    assert run["settings"]["crop_px"] == 96 and run["seconds"] == 12
    sources = Sources.of(parents={"init": first / "weights.pt", "other": None})
    write_run(second / RUN, replace(restorer_debug(), minutes=3), DONE, sources)
    parents = json.loads((second / RUN).read_text())["parents"]
    assert parents == {"init": {"sha256": hashlib.sha256(b"weights").hexdigest(), "run": run}}


def test_what_was_done_before_keeps_its_run(tmp_path: Path) -> None:
    write_run(tmp_path / RUN, restorer_debug(), DONE, Sources())
    before = (tmp_path / RUN).read_bytes()
    write_run(tmp_path / RUN, restorer_debug(), replace(DONE, device="another", ran=False), Sources())
    assert (tmp_path / RUN).read_bytes() == before
    write_run(tmp_path / RUN, restorer_debug(), replace(DONE, steps=31), Sources())
    assert (tmp_path / RUN).read_bytes() != before


def test_weights_that_share_a_folder_have_runs_of_their_own(tmp_path: Path) -> None:
    for name in ("a.pt", "b.pt", "a.run.json", "run.json"):
        (tmp_path / name).write_text("{}")
    assert run_beside(tmp_path / "a.pt") == tmp_path / "a.run.json"
    assert run_beside(tmp_path / "b.pt") == run_beside(tmp_path) == tmp_path / "run.json"
    assert run_beside(tmp_path / "nowhere" / "c.pt") is None


def test_the_hash_of_a_folder_knows_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"2")
    seen = {sha256_of(tmp_path)}
    (tmp_path / "b").write_bytes(b"3")
    seen.add(sha256_of(tmp_path))
    (tmp_path / "b").rename(tmp_path / "c")
    seen.add(sha256_of(tmp_path))
    assert len(seen) == 3
    assert sha256_of(tmp_path / "in" / "a") == hashlib.sha256(b"1").hexdigest()


def test_a_card_quotes_a_run_and_those_before_it(tmp_path: Path) -> None:
    (tmp_path / "w.pt").write_bytes(b"w")
    write_run(tmp_path / RUN, restorer_debug(), DONE, Sources(data={"photos": "ab" * 32}))
    first = json.loads((tmp_path / RUN).read_text())
    (tmp_path / "next").mkdir()
    write_run(tmp_path / "next" / RUN, restorer_debug(), DONE, Sources.of(parents={"init": tmp_path / "w.pt"}))
    rows = card(json.loads((tmp_path / "next" / RUN).read_text())).splitlines()
    assert len(rows) == 2 and rows[0] == card(first)
    assert "30 steps, 60 crops" in rows[0] and "photos `abababababab`" in rows[0] and "loss 0.5" in rows[0]


def unquoted(weights: Path, cards: Path) -> list[str]:
    """Packages whose model card does not quote their run.json, or does not say that they have none."""
    found = []
    for package in sorted(path for path in weights.iterdir() if path.is_dir()):
        run, page = package / RUN, cards / f"{package.name}.md"
        text = page.read_text("utf-8") if page.exists() else ""
        rows = card(json.loads(run.read_text("utf-8"))).splitlines() if run.exists() else ["no `run.json`"]
        found += [] if all(row in text for row in rows) else [package.name]
    return found


def test_a_model_card_quotes_the_run_of_its_package_or_says_that_there_is_none(root: Path, tmp_path: Path) -> None:
    assert unquoted(root / "src" / "semcodec" / "zoo" / "weights", root / "docs" / "models") == []
    weights, page = tmp_path / "weights", tmp_path / "x-1.md"
    (weights / "x-1").mkdir(parents=True)
    assert unquoted(weights, tmp_path) == ["x-1"]
    page.write_text("It left no `run.json`.")
    assert unquoted(weights, tmp_path) == []
    write_run(weights / "x-1" / RUN, restorer_debug(), DONE, Sources())
    assert unquoted(weights, tmp_path) == ["x-1"]
    page.write_text(card(json.loads((weights / "x-1" / RUN).read_text())))
    assert unquoted(weights, tmp_path) == []

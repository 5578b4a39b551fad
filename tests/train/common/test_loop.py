"""The loop of all trainings: how far it is, what it leaves, and that an interruption is nothing to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from semcodec_train.common.loop import Average, Best, Loop, warming


def a_loop(out: Path, part: nn.Module, **options: object) -> Loop:
    return Loop(out, {"part": part}, device="cpu", log_every=2, log=lambda line: None, **options)  # type: ignore[arg-type]


def test_progress_is_the_share_of_steps_where_time_is_long(tmp_path: Path) -> None:
    loop = a_loop(tmp_path, nn.Linear(1, 1))
    assert list(loop.through(1000, 4)) == pytest.approx([0, 0.25, 0.5, 0.75], abs=1e-3)
    assert (loop.step, loop.steps) == (4, 4)


def test_it_ends_in_time_where_steps_are_many(tmp_path: Path) -> None:
    loop = a_loop(tmp_path, nn.Linear(1, 1))
    shares = list(loop.through(0.2 / 60, 10**9))
    assert shares == sorted(shares) and shares[-1] < 1 and 0.2 <= loop.seconds < 5


def test_a_stopped_run_goes_on_where_its_checkpoint_is_and_a_done_one_ends_at_once(tmp_path: Path) -> None:
    part = nn.Linear(1, 1)
    loop = a_loop(tmp_path, part, save_every_s=0)
    for at, _ in enumerate(loop.through(None, 10)):
        part.weight.data.fill_(at)
        loop.add({"nats": float(at)}, crops=3)
        if at == 4:
            break  # an interruption: what was done since the last checkpoint is lost
    other = nn.Linear(1, 1)
    again = a_loop(tmp_path, other)
    assert (again.step, again.crops, other.weight.item()) == (4, 12, 3.0) and not again.ran
    assert len(list(again.through(None, 10))) == 6 and again.ran
    done = a_loop(tmp_path, other)
    assert list(done.through(None, 10)) == [] and not done.ran
    assert len(list(done.through(None, 12))) == 2


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    torch.save({"model": {}, "step": 3}, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match="give another --out"):
        a_loop(tmp_path, nn.Linear(1, 1))


def test_stages_come_one_after_the_other_and_a_past_one_is_left_out(tmp_path: Path) -> None:
    loop = a_loop(tmp_path, nn.Linear(1, 1))
    for stage, num_steps in enumerate((2, 3)):
        assert loop.enter(stage)
        assert len(list(loop.through(None, num_steps))) == num_steps
    again = a_loop(tmp_path, nn.Linear(1, 1))
    assert not again.enter(0) and again.enter(1)
    assert (again.stage, again.step, again.steps) == (1, 3, 5)


def test_the_log_holds_means_and_the_last_of_them_stay(tmp_path: Path) -> None:
    loop = a_loop(tmp_path, nn.Linear(1, 1))
    for at, _ in enumerate(loop.through(None, 5)):
        loop.add({"nats": torch.tensor(float(at)), **({"seldom": 7.0} if at == 2 else {})}, crops=1)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [(row["step"], row["crops"], row["nats"]) for row in rows] == [(2, 2, 0.5), (4, 4, 2.5)]
    assert rows[1]["seldom"] == 7.0
    assert loop.losses == {"nats": 4.0}  # of the step behind the last line
    assert a_loop(tmp_path, nn.Linear(1, 1)).losses == {"nats": 4.0}


def test_weights_are_left_wherever_a_checkpoint_is(tmp_path: Path) -> None:
    left = []
    loop = a_loop(tmp_path, nn.Linear(1, 1), save_every_s=0, on_save=lambda: left.append(loop.step))
    list(loop.through(None, 2))
    assert left == [0, 1, 2]


def test_an_average_forgets_what_it_began_with() -> None:
    model = nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(100.0)
    average = Average(model)
    model.weight.data.fill_(1.0)
    for step in range(200):
        average.take(model, warming(0.999, step))
    assert float(average.model.weight) == pytest.approx(1.0, abs=0.01)
    assert warming(0.9, 1000) == 0.9


def test_an_average_is_written_in_16_bits_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    model = nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(0.1)
    Average(model).write(tmp_path / "weights.safetensors")
    (written,) = load_file(tmp_path / "weights.safetensors").values()
    assert written.dtype == torch.float16 and float(written) == pytest.approx(0.1, abs=1e-3)
    assert [path.name for path in tmp_path.iterdir()] == ["weights.safetensors"]


def test_the_best_weights_are_kept_through_a_checkpoint() -> None:
    model = nn.Linear(1, 1, bias=False)
    best = Best(model)
    for score in (1.0, 3.0, 2.0):
        model.weight.data.fill_(score)
        best.take(score, model)
    again = Best(model)
    again.load_state_dict(best.state_dict())
    assert (again.score, float(again.weights["weight"])) == (3.0, 3.0)

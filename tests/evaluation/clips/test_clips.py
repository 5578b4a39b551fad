"""Clips beside their peers, from end to end, and the parts of it that can go wrong."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from semcodec.cli.app import run
from semcodec.errors import PictureError
from semcodec.evaluation.clips.bench import ClipBenchOptions, run_clip_bench
from semcodec.evaluation.clips.frames import Frames, frames_of_bytes, load_frames
from semcodec.evaluation.clips.ladders import ClipLadder, code_clip_with_peer
from semcodec.evaluation.clips.measure import AgainstClip, change_error
from semcodec.evaluation.clips.ours import lossless
from semcodec.evaluation.clips.peers import clip_peers, open_clip_peers
from semcodec.evaluation.measures.judges import Judges, WeightPaths
from semcodec.evaluation.results import read_lines
from semcodec.types import Size

from ..conftest import draw

RATE = Fraction(25)


@pytest.fixture(scope="module")
def frames() -> Frames:
    """Odd sides on purpose."""
    return Frames(tuple(draw(97, 131, shift=2 * at) for at in range(6)), RATE)


@pytest.fixture
def folder(frames: Frames, tmp_path: Path) -> Path:
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / "waves.mkv").write_bytes(lossless(frames))
    (clips / "notes.txt").write_text("no clip")
    return clips


def test_a_lossless_video_holds_just_the_frames(frames: Frames, folder: Path):
    loaded = load_frames(folder / "waves.mkv", 4)
    assert loaded.rate == RATE
    assert len(loaded.pictures) == 4
    assert all((a == b).all() for a, b in zip(loaded.pictures, frames.pictures, strict=False))


def test_bytes_have_even_sides_and_give_the_frames_back(frames: Frames):
    data = frames.even_bytes()
    assert len(data) == 6 * 98 * 132 * 3
    again = frames_of_bytes(data, frames.size, RATE)
    assert all((a == b).all() for a, b in zip(again.pictures, frames.pictures, strict=True))


@pytest.mark.parametrize("name", list(clip_peers()))
def test_each_peer_codes_and_decodes(name: str, frames: Frames):
    peer = clip_peers()[name]()
    coarse, fine = (peer.encode(frames, peer.qualities[round(share * len(peer.qualities))]) for share in (0.3, 0.8))
    assert len(coarse) < len(fine)
    shown = peer.decode(fine, frames.size, len(frames.pictures), RATE)
    wrong = [np.abs(a.astype(int) - b).mean() for a, b in zip(shown.pictures, frames.pictures, strict=True)]
    assert max(wrong) < 12
    with pytest.raises(PictureError, match="7 frames"):
        peer.decode(fine, frames.size, 7, RATE)


def test_the_best_rung_fits_and_the_next_one_does_not_or_is_not_needed(frames: Frames):
    peer = clip_peers()["x265"]()
    ladder = ClipLadder(peer, frames)
    at = ladder.best(900)
    assert at is not None
    assert ladder.size_at(at) <= 900
    assert ladder.size_at(at) >= 0.98 * 900 or ladder.size_at(at + 1) > 900
    assert len(ladder.rungs) < 12
    assert ladder.best(20) is None


def test_a_file_that_serves_two_budgets_appears_once_and_half_size_is_tried(frames: Frames):
    coded = code_clip_with_peer(clip_peers()["x265"](), frames, (900, 901, 10))
    assert {one.scale for one in coded} == {1, 2}
    assert {budget for one in coded for budget in one.budgets} == {900, 901}
    assert all(one.shown.size == frames.size and len(one.data) <= min(one.budgets) for one in coded)


def test_measures_tell_better_from_worse(frames: Frames, tiny_network: Path):
    judges = Judges(WeightPaths(judge2=tiny_network))
    against = AgainstClip(judges, frames, every=4)
    soft = frames.shrunk(4).enlarged(frames.size)
    same, worse = against.measure([frames, soft], against.names)
    assert set(same) == {"psnr_db", "judge2_distance", "change_error", "warping_error", "flicker_share", "vmaf"}
    assert same["flicker_share"] == 1
    assert same["judge2_distance"] == same["change_error"] == 0
    assert worse["judge2_distance"] > 0
    assert same["vmaf"] > worse["vmaf"]


def test_what_is_wrong_but_stays_is_no_change(frames: Frames):
    darker = [picture // 2 for picture in frames.pictures]
    assert change_error([darker[0]] * 3, [frames.pictures[0]] * 3) == 0
    noise = [np.full((4, 4, 3), value, np.uint8) for value in (10, 20, 10)]
    assert change_error([noise[0]] * 3, noise) == pytest.approx(10)
    assert change_error(noise[:1], noise[:1]) == 0


def test_the_command_leaves_results_tables_and_a_page_and_goes_on_where_it_was(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    command = ["bench", "--video", str(folder), "--out", str(out), "--peers", "x265", "--bpp", "0.2,0.4"]
    command += ["--no-vmaf", "--frames", "5"]
    assert run(command) == 0
    lines = read_lines(out / "results.jsonl")
    assert {(line.codec, budget) for line in lines for budget in line.budgets} == {
        (codec, budget) for codec in ("semcodec", "x265") for budget in (200, 400)
    }
    for line in lines:
        assert line.num_bytes <= min(line.budgets) * 97 * 131 * 5 // 8000
    page = (out / "report.html").read_text()
    assert page.count("<video") == 2 * 3
    assert "second network&#x27;s distance: not measured" in page
    assert "| **semcodec** |" in (out / "table.md").read_text()
    assert json.loads((out / "run.json").read_text())["num_frames"] == 5
    before = (out / "results.jsonl").read_bytes()
    assert run([*command, "--report-only"]) == 0
    assert (out / "report.html").read_text() == page
    assert run(command) == 0  # (nothing is left to do: a second of networks)
    assert (out / "results.jsonl").read_bytes() == before
    assert "report.html: written" in capsys.readouterr().err
    assert "numbers alone" not in page
    for path in (out / "scratch" / "shown" / "x265").iterdir():
        path.unlink()
    assert run([*command, "--report-only"]) == 0
    assert "Of x265 there are numbers alone" in (out / "report.html").read_text()


def test_flags_of_pictures_and_of_clips_do_not_mix(folder: Path):
    assert run(["bench", "--video", str(folder), "--quick"]) == 2
    assert run(["bench", str(folder), "--frames", "5"]) == 2


def test_a_folder_without_clips_and_an_unknown_peer_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["bench", "--video", str(tmp_path)]) == 1
    assert "nothing to measure (.mp4" in capsys.readouterr().err
    with pytest.raises(ValueError, match="'h261' is no peer of clips"):
        open_clip_peers(["h261"])


def test_a_run_of_other_frames_measures_anew(folder: Path, tmp_path: Path):
    def marks(num_frames: int) -> set[str]:
        options = ClipBenchOptions(
            folder,
            tmp_path,
            budgets=(300,),
            peers=["x265"],
            num_frames=num_frames,
            with_vmaf=False,
            with_semcodec=False,
        )
        run_clip_bench(options)
        return {line.settings for line in read_lines(tmp_path / "results.jsonl")}

    assert not marks(3) & marks(4)


def test_sizes_are_even(frames: Frames):
    assert frames.shrunk(2).size == Size(66, 49)

"""Every peer codes and decodes a real picture of odd size, and says nothing about itself in the file."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.errors import PictureError
from semcodec.evaluation.ladders import Ladder, code_with_peer
from semcodec.evaluation.measures.pixels import psnr_db
from semcodec.evaluation.peers.ffmpeg import run_ffmpeg
from semcodec.evaluation.peers.peer import enlarge, shrink, size_of
from semcodec.evaluation.peers.registry import PLACEHOLDERS, factories, open_peers
from semcodec.types import Size

from .conftest import draw

CODERS = [name for name in factories() if name not in PLACEHOLDERS]


@pytest.mark.parametrize("name", CODERS)
def test_a_higher_quality_is_larger_and_nearer(name):
    peer, image = factories()[name](), draw(75, 101)
    low, high = (peer.encode(image, peer.qualities[at]) for at in (0, -4))
    decoded = [peer.decode(data, size_of(image)) for data in (low, high)]
    assert len(low) < len(high)
    assert all(one.shape == image.shape and one.dtype == np.uint8 for one in decoded)
    assert psnr_db(decoded[0], image) + 5 < psnr_db(decoded[1], image) > 30


@pytest.mark.parametrize("name", CODERS)
def test_no_encoder_advertises_itself_in_the_file(name):
    peer = factories()[name]()
    data = peer.encode(draw(64, 64), peer.qualities[0]).lower()
    assert not any(word in data for word in (b"x265", b"vvenc", b"lavc", b"lavf", b"libaom", b"http", b"copyright"))


def test_a_bare_vvc_still_has_headers_of_a_few_dozen_bytes():
    peer = factories()["vvc"]()
    assert len(peer.encode(np.full((64, 96, 3), 99, np.uint8), peer.qualities[0])) < 100


def test_quick_runs_leave_vvc_out_and_say_so():
    peers, absent = open_peers(with_slow=False)
    assert "vvc" not in [peer.name for peer in peers]
    assert any("VVC" in sentence for sentence in absent)


def test_an_unknown_peer_is_named_with_those_that_exist():
    with pytest.raises(ValueError, match=r"'bpg' is no peer; there are jpeg"):
        open_peers(["bpg"])


def test_a_failure_of_ffmpeg_is_one_sentence():
    with pytest.raises(PictureError, match="ffmpeg"):
        run_ffmpeg(["-f", "rawvideo", "-i", "pipe:0", "-f", "null", "-"], b"")


def test_a_ladder_finds_the_best_rung_and_codes_none_twice():
    peer, coded = factories()["webp"](), []

    def count(image, quality):
        coded.append(quality)
        return peer.encode(image, quality)

    counting = type(peer)(peer.name, peer.title, peer.settings, peer.qualities, count, peer.decode)
    ladder, sizes = Ladder(counting, draw(96, 128)), {}
    for budget in (900, 500, 300):
        at = ladder.best(budget)
        assert at is not None
        sizes[budget] = len(ladder.rung(at))
        assert sizes[budget] <= budget < len(ladder.rung(at + 1))
    assert len(coded) == len(set(coded)) == ladder.num_coded < 40
    assert sizes[300] < sizes[500] < sizes[900]


def test_a_budget_below_the_lowest_rung_has_no_file():
    assert Ladder(factories()["jpeg"](), draw(96, 128)).best(100) is None


def test_a_ladder_of_one_rung_serves_every_budget():
    (one,) = code_with_peer(factories()["thumbhash"](), draw(96, 128), (100, 340))
    assert one.budgets == (100, 340)
    assert one.image_HWC.shape == (96, 128, 3)


def test_every_scale_competes_and_comes_back_at_full_size():
    coded = code_with_peer(factories()["webp"](), draw(176, 192), (340, 1000))
    assert {one.scale for one in coded} >= {2, 4}
    assert all(one.image_HWC.shape == (176, 192, 3) for one in coded)
    assert all(len(one.data) <= min(one.budgets) for one in coded)


def test_shrinking_rounds_up_and_enlarging_restores_the_size():
    small = shrink(draw(75, 101), 8)
    assert small.shape == (10, 13, 3)
    assert enlarge(small, Size(101, 75)).shape == (75, 101, 3)


def test_scales_that_leave_too_few_pixels_are_not_tried():
    coded = code_with_peer(factories()["hevc"](), draw(70, 90), (1000, 4000))
    assert {one.scale for one in coded} == {1, 2, 4}

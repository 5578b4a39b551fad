"""`--roi x,y,w,h`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import typer

import semcodec
from semcodec.cli.roi import chosen_roi


@pytest.mark.parametrize(
    ("text", "roi"),
    [("120,80,200,160", (120, 80, 200, 160)), (" 0, 0 ,1,1 ", (0, 0, 1, 1)), ("-20,+5,40,40", (-20, 5, 40, 40))],
)
def test_four_whole_numbers_are_a_region(text: str, roi: tuple[int, int, int, int]):
    assert chosen_roi(text) == roi


def test_no_option_is_no_region():
    assert chosen_roi(None) is None


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "1;2;3;4", "a,b,c,d", "1.5,2,3,4", "1,2,-3,4", "١,٢,٣,٤", "1,2,3,4" + "0" * 20]
)
def test_anything_else_is_refused_with_an_example(text: str):
    with pytest.raises(typer.BadParameter, match=r"such as 120,80,200,160"):
        chosen_roi(text)


@pytest.mark.parametrize("text", ["1,2,0,4", "1,2,3,0"])
def test_an_empty_region_is_refused(text: str):
    with pytest.raises(typer.BadParameter, match="is empty"):
        chosen_roi(text)


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    coded = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, coded, "--bytes", 900).code == 0
    return coded


def test_cut_keeps_the_detail_of_a_region(semcodec_command: Callable, coded: Path):
    short = coded.with_name("short.semc")
    assert semcodec_command("cut", coded, short, "--roi", "200,40,80,80", "--bytes", 400).code == 0
    assert short.read_bytes() == semcodec.cut(coded.read_bytes(), bytes=400, roi=(200, 40, 80, 80))
    assert semcodec_command("decode", short, short.with_suffix(".png")).code == 0


def test_a_region_left_of_the_picture_is_written_with_an_equals_sign(semcodec_command: Callable, coded: Path):
    short = coded.with_name("short.semc")
    assert semcodec_command("cut", coded, short, "--roi=-40,-40,80,80", "--bytes", 400).code == 0
    assert short.read_bytes() == semcodec.cut(coded.read_bytes(), bytes=400, roi=(0, 0, 40, 40))


def test_a_region_without_bytes_is_wrong_usage_and_one_outside_a_failure(semcodec_command: Callable, coded: Path):
    short = coded.with_name("short.semc")
    for more in ([], ["--strip"]):
        ended = semcodec_command("cut", coded, short, "--roi", "1,2,30,40", *more)
        assert ended.code == 2 and "give --bytes" in ended.err
    ended = semcodec_command("cut", coded, short, "--roi", "320,0,30,40", "--bytes", 400)
    assert ended.code == 1 and "outside the picture of 320x240" in ended.err
    assert not short.exists()

"""Metadata, links and data: URIs from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import semcodec
from semcodec.mime import from_data_uri


@pytest.fixture
def camera_photo(photo: Path) -> Path:
    """A JPEG file as a phone leaves it: on its side, with EXIF and a profile."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Cam"
    exif.get_ifd(0x8825)[0x0001] = "N"
    path = photo.with_name("phone.jpg")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with Image.open(photo) as picture:
        picture.save(path, quality=90, exif=exif, icc_profile=profile)
    return path


@pytest.fixture
def cut_out(photo: Path) -> Path:
    """A PNG file whose left half is transparent."""
    with Image.open(photo) as picture:
        plane = np.zeros((picture.height, picture.width), np.uint8)
        plane[:, picture.width // 2 :] = 255
        picture.putalpha(Image.fromarray(plane))
        picture.save(photo.with_name("cut-out.png"))
    return photo.with_name("cut-out.png")


def test_metadata_goes_there_and_back(semcodec_command: Callable, camera_photo: Path):
    coded = camera_photo.with_suffix(".semc")
    ended = semcodec_command("encode", camera_photo, coded, "--bytes", 900, "--boxed")
    assert ended.code == 0 and "does not keep" not in ended.err
    assert 0.95 * 900 <= coded.stat().st_size <= 900
    for suffix in ("png", "jpg", "webp", "tif", "avif"):
        target = coded.with_name(f"out.{suffix}")
        ended = semcodec_command("decode", coded, target, "--quiet")
        assert (ended.code, ended.err) == (0, "")
        with Image.open(target) as picture:
            assert picture.size == (240, 320)
            assert picture.getexif()[0x010F] == "Cam" and picture.getexif().get(0x0112, 1) == 1
            assert picture.getexif().get_ifd(0x8825)[0x0001] == "N"
            assert "sRGB" in ImageCms.getProfileDescription(
                ImageCms.ImageCmsProfile(ImageCms.core.profile_frombytes(picture.info["icc_profile"]))
            )
    assert semcodec_command("decode", coded, coded.with_name("out.png"), "--strip").code == 0
    with Image.open(coded.with_name("out.png")) as picture:
        assert not picture.getexif() and "icc_profile" not in picture.info


def test_the_bare_form_warns_once_of_what_it_loses_and_strip_does_not(semcodec_command: Callable, camera_photo: Path):
    coded = camera_photo.with_suffix(".semc")
    warned = semcodec_command("encode", camera_photo, coded, "--bytes", 300)
    assert [line for line in warned.err.splitlines() if "does not keep" in line] == [
        f"semcodec: {camera_photo}: the file does not keep EXIF; "
        "--boxed keeps such things, --strip drops them without this line"
    ]
    bare = coded.read_bytes()
    assert "does not keep" not in semcodec_command("encode", camera_photo, coded, "--bytes", 300, "--strip").err
    assert coded.read_bytes() == bare
    assert semcodec_command("encode", camera_photo, coded, "--boxed", "--strip").code == 2


def test_every_decoded_picture_says_how_much_of_it_was_painted(semcodec_command: Callable, photo: Path):
    coded = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, coded, "--bytes", 200).code == 0
    assert semcodec_command("decode", coded, photo.with_name("out.png")).code == 0
    with Image.open(photo.with_name("out.png")) as picture:
        assert "blocks were not in the file" not in picture.info["Comment"]
        assert "were not in the file; what they show is invented" in picture.info["Comment"]
        assert "compositeWithTrainedAlgorithmicMedia" in picture.info["XML:com.adobe.xmp"]


def test_transparency_comes_back_or_stands_on_white(semcodec_command: Callable, cut_out: Path):
    coded = cut_out.with_suffix(".semc")
    assert semcodec_command("encode", cut_out, coded, "--bytes", 900, "--boxed").code == 0
    assert semcodec_command("decode", coded, cut_out.with_name("out.png")).code == 0
    with Image.open(cut_out) as before, Image.open(cut_out.with_name("out.png")) as after:
        assert after.mode == "RGBA"
        assert np.array_equal(np.asarray(after.getchannel("A")), np.asarray(before.getchannel("A")))
    assert semcodec_command("decode", coded, cut_out.with_name("out.jpg")).code == 0
    with Image.open(cut_out.with_name("out.jpg")) as flat:
        assert np.asarray(flat)[:, :100].mean() > 240


def test_a_damaged_box_is_a_sentence_and_exit_code_3(semcodec_command: Callable, camera_photo: Path):
    coded, out = camera_photo.with_suffix(".semc"), camera_photo.with_name("out.png")
    assert semcodec_command("encode", camera_photo, coded, "--bytes", 1500, "--boxed").code == 0
    coded.write_bytes(coded.read_bytes()[:-2])
    ended = semcodec_command("decode", coded, out, "--quiet")
    assert ended.code == 3 and out.exists()
    assert ended.err.count("\n") == 1 and "the exif box at offset" in ended.err
    assert "the picture is whole without it" in ended.err


def test_info_shows_boxes_and_the_original(semcodec_command: Callable, camera_photo: Path):
    coded = camera_photo.with_suffix(".semc")
    options = ("--bytes", 1500, "--boxed", "--link", "--no-caption")
    assert semcodec_command("encode", camera_photo, coded, *options).code == 0
    link = semcodec.Link.to(camera_photo.read_bytes(), "phone.jpg")
    told = semcodec_command("info", coded).out.decode()
    assert f"  original phone.jpg SHA-256 {link.sha256.hex()}\n" in told
    assert "  boxes    link 42, icc " in told
    said = json.loads(semcodec_command("info", "--json", coded).out)
    assert [box["name"] for box in said["boxes"]] == ["link", "icc", "exif"]
    assert [layer["name"] for layer in said["layers"]] == ["tokens"]
    assert said["original"] == {"name": "phone.jpg", "sha256": link.sha256.hex()}
    framing = int(told.split("header and framing ")[1].split()[0])
    assert framing == said["bytes"] - sum(part["bytes"] for part in said["boxes"] + said["layers"])


def test_verify_tells_the_original_from_others_by_its_exit_code(
    semcodec_command: Callable, camera_photo: Path, photo: Path
):
    coded = camera_photo.with_suffix(".semc")
    assert semcodec_command("encode", camera_photo, coded, "--bytes", 300, "--link", "--quiet").code == 0
    assert [box.name for box in semcodec.info(coded.read_bytes()).boxes] == ["link"]
    right = semcodec_command("verify", coded, camera_photo)
    assert right.code == 0 and right.out.decode().startswith(
        f"{camera_photo}: is the original of {coded} (phone.jpg, SHA-256 "
    )
    wrong = semcodec_command("verify", coded, photo)
    assert wrong.code == 4 and f"{photo}: is not the original of {coded}".encode() in wrong.out
    piped = semcodec_command("verify", coded, "-", stdin=camera_photo.read_bytes())
    assert piped.code == 0 and piped.out.startswith(b"stdin: is the original")


def test_what_verify_cannot_tell_is_exit_code_1(semcodec_command: Callable, photo: Path, tmp_path: Path):
    coded = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, coded, "--bytes", 200).code == 0
    for arguments, words in (
        ((coded, photo), "it was made without --link"),
        ((photo, photo), "no semcodec file"),
        ((tmp_path / "absent.semc", photo), "No such file"),
    ):
        ended = semcodec_command("verify", *arguments)
        assert (ended.code, ended.out) == (1, b"") and words in ended.err and ended.err.count("\n") == 1
    assert semcodec_command("encode", photo, coded, "--bytes", 300, "--link", "--overwrite").code == 0
    assert semcodec_command("verify", coded, tmp_path / "absent.png").code == 1


def test_a_link_from_stdin_has_no_name(semcodec_command: Callable, photo: Path):
    coded = semcodec_command("encode", "-", "-", "--bytes", 200, "--link", stdin=photo.read_bytes()).out
    assert semcodec.read_metadata(coded).link == semcodec.Link.to(photo.read_bytes())


def test_cut_says_what_the_boxes_lost_and_strip_drops_all(semcodec_command: Callable, camera_photo: Path):
    coded, short = camera_photo.with_suffix(".semc"), camera_photo.with_name("short.semc")
    options = ("--bytes", 1500, "--boxed", "--link", "--no-caption")
    assert semcodec_command("encode", camera_photo, coded, *options).code == 0
    ended = semcodec_command("cut", coded, short, "--bytes", coded.stat().st_size - 1)
    assert ended.code == 0
    assert ended.err.startswith(f"semcodec: {coded}: to fit, its boxes lost exif\nsemcodec: {short}: ")
    ended = semcodec_command("cut", coded, short, "--strip", "--overwrite", "--quiet")
    assert (ended.code, ended.err) == (0, "")
    assert semcodec.info(short.read_bytes()).boxes == ()
    assert semcodec_command("cut", coded, short).code == 2


def test_data_uris_are_printed_a_line_each_and_no_file_is_written(semcodec_command: Callable, tree: Path):
    before = sorted(tree.rglob("*"))
    ended = semcodec_command("encode", tree, "--data-uri", "--bytes", 120, "--quiet", "--jobs", 2)
    assert ended.code == 0
    uris = ended.out.decode().splitlines()
    assert [semcodec.info(from_data_uri(uri)).num_bytes <= 120 for uri in uris] == [True, True]
    assert sorted(tree.rglob("*")) == before
    single = semcodec_command("encode", tree / "one.png", "--data-uri", "--bytes", 120).out
    assert single.decode() == uris[0] + "\n"
    piped = semcodec_command("encode", "-", "--data-uri", "--bytes", 120, stdin=(tree / "one.png").read_bytes())
    assert piped.out == single


def test_a_data_uri_has_no_output(semcodec_command: Callable, photo: Path):
    for arguments in ((photo, "x.semc"), (photo, "--output-dir", "x")):
        ended = semcodec_command("encode", *arguments, "--data-uri")
        assert ended.code == 2 and "leave the output out" in ended.err


def test_a_folder_with_boxes_and_links_in_one_run(semcodec_command: Callable, tree: Path, tmp_path: Path):
    out = tmp_path / "coded"
    assert (
        semcodec_command("encode", tree, "--output-dir", out, "--bytes", 300, "--link", "--boxed", "--jobs", 2).code
        == 0
    )
    for coded, original in (("one.semc", "one.png"), ("summer/two.semc", "summer/two.jpg")):
        assert semcodec_command("verify", out / coded, tree / original).code == 0

"""Colours that a file declares otherwise than by an ICC profile."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from semcodec.errors import SemcodecError
from semcodec.pictures import LoadedPicture, as_pixels, load_picture
from semcodec.types import Metadata

from . import GREY, chunk, flat, png

REDDISH = (200, 80, 80)
# Light in other primaries to light in sRGB's, as published.
TO_SRGB = {
    "Display P3": ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979)),
    "Adobe RGB": ((1.3984, -0.3984, 0.0), (0.0, 1.0, 0.0), (0.0, -0.0429, 1.0429)),
    "BT.2020": ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    "BT.709": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
}
POINTS = {  # white, red, green, blue
    "Display P3": (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    "Adobe RGB": (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06),
    "BT.709": (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06),
}


def srgb_of(rgb: tuple[int, ...], primaries: str, gamma: float | None = None) -> np.ndarray:
    samples = np.array(rgb) / 255
    as_srgb = np.where(samples <= 0.04045, samples / 12.92, ((samples + 0.055) / 1.055) ** 2.4)
    light = np.array(TO_SRGB[primaries]) @ (as_srgb if gamma is None else samples**gamma)
    light = light.clip(0, 1)
    return 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def is_shown_as(loaded: LoadedPicture, rgb: np.ndarray | tuple[int, ...], within: float = 2) -> bool:
    return bool(np.abs(loaded.image_HWC[8, 8].astype(float) - np.array(rgb)).max() <= within)


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> bytes:
    return chunk(b"cICP", bytes([primaries, transfer, matrix, full]))


def chrm(primaries: str) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * value) for value in POINTS[primaries])))


def gama(gamma: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(100_000 * gamma)))


# ---- PNG


@pytest.mark.parametrize(("number", "name"), [(12, "Display P3"), (9, "BT.2020")])
def test_cicp_is_converted_from_and_named(number: int, name: str) -> None:
    data = flat(REDDISH, cicp(number, 13))
    for loaded in (load_picture(data), as_pixels(Image.open(io.BytesIO(data)))):
        assert is_shown_as(loaded, srgb_of(REDDISH, name))
        assert any(name in note for note in loaded.notes)
        assert loaded.metadata.icc_profile is not None, "a boxed file keeps its colours"


def test_grey_samples_go_through_a_declared_curve_too() -> None:
    loaded = load_picture(png(np.full((16, 16), 100), 8, GREY, cicp(1, 8)))
    assert is_shown_as(loaded, srgb_of((100, 100, 100), "BT.709", 1.0))


def test_cicp_stands_above_a_profile_and_a_profile_above_all_else() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    iccp = chunk(b"iCCP", b"x\0\0" + zlib.compress(srgb))
    assert is_shown_as(load_picture(flat(REDDISH, cicp(12, 13), iccp)), srgb_of(REDDISH, "Display P3"))
    assert is_shown_as(load_picture(flat(REDDISH, iccp, chrm("Display P3"), gama(1.0))), REDDISH, 0)


@pytest.mark.parametrize("numbers", [(1, 13), (2, 2)])
def test_cicp_that_says_srgb_or_nothing_changes_nothing(numbers: tuple[int, int]) -> None:
    loaded = load_picture(flat(REDDISH, cicp(*numbers)))
    assert is_shown_as(loaded, REDDISH, 0) and loaded.notes == ()


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ((1, 1), "curve of video"),
        ((200, 13), "not known here"),
        ((9, 9), "not known here"),
        ((9, 16, 9), "names a matrix"),
    ],
)
def test_what_is_guessed_of_cicp_is_said(numbers: tuple[int, ...], says: str) -> None:
    loaded = load_picture(flat(REDDISH, cicp(*numbers)))
    assert is_shown_as(loaded, REDDISH, 0)
    assert any(says in note for note in loaded.notes)


def test_samples_of_the_narrow_range_are_widened() -> None:
    loaded = load_picture(flat((16, 126, 235), cicp(1, 13, 0, 0)))
    assert is_shown_as(loaded, (0, 128, 255), 1)
    assert any("narrow range" in note for note in loaded.notes)


def test_chrm_and_gama_are_converted_from() -> None:
    for name, gamma in (("Display P3", 1 / 2.2), ("Adobe RGB", 1.0), ("Adobe RGB", 1 / 2.2), ("BT.709", 1.0)):
        loaded = load_picture(flat(REDDISH, gama(gamma), chrm(name)))
        usual = 2.2 if name == "Adobe RGB" else None
        expected = srgb_of(REDDISH, name, usual if gamma < 1 else 1.0)
        assert is_shown_as(loaded, expected), (name, gamma, loaded.image_HWC[8, 8], expected)
        assert loaded.notes
    assert is_shown_as(load_picture(flat(REDDISH, chrm("Display P3"))), srgb_of(REDDISH, "Display P3"))


def test_an_srgb_chunk_stands_above_chrm_and_gama() -> None:
    loaded = load_picture(flat(REDDISH, chunk(b"sRGB", b"\0"), gama(1.0), chrm("Display P3")))
    assert is_shown_as(loaded, REDDISH, 0) and loaded.notes == ()


def test_chrm_of_srgb_says_nothing_and_one_without_sense_is_said() -> None:
    assert load_picture(flat(REDDISH, gama(1 / 2.2), chrm("BT.709"))).notes == ()
    for numbers in ([0] * 8, [31270, 32900, 1, 1, 1, 1, 1, 1], [31270, 32900, 64000, 33000, 64000, 33000, 15000, 6000]):
        loaded = load_picture(flat(REDDISH, chunk(b"cHRM", struct.pack(">8I", *numbers))))
        assert is_shown_as(loaded, REDDISH, 0)
        assert any("makes no sense" in note for note in loaded.notes)


# ---- high dynamic range


def shown(level: int, transfer: int) -> float:
    loaded = load_picture(flat((level,) * 3, cicp(9, transfer)))
    assert any("tone curve" in note and "BT.2100" in note for note in loaded.notes)
    red, green, blue = loaded.image_HWC[8, 8].tolist()
    assert red == green == blue
    return float(red)


def test_pq_light_below_the_knee_is_kept_and_above_it_compressed() -> None:
    # Levels of PQ (ST 2084) for so many cd/m2; white of the screen is 203.
    for level, cd_m2 in ((0, 0), (78, 10.2), (112, 50.6)):
        light = cd_m2 / 203
        assert abs(shown(level, 16) - 255 * (1.055 * max(light, 1e-9) ** (1 / 2.4) - 0.055)) < 4 or level == 0
    seen = [shown(level, 16) for level in (0, 60, 112, 148, 170, 192, 255)]
    assert seen == sorted(seen) and seen[0] == 0 and seen[-1] == 255
    assert 215 < seen[3] < 245, "203 cd/m2 is nearly white, and leaves room above"
    assert shown(192, 16) >= 254, "1000 cd/m2 are white"


def test_hlg_puts_its_white_where_pq_has_it() -> None:
    # 75 % is 203 cd/m2 on a screen of 1000.
    assert abs(shown(191, 18) - shown(148, 16)) < 4
    assert shown(0, 18) == 0 and shown(255, 18) == 255


def test_hues_of_high_dynamic_range_stay() -> None:
    for transfer in (16, 18):
        red, green, blue = load_picture(flat((200, 80, 80), cicp(9, transfer))).image_HWC[8, 8].tolist()
        assert red > 240 and green < 60 and blue < 90


# ---- AVIF, JPEG 2000, and other files


def avif(rgb: tuple[int, int, int], primaries: int, transfer: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), rgb).save(out, "AVIF", quality=100, subsampling="4:4:4")
    data = bytearray(out.getvalue())
    at = data.index(b"nclx")
    struct.pack_into(">HH", data, at + 4, primaries, transfer)
    return bytes(data)


def test_nclx_of_avif_is_converted_from() -> None:
    for number, name in ((12, "Display P3"), (9, "BT.2020")):
        loaded = load_picture(avif(REDDISH, number, 13))
        assert is_shown_as(loaded, srgb_of(REDDISH, name), 4)
        assert any(name in note for note in loaded.notes)
    plain = load_picture(avif(REDDISH, 1, 13))
    assert is_shown_as(plain, REDDISH, 3) and plain.notes == ()


@pytest.mark.parametrize(("transfer", "name"), [(16, "BT.2100 PQ"), (18, "BT.2100 HLG")])
def test_high_dynamic_range_of_avif_is_said_and_shown(transfer: int, name: str) -> None:
    loaded = load_picture(avif(REDDISH, 9, transfer))
    reference = load_picture(flat(REDDISH, cicp(9, transfer)))
    assert is_shown_as(loaded, reference.image_HWC[8, 8], 6)
    assert any(name in note for note in loaded.notes)


def test_an_avif_file_cut_or_changed_anywhere_in_its_boxes_breaks_nothing() -> None:
    data = avif(REDDISH, 12, 13)
    rng = np.random.default_rng(3)
    for _ in range(200):
        changed = bytearray(data[: int(rng.integers(12, 400))])
        changed[int(rng.integers(0, len(changed)))] = int(rng.integers(0, 256))
        try:
            load_picture(bytes(changed))
        except SemcodecError:
            continue


def test_a_profile_in_a_jpeg_2000_file_is_found() -> None:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), REDDISH).save(out, "JPEG2000")
    data = out.getvalue()
    whole = load_picture(flat(REDDISH, cicp(12, 13)))
    assert whole.metadata.icc_profile is not None
    at = data.index(b"colr") - 4
    colour = b"\2\0\0" + whole.metadata.icc_profile
    old_bytes = int.from_bytes(data[at : at + 4], "big")
    box = struct.pack(">I", 8 + len(colour)) + b"colr" + colour
    header = data.index(b"jp2h") - 4
    grown = int.from_bytes(data[header : header + 4], "big") + len(box) - old_bytes
    with_profile = data[:header] + struct.pack(">I", grown) + data[header + 4 : at] + box + data[at + old_bytes :]
    loaded = load_picture(with_profile)
    assert is_shown_as(loaded, srgb_of(REDDISH, "Display P3"))
    unknown = data[: at + 11] + struct.pack(">I", 20) + data[at + 15 :]
    assert any("JPEG 2000's 20" in note for note in load_picture(unknown).notes)


def test_linear_light_in_qoi_is_shown_as_such() -> None:
    head = b"qoif" + struct.pack(">IIBB", 16, 16, 3, 1)
    runs = bytes([0xC0 | 61]) * 4 + bytes([0xC0 | (255 - 4 * 62 - 1)])
    data = head + b"\xfe" + bytes(REDDISH) + runs + bytes(7) + b"\1"
    assert is_shown_as(load_picture(data), srgb_of(REDDISH, "BT.709", 1.0))
    assert is_shown_as(load_picture(data[:13] + b"\0" + data[14:]), REDDISH, 0)


def bmp(kind: bytes, body: bytes = b"", behind: bytes = b"") -> bytes:
    pixels = bytes(REDDISH[::-1]) * 256
    fields = struct.pack("<IiiHHIIiiII", 124, 16, 16, 1, 24, 0, len(pixels), 0, 0, 0, 0) + bytes(16) + kind[::-1]
    fields = (fields + body).ljust(112, b"\0")
    fields += struct.pack("<III", 124 + len(pixels), len(behind), 0)
    head = b"BM" + struct.pack("<IHHI", 14 + 124 + len(pixels) + len(behind), 0, 0, 14 + 124)
    return head + fields + pixels + behind


def test_the_colours_of_a_bmp_file_are_those_of_its_header() -> None:
    profile = load_picture(flat(REDDISH, cicp(12, 13))).metadata.icc_profile
    assert profile is not None
    p3 = srgb_of(REDDISH, "Display P3")
    assert is_shown_as(load_picture(bmp(b"MBED", behind=profile)), p3)
    assert is_shown_as(load_picture(bmp(b"sRGB")), REDDISH, 0)
    assert is_shown_as(load_picture(bmp(bytes(4))), REDDISH, 0)
    # XYZ of P3's primaries, as light of white D65.
    ends = (0.4866, 0.2290, 0.0, 0.2657, 0.6917, 0.0451, 0.1982, 0.0793, 1.0439)
    body = struct.pack("<9I3I", *(round(value * 2**30) for value in ends), *[round(2.2 * 2**16)] * 3)
    assert is_shown_as(load_picture(bmp(bytes(4), body)), p3, 3)


def test_primaries_of_a_tiff_file_are_converted_from() -> None:
    out = io.BytesIO()
    white, points = POINTS["Display P3"][:2], POINTS["Display P3"][2:]
    Image.new("RGB", (16, 16), REDDISH).save(out, "TIFF", tiffinfo={318: white, 319: points})
    assert is_shown_as(load_picture(out.getvalue()), srgb_of(REDDISH, "Display P3"))


# ---- EXIF


def camera_file(colour_space: int, index: str | None, format: str = "JPEG", **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x8769] = {0xA001: colour_space, **({0xA005: {1: index}} if index else {})}
    out = io.BytesIO()
    Image.new("RGB", (32, 32), REDDISH).save(out, format, exif=exif, quality=100, **options)
    return out.getvalue()


def test_uncalibrated_with_r03_is_adobe_rgb() -> None:
    for data in (camera_file(0xFFFF, "R03"), camera_file(2, None)):
        loaded = load_picture(data)
        assert is_shown_as(loaded, srgb_of(REDDISH, "Adobe RGB", 2.2), 3)
        assert any("by the convention of cameras" in note for note in loaded.notes)


def test_uncalibrated_alone_is_a_guess_and_said() -> None:
    loaded = load_picture(camera_file(0xFFFF, None))
    assert is_shown_as(loaded, REDDISH, 3)
    assert any("uncalibrated" in note for note in loaded.notes)


def test_what_says_srgb_or_has_a_profile_is_left_to_it() -> None:
    assert load_picture(camera_file(1, "R98")).notes == ()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert load_picture(camera_file(0xFFFF, "R03", icc_profile=srgb)).notes == ()


def test_exif_that_is_given_with_pixels_speaks_of_them() -> None:
    given = Image.open(io.BytesIO(camera_file(0xFFFF, "R03"))).info["exif"]
    loaded = as_pixels(np.full((32, 32, 3), REDDISH, np.uint8), given=Metadata(exif=given))
    assert is_shown_as(loaded, srgb_of(REDDISH, "Adobe RGB", 2.2), 2)


# ---- few bits in deep samples


@pytest.mark.parametrize(("most", "says"), [(4095, "below 4096"), (1023, "below 1024"), (200, "below 256")])
def test_16_bit_samples_of_fewer_bits_are_noticed(most: int, says: str) -> None:
    ramp = np.linspace(0, most, 256).astype(int).reshape(16, 16)
    colours = np.stack([ramp] * 3, axis=-1)
    sources = [
        load_picture(png(ramp, 16, GREY)),
        load_picture(flat((most,) * 3, bits=16)),
        as_pixels(ramp.astype(np.uint16)),
        as_pixels(colours.astype(np.uint16)),
    ]
    for loaded in sources:
        assert any(says in note and "nearly black" in note for note in loaded.notes), loaded.notes


def test_bright_deep_samples_say_nothing_of_it() -> None:
    assert not any("nearly black" in note for note in as_pixels(np.zeros((16, 16), np.uint16)).notes)
    for most in (4096, 65535):
        for loaded in (as_pixels(np.full((16, 16), most, np.uint16)), load_picture(flat((most,) * 3, bits=16))):
            assert not any("nearly black" in note for note in loaded.notes)


def test_twelve_bits_that_a_tiff_file_declares_are_spread() -> None:
    samples = np.full((2, 16), 4095, np.uint16)
    samples[1] = 2048
    packed = b"".join(bytes([a >> 4, (a & 15) << 4 | b >> 8, b & 255]) for a, b in samples.reshape(-1, 2).tolist())
    tags = [(256, 3, 16), (257, 3, 2), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, 2)]
    tags.append((279, 4, len(packed)))
    table = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, kind, 1, is_) for tag, kind, is_ in tags)
    data = b"II*\0" + struct.pack("<I", 8 + len(packed)) + packed + table + bytes(4)
    loaded = load_picture(data)
    assert loaded.image_HWC[0, 0, 0] == 255 and abs(int(loaded.image_HWC[1, 0, 0]) - 128) <= 1
    assert not any("nearly black" in note for note in loaded.notes)

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngImageFile

from semcodec.errors import LimitError, PictureError
from semcodec.limits import Limits
from semcodec.pictures import OUTPUT_FORMATS, as_pixels, load_picture, save_picture
from semcodec.pictures.icons import sizes_inside

# A picture whose every corner differs, so that a wrong turn shows.
CORNERS_HWC = np.zeros((16, 24, 3), np.uint8)
CORNERS_HWC[:8, :12] = (250, 10, 10)
CORNERS_HWC[:8, 12:] = (10, 250, 10)
CORNERS_HWC[8:, :12] = (10, 10, 250)
CORNERS_HWC[8:, 12:] = (240, 240, 10)


def file_of(picture: Image.Image, format: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def gradient(mode: str = "RGB") -> Image.Image:
    ramp_HW = np.tile(np.arange(64, dtype=np.uint8) * 4, (16, 1))
    rgb_HWC = np.stack([ramp_HW, ramp_HW[:, ::-1], np.full_like(ramp_HW, 90)], axis=-1)
    return Image.fromarray(rgb_HWC).convert(mode, palette=Image.Palette.ADAPTIVE)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_by_hand(width_px: int, height_px: int, bits: int, colour_type: int, rows: bytes, *extra: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, bits, colour_type, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + b"".join(extra)
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


# ---- what passes unchanged


def test_an_rgb_picture_passes_unchanged_from_path_bytes_stream_and_memory(tmp_path: Path):
    picture = gradient()
    (tmp_path / "a.png").write_bytes(file_of(picture))
    expected_HWC = np.asarray(picture)
    for loaded in (
        load_picture(tmp_path / "a.png"),
        load_picture(str(tmp_path / "a.png")),
        load_picture(file_of(picture)),
        load_picture(io.BytesIO(file_of(picture))),
        as_pixels(picture),
        as_pixels(expected_HWC),
    ):
        assert np.array_equal(loaded.image_HWC, expected_HWC)
        assert loaded.image_HWC.dtype == np.uint8
        assert str(loaded.size) == "64x16"
        assert loaded.notes == ()


# ---- depth and mode


@pytest.mark.parametrize(
    ("picture", "format", "sentence"),
    [
        (gradient("L"), "PNG", "grey was widened"),
        (gradient("1"), "PNG", "1 bit"),
        (gradient("LA"), "PNG", "alpha channel, opaque everywhere"),
        (gradient("P"), "PNG", "palette colours were expanded"),
        (gradient("RGBA"), "PNG", "alpha channel, opaque everywhere"),
        (gradient("CMYK"), "TIFF", "CMYK without a usable profile"),
        (gradient("CMYK"), "JPEG", "CMYK without a usable profile"),
        (gradient("YCbCr"), "TIFF", None),
        (gradient("LAB"), "TIFF", "converted to sRGB from the profile"),
    ],
)
def test_each_mode_in_a_file_becomes_srgb_and_says_so(picture: Image.Image, format: str, sentence: str | None):
    loaded = load_picture(file_of(picture, format))
    assert loaded.image_HWC.shape == (16, 64, 3)
    if picture.mode not in {
        "1",
        "L",
        "LA",
    }:  # colours stay near what they were (CMYK by the plain formula does as well)
        difference = np.abs(loaded.image_HWC.astype(int) - np.asarray(gradient())).mean()
        assert difference < 12, f"mean difference {difference}"
    if sentence:
        assert any(sentence in note for note in loaded.notes), loaded.notes


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "La", "P", "PA", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"]
)
def test_each_mode_in_memory_becomes_srgb_and_says_so(mode: str):
    picture = gradient("RGBA").convert("RGBa") if mode == "RGBa" else None
    picture = gradient("LA").convert("La") if mode == "La" else picture
    if mode == "LAB":
        to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
        picture = ImageCms.applyTransform(gradient(), to_lab)
    if mode == "PA":
        picture = gradient("P").convert("PA")
    loaded = as_pixels(picture or gradient(mode))
    assert loaded.image_HWC.shape == (16, 64, 3)
    assert loaded.notes or mode == "RGBX"
    if mode in {"RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"}:
        difference = np.abs(loaded.image_HWC.astype(int) - np.asarray(gradient()))
        assert difference.mean() <= 5  # LAB and YCbCr of 8 bits are coarse for saturated colours


def test_16_bit_grey_is_rounded_and_not_clipped():
    deep_HW = np.array([[0, 128, 257, 32768, 65535]], np.uint16)
    for format in ("PNG", "TIFF"):
        loaded = load_picture(file_of(Image.fromarray(deep_HW), format))
        assert loaded.image_HWC[0, :, 1].tolist() == [0, 0, 1, 128, 255]
        assert any("16-bit grey was reduced to 8 bits" in note for note in loaded.notes)


def test_big_endian_16_bit_grey_is_read_in_its_own_order():
    picture = Image.frombytes("I;16B", (2, 1), b"\x01\x01\xff\xff")
    assert as_pixels(picture).image_HWC[0, :, 0].tolist() == [1, 255]


def test_32_bit_grey_keeps_a_16_bit_meaning_or_says_how_it_was_stretched():
    sixteen = as_pixels(Image.fromarray(np.array([[0, 32768, 65535]], np.int32)))
    assert sixteen.image_HWC[0, :, 0].tolist() == [0, 128, 255]
    wide = as_pixels(Image.fromarray(np.array([[-100, 0, 155]], np.int32)))
    assert wide.image_HWC[0, :, 0].tolist() == [0, 100, 255]
    assert any("-100..155" in note for note in wide.notes)


@pytest.mark.parametrize(
    ("values", "expected", "sentence"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255], "0..1"),
        ([0.0, 100.4, 255.0], [0, 100, 255], "0..255"),
        ([-1.0, 0.0, 1.0], [0, 128, 255], "-1..1"),
        ([0.0, float("nan"), 1.0], [0, 0, 255], "not numbers"),
    ],
)
def test_floating_point_grey_says_how_it_was_read(values: list[float], expected: list[int], sentence: str):
    loaded = load_picture(file_of(Image.fromarray(np.array([values], np.float32)), "TIFF"))
    assert loaded.image_HWC[0, :, 0].tolist() == expected
    assert any(sentence in note for note in loaded.notes), loaded.notes


def test_16_bit_colour_in_png_and_ppm_is_reduced_with_a_sentence():
    rgb = struct.pack(">6H", 65535, 0, 32896, 257, 514, 771)
    png = load_picture(png_by_hand(2, 1, 16, 2, b"\0" + rgb))
    ppm = load_picture(b"P6 2 1 65535\n" + rgb)
    for loaded in (png, ppm):
        assert loaded.image_HWC[0].tolist() == [[255, 0, 128], [1, 2, 3]]
        assert any("16 bits a channel" in note for note in loaded.notes)


def test_an_8_bit_picture_says_nothing_of_16_bits(photo_path: Path):
    assert load_picture(photo_path).notes == ()


# ---- transparency


def test_transparency_is_laid_onto_white():
    half = Image.new("RGBA", (4, 4), (255, 0, 0, 128))
    half.putpixel((0, 0), (0, 0, 0, 0))
    loaded = load_picture(file_of(half))
    assert loaded.image_HWC[0, 0].tolist() == [255, 255, 255]
    assert np.abs(loaded.image_HWC[1, 1].astype(int) - [255, 127, 127]).max() <= 1
    assert any("laid onto white" in word for word in loaded.lost) and loaded.alpha_HW is not None


def test_a_palette_with_transparent_entries_is_laid_onto_white():
    palette = Image.new("P", (4, 2))
    palette.putpalette([0, 0, 255, 255, 0, 0])
    palette.putpixel((1, 0), 1)
    loaded = load_picture(file_of(palette, transparency=0))
    assert loaded.image_HWC[0, :2].tolist() == [[255, 255, 255], [255, 0, 0]]
    with_bytes = load_picture(file_of(palette, transparency=b"\x00\xff"))
    assert with_bytes.image_HWC[0, :2].tolist() == [[255, 255, 255], [255, 0, 0]]


@pytest.mark.parametrize(("mode", "key", "other"), [("L", 0, 200), ("RGB", (0, 0, 0), (9, 9, 9)), ("1", 0, 1)])
def test_a_transparent_key_colour_is_laid_onto_white(mode: str, key: object, other: object):
    picture = Image.new(mode, (2, 1), key)
    picture.putpixel((1, 0), other)
    loaded = load_picture(file_of(picture, transparency=key))
    assert loaded.image_HWC[0, 0].tolist() == [255, 255, 255]
    assert loaded.image_HWC[0, 1, 0] == {200: 200, (9, 9, 9): 9, 1: 255}[other]


# ---- orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_all_eight_orientations_come_out_upright(orientation: int, format: str):
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # stored turned the other way, so that a turn by 6 makes it upright
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = Image.fromarray(CORNERS_HWC)
    stored = upright.transpose(turn[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {
        "JPEG": {"quality": 95, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 95, "subsampling": "4:4:4"},
    }.get(format, {})
    data = file_of(stored, format, exif=exif, **options)
    loaded = load_picture(data)
    assert loaded.image_HWC.shape == CORNERS_HWC.shape
    assert np.abs(loaded.image_HWC.astype(int) - CORNERS_HWC).mean() < 6
    from_memory = as_pixels(Image.open(io.BytesIO(data)))
    assert np.array_equal(from_memory.image_HWC, loaded.image_HWC)
    if orientation > 1 and format != "TIFF":  # Pillow turns TIFF by itself
        assert any(f"orientation {orientation}" in note for note in loaded.notes)


def test_a_nonsense_orientation_is_ignored():
    exif = Image.Exif()
    exif[0x0112] = 77
    assert load_picture(file_of(Image.fromarray(CORNERS_HWC), "PNG", exif=exif)).image_HWC.shape == CORNERS_HWC.shape


def test_damaged_exif_data_does_not_cost_the_picture():
    loaded = load_picture(file_of(Image.fromarray(CORNERS_HWC), "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xffrubbish"))
    assert np.array_equal(loaded.image_HWC, CORNERS_HWC)


# ---- colour profiles


def swapped_profile() -> bytes:
    """sRGB with its red and green primaries exchanged: what it does cannot be overlooked."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    data[red + 4 : red + 8], data[green + 4 : green + 8] = data[green + 4 : green + 8], data[red + 4 : red + 8]
    return bytes(data)


def test_colours_go_through_the_profile():
    loaded = load_picture(file_of(Image.new("RGB", (4, 4), (200, 30, 30)), icc_profile=swapped_profile()))
    assert np.abs(loaded.image_HWC[0, 0].astype(int) - [30, 200, 30]).max() <= 6
    assert any("converted to sRGB from the profile" in note for note in loaded.notes)


def test_colours_of_a_transparent_picture_go_through_the_profile_too():
    loaded = load_picture(file_of(Image.new("RGBA", (4, 4), (200, 30, 30, 255)), icc_profile=swapped_profile()))
    assert np.abs(loaded.image_HWC[0, 0].astype(int) - [30, 200, 30]).max() <= 6


def test_an_srgb_profile_changes_nothing_and_says_nothing():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    loaded = load_picture(file_of(gradient(), icc_profile=srgb))
    assert np.array_equal(loaded.image_HWC, np.asarray(gradient()))
    assert loaded.notes == ()


def test_a_palette_goes_through_the_profile():
    loaded = load_picture(file_of(Image.new("RGB", (4, 4), (200, 30, 30)).convert("P"), icc_profile=swapped_profile()))
    assert loaded.image_HWC[0, 0, 1] > 150 > loaded.image_HWC[0, 0, 0]


def test_a_broken_profile_is_said_and_pixels_are_taken_as_srgb():
    loaded = load_picture(file_of(gradient(), icc_profile=b"not a profile at all" * 10))
    assert np.array_equal(loaded.image_HWC, np.asarray(gradient()))
    assert any("profile is damaged" in note for note in loaded.notes)


def test_a_profile_for_other_pixels_is_said_and_ignored():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    loaded = load_picture(file_of(gradient(), icc_profile=lab))
    assert np.array_equal(loaded.image_HWC, np.asarray(gradient()))
    assert any("is for Lab, not for RGB" in note for note in loaded.notes)


def test_an_rgb_profile_on_grey_pixels_is_used():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    loaded = load_picture(file_of(gradient("L"), icc_profile=srgb))
    assert np.array_equal(loaded.image_HWC[:, :, 0], np.asarray(gradient("L")))


def test_a_gamma_that_is_not_srgbs_is_used_and_the_usual_one_is_left_alone():
    def with_gamma(gamma: float) -> bytes:
        chunk = png_chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))
        return png_by_hand(3, 1, 8, 0, bytes([0, 0, 128, 255]), chunk)

    linear, usual = load_picture(with_gamma(1.0)), load_picture(with_gamma(0.45455))
    assert linear.image_HWC[0, :, 0].tolist() == [0, 188, 255]
    assert any("its gamma of 1" in note for note in linear.notes)
    assert usual.image_HWC[0, :, 0].tolist() == [0, 128, 255]
    assert not any("gamma" in note for note in usual.notes)


# ---- several frames


@pytest.mark.parametrize("format", ["GIF", "WEBP", "TIFF", "PNG"])
def test_the_first_of_several_frames_is_taken_with_a_sentence(format: str):
    first, second = Image.new("RGB", (8, 8), (255, 0, 0)), Image.new("RGB", (8, 8), (0, 0, 255))
    loaded = load_picture(file_of(first, format, save_all=True, append_images=[second]))
    assert loaded.image_HWC[4, 4, 0] > 200 > loaded.image_HWC[4, 4, 2]
    several = "" if format == "TIFF" else "2 "
    assert any(f"first of its {several}frames" in note for note in loaded.notes)


# ---- what is refused


def test_what_is_no_picture_is_refused_in_one_sentence(tmp_path: Path):
    (tmp_path / "words.png").write_text("these are words")
    (tmp_path / "empty.png").write_bytes(b"")
    whole = file_of(gradient())
    cases = {
        "there is no such file": tmp_path / "absent.png",
        "is a folder": tmp_path,
        "is no picture": tmp_path / "words.png",
        "is empty": tmp_path / "empty.png",
        "cut short or damaged": whole[: len(whole) // 2],
        "drawing program": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
    }
    for sentence, source in cases.items():
        with pytest.raises(PictureError, match=sentence) as caught:
            load_picture(source)
        assert "\n" not in str(caught.value)


def test_a_picture_that_is_cut_anywhere_is_refused_and_never_half_loaded():
    for format in ("JPEG", "WEBP", "GIF", "TIFF"):
        whole = file_of(gradient(), format)
        for num_bytes in range(0, len(whole) * 3 // 4, 37):
            with pytest.raises(PictureError):
                load_picture(whole[:num_bytes])


def test_the_limit_is_asked_of_the_header_before_pixels_are_decoded():
    bomb = png_by_hand(60_000, 60_000, 8, 2, b"")  # far above Pillow's own guard, and without any pixels
    with pytest.raises(LimitError, match="of 60000x60000 has 3600000000 pixels, above max_pixels=120000000"):
        load_picture(bomb)
    with pytest.raises(LimitError, match="max_side_px=20"):
        load_picture(file_of(gradient()), limits=Limits(max_side_px=20))
    with pytest.raises(LimitError, match="max_pixels=100"):
        as_pixels(gradient(), limits=Limits(max_pixels=100))
    with pytest.raises(LimitError, match="max_pixels=100"):
        as_pixels(np.zeros((20, 20), np.uint8), limits=Limits(max_pixels=100))


def test_a_large_picture_within_the_limits_passes_without_a_warning_of_pillow():
    guard = Image.MAX_IMAGE_PIXELS
    large = png_by_hand(10_000, 10_000, 1, 0, b"\0" * (10_000 * 1251))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = load_picture(large)
    assert str(loaded.size) == "10000x10000"
    assert guard == Image.MAX_IMAGE_PIXELS


def test_pillows_guard_and_the_filters_of_warnings_are_left_alone_while_a_picture_is_read(
    monkeypatch: pytest.MonkeyPatch,
):
    """They are the process's: another thread may open its own pictures meanwhile."""
    opened = Image.open(io.BytesIO(file_of(gradient())))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # fewer than the picture has
    before, seen = [100, *warnings.filters], []

    def spying(function: Callable) -> Callable:
        def call(*arguments: object) -> object:
            seen.append([Image.MAX_IMAGE_PIXELS, *warnings.filters])
            return function(*arguments)

        return call

    monkeypatch.setitem(Image.OPEN, "PNG", tuple(map(spying, Image.OPEN["PNG"])))
    monkeypatch.setattr(PngImageFile, "load", spying(PngImageFile.load))
    for loaded in (load_picture(file_of(gradient())), as_pixels(opened)):
        assert str(loaded.size) == "64x16"
    assert len(seen) >= 4
    assert all(state == before for state in seen)


@pytest.mark.parametrize("kind", ["icon of bitmaps", "Apple icon", "texture"])
def test_pictures_inside_others_are_measured_before_they_are_decoded(kind: str):
    bitmap = struct.pack("<IiiHHIIiiII", 40, 3000, 6000, 1, 32, 0, 0, 0, 0, 0, 0)
    icon = struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(bitmap), 22) + bitmap
    stream = b"\xff\x4f\xff\x51" + struct.pack(">HHII", 41, 0, 4000, 4500)
    jpeg = b"\xff\xd8\xff\xe0\0\4ab" + b"\xff\xc0" + struct.pack(">HBHH", 17, 8, 4000, 4500)
    within = {
        "icon of bitmaps": icon,
        "Apple icon": b"icns" + struct.pack(">I4sI", 32, b"ic08", 24) + stream,
        "texture": b"BLP1" + struct.pack("<IIIIII", 0, 0, 16, 16, 0, 0) + jpeg,
    }
    assert 18_000_000 in [size.width_px * size.height_px for size in sizes_inside(within[kind])]
    with pytest.raises(LimitError, match=r"a picture inside it of .* has 18000000 pixels, above max_pixels=17000000"):
        load_picture(within[kind], limits=Limits(max_pixels=17_000_000))
    assert not list(sizes_inside(b"\x89PNG\r\n\x1a\n" + within[kind]))


# ---- arrays


def test_arrays_of_every_accepted_shape():
    grey_HW = np.array([[0, 200]], np.uint8)
    for array in (grey_HW, grey_HW[:, :, None]):
        assert as_pixels(array).image_HWC[0].tolist() == [[0, 0, 0], [200, 200, 200]]
    with_alpha_HWC = np.array([[[0, 255], [200, 0]]], np.uint8)
    assert as_pixels(with_alpha_HWC).image_HWC[0].tolist() == [[0, 0, 0], [255, 255, 255]]
    rgba_HWC = np.array([[[255, 0, 0, 255], [255, 0, 0, 0]]], np.uint8)
    laid = as_pixels(rgba_HWC)
    assert laid.image_HWC[0].tolist() == [[255, 0, 0], [255, 255, 255]]
    assert any("laid onto white" in word for word in laid.lost)
    assert as_pixels(np.array([[True, False]])).image_HWC[0, :, 0].tolist() == [255, 0]
    deep = as_pixels(np.full((1, 1, 3), 65535, np.uint16))
    assert deep.image_HWC.tolist() == [[[255, 255, 255]]]
    assert any("16 bits" in note for note in deep.notes)
    assert as_pixels(np.full((1, 1, 3), 65535, ">u2")).image_HWC.tolist() == [[[255, 255, 255]]]


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((4, 4, 3), np.float32), r"uint8 0\.\.255"),
        (np.zeros((4, 4, 3), np.int64), r"uint8 0\.\.255"),
        (np.zeros((3, 40, 40), np.uint8), "channels first"),
        (np.zeros((9, 9, 5), np.uint8), "is no picture"),
        (np.zeros((4,), np.uint8), "is no picture"),
        (np.zeros((0, 4, 3), np.uint8), "has no pixels"),
    ],
)
def test_other_arrays_are_refused_with_what_to_pass(array: np.ndarray, sentence: str):
    with pytest.raises(PictureError, match=sentence):
        as_pixels(array)


def test_what_is_neither_picture_nor_array_is_refused_by_its_type():
    with pytest.raises(PictureError, match=r"builtins\.str is no picture"):
        as_pixels("photo.png")  # type: ignore[arg-type]


# ---- writing


@pytest.mark.parametrize("suffix", sorted(OUTPUT_FORMATS))
def test_every_output_format_can_be_read_again(tmp_path: Path, suffix: str):
    save_picture(CORNERS_HWC, tmp_path / f"a.{suffix}")
    again = load_picture(tmp_path / f"a.{suffix}")
    worst = np.abs(again.image_HWC.astype(int) - CORNERS_HWC).max()
    assert worst <= (0 if suffix in {"png", "tif", "tiff", "bmp", "ppm", "webp"} else 60)
    out = io.BytesIO()
    save_picture(CORNERS_HWC, out, format=suffix.upper())
    assert out.getvalue() == (tmp_path / f"a.{suffix}").read_bytes()


def test_an_unknown_output_format_is_refused_by_name(tmp_path: Path):
    with pytest.raises(PictureError, match="cannot write the format 'xyz'; the known ones are png"):
        save_picture(CORNERS_HWC, tmp_path / "a.xyz")
    assert not list(tmp_path.iterdir())

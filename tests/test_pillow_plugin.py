"""Pillow opens and saves `.semc` files as it does its own formats."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

import semcodec
from semcodec.cli.app import run
from semcodec.container.encode import write_file
from semcodec.errors import BudgetError, SemcodecError
from semcodec.ids import LayerId, Origin
from semcodec.layers.text.encode import pack_words
from semcodec.models import default_models, models_by_default
from semcodec.pillow_plugin import PluginError
from semcodec.types import FileHeader, Section, Size, Words

CAPTION = "Two macaws, one red, one blue and yellow."
WORDS = Words(CAPTION, "en", Origin.MACHINE)


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    return Image.open(photo_path).convert("RGB")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, photo: Image.Image) -> Path:
    """Macaws of 768x512 in 340 bytes, with words."""
    path = tmp_path_factory.mktemp("plugin") / "macaws.semc"
    photo.save(path, bytes=340, caption=CAPTION, language="en", origin="machine")
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, photo: Image.Image) -> Path:
    """The same, shown at 1536x1024 and coded at a fraction of that."""
    path = tmp_path_factory.mktemp("plugin") / "large.semc"
    photo.resize((1536, 1024)).save(path, bytes=150)
    return path


@pytest.fixture(scope="module")
def painted_HWC(path: Path) -> np.ndarray:
    return semcodec.decode(path.read_bytes())


def opened(file: Path | bytes) -> Image.Image:
    return Image.open(io.BytesIO(file if isinstance(file, bytes) else file.read_bytes()))


def saved(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "SEMC", **options)
    return out.getvalue()


class Pipe(io.RawIOBase):
    """A stream that only goes forward, as a socket or a pipe does."""

    def __init__(self, data: bytes = b"") -> None:
        self.data, self._rest = bytearray(), io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        return self._rest.readinto(buffer)

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)


# ---- opening


def test_opening_tells_size_and_words_and_loads_no_network(path: Path) -> None:
    code = (
        "import sys, semcodec.pillow_plugin\nfrom PIL import Image\nimage = Image.open(sys.argv[1])\n"
        "print(image.size, image.mode, image.format, image.get_format_mimetype(), image.info['words'].text)\n"
        "print(*sorted({'onnxruntime', 'numpy'} & set(sys.modules)), sep=',')\n"
        "image.load()\nprint('onnxruntime' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"(768, 512) RGB SEMC image/x-semc {CAPTION}", "", "True"]


def test_the_words_are_words_and_say_their_language_and_origin(path: Path) -> None:
    with Image.open(path) as image:
        assert image.info["words"] == WORDS
        told = semcodec.info(path.read_bytes())
        assert image.info["working_size"] == (told.working.width_px, told.working.height_px)
        assert image.info["family"] == told.family


def test_pixels_are_those_of_decode(path: Path, painted_HWC: np.ndarray) -> None:
    image = Image.open(path)
    assert (np.asarray(image) == painted_HWC).all()
    assert image.fp is None, "the file is closed when the pixels are there"
    image.putpixel((0, 0), (1, 2, 3))
    assert image.getpixel((0, 0)) == (1, 2, 3)


def test_paths_file_objects_streams_and_pipes_are_all_opened(path: Path, painted_HWC: np.ndarray) -> None:
    with path.open("rb") as file:
        file.seek(100)
        sources = (str(path), path, file, io.BytesIO(path.read_bytes()), Pipe(path.read_bytes()))
        assert all((np.asarray(Image.open(source)) == painted_HWC).all() for source in sources)


def test_the_incremental_parser_takes_the_file_in_pieces(path: Path, painted_HWC: np.ndarray) -> None:
    parser = ImageFile.Parser()
    for byte in path.read_bytes():
        parser.feed(bytes([byte]))
    assert (np.asarray(parser.close()) == painted_HWC).all()


def test_the_file_may_be_gone_when_the_pixels_are_asked_for(path: Path, tmp_path: Path) -> None:
    (tmp_path / "short-lived.semc").write_bytes(path.read_bytes())
    with Image.open(tmp_path / "short-lived.semc") as image:
        (tmp_path / "short-lived.semc").unlink()
        assert image.getbbox() == (0, 0, 768, 512)


@pytest.mark.parametrize("data", [b"\xc5\xec", b"\xc5\xec\x14" + bytes(40), b"\xc5\xed" + bytes(40), b"\xec\xc5" * 20])
def test_what_is_no_semc_file_is_left_to_other_formats(data: bytes) -> None:
    with pytest.raises(UnidentifiedImageError):
        opened(data)


def test_a_file_of_a_newer_format_is_named_as_such(path: Path) -> None:
    newer = bytearray(path.read_bytes())
    newer[2] = 0x20 | newer[2] & 15
    with pytest.raises(OSError, match=r"file format 2.*install a newer semcodec"):
        opened(bytes(newer))


def test_other_formats_are_opened_as_before(photo_path: Path) -> None:
    with Image.open(photo_path) as image:
        assert image.format == "PNG"


# ---- truncated and damaged files


def test_a_truncated_file_is_refused_unless_pillow_is_told_to_be_lenient(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = path.read_bytes()[:200]
    image = opened(prefix)
    assert image.size == (768, 512) and image.info["words"] == WORDS, "what is there is told"
    with pytest.raises(OSError, match=r"image file is truncated: .*LOAD_TRUNCATED_IMAGES = True") as caught:
        image.load()
    assert isinstance(caught.value, SemcodecError)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    image.load()
    assert "damage" in image.info
    with pytest.warns(semcodec.errors.DamagedInputWarning):
        assert (np.asarray(image) == semcodec.decode(prefix)).all()


def test_a_damaged_file_is_treated_alike(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    appended = path.read_bytes() + b"?"
    with pytest.raises(OSError, match="image file is damaged"):
        opened(appended).load()
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert opened(appended).getbbox() is not None


def test_a_file_that_was_cut_on_purpose_is_whole(path: Path) -> None:
    image = opened(semcodec.cut(path.read_bytes(), bytes=150))
    image.verify()
    image.load()
    assert "damage" not in image.info


@pytest.mark.usefixtures("no_generator")
def test_no_leniency_paints_a_file_without_picture_data(monkeypatch: pytest.MonkeyPatch) -> None:
    header = FileHeader(Size(40, 30))
    image = opened(write_file(header, [pack_words(WORDS)]))
    assert image.info["words"] == WORDS and image.info["family"] is None
    image.verify()
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(OSError, match="holds no picture data"):
        image.load()


def test_words_of_an_unknown_family_are_told_and_its_picture_is_refused_by_name() -> None:
    header = FileHeader(Size(40, 30))
    image = opened(write_file(header, [pack_words(WORDS), Section(LayerId.TOKENS, 250, b"12345")]))
    assert image.info["words"] == WORDS
    with pytest.raises(OSError, match="250"):
        image.load()


def test_verify_reads_everything_and_loads_no_network(path: Path) -> None:
    opened(path).verify()
    code = (
        "import sys, semcodec.pillow_plugin\nfrom PIL import Image\nImage.open(sys.argv[1]).verify()\n"
        "sys.exit('onnxruntime' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    with pytest.raises(OSError, match="truncated"):
        opened(path.read_bytes()[:-3]).verify()


# ---- transparency, colours, metadata


@pytest.fixture(scope="module")
def sticker(photo: Image.Image) -> Image.Image:
    """A round, half transparent picture in the colours of a profile that is not sRGB, with EXIF and XMP."""
    square = photo.resize((160, 120)).convert("RGBA")
    alpha_HW = np.zeros((120, 160), dtype=np.uint8)
    alpha_HW[20:100, 30:130] = 128
    alpha_HW[40:80, 50:110] = 255
    square.putalpha(Image.fromarray(alpha_HW))
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    square.info |= {
        "icc_profile": wide_profile(),
        "exif": exif.tobytes(),
        "xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
    }
    return square


@cache  # (a profile says when it was made)
def wide_profile() -> bytes:
    """A display profile with other primaries than sRGB's: the red and the blue of sRGB's own profile, exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def test_a_boxed_file_opens_with_all_that_belongs_to_the_picture(sticker: Image.Image) -> None:
    image = opened(saved(sticker, bytes=8000, boxed=True))
    assert image.mode == "RGBA" and image.info["icc_profile"] == wide_profile()
    assert image.getexif()[0x010F] == "A camera" and b"xmpmeta" in image.info["xmp"]
    image.verify()
    alpha_HW = np.asarray(image.getchannel("A"))
    assert (alpha_HW == np.asarray(sticker.getchannel("A"))).all()
    seen = alpha_HW == 255
    error = np.abs(np.asarray(image).astype(int) - np.asarray(sticker))[seen].mean()
    assert error < 25, "pixels are in the colours of the profile beside them"


def test_a_draft_of_a_transparent_picture_is_transparent_in_the_same_places(photo: Image.Image) -> None:
    half = photo.resize((1536, 1024))
    half.putalpha(Image.linear_gradient("L").resize((1536, 1024)))
    image = opened(saved(half, bytes=1200, boxed=True))
    image.thumbnail((96, 64))
    assert image.mode == "RGBA" and image.size == (96, 64)
    alpha_HW = np.asarray(image.getchannel("A")).astype(int)
    assert np.abs(alpha_HW - np.asarray(half.resize((96, 64)).getchannel("A"))).mean() < 12


def test_metadata_is_kept_where_it_is_named_as_with_other_formats(sticker: Image.Image) -> None:
    exif = sticker.getexif()
    for given in (exif, exif.tobytes()):
        assert opened(saved(sticker, bytes=8000, exif=given)).getexif()[0x010F] == "A camera"
    assert "exif" not in opened(saved(sticker, bytes=400)).info
    assert "exif" not in opened(saved(sticker, bytes=400, strip=True, exif=exif)).info
    again = opened(saved(opened(saved(sticker, bytes=8000, boxed=True)), bytes=8000, boxed=True))
    assert again.mode == "RGBA" and {"exif", "xmp", "icc_profile"} <= set(again.info)


def test_what_a_bare_file_loses_is_named_once_in_the_log(
    sticker: Image.Image, caplog: pytest.LogCaptureFixture
) -> None:
    saved(sticker, bytes=400)
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "EXIF" in warning and "transparency" in warning and "boxed=True" in warning
    caplog.clear()
    saved(sticker, bytes=400, strip=True)
    saved(sticker, bytes=8000, boxed=True)
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_a_damaged_alpha_box_is_damage_and_paints_opaque_where_that_is_wanted(
    sticker: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytearray(saved(sticker.copy(), bytes=8000, boxed=True))
    at = data.index(b"WEBPVP8L") + 20
    data[at : at + 8] = bytes(8)
    image = opened(bytes(data))
    with pytest.raises(OSError, match="damaged"):
        image.load()
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    image.load()
    assert image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255)
    assert "alpha" in image.info["damage"][0]


def test_pictures_that_are_partly_invented_say_so_in_what_pillow_makes_of_them(path: Path) -> None:
    image, jpeg = opened(path), io.BytesIO()
    assert "comment" not in image.info
    image.save(jpeg, "JPEG")
    assert "Painted by semcodec" in image.info["comment"]
    assert image.info["comment"].encode() in jpeg.getvalue()


# ---- huge pictures


def test_pillows_guard_against_huge_pictures_holds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 768 * 512 - 1)
    with pytest.warns(Image.DecompressionBombWarning):
        opened(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(Image.DecompressionBombError):
        opened(path)


def test_the_guard_holds_for_pictures_that_were_opened_before_it_was_set(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = opened(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(OSError, match="max_pixels=2000"):
        image.load()
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    image.load()


def test_a_header_that_promises_terapixels_costs_nothing() -> None:
    bomb = write_file(FileHeader(Size(1 << 22, 1 << 22), step=0), [Section(LayerId.TOKENS, 1, b"")])
    with pytest.raises(Image.DecompressionBombError):
        opened(bomb)


# ---- smaller pictures


def test_draft_paints_at_the_working_size_where_that_is_enough(large: Path) -> None:
    image = opened(large)
    working = image.info["working_size"]
    assert working[0] < 1536 and working[1] < 1024
    assert image.draft(None, (90, 60)) == ("RGB", (0, 0, *working))
    assert image.size == working
    image.load()
    assert image.size == working
    enlarged_HWC = np.asarray(image.resize((1536, 1024), Image.Resampling.LANCZOS))
    assert (enlarged_HWC == semcodec.decode(large.read_bytes())).all(), "the same picture, only not enlarged"


def test_draft_never_goes_below_what_was_asked_for(large: Path) -> None:
    for asked in ((1200, 10), (10, 801), (1535, 1023), (1400, 800)):
        image = opened(large)
        image.draft("L", asked)
        assert image.size[0] >= asked[0] and image.size[1] >= asked[1]
        assert image.size[0] / image.size[1] == pytest.approx(1.5, abs=0.005)
    for too_large in ((1536, 1024), (5000, 5000)):
        image = opened(large)
        assert image.draft(None, too_large) is None and image.size == (1536, 1024)
    assert image.draft("L", None) is None
    image.load()
    assert image.draft(None, (90, 60)) is None, "too late: it is painted"


def test_thumbnails_keep_the_shape_and_look_like_the_picture(large: Path) -> None:
    painted_HWC = semcodec.decode(large.read_bytes())
    for box in ((96, 96), (300, 300), (700, 900), (96, 20)):
        image, whole = opened(large), Image.fromarray(painted_HWC)
        image.thumbnail(box)
        whole.thumbnail(box)
        assert image.size == whole.size
        difference = np.abs(np.asarray(image).astype(int) - np.asarray(whole))
        assert difference.mean() < 2


def test_convert_and_copy_paint_first(path: Path, painted_HWC: np.ndarray) -> None:
    grey = opened(path).convert("L")
    assert grey.mode == "L" and grey.info["words"] == WORDS
    assert (np.asarray(opened(path).copy()) == painted_HWC).all()


# ---- threads, processes, pickles


def test_a_pool_of_threads_paints_the_same(path: Path, painted_HWC: np.ndarray) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert all((picture == painted_HWC).all() for picture in pool.map(_pixels_of, [path] * 8))


def test_a_path_can_be_sent_to_another_process(path: Path, painted_HWC: np.ndarray) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_import_plugin) as pool:
        assert (pool.submit(_pixels_of, path).result(timeout=60) == painted_HWC).all()


_as_in_tests = models_by_default(default_models().but(restorer=None))


def _import_plugin() -> None:
    import semcodec
    import semcodec.pillow_plugin  # noqa: F401  (a fresh interpreter knows only Pillow's own formats)

    _as_in_tests.__enter__()  # (nor does it know of fixtures)


def _pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_an_opened_picture_survives_pickle_and_deepcopy(path: Path, painted_HWC: np.ndarray) -> None:
    for twin in (pickle.loads(pickle.dumps(opened(path))), copy.deepcopy(opened(path))):
        assert twin.info["words"] == WORDS
        twin.load()
        assert (np.asarray(twin) == painted_HWC).all()


# ---- saving


def test_saving_writes_the_bytes_of_the_command_line(photo: Image.Image, photo_path: Path, tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    small = photo.resize((192, 128))
    small.save(tmp_path / "turned.jpg", exif=turned, icc_profile=profile)
    small.quantize(16).save(tmp_path / "palette.png")
    small.convert("LA").save(tmp_path / "grey-alpha.png")
    for source in (photo_path, *sorted(tmp_path.glob("*.*g"))):
        by_command, by_pillow = tmp_path / "command.semc", tmp_path / "pillow.semc"
        options = [
            "--bytes",
            "200",
            "--caption",
            CAPTION,
            "--language",
            "en",
            "--effort",
            "3",
            "--overwrite",
            "--quiet",
        ]
        assert run(["encode", str(source), str(by_command), *options]) == 0
        with Image.open(source) as image:
            image.save(by_pillow, bytes=200, caption=CAPTION, language="en", effort=3)
        assert by_pillow.read_bytes() == by_command.read_bytes(), source


def test_all_options_of_encode_are_taken_and_those_of_other_formats_ignored(photo: Image.Image) -> None:
    small = photo.resize((120, 80))
    assert saved(small, quality=60) == semcodec.encode(small, quality=60).data
    assert saved(small, bpp=0.2, optimize=True, subsampling=0) == semcodec.encode(small, bpp=0.2).data
    assert saved(small) == semcodec.encode(small).data
    with pytest.raises(ValueError, match="exclude each other"):
        saved(small, bytes=100, quality=50)
    with pytest.raises(BudgetError, match="too few"):
        saved(small, bytes=10)


def test_saving_goes_to_paths_suffixes_streams_and_pipes(photo: Image.Image, tmp_path: Path) -> None:
    small, pipe = photo.resize((120, 80)), Pipe()
    small.save(tmp_path / "a.semc", bytes=100)
    small.save(tmp_path / "a.data", format="semc", bytes=100)
    small.save(pipe, "SEMC", bytes=100)
    with (tmp_path / "b.SEMC").open("wb") as file:
        small.save(file, bytes=100)
    files = {(tmp_path / name).read_bytes() for name in ("a.semc", "a.data", "b.SEMC")}
    assert files == {bytes(pipe.data)}


def test_a_failed_save_leaves_no_file(photo: Image.Image, tmp_path: Path) -> None:
    with pytest.raises(BudgetError):
        photo.save(tmp_path / "too-small.semc", bytes=10)
    assert not list(tmp_path.iterdir())


def test_words_stay_with_a_picture_until_others_are_given(path: Path) -> None:
    image = opened(path)
    image.thumbnail((120, 80))
    assert semcodec.read_words(saved(image, bytes=200)) == WORDS
    assert semcodec.read_words(saved(image, bytes=200, caption=None)) is None
    assert semcodec.read_words(saved(image, bytes=200, caption="parrots")) == Words("parrots", "en", Origin.MACHINE)
    assert semcodec.read_words(saved(image.convert("RGB"), bytes=200)) == WORDS


def test_saving_several_frames_is_refused(photo: Image.Image, tmp_path: Path) -> None:
    for options in ({"save_all": True}, {"append_images": [photo]}):
        with pytest.raises(PluginError, match="one picture"):
            photo.save(tmp_path / "frames.semc", **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I", "I;16", "F"])
def test_every_mode_can_be_saved_and_opens_as_a_picture_of_its_size(photo: Image.Image, mode: str) -> None:
    small = photo.resize((96, 64))
    if mode in {"I", "I;16"}:  # as Pillow opens a 16-bit PNG
        image = Image.fromarray(np.asarray(small.convert("L")).astype(np.uint16) * 257).convert(mode)
    else:
        image = small.convert("RGBA").convert(mode) if mode in {"LA", "RGBA"} else small.convert(mode)
    again = opened(saved(image, bytes=400))
    again.load()
    assert again.size == (96, 64)
    grey = np.asarray(again.convert("L")).astype(int), np.asarray(small.convert("L")).astype(int)
    assert np.abs(grey[0] - grey[1]).mean() < (90 if mode == "1" else 30)

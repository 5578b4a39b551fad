"""Pictures of a few pixels, and strips, through every door: they keep their colours, and no network is opened."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import semcodec
import semcodec.pillow_plugin
from semcodec.cli.info_text import show_info
from semcodec.container.encode import write_file
from semcodec.container.header import working_size
from semcodec.errors import BudgetError, DamagedInputWarning, NoPictureError, UnknownFamilyError
from semcodec.ids import PIXEL_CODING, LayerId
from semcodec.layers.catalog import LAYERS
from semcodec.layers.pixels.encode import pack_pixels
from semcodec.models import Models
from semcodec.options import PaintOptions
from semcodec.painting import paint_reading
from semcodec.types import FileHeader, Region, Regions, Section, Size

SIZES = [(1, 1), (2, 2), (1, 8), (4, 4), (7, 5), (8, 8), (300, 1), (1, 300), (2000, 9), (20, 20)]
CLOSE = 12  # of 255, in each channel


def noise(width_px: int, height_px: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3)).astype(np.uint8)


def furthest(image_HWC: np.ndarray, painted_HWC: np.ndarray) -> int:
    assert image_HWC.shape == painted_HWC.shape
    return int(np.abs(image_HWC.astype(int) - painted_HWC).max())


@pytest.fixture
def no_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that is opened is a failure."""

    def refuse(number: int) -> None:
        raise AssertionError("a network was opened")

    monkeypatch.setattr(Models, "decoder", refuse)
    monkeypatch.setattr(Models, "encoder", refuse)


@pytest.mark.usefixtures("no_networks")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("colour", [(255, 0, 0), (20, 200, 20), (0, 128, 255), (0, 0, 0), (255, 255, 255)])
def test_flat_pictures_keep_their_colour_from_20_bytes_on(size: tuple[int, int], colour: tuple[int, ...]) -> None:
    image_HWC = np.full((size[1], size[0], 3), colour, dtype=np.uint8)
    for num_bytes in (20, 21, 40, 4000):
        data = semcodec.encode(image_HWC, bytes=num_bytes).data
        assert len(data) <= num_bytes
        assert furthest(image_HWC, semcodec.decode(data)) <= CLOSE


@pytest.mark.usefixtures("no_networks")
@pytest.mark.parametrize("wish", [{"quality": 0}, {"quality": 100}, {"bpp": 0.01}, {}])
def test_every_kind_of_wish_finds_the_colour(wish: dict[str, float]) -> None:
    image_HWC = np.full((40, 8, 3), (20, 200, 20), dtype=np.uint8)
    if "bpp" in wish:
        with pytest.raises(BudgetError) as told:
            semcodec.encode(image_HWC, **wish)
        assert semcodec.encode(image_HWC, bytes=told.value.least_bytes)
    else:
        assert furthest(image_HWC, semcodec.decode(semcodec.encode(image_HWC, **wish).data)) <= CLOSE


@settings(max_examples=60)
@given(
    width_px=st.integers(1, 8),
    height_px=st.integers(1, 8),
    seed=st.integers(0, 1 << 30),
    num_bytes=st.integers(300, 600),
    only_ends=st.booleans(),
)
def test_any_picture_of_up_to_8x8_is_close_from_300_bytes_on(
    width_px: int, height_px: int, seed: int, num_bytes: int, only_ends: bool
) -> None:
    image_HWC = noise(width_px, height_px, seed) // (128 if only_ends else 1) * (255 if only_ends else 1)
    data = semcodec.encode(image_HWC, bytes=num_bytes).data
    assert len(data) <= num_bytes
    assert furthest(image_HWC, semcodec.decode(data)) <= CLOSE


@settings(max_examples=60)
@given(size=st.sampled_from(SIZES), seed=st.integers(0, 99), num_bytes=st.integers(1, 60))
def test_no_budget_is_overdrawn_and_the_least_one_is_told(size: tuple[int, int], seed: int, num_bytes: int) -> None:
    image_HWC = noise(*size, seed)
    try:
        data = semcodec.encode(image_HWC, bytes=num_bytes).data
    except BudgetError as told:
        assert num_bytes < told.least_bytes <= 20
        data = semcodec.encode(image_HWC, bytes=told.least_bytes).data
        assert len(data) == told.least_bytes
    else:
        assert len(data) <= num_bytes
    assert semcodec.decode(data).shape == image_HWC.shape


def test_a_strip_takes_no_longer_than_a_square_of_as_many_pixels_would() -> None:
    strip_HWC = np.repeat(noise(256, 2), 256, axis=1)[:, :65535]
    data = semcodec.encode(strip_HWC).data
    info = semcodec.info(data)
    assert info.size == Size(65535, 2) and info.working.width_px * info.working.height_px <= 1 << 14
    assert semcodec.decode(data, roi=(30000, 0, 500, 2)).shape == (2, 500, 3)


def test_neither_encoding_nor_decoding_imports_the_runtime_of_networks() -> None:
    program = (
        "import sys, numpy, semcodec\n"
        "image = numpy.full((5, 9, 3), 77, numpy.uint8)\n"
        "data = semcodec.encode(image, bytes=60, caption='grey').data\n"
        "assert len(semcodec.cut(data, bytes=len(data) - 1)) < len(data)\n"
        "assert (semcodec.decode(data) == image).all()\n"
        "sys.exit('onnxruntime' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0


@pytest.mark.usefixtures("no_networks")
def test_words_regions_and_boxes_stand_beside_a_grid() -> None:
    rgba = np.dstack([noise(9, 7), np.full((7, 9), 100, dtype=np.uint8)])
    regions = Regions((Region(0, 0, 9, 9, "a dot"),), "en")
    encoded = semcodec.encode(rgba, bytes=700, caption="an icon", language="en", regions=regions, boxed=True)
    assert list(encoded.bytes_by_layer) == ["text", "regions", "pixels", "alpha"]
    assert [layer.name for layer in LAYERS if layer.name in encoded.bytes_by_layer] == ["text", "regions", "pixels"]
    reading = semcodec.read(encoded.data)
    assert not reading.problems and reading.scene.words is not None and reading.scene.words.text == "an icon"
    assert reading.scene.regions == regions
    assert semcodec.read_words(encoded.data) == reading.scene.words
    assert semcodec.decode(encoded.data, alpha=True).shape == (7, 9, 4)
    assert len(semcodec.cut(encoded.data, strip=True)) < len(encoded.data)


def test_the_profile_of_words_alone_sends_no_grid() -> None:
    data = semcodec.encode(noise(8, 8), profile="text", caption="noise").data
    assert semcodec.info(data).profile == "text" and semcodec.read(data).scene.pixels is None


@pytest.mark.usefixtures("no_networks")
def test_cutting_codes_a_coarser_grid_of_the_same_picture(photo_path: Path) -> None:
    with Image.open(photo_path) as photo:
        image_HWC = np.asarray(photo.convert("RGB").resize((12, 8)))
    data = semcodec.encode(image_HWC, bytes=600, caption="two macaws").data
    assert len(data) > 200
    errors = []
    for num_bytes in (len(data) - 1, len(data) * 3 // 4, len(data) // 2, 40):
        shorter = semcodec.cut(data, bytes=num_bytes)
        reading = semcodec.read(shorter)
        assert len(shorter) <= num_bytes and not reading.problems
        assert reading.scene.words is not None and reading.scene.pixels is not None
        errors.append(float(np.square(semcodec.decode(shorter).astype(float) - image_HWC).mean()))
    assert errors == sorted(errors) and errors[0] < 60
    assert semcodec.cut(data, bytes=len(data)) == data


def test_cutting_costs_no_more_for_a_large_header_around_a_small_grid() -> None:
    grid = semcodec.read(semcodec.encode(noise(30, 30), bytes=4000).data).scene.pixels
    header = FileHeader(Size(10_900, 10_900), 34)
    assert grid is not None and working_size(header) == Size(30, 30)
    data = write_file(header, [Section(LayerId.PIXELS, PIXEL_CODING, pack_pixels(grid.colours_RKC, 256) or b"")])
    began = time.process_time()
    assert len(semcodec.cut(data, bytes=300)) <= 300
    assert time.process_time() - began < 2


def test_cutting_drops_regions_then_the_picture_and_says_what_is_the_least() -> None:
    data = semcodec.encode(
        noise(8, 8), bytes=400, caption="noise", regions=Regions((Region(0, 0, 9, 9, "a dot"),))
    ).data
    parts = {size.name: size.num_bytes for size in semcodec.info(data).layers}
    without_regions = semcodec.info(semcodec.cut(data, bytes=7 + 3 + parts["text"] + 2 + 3))
    assert [layer.name for layer in without_regions.layers] == ["text", "pixels"]
    words = semcodec.cut(data, bytes=7 + 2 + parts["text"])
    assert [layer.name for layer in semcodec.info(words).layers] == ["text"]
    with pytest.raises(BudgetError) as told:
        semcodec.cut(data, bytes=8)
    assert len(semcodec.cut(data, bytes=told.value.least_bytes)) == told.value.least_bytes
    bare = semcodec.encode(noise(8, 8), bytes=400).data
    with pytest.raises(BudgetError) as told:
        semcodec.cut(bare, bytes=8)
    assert len(semcodec.cut(bare, bytes=told.value.least_bytes)) == told.value.least_bytes


def test_every_prefix_shows_a_softer_picture_or_says_that_there_is_none() -> None:
    image_HWC = np.linspace(0, 255, 8 * 8 * 3).astype(np.uint8).reshape(8, 8, 3)
    data = semcodec.encode(image_HWC, bytes=400).data
    errors = []
    for length in range(16, len(data)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DamagedInputWarning)
            errors.append(float(np.square(semcodec.decode(data[:length]).astype(float) - image_HWC).mean()))
    assert errors[0] > 1000 and errors[-1] < 20
    assert sum(now > before + 1 for before, now in zip(errors, errors[1:], strict=False)) < len(errors) // 4
    with pytest.raises(Exception, match="ends"):
        semcodec.decode(data[:10])


def test_pictures_come_one_after_the_other_as_bytes_arrive() -> None:
    image_HWC = noise(20, 20)
    data = semcodec.encode(image_HWC, bytes=2000).data
    shown = list(semcodec.decode_progressive(data[at : at + 20] for at in range(0, len(data), 20)))
    assert len(shown) >= 5
    assert furthest(image_HWC, shown[-1]) == 0 < furthest(image_HWC, shown[0])


@pytest.mark.parametrize("mtu", [40, 200, 1500])
def test_packets_carry_it_and_a_lost_one_costs_no_more_than_what_followed(mtu: int) -> None:
    image_HWC = noise(8, 8)
    data = semcodec.encode(image_HWC, bytes=300, caption="noise").data
    packets = semcodec.split(data, mtu=mtu)
    joined = semcodec.join(packets)
    assert not joined.reading.problems and joined.data == data
    assert furthest(image_HWC, semcodec.render(joined.reading.scene)) == 0
    if len(packets) > 2:
        some = semcodec.join(packets[:-1])
        assert some.reading.scene.words is not None and some.reading.scene.pixels is not None
        known = some.reading.scene.pixels.known_RK
        assert 0 < known.sum() < 64
        assert (some.reading.scene.pixels.colours_RKC[known] == image_HWC[known]).all()


def test_info_names_the_layer_and_the_grid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "strip.semc"
    path.write_bytes(semcodec.encode(noise(300, 2), bytes=60).data)
    found = semcodec.info(path.read_bytes())
    assert found.profile == "anchor" and found.family is None and not found.warnings
    assert [layer.name for layer in found.layers] == ["pixels"]
    show_info([str(path)], as_json=False)
    told = capsys.readouterr().out
    assert f"300x2, coded at {found.working}" in told and "none (pixels)" in told and "pixels " in told


def test_a_coding_of_a_newer_writer_is_named_and_the_words_stay() -> None:
    data = bytearray(semcodec.encode(noise(4, 4), bytes=90, caption="noise").data)
    at = data.index(bytes([0x80 | 5, 1]))
    data[at + 1] = 9
    assert "pixel coding 9" in semcodec.info(bytes(data)).warnings[0]
    reading = semcodec.read(bytes(data))
    assert reading.scene.words is not None and isinstance(reading.problems[0], UnknownFamilyError)
    with pytest.raises(UnknownFamilyError):
        semcodec.decode(bytes(data))


def test_there_are_no_tokens_in_it_and_nothing_to_invent() -> None:
    image_HWC = noise(6, 6)
    data = semcodec.encode(image_HWC, bytes=300, caption="noise").data
    with pytest.raises(NoPictureError, match="grid of colours"):
        semcodec.tokens(data)
    assert furthest(image_HWC, semcodec.decode(data, invent=True)) == 0
    reading = semcodec.read(data)
    told = paint_reading(reading, PaintOptions()).provenance
    assert not told.is_invented and told.num_blocks == 36 and "36 of 36 cells" in told.parts
    soft = semcodec.read(data[:-60])
    told = paint_reading(soft, PaintOptions()).provenance
    assert told.is_invented and 0 < told.num_painted < 36


def test_pillow_opens_and_saves_it() -> None:
    image_HWC, file = noise(8, 3), io.BytesIO()
    Image.fromarray(image_HWC).save(file, format="SEMC", bytes=300)
    with Image.open(io.BytesIO(file.getvalue())) as image:
        assert image.size == (8, 3) and image.info["working_size"] == (8, 3)
        assert furthest(image_HWC, np.asarray(image)) == 0

"""Pictures of other codecs restored: what the network is told, what is refused, what is kept."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pillow_heif
import pillow_jxl
import pytest
from PIL import Image

import semcodec
from semcodec.errors import LimitError, NothingToRestoreError, PictureError, WeightsError
from semcodec.limits import Limits
from semcodec.models import default_models
from semcodec.painters.told import coded_told
from semcodec.pictures import Codec, load_picture
from semcodec.types import Size

assert pillow_jxl  # (it is Pillow's writer of JPEG XL, once it is imported)
pytestmark = pytest.mark.usefixtures("embedded_restorer")


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    return Image.open(photo_path).convert("RGB").resize((180, 120))


def written(picture: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    if format == "HEIF":
        pillow_heif.from_pillow(picture).save(out, **options)
    else:
        picture.save(out, format, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("format", "codec"),
    [
        ("JPEG", Codec.JPEG),
        ("WEBP", Codec.WEBP),
        ("AVIF", Codec.AVIF),
        ("HEIF", Codec.HEIC),
        ("JXL", Codec.JPEG_XL),
    ],
)
def test_a_coarse_picture_is_recognised_and_restored(photo: Image.Image, format: str, codec: Codec) -> None:
    data = written(photo, format, quality=20)
    restored = semcodec.restore(data)
    assert restored.coding is not None and restored.coding.codec is codec
    nets = default_models().needed_restorer()[1]
    plain_HWC = load_picture(data).image_HWC
    assert np.array_equal(restored.image_HWC, nets.restore(plain_HWC, coded_told(restored.coding, Size(180, 120))))
    assert restored.alpha_HW is None
    said = restored.provenance
    assert said.sentence.startswith("Restored by semcodec (restorer-debug) from a") and codec.value in said.sentence
    assert said.is_invented and said.num_bytes == len(data) and (said.parts_RK == 1).all()


@pytest.mark.parametrize(("format", "quality"), [("JPEG", 92), ("WEBP", 92), ("AVIF", 95), ("HEIF", 95), ("JXL", 99)])
def test_a_fine_picture_is_left_unless_it_is_forced(photo: Image.Image, format: str, quality: int) -> None:
    data = written(photo, format, quality=quality)
    with pytest.raises(
        NothingToRestoreError, match=r"looks fine already \(an? .*\): there is nothing to restore; force"
    ):
        semcodec.restore(data)
    assert semcodec.restore(data, force=True).image_HWC.shape == (120, 180, 3)


def test_the_quality_of_a_jpeg_is_named_as_it_was_chosen(photo: Image.Image) -> None:
    for quality in (3, 10, 30, 75):
        coding = semcodec.restore(written(photo, "JPEG", quality=quality)).coding
        assert coding is not None and coding.sentence(Size(180, 120)) == f"a JPEG of quality {quality}"


@pytest.mark.parametrize(("format", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("BMP", {})])
def test_a_picture_without_loss_is_left_unless_it_is_forced(
    photo: Image.Image, format: str, options: dict[str, object]
) -> None:
    data = written(photo, format, **options)
    with pytest.raises(NothingToRestoreError, match="is no lossy picture of a codec that is known here"):
        semcodec.restore(data)
    forced = semcodec.restore(data, force=True)
    assert forced.coding is None and "from a picture file: " in forced.provenance.sentence


def test_strength_leads_from_the_picture_to_the_restored_one(photo: Image.Image) -> None:
    data = written(photo, "JPEG", quality=20)
    plain_HWC = np.asarray(Image.open(io.BytesIO(data))).astype(int)
    whole = semcodec.restore(data).image_HWC.astype(int)
    assert np.array_equal(semcodec.restore(data, strength=0.0).image_HWC, plain_HWC)
    half = semcodec.restore(data, strength=0.5).image_HWC
    assert np.abs(half - (plain_HWC + whole) / 2).max() <= 1
    for strength in (-0.1, 1.5):
        with pytest.raises(ValueError, match=r"is not within 0\.\.1"):
            semcodec.restore(data, strength=strength)


def test_a_grey_picture_stays_grey(photo: Image.Image) -> None:
    image_HWC = semcodec.restore(written(photo.convert("L"), "JPEG", quality=20)).image_HWC
    assert (image_HWC == image_HWC[..., :1]).all()
    image_HWC = semcodec.restore(written(photo, "JPEG", quality=20)).image_HWC
    assert not (image_HWC == image_HWC[..., :1]).all()


def test_cmyk_deep_and_animated_pictures_are_restored_with_a_word(photo: Image.Image) -> None:
    assert semcodec.restore(written(photo.convert("CMYK"), "JPEG", quality=20)).image_HWC.shape == (120, 180, 3)
    frames = {"save_all": True, "append_images": [photo.rotate(90)], "quality": 10}
    assert any(
        "only the first of its 2 frames" in note for note in semcodec.restore(written(photo, "WEBP", **frames)).notes
    )
    out = io.BytesIO()
    deep = (np.asarray(photo).astype(np.uint16) << 8).tobytes()
    pillow_heif.from_bytes("RGB;16", photo.size, deep).save(out, quality=10)
    assert semcodec.restore(out.getvalue()).image_HWC.shape == (120, 180, 3)


def test_it_comes_upright_with_its_metadata_and_transparency(photo: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a maker"
    turned = semcodec.restore(written(photo, "JPEG", quality=20, exif=exif.tobytes()))
    assert turned.image_HWC.shape == (180, 120, 3)
    assert turned.metadata.exif is not None and b"a maker" in turned.metadata.exif
    picture = photo.convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    clear = semcodec.restore(written(picture, "WEBP", quality=20))
    assert clear.alpha_HW is not None and clear.alpha_HW.shape == (120, 180)


def test_what_is_no_picture_or_too_large_is_refused_by_name(photo: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(written(photo, "JPEG", quality=20))
    with pytest.raises(LimitError, match=r"photo\.jpg: the picture of 180x120 has 21600 pixels"):
        semcodec.restore(path, limits=Limits(max_pixels=1000))
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(PictureError, match=r"photo\.jpg: "):
        semcodec.restore(path)
    with pytest.raises(
        PictureError, match=r"is a \.semc file already, which cannot be read here; semcodec decode paints"
    ):
        semcodec.restore(semcodec.encode(photo, bytes=200).data)
    path.write_bytes(written(photo, "JPEG", quality=95))
    with pytest.raises(NothingToRestoreError, match=r"photo\.jpg: looks fine"):
        semcodec.restore(path)


def test_a_build_without_a_restorer_says_so(photo: Image.Image) -> None:
    with pytest.raises(WeightsError, match="no restorer is shipped"):
        semcodec.restore(written(photo, "JPEG", quality=20), models=default_models().but(restorer=None))

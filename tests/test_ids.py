"""Numbers that stand in files never move. A change here is a change of the format: think twice, then append."""

from __future__ import annotations

from semcodec.ids import (
    BOXES,
    CLIP_FORMAT_VERSION,
    CLIP_MAGIC,
    FORMAT_VERSION,
    LANGUAGE_SPELLED_OUT,
    LANGUAGES,
    LAYER_NAMES,
    MAGIC,
    PAINTER_SPELLED_OUT,
    PAINTERS,
    RECORD_NAMES,
    STRUCTURE_FAMILIES,
    VECTOR_SPACES,
    BaseClipCoding,
    BaseCoding,
    Blend,
    BoxCoding,
    FamilyId,
    LayerId,
    Origin,
    RecordId,
)


def numbers_of(enumeration: type) -> dict[str, int]:
    return {name: int(member) for name, member in enumeration.__members__.items()}


def test_the_magic_number_and_the_version_never_move():
    assert MAGIC == b"\xc5\xec"
    assert FORMAT_VERSION == 1


def test_numbers_of_clips_never_move():
    assert CLIP_MAGIC == b"\xc5\xed"
    assert CLIP_FORMAT_VERSION == 1
    assert numbers_of(RecordId) == {"KEY_FRAME": 1, "MOTION": 2, "SHOT": 3, "BASE_CLIP": 4}
    assert set(RECORD_NAMES) == set(RecordId)
    assert numbers_of(BaseClipCoding) == {"AV1": 1}
    assert numbers_of(Blend) == {"MOVED": 0, "FADED": 1, "HELD": 2}


def test_layer_numbers_never_move():
    assert numbers_of(LayerId) == {
        "TEXT": 1,
        "TOKENS": 2,
        "REGIONS": 3,
        "BASE": 4,
        "PIXELS": 5,
        "VECTOR": 6,
        "STRUCTURE": 7,
        "PAINTER": 15,
        "ALPHA": 16,
        "LINK": 17,
        "ICC": 18,
        "EXIF": 19,
        "XMP": 20,
    }
    assert {int(layer): name for layer, name in LAYER_NAMES.items()} == {
        1: "text",
        2: "tokens",
        3: "regions",
        4: "base",
        5: "pixels",
        6: "vector",
        7: "structure",
        15: "painter",
        16: "alpha",
        17: "link",
        18: "icc",
        19: "exif",
        20: "xmp",
    }
    assert list(BOXES) == [16, 17, 18, 19, 20]
    assert all(1 <= number <= 63 for number in numbers_of(LayerId).values())


def test_codings_of_base_pictures_never_move():
    assert numbers_of(BaseCoding) == {"AV1": 1}


def test_codings_of_boxes_never_move():
    assert numbers_of(BoxCoding) == {"PLAIN": 0, "ZLIB": 1, "WEBP": 2}


def test_spaces_of_vectors_never_move():
    assert VECTOR_SPACES[1] == "vector-nano-1"


def test_structure_families_never_move():
    assert STRUCTURE_FAMILIES[1] == "outlines-nano-1"


def test_origin_numbers_never_move():
    assert numbers_of(Origin) == {"HUMAN": 0, "MACHINE": 1}


def test_family_numbers_never_move():
    assert numbers_of(FamilyId) == {"NANO_1": 1}


def test_painter_numbers_never_move():
    assert PAINTERS[PAINTER_SPELLED_OUT] == ""
    assert PAINTERS[1:4] == (
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
        "stabilityai/sd-turbo",
        "stabilityai/sdxl-turbo",
    )
    assert PAINTERS[7] == "black-forest-labs/FLUX.1-schnell"
    assert PAINTERS[11:14] == ("Qwen/Qwen-Image", "anchored-nano-1", "anchored-nano-2")
    assert len(set(PAINTERS)) == len(PAINTERS) <= 256


def test_language_numbers_never_move():
    assert LANGUAGES == tuple(
        """
        und en zh es ar hi pt bn ru ja de fr id ko vi te mr tr ta ur it th gu fa pl uk ml kn my or pa nl ro sw el hu cs
        sv he da fi nb sk bg hr sr lt lv et sl ca eu gl ga cy is mt sq mk bs hy ka az kk uz ky tg tk mn ne si km lo am
        ti so ha yo ig zu xh af mg ms fil jv su ceb la eo zh-Hans zh-Hant en-US en-GB pt-BR pt-PT es-419 fr-CA yue ps
        ku sd as sa nn no be lb yi mi haw qu gn ht
        """.split()
    )
    assert len(set(LANGUAGES)) == len(LANGUAGES) < LANGUAGE_SPELLED_OUT == 255

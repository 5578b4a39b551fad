"""Numbers that stand in files. Written by hand, only ever appended; a test holds each to its value."""

from __future__ import annotations

import enum

MAGIC = b"\xc5\xec"  # no valid UTF-8 text and no other picture format begins so
FORMAT_VERSION = 1
MIME_TYPE = "image/x-semc"  # not registered with IANA
CLIP_MAGIC = b"\xc5\xed"  # as little a text as the other
CLIP_FORMAT_VERSION = 1
CLIP_MIME_TYPE = "video/x-semv"  # not registered with IANA


class LayerId(enum.IntEnum):
    """Section numbers, 1 to 63."""

    TEXT = 1
    TOKENS = 2
    REGIONS = 3  # behind the text, whose words it is coded with
    BASE = 4  # a small AV1 still
    PIXELS = 5  # a small grid of colours, for pictures with a side below a token
    VECTOR = 6  # what the picture shows, in numbers that a search compares
    STRUCTURE = 7  # outlines
    PAINTER = 15  # a hint: which painter the encoder tried
    # Boxes: beside the picture, never needed to show it. They stand behind the layers, the most wanted first.
    ALPHA = 16
    LINK = 17
    ICC = 18
    EXIF = 19
    XMP = 20


LAYER_NAMES: dict[int, str] = {
    LayerId.TEXT: "text",
    LayerId.TOKENS: "tokens",
    LayerId.REGIONS: "regions",
    LayerId.BASE: "base",
    LayerId.PIXELS: "pixels",
    LayerId.VECTOR: "vector",
    LayerId.STRUCTURE: "structure",
    LayerId.PAINTER: "painter",
    LayerId.ALPHA: "alpha",
    LayerId.LINK: "link",
    LayerId.ICC: "icc",
    LayerId.EXIF: "exif",
    LayerId.XMP: "xmp",
}
BOXES = (LayerId.ALPHA, LayerId.LINK, LayerId.ICC, LayerId.EXIF, LayerId.XMP)  # in the order of a file


class BoxCoding(enum.IntEnum):
    """What a box is coded with: the model byte of its section."""

    PLAIN = 0
    ZLIB = 1
    WEBP = 2


class BaseCoding(enum.IntEnum):
    """What a base picture is coded with: the model byte of its section."""

    AV1 = 1


PIXEL_CODING = 1  # what a grid of colours is coded with: the model byte of its section

# Spaces that vectors of pictures lie in, by the embedder that makes them: the model byte of their section. Vectors of
# two spaces say nothing to each other.
VECTOR_SPACES: dict[int, str] = {1: "vector-nano-1"}


# Families of structure tokens: the model byte of their section.
STRUCTURE_FAMILIES: dict[int, str] = {1: "outlines-nano-1"}


class RecordId(enum.IntEnum):
    """Records of a clip, 1 to 127."""

    KEY_FRAME = 1
    MOTION = 2
    SHOT = 3
    BASE_CLIP = 4


RECORD_NAMES: dict[int, str] = {
    RecordId.KEY_FRAME: "key frame",
    RecordId.MOTION: "motion",
    RecordId.SHOT: "shot",
    RecordId.BASE_CLIP: "base clip",
}


class BaseClipCoding(enum.IntEnum):
    """What a base clip is coded with."""

    AV1 = 1


class Blend(enum.IntEnum):
    """How the pictures between two key frames are made, where a clip says so."""

    MOVED = 0  # by what the receiver has: motion is found between the two
    FADED = 1
    HELD = 2


class Origin(enum.IntEnum):
    """Who wrote the words."""

    HUMAN = 0
    MACHINE = 1


class FamilyId(enum.IntEnum):
    """Families of token networks. 1 to 127 are permanent; 128 to 255 are drafts, refused by name once withdrawn."""

    NANO_1 = 1


FAMILY_NAMES: dict[int, str] = {FamilyId.NANO_1: "nano-1"}
WITHDRAWN_FAMILIES = {129: "nano-draft-1", 130: "nano-draft-2", 131: "nano-draft-3"}  # files are refused by name


# Painters that a hint names in one byte, as the hub has them. 0 announces a name spelled out.
PAINTERS = (
    "", "stable-diffusion-v1-5/stable-diffusion-v1-5", "stabilityai/sd-turbo", "stabilityai/sdxl-turbo",
    "stabilityai/stable-diffusion-xl-base-1.0", "stabilityai/stable-diffusion-3.5-medium",
    "stabilityai/stable-diffusion-3.5-large-turbo", "black-forest-labs/FLUX.1-schnell", "black-forest-labs/FLUX.1-dev",
    "Efficient-Large-Model/Sana_1600M_1024px_diffusers", "Tongyi-MAI/Z-Image-Turbo", "Qwen/Qwen-Image",
    "anchored-nano-1", "anchored-nano-2",  # embedded
)  # fmt: skip
PAINTER_SPELLED_OUT = 0


# Languages in one byte (BCP-47). 0 is "not said"; 255 announces a tag spelled out.
LANGUAGES = (
    "und", "en", "zh", "es", "ar", "hi", "pt", "bn", "ru", "ja", "de", "fr", "id", "ko", "vi", "te", "mr", "tr",
    "ta", "ur", "it", "th", "gu", "fa", "pl", "uk", "ml", "kn", "my", "or", "pa", "nl", "ro", "sw", "el", "hu",
    "cs", "sv", "he", "da", "fi", "nb", "sk", "bg", "hr", "sr", "lt", "lv", "et", "sl", "ca", "eu", "gl", "ga",
    "cy", "is", "mt", "sq", "mk", "bs", "hy", "ka", "az", "kk", "uz", "ky", "tg", "tk", "mn", "ne", "si", "km",
    "lo", "am", "ti", "so", "ha", "yo", "ig", "zu", "xh", "af", "mg", "ms", "fil", "jv", "su", "ceb", "la",
    "eo", "zh-Hans", "zh-Hant", "en-US", "en-GB", "pt-BR", "pt-PT", "es-419", "fr-CA", "yue", "ps", "ku", "sd",
    "as", "sa", "nn", "no", "be", "lb", "yi", "mi", "haw", "qu", "gn", "ht",
)  # fmt: skip
LANGUAGE_SPELLED_OUT = 255

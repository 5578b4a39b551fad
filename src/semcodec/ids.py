"""Numbers that stand in files. Written by hand, only ever appended; a test holds each to its value."""

from __future__ import annotations

import enum

MAGIC = b"\xc5\xec"  # no valid UTF-8 text and no other picture format begins so
FORMAT_VERSION = 1


class LayerId(enum.IntEnum):
    """Section numbers, 1 to 63."""

    TEXT = 1
    TOKENS = 2


LAYER_NAMES: dict[int, str] = {LayerId.TEXT: "text", LayerId.TOKENS: "tokens"}


class Origin(enum.IntEnum):
    """Who wrote the words."""

    HUMAN = 0
    MACHINE = 1


class FamilyId(enum.IntEnum):
    """Families of token networks. 1 to 127 are permanent; 128 to 255 are drafts, refused by name once withdrawn."""

    NANO_DRAFT_1 = 129


FAMILY_NAMES: dict[int, str] = {FamilyId.NANO_DRAFT_1: "nano-draft-1"}


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

"""Picture files to pixels and back, with what belongs to a picture. The only importer of PIL below the doors."""

from semcodec.pictures.alpha import lifted_off_white, pack_alpha, unpack_alpha
from semcodec.pictures.av1 import decoded_base, encoded_base, has_avif
from semcodec.pictures.coding import Codec, Coding, coding_of
from semcodec.pictures.label import labelled
from semcodec.pictures.load import LoadedPicture, as_pixels, load_picture
from semcodec.pictures.places import region_within
from semcodec.pictures.resize import resized, resized_map, resized_part, squeezed
from semcodec.pictures.save import NOTHING, OUTPUT_FORMATS, Beside, picture_bytes, save_picture
from semcodec.pictures.sign import SOFTWARE

__all__ = [
    "NOTHING",
    "OUTPUT_FORMATS",
    "SOFTWARE",
    "Beside",
    "Codec",
    "Coding",
    "LoadedPicture",
    "as_pixels",
    "coding_of",
    "decoded_base",
    "encoded_base",
    "has_avif",
    "labelled",
    "lifted_off_white",
    "load_picture",
    "pack_alpha",
    "picture_bytes",
    "region_within",
    "resized",
    "resized_map",
    "resized_part",
    "save_picture",
    "squeezed",
    "unpack_alpha",
]

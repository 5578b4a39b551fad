"""BlurHash and ThumbHash against their published examples, and against values of two PyPI packages."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from semcodec.evaluation.peers import hashes
from semcodec.evaluation.peers.peer import shrink
from semcodec.pictures import load_picture
from semcodec.types import Size


def test_the_published_blurhash_decodes_to_the_pixels_of_the_reference():
    # LEHV6n... is the example of blurha.sh; the pixels are those of the PyPI package blurhash 1.1.5 at 32x32.
    image = hashes.decode_blurhash("LEHV6nWB2yk8pyo0adR*.7kCMdnj", Size(32, 32))
    assert [image[at, at].tolist() for at in (0, 16, 31)] == [[135, 164, 177], [158, 125, 108], [133, 142, 147]]


def test_a_photograph_gets_the_blurhash_of_the_reference(photo_path):
    small = shrink(load_picture(photo_path).image_HWC, 8)
    assert hashes.encode_blurhash(small, 4, 3) == "LFF#?Yym0L8{xxEMXj-OEgvzx[Or"


def test_the_published_thumbhash_decodes_to_the_pixels_of_the_reference():
    # The sunrise of the ThumbHash page; the pixels are those of the PyPI package thumbhash-python 1.0.1 at 23x32.
    image = hashes.decode_thumbhash(base64.b64decode("1QcSHQRnh493V4dIh4eXh1h4kJUI"), Size(23, 32))
    assert [image[at].tolist() for at in ((0, 0), (16, 11), (31, 22))] == [[64, 78, 113], [140, 110, 89], [0, 4, 40]]


def test_a_photograph_gets_the_thumbhash_of_the_reference(photo_path):
    small = shrink(load_picture(photo_path).image_HWC, 8)
    assert hashes.encode_thumbhash(small).hex() == "19190615880a439c6a98b676896797776e50058757"


@pytest.mark.parametrize("shape", [(512, 768), (768, 512), (90, 90), (1, 1)])
def test_both_stay_small_at_any_shape(shape):
    image = np.full((*shape, 3), 77, np.uint8)
    for peer in (hashes.blurhash(), hashes.thumbhash()):
        data = peer.encode(image, 0)
        assert len(data) <= 28
        assert peer.decode(data, Size(shape[1], shape[0])).shape == image.shape

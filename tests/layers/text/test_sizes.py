"""What words cost. Loose bounds: the benchmark measures."""

from __future__ import annotations

import pytest

from semcodec.layers.text.encode import pack_words
from semcodec.types import Words


@pytest.mark.parametrize(
    ("text", "max_bytes"),
    [
        ("A man riding a wave on top of a surfboard.", 5),
        ("Two dogs run through the grass .", 5),
        ("A TRAIN IS PULLING INTO A STATION", 8),
        ("Un hombre con una camisa roja está montando un caballo por la playa.", 45),
        ("两只狗在海滩上奔跑，夕阳西下。", 36),
        ("Мужчина едет на лошади по пляжу на закате", 40),
    ],
)
def test_a_caption_takes_few_bytes(text: str, max_bytes: int) -> None:
    assert len(pack_words(Words(text)).payload) <= max_bytes

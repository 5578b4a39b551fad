"""A base picture to its section. Encoder only."""

from __future__ import annotations

from semcodec.ids import BaseCoding, LayerId
from semcodec.layers.base.check import check_of
from semcodec.types import BasePicture, Section


def pack_base(base: BasePicture) -> Section:
    return Section(LayerId.BASE, BaseCoding.AV1, bytes([base.tools]) + check_of(base) + base.frame)

"""Decoders of .semc members for WebDataset: `dataset.decode(semcodec.torch_handler)`.

A handler gets the suffix of a member and its bytes, and gives None for all that is not its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.extras import require
from semcodec.painting import decode

if TYPE_CHECKING:
    import torch

    from semcodec.types import Pixels


def numpy_handler(key: str, data: bytes) -> Pixels | None:
    """A member named `*.semc` as (H, W, 3) uint8 sRGB, as WebDataset's "rgb8"; None for other members.

    Raises as `decode`.
    """
    return decode(data) if _is_ours(key) else None


def torch_handler(key: str, data: bytes) -> torch.Tensor | None:
    """A member named `*.semc` as a tensor (3, H, W) of float32 in 0..1, as WebDataset's "torchrgb"; None for others.

    Raises as `decode`; MissingExtraError: torch is not installed.
    """
    return tensor_of(decode(data)).float() / 255 if _is_ours(key) else None


def tensor_of(image_HWC: Pixels) -> torch.Tensor:
    """(H, W, 3) uint8 -> a tensor (3, H, W) of the same numbers."""
    tensor: torch.Tensor = require("torch", extra="train").from_numpy(image_HWC.transpose(2, 0, 1).copy())
    return tensor


def _is_ours(key: str) -> bool:
    return key.rpartition(".")[2].lower() == "semc"

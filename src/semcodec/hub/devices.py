"""Where a model runs, and in which numbers.

| device | chosen where | numbers | why |
|---|---|---|---|
| cuda | a GPU of NVIDIA or AMD is there | bfloat16, or float16 before Ampere | half the memory of float32 |
| mps | an Apple GPU is there | float16 | bfloat16 needs macOS 14 |
| cpu | otherwise | float32 | half formats are emulated on most processors |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from semcodec.errors import ModelError
from semcodec.hub.require import require

DEVICES = ("auto", "cuda", "mps", "cpu")
DTYPES = ("auto", "float32", "float16", "bfloat16")
BYTES_PER_NUMBER = {"float32": 4, "float16": 2, "bfloat16": 2}
# Weights may fill this part of what is free; the rest is for activations.
_SHARE_FOR_WEIGHTS = 0.7


@dataclass(frozen=True, slots=True)
class Placement:
    """`device` as torch names it (cuda, cuda:1, mps, cpu); `dtype` by its name; `offload`: weights wait in main memory
    and visit the device one part at a time."""

    device: str
    dtype: str
    offload: bool = False

    @property
    def torch_dtype(self) -> Any:
        return getattr(require("torch"), self.dtype)

    @property
    def is_half(self) -> bool:
        return BYTES_PER_NUMBER[self.dtype] == 2


def choose_placement(device: str = "auto", dtype: str = "auto", *, num_params: int | None = None) -> Placement:
    """The best device that is there, unless one is named.

    Args:
        num_params: of the model, where known; decides on `offload`.

    Raises:
        ModelError: the device or dtype is unknown, or the device is not there.
    """
    torch = require("torch")
    kind, _, index = device.partition(":")
    if kind not in DEVICES or dtype not in DTYPES or (index and not (kind == "cuda" and index.isdigit())):
        raise ModelError(f"device {device!r} with {dtype!r}: devices are cuda, cuda:N, mps, cpu; numbers {DTYPES[1:]}")
    is_there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if kind == "auto":
        device = kind = next(name for name in DEVICES[1:] if is_there[name])
    if not is_there[kind] or (index and int(index) >= torch.cuda.device_count()):
        raise ModelError(f"there is no device {device!r} for this build of torch ({torch.__version__}): try cpu")
    if dtype == "auto":
        dtype = _best_dtype(torch, kind)
    return Placement(device, dtype, offload=_should_offload(torch, device, dtype, num_params))


def _best_dtype(torch: Any, kind: str) -> str:
    if kind == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    return {"mps": "float16", "cpu": "float32"}[kind]


def _should_offload(torch: Any, device: str, dtype: str, num_params: int | None) -> bool:
    if num_params is None or not device.startswith("cuda"):
        return False  # on MPS, memory is the machine's own: there is nowhere else to wait
    free_bytes, _ = torch.cuda.mem_get_info(device)
    return bool(num_params * BYTES_PER_NUMBER[dtype] > _SHARE_FOR_WEIGHTS * free_bytes)

"""The best device that is there is chosen; what is not there is refused in a sentence."""

from __future__ import annotations

import pytest
import torch

from semcodec.errors import ModelError
from semcodec.hub.devices import choose_placement


def test_a_processor_computes_in_32_bits():
    placement = choose_placement("cpu")
    assert (placement.device, placement.dtype, placement.offload) == ("cpu", "float32", False)
    assert placement.torch_dtype is torch.float32
    assert not placement.is_half


def test_numbers_can_be_asked_for():
    placement = choose_placement("cpu", "bfloat16", num_params=10**12)
    assert placement.torch_dtype is torch.bfloat16
    assert placement.is_half
    assert not placement.offload  # main memory is all there is


def test_auto_takes_a_device_that_is_there():
    placement = choose_placement()
    torch.zeros(1, device=placement.device, dtype=placement.torch_dtype)


@pytest.mark.parametrize("device", ["tpu", "cpu:1", "cuda:x", "", "mps:0"])
def test_unknown_devices_are_refused(device: str):
    with pytest.raises(ModelError, match="devices are cuda, cuda:N, mps, cpu"):
        choose_placement(device)


def test_unknown_numbers_are_refused():
    with pytest.raises(ModelError, match="float16"):
        choose_placement("cpu", "int8")


def test_a_device_that_is_not_there_is_refused():
    absent = [name for name, there in (("cuda:99", False), ("mps", torch.backends.mps.is_available())) if not there]
    for device in absent:
        with pytest.raises(ModelError, match="there is no device"):
            choose_placement(device)

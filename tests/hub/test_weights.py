"""Headers of safetensors files say how large a model is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from semcodec.errors import ModelError
from semcodec.hub.weights import count_bytes, count_params


def test_parameters_of_all_files_are_counted(tmp_path: Path):
    (tmp_path / "vae").mkdir()
    save_file({"a": torch.zeros(3, 4), "b": torch.zeros(())}, tmp_path / "model.safetensors", metadata={"format": "pt"})
    save_file({"c": torch.zeros(5, dtype=torch.float16)}, tmp_path / "vae" / "model.safetensors")
    assert count_params(tmp_path) == 12 + 1 + 5
    assert count_bytes(tmp_path) == sum(path.stat().st_size for path in tmp_path.rglob("*.safetensors"))


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 8, b"\xff" * 8 + b"{}", b"\x02\0\0\0\0\0\0\0[]", b'\x09\0\0\0\0\0\0\0{"a": {}}']
)
def test_what_is_no_safetensors_file_is_refused(data: bytes, tmp_path: Path):
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(ModelError, match="fetch it again"):
        count_params(tmp_path)

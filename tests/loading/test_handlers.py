"""Members of WebDataset shards, decoded by WebDataset itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import webdataset

import semcodec


@pytest.fixture
def shard(tiny: Path) -> str:
    path = tiny.with_name("shard.tar")
    with webdataset.TarWriter(str(path)) as out:
        out.write({"__key__": "a/one", "semc": tiny.read_bytes(), "txt": "a carpet", "cls": 7})
    return str(path)


def test_webdataset_decodes_members_by_the_handlers(shard: str, tiny: Path):
    expected = semcodec.decode(tiny)
    (sample,) = webdataset.WebDataset(shard, shardshuffle=False).decode(semcodec.torch_handler)
    assert (sample["semc"].dtype, sample["semc"].shape) == (torch.float32, (3, 12, 20))
    assert (sample["semc"].mul(255).round().byte().permute(1, 2, 0).numpy() == expected).all()
    assert (sample["txt"], sample["cls"]) == ("a carpet", 7)
    ((image, label),) = (
        webdataset.WebDataset(shard, shardshuffle=False).decode(semcodec.numpy_handler).to_tuple("semc", "cls")
    )
    assert (np.asarray(image) == expected).all() and label == 7


def test_what_is_not_theirs_they_leave_alone():
    assert semcodec.torch_handler(".jpg", b"") is None
    assert semcodec.numpy_handler(".semcx", b"") is None

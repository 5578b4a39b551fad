"""Files and tables as a PyTorch dataset, and through its loader."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from torch.utils.data import DataLoader

import semcodec
from semcodec.errors import SemcodecError


@pytest.fixture
def table(tiny: Path) -> Path:
    """Results as `jobs encode` writes them: two files, and between them an error."""
    folder = tiny.with_name("results")
    folder.mkdir()
    rows = {"name": ["one", "bad", "two"], "semc": [tiny.read_bytes(), None, tiny.read_bytes()]}
    pq.write_table(pa.table(rows), folder / "part-0-000.parquet")
    (folder / "_semcodec.json").write_text("{}")
    return folder


def test_a_folder_of_files_is_a_dataset(tiny: Path):
    dataset = semcodec.SemcDataset(tiny.parent)
    assert len(dataset) == 1
    found = dataset[0]
    assert (found["words"], found["name"]) == ("a carpet", str(tiny))
    assert (found["image"].permute(1, 2, 0).numpy() == semcodec.decode(tiny)).all()
    assert found["image"].dtype == torch.uint8
    with pytest.raises(IndexError):
        dataset[1]


def test_a_table_is_a_dataset_of_its_files_and_a_loader_makes_batches(table: Path):
    dataset = semcodec.SemcDataset(table, size=(16, 8), transform=lambda image: image.float() / 255, threads=1)
    assert [dataset[index]["name"] for index in range(len(dataset))] == ["one", "two"]
    (batch,) = DataLoader(dataset, batch_size=2)
    assert batch["image"].shape == (2, 3, 8, 16)
    assert batch["words"] == ["a carpet", "a carpet"]


def test_sent_to_a_worker_it_is_what_it_was(table: Path):
    dataset = semcodec.SemcDataset(table)
    assert (pickle.loads(pickle.dumps(dataset))[1]["image"] == dataset[1]["image"]).all()


def test_a_source_without_files_says_so(tmp_path: Path):
    with pytest.raises(SemcodecError, match="holds no"):
        semcodec.SemcDataset(tmp_path)
    pq.write_table(pa.table({"image": [b""]}), tmp_path / "t.parquet")
    with pytest.raises(SemcodecError, match="has no column 'semc' but image"):
        semcodec.SemcDataset(tmp_path / "t.parquet")

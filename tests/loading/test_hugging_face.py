"""Hugging Face datasets with a `semc` column: their own Image feature shows it once Pillow knows the format."""

from __future__ import annotations

from pathlib import Path

import datasets
import numpy as np
import pytest

import semcodec
import semcodec.pillow_plugin
from semcodec.jobs import Encode


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
def test_a_dataset_of_pictures_gets_a_column_of_files_that_shows_pictures(tmp_path: Path, tiny_HWC: np.ndarray):
    pictures = datasets.Dataset.from_dict(
        {"image": [tiny_HWC, 255 - tiny_HWC], "text": ["one", "two"]},
        features=datasets.Features({"image": datasets.Image(), "text": datasets.Value("string")}),
    )
    plain = pictures.cast_column("image", datasets.Image(decode=False))
    work = Encode(bytes=200, describe=False, caption_column="text")
    small = plain.map(lambda batch: {"semc": work(batch)["semc"]}, batched=True, remove_columns="image")
    small.to_parquet(tmp_path / "small.parquet")
    again = datasets.Dataset.from_parquet(str(tmp_path / "small.parquet"), cache_dir=str(tmp_path / "cache"))
    shown = again.cast_column("semc", datasets.Image())[1]
    assert shown["text"] == shown["semc"].info["words"].text == "two"
    assert shown["semc"].size == (20, 12)
    expected = semcodec.decode(work({"image": [plain[1]["image"]], "text": ["two"]})["semc"][0])
    assert (np.asarray(shown["semc"]) == expected).all()

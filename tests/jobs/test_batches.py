"""The same work inside somebody else's pipeline: pandas, pyarrow, dictionaries of arrays, Spark, Dask."""

from __future__ import annotations

import pickle
from pathlib import Path

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import semcodec
from semcodec.jobs import COLUMNS, Decode, Describe, Encode, arrow_schema, spark_schema
from semcodec.jobs.batches import ColumnError

ENCODE = Encode(bytes=200, describe=False)


@pytest.fixture
def frame(album: Path) -> pd.DataFrame:
    paths = [*sorted(album.rglob("[0-9].png")), album / "broken.jpg"]
    return pd.DataFrame({"name": [path.name for path in paths], "image": [path.read_bytes() for path in paths]})


def as_dictionary(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return {name: frame[name].to_numpy(dtype=object) for name in frame}


@pytest.mark.parametrize("kind", ["pandas", "pyarrow", "numpy"])
def test_a_batch_becomes_one_of_its_own_kind_with_a_row_for_each_input(frame: pd.DataFrame, kind: str):
    batch = {"pandas": frame, "pyarrow": pa.Table.from_pandas(frame), "numpy": as_dictionary(frame)}[kind]
    made = pickle.loads(pickle.dumps(ENCODE))(batch)
    assert type(made) is type(batch)
    if kind == "pyarrow":
        assert made.schema == arrow_schema("encode")
        made = made.to_pydict()
    assert list(made) == list(COLUMNS["encode"])
    assert list(made["name"]) == list(frame["name"])
    assert [bool(error) and error == error for error in made["error"]] == [False] * 5 + [True]
    assert made["semc"][0] == semcodec.encode(frame["image"][0], bytes=200).data


def test_spark_hands_over_an_iterator_of_frames_and_gets_one(frame: pd.DataFrame):
    made = pd.concat(ENCODE.over(iter([frame[:2], frame[2:]])))
    assert list(made["name"]) == list(frame["name"])
    assert spark_schema("encode").startswith("name string, sha256 string, source_bytes bigint, width int, height int, ")


def test_dask_maps_partitions(frame: pd.DataFrame):
    meta = arrow_schema("encode").empty_table().to_pandas()
    with dask.config.set({"dataframe.convert-string": False}):  # (bytes are no strings)
        with_dask = dd.from_pandas(frame, npartitions=2).map_partitions(ENCODE, meta=meta)
        made = with_dask.compute(scheduler="synchronous")
    assert list(made["name"]) == list(frame["name"])
    assert made["semc_bytes"].sum() == ENCODE(frame)["semc_bytes"].sum()


def test_what_was_encoded_is_decoded_in_the_next_step(frame: pd.DataFrame):
    shown = Decode(restore=False)(ENCODE(frame))
    assert shown["image"][0].startswith(b"\x89PNG")
    assert shown["error"][5] == "there is nothing in its place"


def test_a_batch_without_the_column_names_those_that_it_has(frame: pd.DataFrame):
    with pytest.raises(ColumnError, match="no column 'jpg'; name the one with pictures: name, image"):
        Encode(column="jpg", describe=False)(frame)


def test_captions_come_from_a_column(frame: pd.DataFrame):
    frame["text"] = ["a red cap", None, "", "x", "y", "z"]
    made = Encode(bytes=200, describe=False, caption_column="text", language="en")(frame)
    assert list(made["words"][:4].fillna("")) == ["a red cap", "", "", "x"]
    assert (made["language"][0], made["origin"][0]) == ("en", "human")


@pytest.mark.usefixtures("debug_describer")
def test_a_describer_tells_what_it_sees_sure_or_not(red_HWC: np.ndarray, grey_HWC: np.ndarray):
    made = Describe(regions=True)(pa.Table.from_pydict({"image": [png(red_HWC), png(grey_HWC)]})).to_pylist()
    assert [row["error"] for row in made] == [None, None]
    assert [row["caption_is_sure"] for row in made] == [True, False]
    assert made[0]["caption"] == "A red cap on the wall."


def png(image_HWC: np.ndarray) -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(image_HWC).save(out, "PNG")
    return out.getvalue()


def test_options_are_those_of_encode_and_are_checked_at_once():
    with pytest.raises(ValueError, match="exclude each other"):
        Encode(bytes=100, quality=50)
    with pytest.raises(TypeError):
        Encode(colour="red")
    with pytest.raises(ValueError, match="format 'xyz' is none of"):
        Decode(format="xyz")

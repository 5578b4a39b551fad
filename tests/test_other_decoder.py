"""The final decoder may be replaced: no byte that is written hangs on it, only the picture that is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from PIL import Image

import semcodec
from semcodec.layers.tokens.family import find_family
from semcodec.models import DEFAULT_FAMILY, Models, ModelSettings
from semcodec.nets.decoder import COARSE
from semcodec.nets.encoder import EncoderNets
from semcodec.rate.pyramid import Encoder, best_tokens
from semcodec.zoo.catalog import package_at, shipped


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    return Image.open(photo_path).convert("RGB").resize((288, 192))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decoder and a predictor whose weights are those of the shipped ones, each a bit off."""
    folder = tmp_path_factory.mktemp("decoders") / "other"
    folder.mkdir()
    rng = np.random.default_rng(5)
    for name, path in shipped().find("predictor", family=DEFAULT_FAMILY).files.items():
        (folder / name).write_bytes(path.read_bytes())
        if path.suffix == ".onnx":
            graph = onnx.load(path)
            for weight in graph.graph.initializer:
                values = numpy_helper.to_array(weight)
                if values.dtype == np.float16:
                    off = values * rng.normal(1, 0.2, values.shape).astype(np.float16)
                    weight.CopyFrom(numpy_helper.from_array(off, weight.name))
            onnx.save(graph, folder / name)
    return folder


@pytest.mark.parametrize("effort", [5, 7])
def test_another_decoder_changes_no_byte_and_paints_another_picture(
    photo: Image.Image, folder: Path, effort: int
) -> None:
    ours, theirs = Models(), Models(ModelSettings(decoder=str(folder)))
    files = [
        semcodec.encode(photo, bytes=500, effort=effort, picture="tokens", models=models).data
        for models in (ours, theirs)
    ]
    assert files[0] == files[1]
    pictures = [semcodec.decode(files[0], restore=False, models=models) for models in (ours, theirs)]
    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 1


def test_another_predictor_would_change_them(photo: Image.Image, folder: Path) -> None:
    family = find_family(DEFAULT_FAMILY)
    image_HWC, encoder = np.asarray(photo), shipped().find("encoder", family=family.id).files
    predictors = (shipped().find("predictor", family=family.id).files, package_at(folder).files)
    ours, theirs = (Encoder(EncoderNets(encoder, predictor, family, threads=1), family) for predictor in predictors)
    assert best_tokens(image_HWC, ours, 500, effort=5) != best_tokens(image_HWC, theirs, 500, effort=5)


def test_what_predictor_and_decoder_share_is_open_once() -> None:
    models = Models(ModelSettings(threads=1))
    predictor, decoder = models.encoder().nets.predictor, models.decoder(DEFAULT_FAMILY)
    assert predictor.graphs.opened(COARSE) is decoder.graphs.opened(COARSE)

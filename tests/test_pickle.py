"""Errors and results travel between processes: what is raised or returned in a process pool arrives as it was."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import io
import pickle
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec import errors, types
from semcodec.errors import BudgetError, SemcodecError
from semcodec.ids import Origin
from semcodec.limits import Limits
from semcodec.loading.dataset import SemcDataset
from semcodec.models import Models, ModelSettings
from semcodec.options import EncodeOptions, PaintOptions
from semcodec.pictures import LoadedPicture, as_pixels
from semcodec.types import (
    BasePicture,
    FileHeader,
    LayerInfo,
    Link,
    PainterHint,
    PixelGrid,
    Prefix,
    Region,
    Regions,
    Section,
    Size,
    Vector,
    Words,
)

MESSAGE = "what, where; what to do"


def errors_of(base: type[Exception]) -> Iterator[type[Exception]]:
    yield base
    for kind in base.__subclasses__():
        yield from errors_of(kind)


def all_errors() -> list[type[Exception]]:
    for module in pkgutil.walk_packages(semcodec.__path__, "semcodec."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    warnings = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Warning)]
    kinds = {kind for kind in errors_of(SemcodecError) if "<locals>" not in kind.__qualname__}  # (of other tests)
    return sorted({*kinds, *warnings}, key=lambda kind: kind.__name__)


def example_of(kind: type[Exception]) -> Exception:
    """With a value for each option that it has to be given or may be."""
    parameters = inspect.signature(kind).parameters.values() if "__init__" in vars(kind) else ()
    options = {p.name: 7 for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
    return kind(MESSAGE, **options)


def test_every_error_and_warning_arrives_with_its_message_and_all_that_it_knows():
    kinds = all_errors()
    assert len(kinds) > 20 and BudgetError in kinds
    for kind in kinds:
        sent = example_of(kind)
        sent.add_note("told on the way")
        for arrived in (pickle.loads(pickle.dumps(sent)), copy.copy(sent)):
            assert type(arrived) is kind
            assert (str(arrived), vars(arrived), arrived.args) == (str(sent), vars(sent), sent.args), kind


def test_the_least_bytes_of_a_budget_arrive():
    with pytest.raises(BudgetError) as raised:
        semcodec.encode(np.zeros((8, 8, 3), np.uint8), bytes=2)
    arrived = pickle.loads(pickle.dumps(raised.value))
    assert arrived.least_bytes == raised.value.least_bytes > 2


@pytest.fixture(scope="module")
def results(debug_restorer: Path) -> list[object]:
    """Of every door, and what can be given to one."""
    image_HWC = np.tile(np.arange(0, 240, 4, dtype=np.uint8)[:, None], (40, 1, 3))
    words, part = Words("a grey ramp", "en", Origin.MACHINE), Region(1, 2, 3, 4, "a ramp")
    link = Link.to(b"the original", "ramp.png")
    encoded = semcodec.encode(
        image_HWC, bytes=300, caption=words.text, language="en", regions=Regions((part,), "en"), link=link
    )
    reading = semcodec.read(encoded.data[:-3])
    assert reading.metadata.problems
    joined = semcodec.join([*semcodec.split(encoded.data, mtu=60), b"no packet"])
    described = semcodec.describe(image_HWC)
    Image.fromarray(image_HWC).save(coarse := io.BytesIO(), "JPEG", quality=20)
    restored = semcodec.restore(coarse.getvalue(), models=Models(ModelSettings(restorer=str(debug_restorer))))
    return [
        *(encoded, reading, reading.scene, reading.metadata, semcodec.tokens(encoded.data), joined, *joined.verdicts),
        *(semcodec.info(encoded.data), semcodec.read_metadata(encoded.data), described, described.caption),
        *(words, part, Regions((part,)), link, Size(3, 4), Limits(), as_pixels(image_HWC), FileHeader(Size(1, 2))),
        *(BasePicture(Size(8, 6), 3, b"frame"), PixelGrid(4, image_HWC, image_HWC[:, :, 0] > 9), Prefix(9, "words")),
        *(painting := semcodec.paint(encoded.data), painting.provenance, EncodeOptions(bytes=9), PaintOptions(seed=2)),
        *(Models(ModelSettings(generator=None)).settings, restored, restored.coding),
        *(Vector(1, bytes(64)), PainterHint("a/b"), LayerInfo("tokens", 3), Section(1, 1, b"x")),
    ]


def test_every_result_and_every_noun_arrives_as_it_was(results: list[object]):
    for sent in results:
        arrived = pickle.loads(pickle.dumps(sent))
        assert type(arrived) is type(sent)
        assert repr(arrived) == repr(sent)


def test_no_class_of_the_public_surface_and_no_noun_was_left_out(results: list[object]):
    tried = {type(result) for result in results}
    public = {thing for name in semcodec.__all__ if inspect.isclass(thing := getattr(semcodec, name))}
    nouns = {thing for _, thing in inspect.getmembers(types, dataclasses.is_dataclass)}
    assert (public - {SemcodecError, Models, SemcDataset}) | nouns | {LoadedPicture} <= tried


def test_models_arrive_as_their_settings_and_open_their_networks_there():
    sent = Models(ModelSettings(generator=None, threads=1))
    arrived = pickle.loads(pickle.dumps(sent))
    assert arrived.settings == sent.settings and arrived is not sent

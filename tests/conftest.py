"""What many tests share: the two photographs of the repository, and a describer that is known by heart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import settings

from semcodec.models import DEFAULT_FAMILY, EMBEDDED, default_models, models_by_default
from semcodec.rate.base_curves import picture_for as _PICTURE_FOR

# How long an example takes says more about the machine than about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def no_restorer() -> Iterator[None]:
    """A build that ships no restorer and no interpolator: what tests decode is what the file's own networks paint, and
    quick.
    """
    with models_by_default(default_models().but(restorer=None, interpolator=None)):
        yield


@pytest.fixture(scope="session")
def debug_restorer() -> Path:
    """The folder of a tiny restorer of random weights (`semcodec_train.restorer.export --random restorer_debug`)."""
    return ROOT / "tests" / "data" / "restorer-debug"


@pytest.fixture(scope="session")
def debug_interpolator() -> Path:
    """The folder of a tiny interpolator of random weights, with an adapter
    (`semcodec_train.interpolator.export --recipe interpolator_debug`).
    """
    return ROOT / "tests" / "data" / "interpolator-debug"


@pytest.fixture
def embedded_restorer(debug_restorer: Path) -> Iterator[str]:
    """The embedded restorer is the tiny one meanwhile; its name."""
    with models_by_default(default_models().but(restorer=str(debug_restorer))):
        yield debug_restorer.name


@pytest.fixture
def shipped_restorer() -> Iterator[str]:
    """The embedded restorer is the one that is shipped, as it is outside of tests; its name."""
    with models_by_default(default_models().but(restorer=EMBEDDED)) as models:
        found = models.restorer()
        assert found is not None
        yield found[0]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def tokens_by_default() -> Iterator[None]:
    """`picture="auto"` sends tokens, whatever the bytes: what most tests are about. `measured_choice` gives the
    product's own choice back, and `picture="base"` is a base anywhere. (Other processes are not reached.)
    """
    from semcodec.rate import picture

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "picture_for", lambda wish, size, num_bytes: "base" if wish == "base" else "tokens")
        yield


@pytest.fixture
def measured_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """`picture="auto"` chooses by the measured curves."""
    from semcodec.rate import picture

    monkeypatch.setattr(picture, "picture_for", _PICTURE_FOR)


@pytest.fixture(scope="session")
def photo_path() -> Path:
    """Two macaws, 768x512."""
    return ROOT / "examples" / "kodim23.png"


@pytest.fixture(scope="session")
def other_photo_path() -> Path:
    """Red and yellow caps, 768x512."""
    return ROOT / "examples" / "kodim03.png"


@pytest.fixture(scope="session")
def debug_package() -> dict[str, Path]:
    """A describer's files (`scripts/debug_describer.py`): sure of red, green and blue pictures, not of grey ones."""
    from semcodec.zoo.catalog import package_at

    return dict(package_at(ROOT / "tests" / "data" / "words-debug").files)


@pytest.fixture
def debug_describer() -> Iterator[str]:
    """The embedded describer is that one meanwhile; its name."""
    with models_by_default(default_models().but(describer=str(ROOT / "tests" / "data" / "words-debug"))):
        yield "words-debug"


@pytest.fixture(scope="session")
def make_generator(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`make_generator(guidance=2)`: the folder of a tiny generator for the default token family, with these choices."""
    from semcodec.layers.tokens.family import find_family

    spec = util.spec_from_file_location("tiny_generator", ROOT / "tests" / "tiny_generator.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def make(**choices: object) -> Path:
        folder = tmp_path_factory.mktemp("generator") / "tiny-1"
        return module.write_package(folder, find_family(DEFAULT_FAMILY), **choices)

    return make


@pytest.fixture(scope="session")
def films() -> ModuleType:
    """What makes small videos and animations (`films.py`)."""
    spec = util.spec_from_file_location("films", ROOT / "tests" / "films.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny_generator(make_generator: Callable[..., Path]) -> Path:
    """The folder of a tiny generator."""
    return make_generator()


@pytest.fixture
def embedded_generator(tiny_generator: Path) -> Iterator[str]:
    """The embedded generator is the tiny one meanwhile; its name."""
    with models_by_default(default_models().but(generator=str(tiny_generator))):
        yield tiny_generator.name


@pytest.fixture
def no_generator() -> Iterator[None]:
    """A build that ships no generator."""
    with models_by_default(default_models().but(generator=None)):
        yield


def plain(red: int, green: int, blue: int, *, height: int = 96, width: int = 144) -> np.ndarray:
    """A picture of one colour, (H, W, 3) uint8."""
    image_HWC = np.empty((height, width, 3), dtype=np.uint8)
    image_HWC[:] = (red, green, blue)
    return image_HWC


@pytest.fixture(scope="session")
def red_HWC() -> np.ndarray:
    """The debug describer is sure of it: "A red cap on the wall."."""
    return plain(220, 20, 30)


@pytest.fixture(scope="session")
def grey_HWC() -> np.ndarray:
    """The debug describer is not sure of it."""
    return plain(128, 128, 128)

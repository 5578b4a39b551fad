"""Which networks are open, and which of them paints a Scene.

A `Models` opens each network when it is first asked for, and keeps it. The doors take one (`models=`); without it they
share the one of the process (`default_models`). Several can live side by side: each has its own networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from semcodec.errors import NoPictureError, WeightsError
from semcodec.forks import import_together
from semcodec.ids import FamilyId
from semcodec.options import PaintOptions
from semcodec.types import Scene

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.extractors.words import WordsExtractor
    from semcodec.layers.tokens.family import Family
    from semcodec.nets.anchored import AnchoredNets
    from semcodec.nets.restorer import RestorerNets
    from semcodec.nets.tokenizer import TokenizerNets
    from semcodec.painters.anchored import AnchoredPainter
    from semcodec.rate.pyramid import Encoder

EMBEDDED = "embedded"  # the network of a kind that this build ships
DEFAULT_FAMILY = FamilyId.NANO_1  # of token networks, that files are written with
# Whether the generator completes a file that has tokens unless told to. (Words alone it always paints.)
INVENT_BY_DEFAULT = False

_DECODER_NETS = ("semcodec.painters.nano", "semcodec.nets.tokenizer", "semcodec.zoo.weights")
_ENCODER_NETS = (*_DECODER_NETS, "semcodec.rate.pyramid")
_DESCRIBER_NETS = ("semcodec.extractors.words", "semcodec.nets.describer", "semcodec.zoo.describers")
_GENERATOR_NETS = (*_DECODER_NETS, "semcodec.painters.anchored", "semcodec.nets.anchored", "numpy.random")
_RESTORER_NETS = ("semcodec.painters.restored", "semcodec.nets.restorer", "semcodec.zoo.restorers")

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """Which networks a `Models` opens: "embedded", a name (`semcodec models`), the folder of one that `semcodec_train`
    made, or None for none. `threads`: of each network; None: every core that the process may run on.
    """

    describer: str | None = EMBEDDED
    generator: str | None = EMBEDDED
    restorer: str | None = EMBEDDED
    threads: int | None = None


class Models:
    """The networks of one set of settings. Calls are safe from several threads; pickled, it is its settings."""

    def __init__(self, settings: ModelSettings | None = None) -> None:
        self.settings = settings or ModelSettings()
        self._opened: dict[Any, Any] = {}

    def but(self, **changes: Any) -> Models:
        """The same with other settings. What both have is open once."""
        other = Models(replace(self.settings, **changes))
        other._opened = self._opened
        return other

    def __reduce__(self) -> tuple[type[Models], tuple[ModelSettings]]:
        return Models, (self.settings,)

    def tokenizer(self, family: int) -> tuple[TokenizerNets, Family]:
        """The networks of a token family. Raises `WeightsError`, `UnknownFamilyError`."""

        def opened() -> tuple[TokenizerNets, Family]:
            import_together(*_DECODER_NETS)
            from semcodec.layers.tokens.family import find_family
            from semcodec.nets.tokenizer import TokenizerNets
            from semcodec.zoo.weights import find_weights

            found = find_family(family)
            return TokenizerNets(find_weights(family), found, threads=self.settings.threads), found

        return self._kept(("tokenizer", int(family)), opened)

    def encoder(self, family: int = DEFAULT_FAMILY) -> Encoder:
        """What makes a family's tokens of a picture."""

        def opened() -> Encoder:
            import_together(*_ENCODER_NETS)
            from semcodec.rate.pyramid import Encoder

            return Encoder(*self.tokenizer(family))

        return self._kept(("encoder", int(family)), opened)

    def describer(self) -> WordsExtractor:
        """What finds words. Raises `WeightsError` where there is none."""

        def opened() -> WordsExtractor:
            import_together(*_DESCRIBER_NETS)
            from semcodec.extractors.words import WordsExtractor
            from semcodec.nets.describer import DescriberNets
            from semcodec.zoo.describers import find_describer

            wanted = self.settings.describer
            package = find_describer() if wanted == EMBEDDED else self.describer_files(str(wanted)) if wanted else None
            if package is None:
                raise WeightsError(f"no describer is shipped or lies at {wanted}: give the words yourself, or name a describer")
            return WordsExtractor(DescriberNets(package, threads=self.settings.threads))

        return self._kept(("describer", self.settings.describer), opened)

    def describer_files(self, reference: str) -> Mapping[str, Path] | None:
        """The files of the describer that is meant: this one's by its name, another one's by its folder; else None."""
        from semcodec.zoo.describers import package_of

        wanted = self.settings.describer
        is_mine = wanted not in (None, EMBEDDED) and reference == self.describer_name()
        return package_of(str(wanted) if is_mine else reference)

    def describer_name(self) -> str | None:
        """Of the network that finds words; None: there is none."""
        wanted = self.settings.describer
        if wanted != EMBEDDED:
            return None if wanted is None else Path(wanted).name
        from semcodec.zoo.describers import describer_name

        return describer_name()

    def generator_name(self) -> str | None:
        """Of the network that draws what was not sent; None: there is none."""
        wanted = self.settings.generator
        if wanted != EMBEDDED:
            return None if wanted is None else Path(wanted).name
        from semcodec.zoo.generators import generator_name

        return generator_name()

    def generator(self, *, fast: bool = False) -> AnchoredPainter:
        """The painter that draws what was not sent. Raises `WeightsError` where there is none."""
        name = self.generator_name() or ""

        def opened() -> AnchoredNets:
            import_together(*_GENERATOR_NETS)
            from semcodec.nets.anchored import AnchoredNets
            from semcodec.zoo.generators import find_generator

            wanted = self.settings.generator
            package = find_generator() if wanted == EMBEDDED else self.generator_files(str(wanted)) if wanted else None
            if package is None:
                raise WeightsError(f"no generator is shipped or lies at {wanted}: what was not sent cannot be invented")
            return AnchoredNets(package, threads=self.settings.threads)

        return self.anchored(self._kept(("generator", self.settings.generator), opened), name, fast=fast)

    def generator_files(self, reference: str) -> Mapping[str, Path] | None:
        """The files of the generator that is meant: this one's by its name, another one's by its folder; else None."""
        from semcodec.zoo.generators import package_of

        wanted = self.settings.generator
        is_mine = wanted not in (None, EMBEDDED) and reference == self.generator_name()
        return package_of(str(wanted) if is_mine else reference)

    def anchored(self, nets: AnchoredNets, name: str, *, fast: bool = False) -> AnchoredPainter:
        """The painter that a generator's networks and those of its token family make."""
        from semcodec.painters.anchored import AnchoredPainter

        return AnchoredPainter(nets, *self.tokenizer(nets.about.family), name=name, fast=fast)

    def restorer(self) -> tuple[str, RestorerNets] | None:
        """The network that finishes pictures, with its name; None where there is none."""

        def opened() -> tuple[str, RestorerNets] | None:
            wanted = self.settings.restorer
            if wanted is None:
                return None
            import_together(*_RESTORER_NETS)
            from semcodec.nets.restorer import RestorerNets
            from semcodec.zoo.restorers import find_restorer, package_at, restorer_name

            name = restorer_name() if wanted == EMBEDDED else Path(wanted).name
            if name is None:
                return None
            package = find_restorer() if wanted == EMBEDDED else package_at(Path(wanted))
            return name, RestorerNets(package, threads=self.settings.threads)

        return self._kept(("restorer", self.settings.restorer), opened)

    def painter(self, scene: Scene, options: PaintOptions) -> Painter:
        """What paints a Scene: what the options name, else the embedded networks, with the restorer behind them where
        that is wanted and it knows them. An impression of words alone is not restored: it is nothing like what the
        restorer has learnt from.

        Raises:
            NoPictureError: the Scene has nothing to paint from. WeightsError, ModelError: `invent` is asked for, and no
            generator is here for it. ValueError: `invent` or `fast` with another painter.
        """
        painter = self._unrestored(scene, options)
        return self.restored(painter) if options.restore and (scene.base is not None or scene.has_tokens) else painter

    def base_painter(self, *, restore: bool = True) -> Painter:
        """What paints base pictures, whatever else a file has."""
        from semcodec.painters.base import BasePainter

        return self.restored(BasePainter()) if restore else BasePainter()

    def restored(self, painter: Painter) -> Painter:
        """A painter with the restorer behind it, where there is one that knows its pictures."""
        found = self.restorer()
        if found is None:
            return painter
        from semcodec.painters.restored import RestorablePainter, RestoredPainter

        name, nets = found
        return RestoredPainter(painter, nets, restorer=name) if isinstance(painter, RestorablePainter) else painter

    def _unrestored(self, scene: Scene, options: PaintOptions) -> Painter:
        given, invent = options.painter, options.invent
        if scene.pixels is not None and (given is None or getattr(given, "keeps_tokens", False)):
            from semcodec.painters.pixels import PixelPainter

            return PixelPainter()  # (a grid of colours is all there: nothing can be completed)
        if given is not None:
            if invent is not None or options.fast:
                raise ValueError("invent and fast are about the embedded generator; give them without another painter")
            return given
        if scene.base is not None:
            return self.base_painter(restore=False)  # (all of it was sent: there is nothing to invent)
        is_wanted = INVENT_BY_DEFAULT if scene.has_tokens else scene.words is not None
        if invent or (invent is None and is_wanted and self.generator_name() is not None):
            generator = self.generator(fast=options.fast)
            if invent or generator.can_paint(scene):
                return generator
        if scene.tokens is None:
            raise NoPictureError()
        nets, _ = self.tokenizer(scene.tokens.family)
        from semcodec.painters.nano import NanoPainter

        return NanoPainter(nets)

    def _kept(self, key: object, opened: Callable[[], _Thing]) -> _Thing:
        key = (key, self.settings.threads)
        if key not in self._opened:
            self._opened.setdefault(key, opened())  # (of two threads that come at once the first is kept)
        found: _Thing = self._opened[key]
        return found


_default = Models()


def default_models() -> Models:
    """What the doors use that are given no `models`."""
    return _default


@contextmanager
def models_by_default(models: Models) -> Iterator[Models]:
    """Has the whole process use other models by default, as long as it lasts."""
    global _default
    before, _default = _default, models
    try:
        yield models
    finally:
        _default = before

"""Which networks are open, and which of them paints a Scene.

A `Models` opens each network when it is first asked for, and keeps it. The doors take one (`models=`); without it they
share the one of the process (`default_models`). Several can live side by side: each has its own networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from semcodec.errors import NoPictureError, WeightsError
from semcodec.forks import import_together, importing
from semcodec.ids import VECTOR_SPACES, FamilyId
from semcodec.options import PaintOptions
from semcodec.types import Scene

if TYPE_CHECKING:
    from semcodec.contracts import Interpolator, Painter
    from semcodec.extractors.words import WordsExtractor
    from semcodec.nets.anchored import AnchoredNets
    from semcodec.nets.decoder import DecoderNets
    from semcodec.nets.embedder import Embedder
    from semcodec.nets.interpolator import InterpolatorNets
    from semcodec.nets.restorer import RestorerNets
    from semcodec.nets.structure import OutlinerNets, StructureDecoderNets, StructureEncoderNets
    from semcodec.painters.anchored import AnchoredPainter
    from semcodec.painters.tokens import TokenPainter
    from semcodec.rate.pyramid import Encoder
    from semcodec.zoo.catalog import Package

EMBEDDED = "embedded"  # the network of a kind that this build ships
DEFAULT_FAMILY = FamilyId.NANO_1  # of token networks, that files are written with
DEFAULT_STRUCTURE = 1  # family of structure tokens, that files are written with
INVENT_BY_DEFAULT = False  # whether files of tokens are completed unless told to (words alone are always painted)

_DECODER_NETS = ("semcodec.painters.tokens", "semcodec.nets.decoder", "semcodec.zoo.catalog")
_ENCODER_NETS = ("semcodec.rate.pyramid", "semcodec.nets.encoder", "semcodec.zoo.catalog")
_DESCRIBER_NETS = ("semcodec.extractors.words", "semcodec.nets.describer", "semcodec.zoo.catalog")
_EMBEDDER_NETS = ("semcodec.nets.embedder", "semcodec.zoo.catalog")
_GENERATOR_NETS = (*_DECODER_NETS, "semcodec.painters.anchored", "semcodec.nets.anchored", "numpy.random")
_INTERPOLATOR_NETS = ("semcodec.interpolators.network", "semcodec.nets.interpolator", "semcodec.zoo.catalog")
_STRUCTURE_NETS = ("semcodec.nets.structure", "semcodec.zoo.catalog")
_RESTORER_NETS = ("semcodec.painters.restored", "semcodec.nets.restorer", "semcodec.zoo.catalog")

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """Which networks a `Models` opens: "embedded", a name (`semcodec models`), the folder of one that `semcodec_train`
    made, or None for none. `threads`: of each network; None: every core that the process may run on. `decoder` paints
    tokens. What encodes cannot be chosen: it is frozen with its family.
    """

    decoder: str = EMBEDDED
    describer: str | None = EMBEDDED
    embedder: str | None = EMBEDDED
    generator: str | None = EMBEDDED
    interpolator: str | None = EMBEDDED
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

    def package(self, purpose: str, *, family: int | None = None) -> Package | None:
        """The network for a purpose (`zoo.catalog`) and family; None where the settings want none, or none is shipped.

        Raises `WeightsError` where they name one that is not here.
        """
        import_together("semcodec.zoo.catalog")
        from semcodec.zoo.catalog import shipped

        wanted = getattr(self.settings, purpose, EMBEDDED)
        if wanted is None:
            return None
        if wanted == EMBEDDED:
            name = shipped().name_of(purpose, family=family)
            return None if name is None else shipped().find(purpose, name=name)
        found = shipped().package_of(purpose, wanted)
        if found is None:
            raise WeightsError(f"{wanted}: no {purpose} of this name is shipped, and no folder of this name holds one")
        return found

    def name_of(self, purpose: str) -> str | None:
        """Of the network for a purpose; None: there is none."""
        found = self.package(purpose)
        return None if found is None else found.name

    def package_of(self, purpose: str, reference: str) -> Package | None:
        """The network that is meant: this one's by its name, another one by its name or its folder; else None."""
        mine = self.package(purpose)
        if mine is not None and mine.name == reference:
            return mine
        from semcodec.zoo.catalog import shipped

        return shipped().package_of(purpose, reference)

    def encoder(self, family: int = DEFAULT_FAMILY) -> Encoder:
        """What makes a family's tokens of a picture. Raises `WeightsError`, `UnknownFamilyError`."""

        def opened() -> Encoder:
            import_together(*_ENCODER_NETS)
            from semcodec.layers.tokens.family import find_family
            from semcodec.nets.encoder import EncoderNets
            from semcodec.rate.pyramid import Encoder

            found = find_family(family)
            encoder, predictor = (self._needed(purpose, family).files for purpose in ("encoder", "predictor"))
            return Encoder(EncoderNets(encoder, predictor, found, **self._session_options()), found)

        return self._kept(("encoder", int(family)), opened)

    def decoder(self, family: int) -> DecoderNets:
        """What paints a family's tokens. Raises `WeightsError`, `UnknownFamilyError`."""

        def opened() -> DecoderNets:
            import_together(*_DECODER_NETS)
            from semcodec.layers.tokens.family import find_family
            from semcodec.nets.decoder import DecoderNets

            found = find_family(family)
            return DecoderNets(self._needed("decoder", family).files, found, **self._session_options())

        return self._kept(("decoder", self.settings.decoder, int(family)), opened)

    def outliner(self) -> OutlinerNets:
        """What finds outlines in a picture. Raises `WeightsError` where there is none."""

        def opened() -> OutlinerNets:
            import_together(*_STRUCTURE_NETS)
            from semcodec.nets.structure import OutlinerNets

            return OutlinerNets(self._needed("outliner").files, threads=self.settings.threads)

        return self._kept("outliner", opened)

    def structure_encoder(self, family: int = DEFAULT_STRUCTURE) -> StructureEncoderNets:
        """What makes a family's structure tokens of outlines. Raises `WeightsError`, `UnknownFamilyError`."""

        def opened() -> StructureEncoderNets:
            import_together(*_STRUCTURE_NETS)
            from semcodec.nets.structure import StructureEncoderNets

            files = self._needed("structure-encoder", family).files
            return StructureEncoderNets(files, family, threads=self.settings.threads)

        return self._kept(("structure-encoder", family), opened)

    def structure_decoder(self, family: int) -> StructureDecoderNets:
        """What draws a family's structure tokens. Raises `WeightsError`, `UnknownFamilyError`."""

        def opened() -> StructureDecoderNets:
            import_together(*_STRUCTURE_NETS)
            from semcodec.nets.structure import StructureDecoderNets

            files = self._needed("structure-decoder", family).files
            return StructureDecoderNets(files, family, threads=self.settings.threads)

        return self._kept(("structure-decoder", family), opened)

    def with_edges(self, scene: Scene, painter: Painter | None = None) -> Scene:
        """With the outlines that its structure tokens say drawn, where there are any and they are not yet (and where
        `painter` follows outlines). Raises `WeightsError`.
        """
        structure, wanted = scene.structure, painter is None or getattr(painter, "follows_edges", False)
        if structure is None or scene.edges is not None or not wanted:
            return scene
        drawn = self.structure_decoder(structure.family).draw(structure.digits, structure.working)
        return replace(scene, edges=drawn)

    def describer(self) -> WordsExtractor:
        """What finds words. Raises `WeightsError` where there is none."""

        def opened() -> WordsExtractor:
            import_together(*_DESCRIBER_NETS)
            from semcodec.extractors.words import WordsExtractor
            from semcodec.nets.describer import DescriberNets

            return WordsExtractor(DescriberNets(self._needed("describer").files, threads=self.settings.threads))

        return self._kept(("describer", self.settings.describer), opened)

    def embedder(self) -> Embedder:
        """What makes vectors of what the describer sees, and of words. Raises `WeightsError` where there is none that
        knows this describer: what two describers see is never compared.
        """

        def opened() -> Embedder:
            describer, found = self._needed("describer").name, self._needed("embedder")
            if describer not in found.row.get("embeds", (describer,)):
                raise WeightsError(
                    f"{found.name} makes no vectors of what {describer} sees: it was made for "
                    f"{' and '.join(found.row['embeds'])}; leave the vector out, or use that describer"
                )
            import_together(*_EMBEDDER_NETS)
            from semcodec.nets.embedder import Embedder

            return Embedder(found.files)

        return self._kept(("embedder", self.settings.embedder, self.settings.describer), opened)

    def embedder_of(self, space: int) -> Embedder | None:
        """What makes vectors of words, to be compared with pictures' of this space; None: none here does. It needs no
        describer, and no network. Raises `WeightsError` where it is damaged.
        """

        def opened() -> Embedder | None:
            import_together(*_EMBEDDER_NETS)
            found = self.package_of("embedder", VECTOR_SPACES[space]) if space in VECTOR_SPACES else None
            if found is None:
                return None
            from semcodec.nets.embedder import Embedder

            return Embedder(found.files)

        return self._kept(("embedder of", self.settings.embedder, space), opened)

    def generator(self, *, fast: bool = False) -> AnchoredPainter:
        """The painter that draws what was not sent. Raises `WeightsError` where there is none."""

        def opened() -> tuple[AnchoredNets, str]:
            import_together(*_GENERATOR_NETS)
            from semcodec.nets.anchored import AnchoredNets

            found = self._needed("generator")
            return AnchoredNets(found.files, threads=self.settings.threads), found.name

        return self.anchored(*self._kept(("generator", self.settings.generator), opened), fast=fast)

    def anchored(self, nets: AnchoredNets, name: str, *, fast: bool = False) -> AnchoredPainter:
        """The painter that a generator's networks and the decoder of its token family make."""
        from semcodec.painters.anchored import AnchoredPainter

        return AnchoredPainter(nets, self.decoder(nets.about.family), name=name, fast=fast)

    def restorer(self) -> tuple[str, RestorerNets] | None:
        """The network that finishes pictures, with its name; None where there is none."""

        def opened() -> tuple[str, RestorerNets] | None:
            found = self.package("restorer")
            if found is None:
                return None
            import_together(*_RESTORER_NETS)
            from semcodec.nets.restorer import RestorerNets

            return found.name, RestorerNets(found.files, threads=self.settings.threads)

        return self._kept(("restorer", self.settings.restorer), opened)

    def interpolator(self, bits_per_pixel: float | None = None) -> Interpolator:
        """What shows the pictures between two key frames of a clip: motion compensation, where there is no network.

        `bits_per_pixel`: of the key frames' files; the network is tuned to what is painted from as much.
        """

        def opened() -> tuple[InterpolatorNets, str] | None:
            found = self.package("interpolator")
            if found is None:
                return None
            import_together(*_INTERPOLATOR_NETS)
            from semcodec.nets.interpolator import InterpolatorNets

            return InterpolatorNets(found.files, threads=self.settings.threads), found.name

        key = ("interpolator", self.settings.interpolator)
        found = self._kept(key, opened)
        if found is None:
            from semcodec.interpolators.compensated import Compensated

            return Compensated()
        from semcodec.interpolators.network import NetworkInterpolator

        nets, name = found
        adapter = nets.about.adapter_for(bits_per_pixel)
        tuned = nets if adapter is None else self._kept((*key, adapter), lambda: nets.adapted(adapter))
        return NetworkInterpolator(tuned, name=name)

    def needed_restorer(self) -> tuple[str, RestorerNets]:
        """The same, where nothing can be done without one. Raises `WeightsError` where there is none."""
        self._needed("restorer")
        found = self.restorer()
        assert found is not None
        return found

    def painter(self, scene: Scene, options: PaintOptions) -> Painter:
        """What paints a Scene: what the options name, else the embedded networks, with the restorer behind them where
        that is wanted and it knows them. An impression of words alone is not restored: it learnt of nothing like it.

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
        found = self.restorer()  # (under the lock of imports: before the next line)
        from semcodec.painters.restored import with_restorer

        return with_restorer(painter, found)

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
        if invent or (invent is None and is_wanted and self.name_of("generator") is not None):
            generator = self._meant(scene).generator(fast=options.fast)
            if invent or generator.can_paint(scene):
                return generator
        if scene.tokens is None:
            raise NoPictureError()
        return self.token_painter(scene.tokens.family)

    def _meant(self, scene: Scene) -> Models:
        """With the generator that the file names, where none is asked for: its seed says nothing to another."""
        from semcodec.zoo.catalog import shipped

        name = "" if scene.painter is None or self.settings.generator != EMBEDDED else scene.painter.name
        return self.but(generator=name) if shipped().has("generator", name) else self

    def token_painter(self, family: int) -> TokenPainter:
        """What paints a family's tokens as they were sent."""
        decoder = self.decoder(family)
        from semcodec.painters.tokens import TokenPainter

        return TokenPainter(decoder, name=self._needed("decoder", family).name)

    def _needed(self, purpose: str, family: int | None = None) -> Package:
        found = self.package(purpose, family=family)
        if found is None:
            from semcodec.zoo.catalog import shipped

            raise shipped().missing(purpose, family)
        return found

    def _session_options(self) -> dict[str, Any]:
        """Of encoders and decoders, which may share files: what both have is open once."""
        return {"threads": self.settings.threads, "sessions": self._kept("sessions", dict)}

    def _kept(self, key: object, opened: Callable[[], _Thing]) -> _Thing:
        key = (key, self.settings.threads)
        if key not in self._opened:
            with importing:  # (the other thread of two that come at once waits for it, and so does a fork)
                if key not in self._opened:
                    self._opened[key] = opened()
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

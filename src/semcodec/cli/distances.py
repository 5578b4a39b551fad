"""`--distance`: how the encoder judges what it has painted. Weights are files that the user gives, as for `bench`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from semcodec.evaluation.measures.judges import Against
    from semcodec.options import Distance
    from semcodec.types import Pixels

# What is typed: the value of `Against.measure` that is minimised.
NETWORKS = {"mobilenet": "mobilenet_distance", "judge2": "judge2_distance", "lpips": "lpips", "dists": "dists"}


def chosen_distance(text: str) -> Distance | None:
    """None for "mse", the library's own. Raises `typer.BadParameter`; weights are opened when first used."""
    if text == "mse":
        return None
    name, _, path = text.partition("=")
    if name not in NETWORKS or not path:
        raise typer.BadParameter(f"--distance {text}: write mse, or {', '.join(f'{known}=FILE' for known in NETWORKS)}")
    if not Path(path).is_file():
        raise typer.BadParameter(f"--distance {text}: there is no file {path}")
    return _NetworkDistance(name, Path(path))


class _NetworkDistance:
    """Keeps the network open, and the features of the original at hand while its paintings are judged."""

    def __init__(self, name: str, path: Path) -> None:
        self._name, self._path = name, path
        self._judges: object = None
        self._at_hand: tuple[Pixels, Against] | None = None

    def __call__(self, original_HWC: Pixels, painted_HWC: Pixels) -> float:
        from semcodec.evaluation.measures.judges import Judges, WeightPaths

        judges = self._judges
        if not isinstance(judges, Judges):
            judges = self._judges = Judges(WeightPaths(**{self._name: self._path}), with_vmaf=False)
        at_hand = self._at_hand
        if at_hand is None or at_hand[0] is not original_HWC:
            at_hand = self._at_hand = (original_HWC, judges.against(original_HWC))
        return at_hand[1].measure([painted_HWC])[0][NETWORKS[self._name]]

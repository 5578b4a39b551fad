"""Runs the wanted measures: `Judges` opens the networks once, `Against` compares many pictures with one original.

A measure whose weights are absent is not in `Judges.names`, and `Judges.absent` has a sentence about it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semcodec.evaluation.measures.catalog import LATTICE_PERIODS_PX, MEASURES, SET_MEASURES
from semcodec.evaluation.measures.clip import ClipTower
from semcodec.evaluation.measures.distance import unit_distance, unit_features
from semcodec.evaluation.measures.dists import Dists
from semcodec.evaluation.measures.fid import Inception
from semcodec.evaluation.measures.fid import cut_patches as cut_large_patches
from semcodec.evaluation.measures.kid import cut_patches
from semcodec.evaluation.measures.lattice import BLOCK_PX, Lattice
from semcodec.evaluation.measures.lpips import Lpips
from semcodec.evaluation.measures.pixels import MS_SSIM_MIN_PX, MsSsim, psnr_db
from semcodec.evaluation.measures.vmaf import vmaf_scores
from semcodec.evaluation.measures.words_kept import WordsKept
from semcodec.evaluation.network import LayerNetwork, to_network_range

if TYPE_CHECKING:
    from semcodec.types import Pixels

Values = dict[str, float]
COSTLY = frozenset(measure.name for measure in MEASURES if measure.costly)


@dataclass(frozen=True, slots=True)
class WeightPaths:
    """The weight files that the user points at, and a describer by name or folder; None: measures that need it are left
    out, and the report says so."""

    mobilenet: Path | None = None
    judge2: Path | None = None
    lpips: Path | None = None
    dists: Path | None = None
    clip: Path | None = None
    fid: Path | None = None
    words_kept: Path | str | None = None

    def get(self, name: str) -> Path | str | None:
        path: Path | str | None = getattr(self, name)
        return path


class Judges:
    def __init__(self, paths: WeightPaths, *, with_vmaf: bool = True, threads: int = 1) -> None:
        self.layer_networks = {
            name: LayerNetwork(path, threads=threads)
            for name, path in (("mobilenet", paths.mobilenet), ("judge2", paths.judge2))
            if path is not None
        }
        self.lpips = Lpips(paths.lpips, threads=threads) if paths.lpips else None
        self.dists = Dists(paths.dists, threads=threads) if paths.dists else None
        self.clip = ClipTower(paths.clip) if paths.clip else None
        self.inception = Inception(paths.fid, threads=threads) if paths.fid else None
        self.words_kept = WordsKept(paths.words_kept, threads=threads) if paths.words_kept else None
        self.names = tuple(
            m.name for m in MEASURES if (not m.needs or paths.get(m.needs)) and (m.name != "vmaf" or with_vmaf)
        )
        self.absent = tuple(
            f"{m.title}: not measured, because no weights were given (--{m.needs.replace('_', '-')})"
            for m in (*MEASURES, *SET_MEASURES)
            if m.needs and not paths.get(m.needs)
        )

    @property
    def describer(self) -> str:
        """Which describer looks for kept words, by name and hash; "" without one."""
        return self.words_kept.identity if self.words_kept else ""

    @property
    def set_names(self) -> tuple[str, ...]:
        """The measures over whole sets that can be had."""
        return (*(f"kid_{name}" for name in self.layer_networks), *(("fid",) if self.inception else ()))

    def weight_files(self) -> dict[str, dict[str, str]]:
        """{measure family: file name and SHA-256}, for the report."""
        given = {"lpips": self.lpips, "dists": self.dists, "clip": self.clip, "fid": self.inception}
        opened = self.layer_networks | {name: network for name, network in given.items() if network is not None}
        files = {
            name: {"file": network.weights.path.name, "sha256": network.weights.sha256}
            for name, network in opened.items()
        }
        if self.words_kept:
            name, digest = self.words_kept.identity.rsplit(" ", 1)
            files["words_kept"] = {"file": name, "sha256": digest}
        return files

    def against(self, original_HWC: Pixels) -> Against:
        return Against(self, original_HWC)


class Against:
    """One original, and everything about it that is needed again and again."""

    def __init__(self, judges: Judges, original_HWC: Pixels) -> None:
        self._judges, self._original = judges, original_HWC
        short_px = min(original_HWC.shape[:2])
        self._ms_ssim = MsSsim(original_HWC) if short_px >= MS_SSIM_MIN_PX else None
        self._lattice = Lattice(original_HWC) if short_px >= BLOCK_PX else None
        scaled = to_network_range(original_HWC)
        self._features = {
            name: unit_features(network.features(scaled)) for name, network in judges.layer_networks.items()
        }
        mobilenet = judges.layer_networks.get("mobilenet")
        self._top1 = top1(mobilenet, original_HWC) if mobilenet else -1
        self._lpips = judges.lpips.features(scaled) if judges.lpips else []
        self._clip = judges.clip.embed(original_HWC) if judges.clip else None

    @property
    def impossible(self) -> tuple[str, ...]:
        """Measures that a picture so small cannot have."""
        lacking = ("ms_ssim",) if self._ms_ssim is None else ()
        return lacking + (tuple(f"lattice_{period}" for period in LATTICE_PERIODS_PX) if self._lattice is None else ())

    @cached_property
    def _dists(self) -> list[NDArray[np.float32]]:
        return self._judges.dists.features(self._original) if self._judges.dists else []

    @cached_property
    def _caption(self) -> list[str]:
        return self._judges.words_kept.caption(self._original) if self._judges.words_kept else []

    def measure(self, images: Sequence[Pixels], names: Collection[str] | None = None) -> list[Values]:
        """The values of every picture, by measure: of those named, else of all that can be had and are not costly."""
        wanted = set(self._judges.names) - COSTLY if names is None else set(names)
        values = [self._one(image, wanted) for image in images]
        if "vmaf" in wanted:
            for line, score in zip(values, vmaf_scores(self._original, images), strict=True):
                line["vmaf"] = score
        return values

    def _one(self, image_HWC: Pixels, wanted: set[str]) -> Values:
        values = {}
        if "psnr_db" in wanted:
            values["psnr_db"] = psnr_db(self._original, image_HWC)
        if "ms_ssim" in wanted and self._ms_ssim is not None:
            values["ms_ssim"] = self._ms_ssim(image_HWC)
        scaled = to_network_range(image_HWC)
        for name, network in self._judges.layer_networks.items():
            if f"{name}_distance" in wanted:
                distance = unit_distance(self._features[name], unit_features(network.features(scaled)))
                values[f"{name}_distance"] = distance
            if f"{name}_top1" in wanted:
                values[f"{name}_top1"] = float(top1(network, image_HWC) == self._top1)
        if "lpips" in wanted and self._judges.lpips:
            values["lpips"] = self._judges.lpips.distance(self._lpips, self._judges.lpips.features(scaled))
        if "dists" in wanted and self._judges.dists:
            values["dists"] = self._judges.dists.distance(self._dists, self._judges.dists.features(image_HWC))
        if "words_kept" in wanted and self._judges.words_kept:
            describer = self._judges.words_kept
            values["words_kept"] = describer.share(self._caption, describer.caption(image_HWC))
        if self._lattice is not None and any(name.startswith("lattice_") for name in wanted):
            values |= {f"lattice_{period}": value for period, value in self._lattice(image_HWC).items()}
        if "clip_score" in wanted and self._judges.clip and self._clip is not None:
            values["clip_score"] = float(self._clip @ self._judges.clip.embed(image_HWC))
        return values


def top1(network: LayerNetwork, image_HWC: Pixels) -> int:
    """The first class of the central part: short side to 256 px (bicubic), central 224 px."""
    picture = Image.fromarray(image_HWC)
    factor = 256 / min(picture.size)
    size = (max(256, round(picture.width * factor)), max(256, round(picture.height * factor)))
    left, top = (size[0] - 224) // 2, (size[1] - 224) // 2
    crop = picture.resize(size, Image.Resampling.BICUBIC).crop((left, top, left + 224, top + 224))
    return int(np.argmax(network.logits(to_network_range(np.asarray(crop)))[0]))


def set_features(judges: Judges, image_HWC: Pixels, wanted: str) -> NDArray[np.float16]:
    """(patches, channels) of one picture for the set measure "kid_..." or "fid"."""
    scaled = to_network_range(image_HWC)
    if wanted == "fid":
        assert judges.inception is not None
        return judges.inception.pooled(cut_large_patches(scaled)).astype(np.float16)
    return judges.layer_networks[wanted.removeprefix("kid_")].pooled(cut_patches(scaled)).astype(np.float16)

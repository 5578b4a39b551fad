"""The interpolator's graphs: two frames, and what lies between them at any time.

Shapes: H, W = pixels; C = 3 (RGB).

`pair` runs once for two frames: features of both, and motion from each to the other. `at` runs for each time. Both see
the frames whole, for what moves may come from anywhere. Frames are padded to multiples of the coarsest stride by
repeating the edge.

Adapters (Hu et al., LoRA, arXiv 2106.09685) stand beside the graphs. Each convolution's weight is a sum in the graph,
of what was trained at first and of the product of two low matrices, which the runtime is handed when it opens the
graph; it folds the sum, so a frame costs the same with and without.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.errors import WeightsError
from semcodec.nets.facts import read_facts
from semcodec.nets.session import Session, open_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from semcodec.types import Pixels

    Matrices = Mapping[str, NDArray[np.float16]]

GRAPHS = ("pair", "at")


@dataclass(frozen=True, slots=True)
class Adapter:
    """A file of matrices for frames that were painted from so many bits per pixel: from `least` on, below `most`."""

    file: str
    least_bpp: float
    most_bpp: float


@dataclass(frozen=True, slots=True)
class About:
    """The facts that stand with the weights.

    Attributes:
        multiple: what sides are padded to: the coarsest stride.
        max_pixels: of frames that are taken whole (memory); larger ones are to be made smaller first.
        adapters: by rising bits per pixel.
        adapted: by graph the matrices that it is handed, with their shapes.
    """

    multiple: int
    max_pixels: int
    adapters: tuple[Adapter, ...]
    adapted: Mapping[str, Mapping[str, tuple[int, int]]]

    def adapter_for(self, bits_per_pixel: float | None) -> Adapter | None:
        """The one for frames painted from so much; None: none is, or it is not known."""
        if bits_per_pixel is None:
            return None
        return next((a for a in self.adapters if a.least_bpp <= bits_per_pixel < a.most_bpp), None)


def _about(facts: dict[str, Any]) -> About:
    adapters = (Adapter(str(row["file"]), *map(float, row["bits_per_pixel"])) for row in facts["adapters"])
    adapted = {
        graph: {str(name): (int(rows), int(cols)) for name, (rows, cols) in facts["adapted"][graph].items()}
        for graph in GRAPHS
    }
    return About(int(facts["multiple"]), int(facts["max_pixels"]), tuple(adapters), adapted)


class InterpolatorNets:
    """Opens each graph when it is first used. Calls are safe from several threads."""

    def __init__(
        self, files: Mapping[str, Path], *, threads: int | None = None, adapter: Adapter | None = None
    ) -> None:
        """`files`: file name -> file. Raises `WeightsError`."""
        self._files, self._threads, self._adapter = files, threads, adapter
        self.about = read_facts(files["about.json"], _about, of="an interpolator")
        self._opened: dict[str, Session] = {}

    def adapted(self, adapter: Adapter | None) -> InterpolatorNets:
        """The same network with this adapter; None: with none."""
        return InterpolatorNets(self._files, threads=self._threads, adapter=adapter)

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Sequence[float]) -> Iterator[Pixels]:
        """A frame for each time within 0..1, (H, W, 3) uint8, one after the other as they are asked for."""
        height, width = first_HWC.shape[:2]
        first, last = (self._padded(frame)[None] for frame in (first_HWC, last_HWC))
        names = self._graph("pair").output_names
        pair = dict(zip(names, self._graph("pair").run(None, {"first": first, "last": last}), strict=True))
        for time in times:
            told = np.array([[time]], dtype=np.float32)
            (frame,) = self._graph("at").run(None, {"first": first, "last": last, **pair, "time": told})
            yield np.ascontiguousarray(frame[0, :height, :width])

    def _padded(self, frame_HWC: Pixels) -> Pixels:
        rows, cols = (-side % self.about.multiple for side in frame_HWC.shape[:2])
        return np.pad(frame_HWC, ((0, rows), (0, cols), (0, 0)), mode="edge")

    def _graph(self, graph: str) -> Session:
        if graph not in self._opened:
            matrices = self._matrices(graph)
            opened = open_session(self._files[f"{graph}.onnx"], threads=self._threads, initializers=matrices)
            self._opened.setdefault(graph, opened)
        return self._opened[graph]

    def _matrices(self, graph: str) -> Matrices:
        """What the graph is handed: zeros change nothing."""
        shapes = self.about.adapted[graph]
        if self._adapter is None:
            return {name: np.zeros(shape, dtype=np.float16) for name, shape in shapes.items()}
        path = self._files[self._adapter.file]
        try:
            with np.load(path, allow_pickle=False) as file:
                matrices = {name: np.asarray(file[name], dtype=np.float16) for name in shapes}
        except (OSError, ValueError, KeyError) as error:
            raise WeightsError(f"{path}: holds no adapter ({error!r}): install semcodec again") from error
        if any(matrices[name].shape != shape for name, shape in shapes.items()):
            raise WeightsError(f"{path}: is an adapter of another interpolator: install semcodec again")
        return matrices

"""The pictures of the report: originals and what codecs made of them at equal bytes, embedded in the page.

Decoded again from the kept files. They are embedded as WebP of high quality, which is far above what is compared.
"""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

import semcodec
from semcodec.evaluation import ours
from semcodec.evaluation.files import FileStore
from semcodec.evaluation.measures.catalog import MEASURES
from semcodec.evaluation.peers.peer import enlarge, size_of
from semcodec.evaluation.peers.registry import factories
from semcodec.evaluation.sets import Picture
from semcodec.evaluation.summary import OURS, Summary
from semcodec.evaluation.worker import SHOWN_BY
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.evaluation.results import Line
    from semcodec.types import Pixels

NUM_PEERS_SHOWN = 4
_WEBP_QUALITY = 82
_PREFERRED_BUDGETS = (100, 340, 1000, 4000)


@dataclass(frozen=True, slots=True)
class Pane:
    """One picture in the page. `numbers` is the line below its title."""

    codec: str
    title: str
    numbers: str
    data_uri: str


@dataclass(frozen=True, slots=True)
class View:
    """All panes of one picture at one budget."""

    picture: str
    budget: int
    panes: tuple[Pane, ...]


def make_views(
    summary: Summary,
    pictures: tuple[Picture, ...],
    folder: Path,
    *,
    num_pictures: int,
    how: ours.How = ours.EMBEDDED,
) -> list[View]:
    """Evenly spaced pictures, up to four budgets; semcodec, and the peers that are best on the whole set."""
    store, views = FileStore(folder), []
    num_pictures = min(num_pictures, len(pictures))
    picks = [pictures[i * len(pictures) // num_pictures] for i in range(num_pictures)]
    budgets = [b for b in _PREFERRED_BUDGETS if b in summary.budgets] or list(summary.budgets)
    for picture in picks:
        original_HWC = picture.load()
        pixels = f"{original_HWC.shape[1]}x{original_HWC.shape[0]} px"
        original = Pane("original", "Original", pixels, _embed(original_HWC))
        for budget in budgets:
            panes = [original]
            for codec in (OURS, *_best_peers(summary, budget)):
                if codec not in summary.titles:
                    continue
                line = next((x for x in summary.lines[codec] if x.picture == picture.name and budget in x.shown), None)
                data = store.get(line.file_name) if line else None
                if line is None or data is None:
                    continue
                image_HWC = _decode(line, data, size_of(original_HWC), how)
                panes.append(Pane(codec, summary.titles[codec], _numbers(line), _embed(image_HWC)))
            views.append(View(picture.name, budget, tuple(panes)))
    return views


def _best_peers(summary: Summary, budget: int) -> list[str]:
    measure = next(m for name in SHOWN_BY for m in MEASURES if m.name == name and m in summary.measures)
    means = {name: m.value for name in summary.classical if (m := summary.mean(name, measure, budget)) is not None}
    return sorted(means, key=lambda name: means[name], reverse=measure.higher_is_better)[:NUM_PEERS_SHOWN]


def _decode(line: Line, data: bytes, size: Size, how: ours.How) -> Pixels:
    if line.codec == ours.NAME:
        scene = semcodec.read(data).scene
        return semcodec.render(scene, painter=how.open_painter())
    peer = factories()[line.codec]()
    coded = Size(math.ceil(size.width_px / line.scale), math.ceil(size.height_px / line.scale))
    return enlarge(peer.decode(data, coded), size)


def _numbers(line: Line) -> str:
    parts = [f"{line.num_bytes:,} bytes"]
    if line.scale > 1:
        parts.append(f"coded at 1/{line.scale}")
    if "mobilenet_distance" in line.values:
        parts.append(f"distance {line.values['mobilenet_distance']:.3f}")
    parts.append(f"{line.values['psnr_db']:.1f} dB")
    return " · ".join(parts)


def _embed(image_HWC: Pixels) -> str:
    out = io.BytesIO()
    Image.fromarray(image_HWC).save(out, "WEBP", quality=_WEBP_QUALITY, method=6)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode("ascii")

"""What the page shows: clips as small H.264 files, and the HTML in which they play side by side."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from semcodec.evaluation.clips.frames import Frames, even
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.peers.ffmpeg import TO_YUV, run_ffmpeg
from semcodec.evaluation.report.page import buttons, section
from semcodec.evaluation.results import Line, replace_file
from semcodec.evaluation.summary import OURS, Summary

CSS = """
:root { --svtav1: #0d7f8c; --x265: #8a7400; }
:root[data-theme="dark"] { --svtav1: #3fc6d4; --x265: #d4bb3a; }
.glass { cursor: default; } .glass video { display: block; width: 100%; height: auto; }
"""
_SCRIPT = """
<script>(() => {
  const play = () => {
    for (const video of document.querySelectorAll("video")) {
      const isShown = video.offsetParent !== null;
      if (isShown) { video.currentTime = 0; video.play().catch(() => {}); } else video.pause();
    }
  };
  for (const button of document.querySelectorAll("button[data-group]")) {
    button.addEventListener("click", () => setTimeout(play));
  }
  document.getElementById("again").addEventListener("click", play);
  addEventListener("load", play);
})();</script>
"""
_NUMBERS = ("lpips", "dists", "judge2_distance", "vmaf", "warping_error")
# Far above what is compared, and small: 48 frames of 854x480 take 0.2 to 0.6 MB.
_SMALL = ("-c:v", "libx264", "-preset", "slow", "-crf", "21", "-movflags", "frag_keyframe+empty_moov")


def keep_shown(out: Path, frames: Frames, *, codec: str, clip: str, budget: int) -> None:
    """Raises `PictureError` where ffmpeg fails."""
    size = even(frames.size)
    data = run_ffmpeg(
        ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", str(size), "-r", str(frames.rate), "-i", "pipe:0"]
        + [
            "-vf",
            TO_YUV,
            "-pix_fmt",
            "yuv420p",
            "-threads",
            "1",
            *_SMALL,
            "-fflags",
            "+bitexact",
            "-f",
            "mp4",
            "pipe:1",
        ],
        frames.even_bytes(),
    )
    replace_file(_path(out, codec, clip, budget), data)


def gallery(summary: Summary, out: Path) -> str:
    """Original, semcodec and peers of each clip and budget, as far as their videos are there; empty with none."""
    views, names, budgets = [], [], []
    absent: dict[str, None] = {}
    for clip in summary.pictures:
        for budget in summary.budgets:
            panes = [_pane(out, "original", "Original", "", clip, 0)]
            for codec in sorted(summary.titles, key=lambda name: name != OURS):
                own = summary.lines[codec]
                line = next((x for x in own if x.picture == clip and budget in x.shown), None)
                if line is not None:
                    panes.append(_pane(out, codec, summary.titles[codec], _numbers(line), clip, budget))
                    if not panes[-1]:
                        absent[summary.titles[codec]] = None
            if any(panes):
                views.append((clip, budget, "".join(panes)))
                names += [clip] * (clip not in names)
                budgets += [budget] * (budget not in budgets)
    if not views:
        return ""
    first, at = names[0], budgets[0]
    blocks = "".join(
        f'<div class="view" data-picture="{escape(clip)}" data-budget="{budget}"'
        f"{'' if (clip, budget) == (first, at) else ' hidden'}>{panes}</div>"
        for clip, budget, panes in views
    )
    bar = (
        buttons("picture", "Clip", [(name, name) for name in names], first)
        + buttons("budget", "Budget", [(str(b), summary.unit.text(b)) for b in budgets], str(at))
        + '<button type="button" id="again">from the beginning</button>'
    )
    told = "All play together, again and again. Peers are shown at the scale that serves them best, and enlarged again."
    if absent:
        told += (
            f" Of {', '.join(absent)} there are numbers alone, kept from an earlier run: with an --out of its own all "
            "are coded, and play."
        )
    return section("The same bytes, side by side", told, f'<div class="bar">{bar}</div>{blocks}{_SCRIPT}')


def _path(out: Path, codec: str, clip: str, budget: int) -> Path:
    return out / "scratch" / "shown" / codec / f"{clip}-{budget}.mp4"


def _pane(out: Path, codec: str, title: str, numbers: str, clip: str, budget: int) -> str:
    path = _path(out, codec, clip, budget)
    if not path.exists():
        return ""
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return (
        f'<figure class="pane {escape(codec)}"><div class="glass"><video muted loop playsinline preload="auto" '
        f'aria-label="{escape(f"{clip}, {title}")}" src="data:video/mp4;base64,{data}"></video></div>'
        f"<figcaption><b>{escape(title)}</b>{escape(numbers)}</figcaption></figure>"
    )


def _numbers(line: Line) -> str:
    parts: Sequence[str] = [
        f"{find_measure(name).title} {line.values[name]:.3f}" for name in _NUMBERS if name in line.values
    ]
    scale = [f"coded at 1/{line.scale}"] if line.scale > 1 else []
    return " · ".join([f"{line.num_bytes:,} bytes", *scale, *parts])

"""The peers by name, in the order of the report. One whose package is absent becomes a sentence, not a gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from semcodec.errors import MissingExtraError
from semcodec.evaluation.peers import hashes, library_peers, pillow_peers, video_peers
from semcodec.evaluation.peers.ffmpeg import ffmpeg_path
from semcodec.evaluation.peers.peer import Peer


def factories() -> dict[str, Callable[[], Peer]]:
    return {
        "jpeg": pillow_peers.jpeg,
        "webp": pillow_peers.webp,
        "avif": pillow_peers.avif,
        "jxl": library_peers.jxl,
        "heic": library_peers.heic,
        "hevc": video_peers.hevc,
        "av1": video_peers.av1,
        "vvc": video_peers.vvc,
        "blurhash": hashes.blurhash,
        "thumbhash": hashes.thumbhash,
    }


PLACEHOLDERS = ("blurhash", "thumbhash")  # of one size each: no curve, and never the best classical peer


def open_peers(names: Sequence[str] | None = None, *, with_slow: bool = True) -> tuple[list[Peer], list[str]]:
    """The wanted peers (default: all), and a sentence for each that cannot run here."""
    known = factories()
    for name in names or ():
        if name not in known:
            raise ValueError(f"'{name}' is no peer; there are {', '.join(known)}")
    peers, absent = [], []
    for name, factory in known.items():
        if names is not None and name not in names:
            continue
        try:
            peer = factory()
            if peer.settings.startswith("imageio-ffmpeg"):
                ffmpeg_path()
        except MissingExtraError as exc:
            absent.append(f"{name}: not measured. {exc}")
            continue
        if with_slow or not peer.slow:
            peers.append(peer)
        else:
            absent.append(f"{peer.title}: left out of quick runs")
    return peers, absent

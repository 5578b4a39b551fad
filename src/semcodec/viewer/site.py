"""What a server answers with where pages show `.semc` files: scripts, tables, networks, by their place below it.

```text
element.js     defines <semc-img>          page.js, index.html     the viewer page (index.html?src=photo.semc)
assets/...     tables and networks         *.wasm                  the runtime of networks
```
"""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.viewer.assets import asset
from semcodec.viewer.built import RUNTIME, built

_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "wasm": "application/wasm",
    "json": "application/json",
}
_HIDDEN = frozenset({"view.js", "view-worker.js", "sources.json"})  # of other use than to be served


@dataclass(frozen=True, slots=True)
class SiteFile:
    """`content_type` and `content_encoding` (None: as it is) are the values of HTTP's headers."""

    data: bytes
    content_type: str
    content_encoding: str | None = None


def site_file(path: str) -> SiteFile:
    """The file at a place below the viewer, of "element.js" or "assets/tables/text-2.bin.gz".

    Raises `KeyError` where there is none, `NoViewerError`, `WeightsError`.
    """
    content_type = _TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    if path.startswith("assets/"):
        return SiteFile(asset(path.removeprefix("assets/")), content_type)
    if path in _HIDDEN:
        raise KeyError(path)
    if path == RUNTIME:
        return SiteFile(built(f"{RUNTIME}.gz"), content_type, "gzip")
    return SiteFile(built(path), content_type)

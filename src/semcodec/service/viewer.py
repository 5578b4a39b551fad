"""Where the built files of the viewer are, which paints pictures in the browser. Without them the service paints."""

from __future__ import annotations

from pathlib import Path

# What the gallery needs of them: the element in one script, and the folder of tables and networks beside it.
ELEMENT, ASSETS = "element.js", "assets"


def viewer_files() -> Path | None:
    """The folder of a built viewer: of a checkout (`npm run site` in `viewer/`); None where there is none."""
    checkout = Path(__file__).resolve().parents[3] / "viewer" / "site"
    return checkout if (checkout / ELEMENT).is_file() and (checkout / ASSETS).is_dir() else None

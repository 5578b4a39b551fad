"""What is served of the viewer, which paints pictures in the browser. Without it the service paints."""

from __future__ import annotations

from semcodec.viewer.built import NoViewerError
from semcodec.viewer.site import SiteFile, site_file


def has_viewer() -> bool:
    """Whether this installation has one."""
    try:
        site_file("element.js")
    except NoViewerError:
        return False
    return True


def viewer_file(path: str) -> SiteFile | None:
    """The file at a place below the viewer; None where there is none. Raises `WeightsError` for a damaged network."""
    try:
        return site_file(path)
    except (KeyError, NoViewerError):
        return None

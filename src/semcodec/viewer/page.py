"""One page that shows files, with all that it takes inside: it works offline, from wherever it lies.

What is embedded follows from the files: tables of their words, regions, outlines and tokens, the decoder where one has
tokens, the restorer unless it is not wanted, and the runtime where there is a network. A page of one base
picture has 20 MB, of tokens 28 MB; without the restorer 5 and 15 MB.
"""

from __future__ import annotations

import gzip
import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from semcodec.errors import WeightsError
from semcodec.ids import LayerId
from semcodec.types import Section
from semcodec.viewer.assets import asset, decoders, needed_tables, network_files, networks_json, restorer
from semcodec.viewer.built import RUNTIME, built
from semcodec.zoo.catalog import Package

_PAINTED = frozenset({LayerId.TOKENS, LayerId.BASE})  # what a restorer finishes
_TITLE = b"<title>semcodec viewer</title>"
_STYLE = b'<link rel="stylesheet" href="page.css" />'
_SCRIPT = b'<script type="module" src="page.js"></script>'
_END = b"</body>"
# Nothing but what is in the page, and nobody to tell anything to.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src blob:; "
    "style-src 'unsafe-inline'; img-src blob: data:; connect-src blob: data:"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A file of a page: its name for people, its bytes, and its sections as far as they are there."""

    name: str
    data: bytes
    sections: Sequence[Section]


@dataclass(frozen=True, slots=True)
class Page:
    """`html` is the whole file. `notes`: a sentence for each thing that this installation lacks to show all of it."""

    html: bytes
    notes: tuple[str, ...]


def page_of(files: Sequence[Shown], *, restore: bool = True) -> Page:
    """A page that shows `files`, which is one or more. `restore`: the restorer is embedded (12 MB, and 2 that run it).

    Raises `NoViewerError` where the viewer is not installed, `WeightsError` where a table is missing.
    """
    notes: list[str] = []
    holders = [_holder("file", shown.name, shown.data) for shown in files]
    for path in dict.fromkeys(path for shown in files for path in needed_tables(shown.sections)):
        holders.append(_holder("path", path, asset(path)))
    networks = list(_networks(files, restore=restore, notes=notes))
    holders += [_holder("path", path, _gzip(data), coding="gzip") for path, data in networks]
    if len(networks) > 1:
        holders.append(_holder("path", "ort.wasm", built(f"{RUNTIME}.gz"), coding="gzip"))
    title = files[0].name if len(files) == 1 else f"{len(files)} pictures"
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}" />\n    '.encode()
    head = policy + sign_of([shown.name for shown in files]) + _title(title)
    return Page(_filled(head, b"\n".join(holders)), tuple(notes))


def sign_of(names: Sequence[str]) -> bytes:
    """What a page of files of these names is known by."""
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()
    return f'<meta name="semcodec-view" content="{digest}" />\n    '.encode()


def _filled(title: bytes, data: bytes) -> bytes:
    """The viewer's page with its style, its scripts and data inside."""
    worker = b'<script type="text/plain" id="semcodec-worker">' + built("view-worker.js") + b"</script>\n"
    html = _replaced(built("index.html"), _TITLE, title)
    html = _replaced(html, _STYLE, b"<style>" + built("page.css") + b"</style>")
    html = _replaced(html, _SCRIPT, b'<script type="module">' + built("view.js") + b"</script>")
    return _replaced(html, _END, worker + data + b"\n  " + _END)


def _networks(files: Sequence[Shown], *, restore: bool, notes: list[str]) -> Iterator[tuple[str, bytes]]:
    """Path and content of the files of networks that these pictures take; the first says which there are."""
    layers = {section.layer for shown in files for section in shown.sections}
    families = {s.model for shown in files for s in shown.sections if s.layer == LayerId.TOKENS}
    found: dict[str, bytes] = {}
    painting = {}
    for family, package in decoders().items():
        if family in families and _take(found, package, "tokens are not painted", notes):
            painting[family] = package
    finishing = restorer() if restore and layers & _PAINTED else None
    if finishing is not None and not _take(found, finishing, "pictures are shown as they were sent", notes):
        finishing = None
    yield "networks/networks.json", networks_json(painting, finishing)
    yield from found.items()


def _take(found: dict[str, bytes], package: Package, else_: str, notes: list[str]) -> bool:
    """Adds the files of a network, if all are there."""
    try:
        found |= dict(network_files(package))
    except WeightsError as error:
        notes.append(f"{error}; in the page {else_}")
        return False
    return True


def _holder(kind: str, name: str, data: bytes, **about: str) -> bytes:
    """An element that holds data, which browsers neither run nor show."""
    said: Mapping[str, str] = {kind: name, **about}
    attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in said.items())
    return (
        f'<script type="application/octet-stream"{attributes}>'.encode("utf-8", "replace")
        + b64encode(data)
        + b"</script>"
    )


def _title(text: str) -> bytes:
    return f"<title>{escape(text)} · semcodec viewer</title>".encode("utf-8", "replace")


def _replaced(html: bytes, mark: bytes, content: bytes) -> bytes:
    before, found, after = html.partition(mark)
    assert found, f"the page has no {mark!r}"
    return before + content + after


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)

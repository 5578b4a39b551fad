"""The pages: whole without scripts, and nothing of a stranger's in them that a browser acts on."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from semcodec.service import pages

from .conftest import Running

HTML = {"Accept": "text/html"}


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, name: str) -> list[str]:
        return [attributes[name] for found, attributes in self.tags if found == tag and name in attributes]


def test_the_gallery_shows_every_picture_with_its_words(service: Running):
    page = Page(service.get("/", **HTML).text)
    assert "3 pictures" in page.text
    assert "Two dogs <b>run</b> on a beach." in page.text
    assert "Picture without a description" in page.text
    assert len(page.all("noscript", "")) == 0 and len([tag for tag, _ in page.tags if tag == "noscript"]) == 3
    for at in page.all("img", "src"):
        answer = service.get(f"/{at}")
        assert (answer.status, answer.headers["content-type"]) == (200, "image/webp"), at


def test_a_picture_has_a_page_of_its_own(service: Running):
    page = Page(service.get("/", **HTML).text)
    links = [at for at in page.all("a", "href") if at.startswith("show?")]
    assert len(links) == 3
    for at in links:
        one = service.get(f"/{at}", **HTML)
        assert one.status == 200
        for save in Page(one.text).all("a", "href"):
            assert service.get(f"/{save.removeprefix('./')}").status == 200, save


def test_words_and_names_of_strangers_are_text(service: Running):
    for at in ("/", "/?q=script", "/show?file=deep/a+'b'+%26+%3Cc%3E.semc", "/?q=%3Cscript%3Ealert(1)%3C/script%3E"):
        answer = service.get(at, **HTML)
        page = Page(answer.text)
        assert page.all("script", "src") == ["static/gallery.js"], at
        assert "b" not in {tag for tag, _ in page.tags}
        assert "\u202e" not in answer.text
        assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "\\u{202E}" in service.get("/", **HTML).text
    assert "May show:" in service.get("/", **HTML).text  # (a machine's words)


def test_nothing_is_loaded_from_elsewhere(service: Running):
    kinds = {"a", "link", "script", "img", "form"}
    for at in ("/", "/docs", "/show?file=dogs.semc", "/nothing"):
        page = Page(service.get(at, **HTML).text)
        for tag, attributes in page.tags:
            for name in {"href", "src", "action"} & set(attributes) if tag in kinds else ():
                assert not urlsplit(attributes[name]).netloc and not attributes[name].startswith("/"), attributes
    for name in ("gallery.js", "service.css", "icon.svg"):
        loaded = service.get(f"/static/{name}")
        assert loaded.status == 200
        assert not re.findall(r"(?<!xmlns=\")https?://", loaded.text)


def test_a_search_of_the_gallery_works_without_scripts(service: Running):
    found = Page(service.get("/?q=dogs", **HTML).text)
    assert "1 picture for dogs" in found.text and found.all("input", "value") == ["dogs"]
    assert "No picture has these words: cat" in Page(service.get("/?q=cat", **HTML).text).text
    assert "no word in the query" in Page(service.get("/?q=!!", **HTML).text).text


def test_a_gallery_of_many_has_pages():
    hit = {"file": "a.semc", "text": "x", "language": "und", "origin": "human", "regions": None, "alt": "x"}
    listed = {"num_files": 5, "files": [hit] * 2}

    def links(first: int, found: dict) -> list[tuple[str, dict]]:
        text = pages.gallery("n", found, query="q w", first=first, top=2, trouble=None, has_viewer=False)
        tags = [attributes for tag, attributes in Page(text).tags if tag == "a" and "rel" in attributes]
        return [(each["rel"], dict(parse_qsl(urlsplit(each["href"]).query))) for each in tags]

    assert links(0, listed) == [("next", {"q": "q w", "first": "2"})]
    assert links(2, listed) == [("prev", {"q": "q w"}), ("next", {"q": "q w", "first": "4"})]
    assert links(4, {"num_files": 5, "files": [hit]}) == [("prev", {"q": "q w", "first": "2"})]
    assert links(0, {"num_files": None, "files": [hit]}) == []


def test_people_get_a_page_and_programs_json(service: Running):
    page = service.get("/nothing", Accept="text/html,application/xhtml+xml")
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "/docs tells" in Page(page.text).text
    assert service.get("/nothing", Accept="*/*").headers["content-type"] == "application/problem+json"


def test_the_endpoints_are_described_as_they_are(service: Running):
    described = service.get("/openapi.json").object
    assert described["openapi"].startswith("3.1")
    page = Page(service.get("/docs", **HTML).text)
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            assert f"{method.upper()} {path}" in page.text
            assert "404" in about["responses"] or path == "/healthz"
            for parameter in about.get("parameters", ()):
                assert parameter["name"] in page.text
                default, schema = parameter["schema"].get("default"), parameter["schema"]
                assert default is None or schema.get("enum") is None or default in schema["enum"]
    assert set(described["paths"]) == {
        "/encode", "/decode", "/describe", "/info", "/search", "/files/{name}", "/healthz",
    }  # fmt: skip


@pytest.mark.parametrize("has_viewer", [True, False])
def test_the_browser_paints_where_the_viewer_is_there(service: Running, tmp_path: Path, has_viewer: bool):
    listed = {"num_files": 0, "files": []}
    text = pages.gallery("n", listed, query="", first=0, top=2, trouble=None, has_viewer=has_viewer)
    assert Page(text).all("main", "data-viewer") == (["viewer/"] if has_viewer else [])


def test_the_viewer_is_served_with_its_tables_and_networks(service: Running):
    element = service.get("/viewer/element.js")
    assert (element.status, element.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "worker-src 'self' blob:" in element.headers["content-security-policy"]
    again = service.get("/viewer/element.js", If_None_Match=element.headers["etag"])
    assert again.status == 304  # a browser takes its headers for those of what it has
    for name in ("content-security-policy", "cache-control", "etag", "cross-origin-embedder-policy"):
        assert again.headers[name] == element.headers[name]
    runtime = service.get("/viewer/ort-wasm-simd-threaded.wasm")
    assert (runtime.headers["content-type"], runtime.headers["content-encoding"]) == ("application/wasm", "gzip")
    assert "restorer" in service.get("/viewer/assets/networks/networks.json").object
    for path in ("view.js", "sources.json", "../pages.py", "assets/../element.js", "assets/networks/x", "nothing.js"):
        assert service.get(f"/viewer/{path}").status == 404, path


def test_a_picture_is_opened_in_the_viewer(service: Running):
    page = Page(service.get("/show?file=dogs.semc", **HTML).text)
    assert "viewer/index.html?src=..%2Ffiles%2Fdogs.semc" in page.all("a", "href")

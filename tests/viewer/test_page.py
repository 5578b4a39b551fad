"""The page that holds files, and what a server answers with."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path

import pytest

from semcodec.container.decode import read_file
from semcodec.layers.shipped import FAMILY_TABLES, REGION_TABLES, STRUCTURE_TABLES, TEXT_TABLES
from semcodec.limits import DEFAULT_LIMITS
from semcodec.viewer.assets import asset
from semcodec.viewer.page import Shown, page_of, sign_of
from semcodec.viewer.site import site_file

BASE, TOKENS, WORDS = "words-and-base", "words-and-tokens", "words-only"
RESTORER = {"networks/restorer-2/about.json", *(f"networks/restorer-2/{g}.onnx" for g in ("head", "body", "tail"))}
DECODER = {"networks/nano-1/about.json", *(f"networks/nano-1/decoder-{g}.onnx" for g in ("coarse", "fine"))}


@pytest.fixture
def good(root: Path):
    def shown(name: str) -> Shown:
        data = (root / "conformance" / "good" / f"{name}.semc").read_bytes()
        return Shown(f"{name}.semc", data, read_file(data, DEFAULT_LIMITS)[1])

    return shown


def held(html: bytes, kind: str) -> dict[str, bytes]:
    """What a page holds, by name."""
    found = re.findall(rb"<script [^>]*data-" + kind.encode() + rb'="([^"]*)"([^>]*)>([^<]*)</script>', html)
    unpacked = {}
    for name, about, text in found:
        data = base64.b64decode(text)
        unpacked[name.decode()] = gzip.decompress(data) if b"gzip" in about else data
    return unpacked


def test_a_page_holds_its_files_and_what_shows_them_and_nothing_else(good):
    tables = {"tables/text-1.bin.gz", "tables/text-2.bin.gz"}
    always = {"networks/networks.json"}
    base = page_of([good(BASE)], restore=False).html
    assert held(base, "file") == {f"{BASE}.semc": good(BASE).data}
    assert set(held(base, "path")) - tables == always
    tokens = held(page_of([good(TOKENS)], restore=False).html, "path")
    assert set(tokens) - tables == {*always, *DECODER, "tables/family-1.bin.gz", "ort.wasm"}
    assert tokens["ort.wasm"].startswith(b"\0asm")
    restored = held(page_of([good(BASE)]).html, "path")
    assert set(restored) - tables == {*always, *RESTORER, "ort.wasm"}
    assert json.loads(restored["networks/networks.json"]) == {"decoders": {}, "restorer": "restorer-2"}
    assert set(held(page_of([good(WORDS)]).html, "path")) - tables == always


def test_a_page_asks_for_no_other_file(good):
    html = page_of([good(BASE)], restore=False).html
    assert not re.search(rb'<(?:script|link|img)[^>]* (?:src|href)="', html)
    assert html.count(b"</script>") == html.count(b"<script ") and b"<style>" in html


def test_names_of_files_are_text_in_the_page(good):
    file = good(WORDS)
    html = page_of([Shown('"><script>alert(1)</script>.semc', file.data, file.sections)]).html
    assert b"<script>alert" not in html
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;.semc" in html


def test_a_page_is_known_by_the_names_of_its_files(good):
    html = page_of([good(WORDS), good(BASE)], restore=False).html
    assert sign_of([f"{WORDS}.semc", f"{BASE}.semc"]) in html
    assert sign_of([f"{BASE}.semc"]) not in html


def test_a_page_says_nothing_to_anybody(good):
    """The browser itself forbids it."""
    html = page_of([good(BASE)], restore=False).html
    (policy,) = re.findall(rb'Content-Security-Policy" content="([^"]*)"', html)
    assert policy.startswith(b"default-src 'none';")
    assert b"http" not in policy and b"*" not in policy


def test_every_table_that_the_scripts_know_is_given(root: Path):
    named = re.findall(r'file: "([a-z]+-\d+)"', (root / "viewer" / "src" / "tables.ts").read_text("utf-8"))
    assert len(named) == sum(map(len, (TEXT_TABLES, REGION_TABLES, FAMILY_TABLES, STRUCTURE_TABLES)))
    for name in named:
        assert len(gzip.decompress(asset(f"tables/{name}.bin.gz"))) > 8_000


def test_a_server_gets_scripts_tables_networks_and_the_runtime():
    script = site_file("element.js")
    assert (script.content_type, script.content_encoding) == ("text/javascript; charset=utf-8", None)
    runtime = site_file("ort-wasm-simd-threaded.wasm")
    assert (runtime.content_type, runtime.content_encoding) == ("application/wasm", "gzip")
    networks = json.loads(site_file("assets/networks/networks.json").data)
    assert networks == {"decoders": {"1": "nano-1"}, "restorer": "restorer-2"}
    assert site_file("assets/networks/nano-1/about.json").data.startswith(b"{")


@pytest.mark.parametrize(
    "path",
    ["", "view.js", "../page.py", "..", "assets/../page.py", "assets/networks/nano-1/../../models.json", "a/b.js"],
)
def test_nothing_else_is_served(path: str):
    with pytest.raises(KeyError):
        site_file(path)


def test_the_scripts_of_the_site_are_all_there():
    seen, todo = set(), ["index.html"]
    while todo:
        name = todo.pop()
        seen.add(name)
        found = set(re.findall(r'"(?:\./)?([\w.-]+\.(?:js|css))"', site_file(name).data.decode()))
        todo += [other for other in found - seen if other != "ort.wasm.bundle.min.mjs"]
    assert {"page.js", "page.css", "worker.js", "isolating.js"} <= seen

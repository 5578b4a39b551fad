"""The pages: HTML that is made here and works without scripts; `page/gallery.js` only makes it quicker to use.

Words and names are strangers': every one goes through `said`, which escapes it for people and for HTML.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from semcodec.layers.text.show import escape_for_display

# Scripts and styles are files of the service alone. The viewer runs WebAssembly, and styles its element itself.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' "
    "'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
PREVIEW_PX = 384


def said(text: object) -> str:
    return html.escape(escape_for_display(str(text)))


def page(title: str, main: str, *, scripts: Sequence[str] = (), head: str = "") -> str:
    tags = "".join(f'<script type="module" src="{script}"></script>\n' for script in scripts)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{said(title)}</title>
<link rel="icon" href="static/icon.svg">
<link rel="stylesheet" href="static/service.css">
{head}{tags}</head>
<body>
{main}
</body>
</html>
"""


def gallery(
    name: str,
    listed: dict[str, Any],
    *,
    query: str,
    first: int,
    top: int,
    trouble: str | None,
    has_viewer: bool,
    like: str | None = None,
) -> str:
    files = listed["files"]
    tiles = "\n".join(map(_tile, files))
    title = f"{query} - {name}" if query else name
    viewer = ' data-viewer="viewer/"' if has_viewer else ""
    main = f"""<header class="bar">
<h1><a href="./">{said(name)}</a></h1>
<form role="search" action="./" method="get">
<label for="q" class="unseen">Search by words</label>
<input id="q" name="q" type="search" placeholder="Search by words" maxlength="300" autocomplete="off"
 spellcheck="false" value="{said(query)}">
<button>Search</button>
</form>
</header>
<main id="results"{viewer}>
<p class="count" id="count" role="status">{_count(listed, query, like, first, trouble)}</p>
<ul class="tiles" aria-label="Pictures">
{tiles}
</ul>
{_pages(listed, query, like, first, top)}
</main>
<footer><a href="docs">HTTP endpoints</a></footer>"""
    return page(title, main, scripts=["static/gallery.js"])


def _tile(file: dict[str, Any]) -> str:
    name, words = file["file"], file["text"]
    alone = "" if words or file["regions"] else " silent"
    language = f' lang="{said(file["language"])}"' if words and file["language"] != "und" else ""
    told = f'<span class="words{alone}" dir="auto"{language}>{said(file["alt"])}</span>'
    return f"""<li><a href="{shown_at(name)}">{_picture(name, restore=False, fit=PREVIEW_PX)}
{told} <span class="name" dir="auto">{said(name)}</span></a></li>"""


def _picture(name: str, *, restore: bool, fit: int | None, alt: str = "") -> str:
    """Where a picture is painted; by the service, where there are no scripts. In a tile the words beside it say all."""
    at = preview_at(name, restore=restore, fit=fit)
    hidden = "" if alt else ' aria-hidden="true"'
    return (
        f'<span class="picture"{hidden} data-src="files/{quote(name)}" data-preview="{html.escape(at)}" '
        f'data-restore="{"on" if restore else "off"}" data-alt="{said(alt)}">'
        f'<noscript><img src="{html.escape(at)}" alt="{said(alt)}" loading="lazy"></noscript></span>'
    )


def shown_at(name: str) -> str:
    return html.escape(f"show?{urlencode({'file': name})}")


def preview_at(name: str, *, restore: bool, fit: int | None) -> str:
    asked = {"file": name, "format": "webp", **({} if fit is None else {"fit": fit}), "strip": "true"}
    return f"decode?{urlencode({**asked, **({} if restore else {'restore': 'false'})})}"


def _count(listed: dict[str, Any], query: str, like: str | None, first: int, trouble: str | None) -> str:
    if trouble is not None:
        return said(trouble)
    num, found = listed["num_files"], len(listed["files"])
    if like is not None:
        return f"Most like {said(like)}"
    if num is None:
        if not found:
            return f"No picture {'more ' if first else ''}has these words: {said(query)}"
        what = "1 picture" if found == 1 else f"{found} pictures"
        return f"{what} for {said(query)}" if not first else f"{what} more for {said(query)}"
    if not num:
        return "There is no .semc file in this folder. Make one: semcodec encode photo.jpg"
    if found == num:
        return "1 picture" if num == 1 else f"{num} pictures"
    return f"{first + 1} to {first + found} of {num} pictures" if found else f"{num} pictures, none of them here"


def _pages(listed: dict[str, Any], query: str, like: str | None, first: int, top: int) -> str:
    def at(number: int) -> str:
        said_of = {"q": query, "like": like, "first": number}
        said_of = {key: value for key, value in said_of.items() if value}
        return html.escape(f"./?{urlencode(said_of)}" if said_of else "./")

    num, found = listed["num_files"], len(listed["files"])
    links = []
    if first:
        links.append(f'<a rel="prev" href="{at(max(0, first - top))}">Back</a>')
    if (num is None and found == top) or (num is not None and first + found < num and found):
        links.append(f'<a rel="next" href="{at(first + top)}">More</a>')
    return f'<nav aria-label="Pages">{" ".join(links)}</nav>' if links else ""


def shown(name: str, about: dict[str, Any], *, has_viewer: bool) -> str:
    """One picture, with all that its file says."""
    viewer = ' data-viewer="viewer/"' if has_viewer else ""
    words = about["words"]
    language = f' lang="{said(words["language"])}"' if words and words["language"] != "und" else ""
    png = html.escape(f"decode?{urlencode({'file': name, 'format': 'png'})}")
    rows = [
        ("Size", f"{about['width_px']} x {about['height_px']} pixels"),
        ("File", f"{about['bytes']} bytes, {about['bits_per_pixel']:.4f} bits per pixel"),
        ("Layers", ", ".join(f"{layer['name']} {layer['bytes']}" for layer in about["layers"]) or "none"),
    ]
    if about["boxes"]:
        rows.append(("Boxes", ", ".join(f"{box['name']} {box['bytes']}" for box in about["boxes"])))
    if about["original"]:
        rows.append(("Original", about["original"]["name"] or about["original"]["sha256"]))
    if words:
        rows.append(("Words by", f"a {words['origin']}" + (f", {words['language']}" if language else "")))
    rows += [("Warning", warning) for warning in about["warnings"]]
    listed = "\n".join(f"<div><dt>{said(key)}</dt><dd>{said(value)}</dd></div>" for key, value in rows)
    width, height = about["width_px"], about["height_px"]
    main = f"""<header class="bar"><p><a href="./">All pictures</a></p><h1 dir="auto">{said(name)}</h1></header>
<main class="shown"{viewer}>
<figure style="--ratio: {width} / {height}; --width: {width}px">
{_picture(name, restore=True, fit=2048 if max(width, height) > 2048 else None, alt=about["alt"])}
<figcaption dir="auto"{language}>{said(about["alt"])}</figcaption>
</figure>
{_regions(about["regions"])}
<dl>
{listed}
</dl>
<p class="save"><a href="files/{quote(name)}" download>Save the .semc file</a>
<a href="{png}" download>Save as PNG</a>{_closer(name) if has_viewer else ""}
{_alike(name) if about["vector"] else ""}</p>
</main>"""
    return page(name, main, scripts=["static/gallery.js"])


def _alike(name: str) -> str:
    return f'<a href="./?{html.escape(urlencode({"like": name}))}">What looks like it</a>'


def _closer(name: str) -> str:
    at = html.escape(f"viewer/index.html?{urlencode({'src': f'../files/{quote(name)}'})}")
    return f' <a href="{at}">Open in the viewer</a>'


def _regions(regions: dict[str, Any] | None) -> str:
    if not regions or not regions["items"]:
        return ""
    by = "A machine believes to see" if regions["origin"] == "machine" else "In the picture"
    items = "\n".join(f'<li dir="auto">{said(item["phrase"])}</li>' for item in regions["items"])
    return f'<section><h2>{by}</h2><ul lang="{said(regions["language"])}">{items}</ul></section>'


def refusal(status: int, sentence: str, *, asks_for_token: bool = False) -> str:
    form = """<form class="token" action="login" method="post"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Open</button></form>"""
    main = f"""<main class="refusal"><h1>{"Token" if asks_for_token else HTTPStatus(status).phrase}</h1>
<p>{said(sentence)}</p>
{form if asks_for_token else '<p><a href="./">All pictures</a></p>'}</main>"""
    return page("semcodec", main)


def docs(paths: dict[str, Any]) -> str:
    """The endpoints, as `openapi.json` has them."""
    blocks = "\n".join(
        _endpoint(path, method, about) for path, methods in paths.items() for method, about in methods.items()
    )
    main = f"""<header class="bar"><p><a href="./">All pictures</a></p><h1>HTTP endpoints</h1></header>
<main class="docs">
<p>As a machine reads them: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1). What is wrong is answered as
<code>application/problem+json</code>, with the reason in <code>detail</code>.</p>
{blocks}
</main>"""
    return page("HTTP endpoints", main)


def _endpoint(path: str, method: str, about: dict[str, Any]) -> str:
    rows = "\n".join(map(_parameter, about.get("parameters", ())))
    table = (
        f"<table><thead><tr><th scope=col>parameter</th><th scope=col>type</th><th scope=col>meaning</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        if rows
        else ""
    )
    example = f"<pre><code>{said_lines(about['x-example'])}</code></pre>" if "x-example" in about else ""
    return f"""<section><h2><code>{method.upper()} {said(path)}</code></h2>
<p>{said(about["summary"])} {said(about.get("description", ""))}</p>
{example}{table}</section>"""


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    kind = " | ".join(schema.get("enum", ())) or schema["type"]
    if "minimum" in schema:
        kind += f" {schema['minimum']}..{schema.get('maximum', '')}"
    default = f" Default: {schema['default']}." if "default" in schema and schema["default"] != "" else ""
    return (
        f"<tr><th scope=row><code>{said(parameter['name'])}</code></th><td>{said(kind)}</td>"
        f"<td>{said(parameter['description'] + default)}</td></tr>"
    )


def said_lines(lines: Iterable[str] | str) -> str:
    return said(lines) if isinstance(lines, str) else "\n".join(map(said, lines))

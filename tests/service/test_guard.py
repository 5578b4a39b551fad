"""Who may come in, and what a browser is told about what it gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcodec.service.guard import name_of
from semcodec.service.options import ServiceOptions

from .conftest import Answered, Running

TOKEN = "a-long-enough-token"


@pytest.fixture(scope="module")
def locked(album: Path):
    from .conftest import running

    with running(album, token=TOKEN, hosts=("Pictures.Example.",)) as found:
        yield found


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:7362", "LOCALHOST", "[::1]:80", "192.168.0.7:7362", "10.0.0.1"]
)
def test_an_address_and_localhost_are_its_names(service: Running, host: str):
    assert service.get("/healthz", Host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7362", "127.0.0.1.evil.example", "localhost.evil", "", "a b", "[::1].evil",
             "127.0.0.1:x", "pictures.example"]
)  # fmt: skip
def test_a_name_that_was_made_to_lead_here_gets_nothing(service: Running, host: str):
    assert "--allow-host" in service.get("/search", Host=host).detail


def test_a_name_that_was_allowed_is_one(locked: Running):
    assert locked.get("/healthz", Host="pictures.example:80").status == 200


def test_names_of_hosts():
    assert [name_of(host) for host in ("a.b:80", "[::1]:80", "::1", "a:b", "A.", ":80", "[::1")] == [
        "a.b", "::1", None, None, "a", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
    ],
)
def test_what_another_page_asks_for_is_refused_whatever_the_method(service: Running, dogs: bytes, headers: dict):
    for answer in (service.post("/decode", dogs, **headers), service.get("/decode?file=dogs.semc", **headers)):
        assert (answer.status, answer.detail) == (403, "another page asks for this: only pages of this service may")
        assert "access-control-allow-origin" not in answer.headers


def test_a_form_of_another_page_that_leads_here_is_refused(service: Running, dogs: bytes):
    headers = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert service.post("/decode", dogs, **headers).status == 403
    assert service.get("/", **headers).status == 200  # (a link)


def test_its_own_pages_may_ask(service: Running, dogs: bytes):
    own = {"Origin": f"http://127.0.0.1:{service.port}", "Sec_Fetch_Site": "same-origin"}
    assert service.post("/decode", dogs, **own).status == 200
    assert service.ask("OPTIONS", "/decode", Origin=own["Origin"], Access_Control_Request_Method="POST").status == 405


@pytest.mark.parametrize(
    "path", ["/", "/search", "/files/dogs.semc", "/decode?file=dogs.semc", "/nothing", "/static/gallery.js"]
)
def test_every_answer_says_that_nothing_is_to_be_guessed_framed_or_run(service: Running, path: str):
    headers = service.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers
    policy = headers["content-security-policy"]
    assert ("script-src 'self'" in policy) if path == "/" else ("sandbox" in policy)


def test_without_the_token_there_is_nothing(locked: Running, dogs: bytes):
    for answer in (
        locked.get("/"), locked.get("/search"), locked.get("/files/dogs.semc"), locked.get("/static/gallery.js"),
        locked.get("/viewer/element.js"), locked.get("/docs"), locked.post("/decode", dogs), locked.get("/nothing"),
        locked.get("/search", Authorization="Bearer another-long-token"), locked.get("/search", Authorization=TOKEN),
        locked.get("/?token=another-long-token"), locked.get("/search", Cookie="semcodec_x=1"),
        locked.get("/search", Authorization="Bearer"),
    ):  # fmt: skip
        assert answer.status == 401 and "token" in answer.detail
        assert TOKEN not in answer.text
    assert locked.get("/healthz").status == 200


def test_a_program_shows_the_token_as_a_bearer(locked: Running, dogs: bytes):
    assert locked.post("/decode", dogs, Authorization=f"Bearer {TOKEN}").status == 200


def cookie_of(answer: Answered) -> str:
    cookie, *attributes = answer.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(attributes)
    assert TOKEN not in cookie
    return cookie


def test_a_browser_gets_a_cookie_and_an_address_without_the_token(locked: Running):
    answer = locked.get(f"/search?token={TOKEN}&q=dog")
    assert (answer.status, answer.headers["location"]) == (303, "./search?q=dog")
    assert locked.get("/search", Cookie=cookie_of(answer)).status == 200
    elsewhere = locked.get(f"/http%3A%2F%2Fevil.example?token={TOKEN}").headers["location"]
    assert elsewhere in {"./evil.example", "./"}
    assert locked.get(f"/http%3Aevil.example?token={TOKEN}").headers["location"] == "./http%3Aevil.example"


def test_a_person_types_the_token_into_a_form(locked: Running):
    page = locked.get("/", Accept="text/html,*/*")
    assert page.status == 401 and '<form class="token" action="login" method="post">' in page.text
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    answer = locked.post("/login", f"token={TOKEN}".encode(), **kind)
    assert (answer.status, answer.headers["location"]) == (303, "./")
    assert locked.get("/", Cookie=cookie_of(answer), Accept="text/html").status == 200
    assert locked.post("/login", b"token=another-long-token", **kind).status == 401
    assert locked.post("/login", b"token=" + b"x" * 5000, **kind).status == 413
    assert locked.post("/login", f"token={TOKEN}".encode(), Origin="https://evil.example", **kind).status == 403


@pytest.mark.parametrize("token", ["", "short", "\x00" * 20, "ä" * 20])
def test_a_token_that_is_easily_guessed_is_none(tmp_path: Path, token: str):
    with pytest.raises(ValueError, match="too easily guessed"):
        ServiceOptions(folder=tmp_path, token=token)


def test_a_token_does_not_show_where_options_are_printed(tmp_path: Path):
    assert TOKEN not in repr(ServiceOptions(folder=tmp_path, token=TOKEN))

"""What is asked of the service, and what it answers."""

from __future__ import annotations

import base64
import io
import json
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.models import Models, ModelSettings

from .conftest import Running


def png(image_HWC: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image_HWC).save(out, "PNG")
    return out.getvalue()


SWATCH = png(np.full((16, 24, 3), (200, 30, 40), np.uint8))


def test_a_picture_is_encoded(service: Running):
    answer = service.post("/encode?bytes=120&caption=a+red+swatch&language=en", SWATCH)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/x-semc")
    assert len(answer.body) <= 120
    assert semcodec.read_words(answer.body).text == "a red swatch"


def test_who_wants_json_gets_the_file_and_what_was_said_of_it(service: Running):
    answer = service.post("/encode?bytes=120&caption=a+red+swatch", SWATCH, Accept="application/json")
    said = answer.object
    assert (said["width_px"], said["height_px"], said["type"]) == (24, 16, "image/x-semc")
    data = base64.b64decode(said["data"])
    assert len(data) == said["bytes"] and semcodec.info(data).words.text == "a red swatch"
    assert set(said["bytes_by_layer"]) == {"text", "pixels"}


def test_what_the_describer_is_sure_of_is_in_the_file_and_told(service: Running, red_HWC: np.ndarray):
    answer = service.post("/encode?bytes=600", png(red_HWC))
    assert semcodec.read_words(answer.body).text == "A red cap on the wall."
    assert "red cap" in json.loads(answer.headers["semcodec-notes"])[-1]
    assert semcodec.read_words(service.post("/encode?bytes=600&describe=false", png(red_HWC)).body) is None


def test_a_picture_is_described(service: Running, red_HWC: np.ndarray):
    found = service.post("/describe?keywords=false", png(red_HWC)).object
    assert found["caption"]["text"] == "A red cap on the wall." and found["caption"]["is_sure"]
    assert found["keywords"] is None


def test_a_file_is_decoded_as_the_library_does(service: Running, dogs: bytes):
    answer = service.post("/decode", dogs)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert np.array_equal(np.array(Image.open(io.BytesIO(answer.body))), semcodec.decode(dogs))


@pytest.mark.parametrize(
    ("query", "size"), [("width=8", (8, 12)), ("height=6", (4, 6)), ("fit=12", (8, 12)), ("width=9&height=7", (9, 7)),
                        ("fit=900", (16, 24)), ("roi=0,0,5,6", (5, 6))]
)  # fmt: skip
def test_it_is_decoded_in_the_size_that_is_wanted(service: Running, query: str, size: tuple[int, int]):
    answer = service.get(f"/decode?file=dogs.semc&format=webp&{query}")
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.body)).size == size


def test_a_decoded_file_is_told_of_in_json(service: Running, dogs: bytes):
    said = service.post("/decode", dogs, Accept="application/json").object
    assert (said["is_whole"], said["words"]["text"]) == (True, "Two dogs <b>run</b> on a beach.")
    assert Image.open(io.BytesIO(base64.b64decode(said["data"]))).size == (16, 24)


def test_a_file_that_is_cut_is_decoded_with_a_note(service: Running, dogs: bytes):
    answer = service.post("/decode", dogs[:-20])
    assert answer.status == 200
    assert "fetch the whole file" in json.loads(answer.headers["semcodec-notes"])[0]


def test_a_preview_is_painted_once_and_not_sent_again(service: Running):
    first = service.get("/decode?file=dogs.semc&fit=8")
    assert service.get("/decode?file=dogs.semc&fit=8").body == first.body
    again = service.get("/decode?file=dogs.semc&fit=8", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert service.get("/decode?file=dogs.semc&fit=9").headers["etag"] != first.headers["etag"]


def test_a_file_says_what_it_is(service: Running, dogs: bytes):
    of_folder, of_body = service.get("/info?file=dogs.semc").object, service.post("/info", dogs).object
    assert of_folder == of_body
    assert (of_folder["bytes"], of_folder["width_px"], of_folder["alt"]) == (len(dogs), 16, of_folder["words"]["text"])


def test_all_files_are_listed_and_no_link_or_hidden_one(service: Running):
    found = service.get("/search").object
    assert [file["file"] for file in found["files"]] == ["deep/a 'b' & <c>.semc", "dogs.semc", "silent.semc"]
    assert found["num_files"] == 3
    assert [file["file"] for file in service.get("/search?first=1&top=1").object["files"]] == ["dogs.semc"]


def test_files_are_found_while_a_word_is_typed(service: Running):
    for query in ("dog", "bea", "dogs+bea"):
        found = service.get(f"/search?q={query}").object["files"]
        assert [(file["file"], file["alt"]) for file in found] == [("dogs.semc", "Two dogs <b>run</b> on a beach.")]
    assert service.get("/search?q=cat").object["files"] == []


def test_files_are_found_by_what_looks_like_them(serve, tmp_path: Path, red_HWC: np.ndarray, dogs: bytes):
    models = Models(ModelSettings(restorer=None))
    colours = {"red": red_HWC, "blue": red_HWC[:, :, ::-1].copy()}
    for name, image_HWC in colours.items():
        data = semcodec.encode(image_HWC, bytes=400, vector=True, picture="tokens", models=models).data
        (tmp_path / f"{name}.semc").write_bytes(data)
    (tmp_path / "dogs.semc").write_bytes(dogs)
    (tmp_path / "picture.semc").write_bytes(SWATCH)
    found = serve(tmp_path, settings=models.settings)
    for name in colours:
        files = found.get(f"/search?like={name}.semc").object["files"]
        assert files[0]["file"] == f"{name}.semc" and len(files) == 2
        assert found.post("/search?top=1", png(colours[name])).object["files"] == files[:1]
    assert "has no vector" in found.get("/search?like=dogs.semc").detail
    assert "no semcodec file" in found.get("/search?like=picture.semc").detail
    assert "exclude each other" in found.get("/search?like=red.semc&q=dog").detail
    assert found.get("/search?like=absent.semc").status == 404
    page = found.get("/show?file=red.semc", Accept="text/html").text
    assert "./?like=red.semc" in page and "like=" not in found.get("/show?file=dogs.semc", Accept="text/html").text
    assert "Most like blue.semc" in found.get("/?like=blue.semc", Accept="text/html").text


def test_without_a_vector_nothing_looks_alike(service: Running):
    assert "encode --vector" in service.get("/search?like=dogs.semc").detail
    assert service.post("/search", SWATCH).status == 422


def test_what_is_put_into_the_folder_is_found(serve, tmp_path: Path, dogs: bytes):
    found = serve(tmp_path, fresh_s=0.1)
    assert found.get("/search").object["num_files"] == 0
    (tmp_path / "new.semc").write_bytes(dogs)
    for _ in range(300):
        if files := found.get("/search?q=dog").object["files"]:
            break
        time.sleep(0.1)
    assert files[0]["file"] == "new.semc"


def test_a_file_is_sent_as_it_is_and_in_parts(service: Running, dogs: bytes):
    whole = service.get("/files/dogs.semc")
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, dogs, "image/x-semc")
    part = service.get("/files/dogs.semc", Range="bytes=5-9")
    assert (part.status, part.body) == (206, dogs[5:10])
    assert part.headers["content-range"] == f"bytes 5-9/{len(dogs)}"
    assert service.get("/files/dogs.semc", Range="bytes=-3").body == dogs[-3:]
    assert service.get("/files/dogs.semc", Range="bytes=1-2", If_Range='"other"').body == dogs
    beyond = service.get("/files/dogs.semc", Range="bytes=99999-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(dogs)}")
    assert service.get("/files/dogs.semc", If_None_Match=whole.headers["etag"]).status == 304
    assert service.ask("HEAD", "/files/dogs.semc").headers["content-length"] == str(len(dogs))
    assert service.get("/files/deep/a%20'b'%20&%20%3Cc%3E.semc").status == 200


@pytest.mark.parametrize(
    ("way", "path", "body", "status", "sentence"),
    [
        ("POST", "/decode", b"GIF89a", 415, "no semcodec file"),
        ("POST", "/encode", b"no picture", 415, "picture"),
        ("POST", "/encode?bytes=5", SWATCH, 422, "too few"),
        ("POST", "/encode?bytes=100&bpp=1", SWATCH, 400, "exclude each other"),
        ("POST", "/encode?bytes=lots", SWATCH, 400, "whole number"),
        ("POST", "/encode?effort=10", SWATCH, 400, "outside 1..9"),
        ("POST", "/encode?colour=red", SWATCH, 400, "no parameter here; there are bytes, quality"),
        ("POST", "/encode?bytes=100&bytes=200", SWATCH, 400, "twice"),
        ("POST", "/encode?profile=words", SWATCH, 400, "none of anchor, text"),
        ("POST", "/encode?profile=text", SWATCH, 200, ""),
        ("POST", "/encode?bpp=nan", SWATCH, 400, "is no number"),
        ("POST", "/encode", b"", 400, "no body"),
        ("GET", "/decode", None, 400, "which file"),
        ("GET", "/decode?file=dogs.semc&fit=5&width=5", None, 400, "exclude each other"),
        ("GET", "/decode?file=dogs.semc&width=16000&height=16000", None, 413, "max_pixels"),
        ("GET", "/decode?file=dogs.semc&roi=1,2,3", None, 400, "left,top,width,height"),
        ("GET", "/decode?file=dogs.semc&roi=900,900,3,3", None, 422, "outside"),
        ("GET", "/decode?file=absent.semc", None, 404, "no such .semc file"),
        ("GET", "/search?q=!!!", None, 400, "no word in the query"),
        ("GET", "/search?top=100000", None, 400, "outside 1..200"),
        ("GET", "/nothing", None, 404, "/docs tells"),
        ("PUT", "/encode", b"", 405, "/docs tells"),
        ("DELETE", "/files/dogs.semc", None, 405, "/docs tells"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(
    service: Running, way: str, path: str, body: bytes | None, status: int, sentence: str
):
    answer = service.ask(way, path, body)
    assert answer.status == status, answer
    if status != 200:
        assert sentence in answer.detail and "\n" not in answer.detail


def test_the_least_that_is_possible_is_a_number(service: Running):
    said = service.post("/encode?bytes=5", SWATCH).object
    assert said["error"] == "BudgetError"
    least = said["least_bytes"]
    assert service.post(f"/encode?describe=false&bytes={least}", SWATCH).status == 200
    assert service.post("/decode", b"\xc5\xec\x00").object["offset"] == 2


def test_a_read_only_service_takes_no_uploads(serve, album: Path, dogs: bytes):
    found = serve(album, read_only=True)
    for path in ("/encode", "/decode", "/describe", "/info"):
        assert "--read-only" in found.post(path, dogs).detail
    assert found.get("/info?file=dogs.semc").status == 200
    paths = found.get("/openapi.json").object["paths"]
    assert "/encode" not in paths and set(paths["/decode"]) == {"get"}

"""An index in tables finds what one in SQLite does, with the same scores, and follows its source."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import semcodec
from semcodec.container.encode import write_file
from semcodec.ids import LayerId, Origin
from semcodec.jobs import Engine, index_job
from semcodec.jobs.results import ResultsError
from semcodec.layers.regions.encode import pack_regions
from semcodec.layers.text.encode import pack_words
from semcodec.layers.vector.encode import pack_vector
from semcodec.limits import DEFAULT_LIMITS
from semcodec.search import Hit, index_folder, search_like, search_shown, search_words
from semcodec.search.opensearch import write_bulk
from semcodec.search.store import IndexFileError
from semcodec.types import FileHeader, Region, Regions, Section, Size, Vector, Words

WORDS = "dog dogs cat red bus running beach café Café cafe T-shirt __ x_y 犬が 走る 犬 🐕 🐕🏽 l'eau the a on".split()
QUERIES = [
    "dog", "red bus", "Cafe", "t-shirt", "a dog on the beach", "犬", "走る犬", "🐕", "__", "x_y __", "l'eau", "eau",
    '"red OR', "nothing-like-it", "red zebra", "the a", "dog cat red bus running beach", "dog*",
]  # fmt: skip


def file_with(text: str | None, *, phrase: str | None = None, origin: Origin = Origin.HUMAN, seed: int = 0) -> bytes:
    words = None if text is None else Words(text, "en", origin)
    before = [] if words is None else [pack_words(words)]
    if phrase is not None:
        regions = Regions((Region(1, 2, 30, 40, phrase),), "en", Origin.MACHINE)
        before.append(pack_regions(regions, words, limits=DEFAULT_LIMITS))
    if seed:
        before.append(pack_vector(Vector(1, bytes(random.Random(seed).choices(range(16), k=64)))))
    return write_file(FileHeader(Size(640, 480), 4), [*before, Section(LayerId.TOKENS, 255, bytes(50))])


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A folder of 700 files, many of which say the same; an index of it in tables, and one in SQLite."""
    folder, drawn = tmp_path_factory.mktemp("index") / "files", random.Random(7)
    folder.mkdir()
    for number in range(700):
        text = " ".join(drawn.choices(WORDS, k=drawn.randint(1, 9))) if drawn.random() < 0.95 else None
        phrase = " ".join(drawn.choices(WORDS, k=2)) if drawn.random() < 0.2 else None
        origin = drawn.choice((Origin.HUMAN, Origin.MACHINE))
        data = file_with(text, phrase=phrase, origin=origin, seed=number if number % 3 else 0)
        (folder / f"{number:03}.semc").write_bytes(data)
    tables, database = folder.parent / "tables", folder.parent / "words.sqlite"
    summary = index_job(str(folder), str(tables))
    assert (summary.report.num_made, summary.report.num_failed) == (700, 0)
    index_folder(folder, database=database)
    return folder, tables, database


def assert_alike(tables: list[Hit], sqlite: list[Hit], *, within: float = 1e-9) -> None:
    """The same files with the same scores; of files whose scores are alike the order, and who is the last, is each
    index's own.
    """
    assert [hit.score for hit in tables] == pytest.approx([hit.score for hit in sqlite], abs=within)
    one, other = ({Path(hit.path).name: hit for hit in hits} for hits in (tables, sqlite))
    for name in one.keys() | other.keys():
        if name in one and name in other:
            assert one[name].score == pytest.approx(other[name].score, abs=within)
            assert replace(one[name], path="", score=0.0) == replace(other[name], path="", score=0.0)
        else:
            last = (one if name in one else other)[name].score
            assert last == pytest.approx(tables[-1].score, abs=within)


@pytest.mark.parametrize("query", QUERIES)
def test_words_are_found_alike(both: tuple[Path, Path, Path], query: str):
    _, tables, database = both
    top = 700 if "red" in query else 20
    if query == "__":
        for index in (tables, database):
            assert search_words(query, database=index, top=top) == []
        return
    found = search_words(query, database=database, top=top)
    assert_alike(search_words(query, database=tables, top=top), found)
    assert found or query == "nothing-like-it"


@pytest.mark.parametrize("query", ["run", "red be", "t-sh", "d", "xyz"])
def test_words_that_are_half_typed_are_found_alike(both: tuple[Path, Path, Path], query: str):
    _, tables, database = both
    found = search_words(query, database=database, as_typed=True)
    assert_alike(search_words(query, database=tables, as_typed=True), found)
    assert found or query == "xyz"


@pytest.mark.parametrize("query", ["red dog", "a bus on the beach", "犬", "zebra"])
def test_words_and_vectors_together_are_found_alike(both: tuple[Path, Path, Path], query: str):
    _, tables, database = both
    found = search_shown(query, database=database, top=50)
    assert_alike(search_shown(query, database=tables, top=50), found, within=1e-5)


def test_what_is_like_a_vector_is_found_alike(both: tuple[Path, Path, Path]):
    folder, tables, database = both
    vector = semcodec.info(folder / "100.semc").vector
    found = search_like(vector, database=tables, top=30)
    assert found[0].path == "100.semc" and found[0].score == pytest.approx(1)
    assert_alike(found, search_like(vector, database=database, top=30), within=1e-5)


def test_tables_are_plain_parquet(both: tuple[Path, Path, Path]):
    _, tables, _ = both
    assert sorted(path.name for path in tables.iterdir()) == [
        "_semcodec.json", "files.parquet", "terms.parquet", "words.parquet",
    ]  # fmt: skip
    terms = pq.read_table(tables / "terms.parquet")["term"].to_pylist()
    assert terms == sorted(terms, key=str.encode) and "dog" in terms and "dogs" not in terms
    (row,) = pq.read_table(tables / "files.parquet", filters=[("path", "=", "100.semc")]).to_pylist()
    assert (row["num_bytes"], row["space"], len(row["vector"]), row["problem"]) == (row["num_bytes"], 1, 32, None)


def test_opensearch_is_told_all_of_it(both: tuple[Path, Path, Path], tmp_path: Path):
    _, tables, _ = both
    assert write_bulk(tables, tmp_path, name="archive") == 700
    mapping = json.loads((tmp_path / "mapping.json").read_text())
    fields = mapping["mappings"]["properties"]
    lines = [json.loads(line) for line in (tmp_path / "bulk-00000.ndjson").read_text().splitlines()]
    heads, documents = lines[::2], lines[1::2]
    assert len({head["index"]["_id"] for head in heads}) == 700
    assert {head["index"]["_index"] for head in heads} == {"archive"}
    assert set().union(*documents) <= set(fields)
    shown = next(document for document in documents if document["path"] == "100.semc")
    assert len(shown["vector_1"]) == fields["vector_1"]["dimension"] == 64
    assert {abs(number) % 1 for number in shown["vector_1"]} == {0.5}
    with pytest.raises(IndexFileError, match="is not there"):
        write_bulk(tmp_path, tmp_path / "out", name="archive")


def test_the_index_follows_its_source_and_tells_of_damage(tmp_path: Path):
    folder, tables = tmp_path / "files", tmp_path / "tables"
    folder.mkdir()
    (folder / "a.semc").write_bytes(file_with("a red bus"))
    (folder / "b.semc").write_bytes(file_with("a red bus", phrase="two dogs")[:-60])
    report = index_job(str(folder), str(tables)).report
    assert (report.num_made, report.num_damaged) == (2, 1)
    assert [hit.path for hit in search_words("bus", database=tables)] == ["a.semc"]
    (row,) = pq.read_table(tables / "files.parquet", filters=[("path", "=", "b.semc")]).to_pylist()
    assert "ends" in row["problem"] and row["words"] is None
    (folder / "a.semc").write_bytes(file_with("a blue cat"))
    (folder / "b.semc").unlink()
    index_job(str(folder), str(tables), engine=Engine("local", 1))
    assert search_words("bus", database=tables) == []
    assert [hit.path for hit in search_words("cat", database=tables)] == ["a.semc"]


def test_results_of_encode_are_indexed_by_the_names_of_their_pictures(album: Path, tmp_path: Path, encode: Callable):
    from semcodec.jobs import Encode

    encode(album, tmp_path / "out", work=Encode(bytes=200, describe=False, caption="a red cap", language="en"))
    report = index_job(str(tmp_path / "out"), str(tmp_path / "tables")).report
    assert (report.num_made, report.num_failed) == (5, 1)
    assert [hit.path for hit in search_words("caps", database=tmp_path / "tables")] == [
        "0.png", "1.png", "2.png", "summer/3.png", "summer/4.png",
    ]  # fmt: skip


def test_what_is_no_index_or_no_place_for_one_says_so(tmp_path: Path):
    with pytest.raises(IndexFileError, match="is not there; make one with"):
        search_words("dog", database=tmp_path)
    with pytest.raises(ResultsError, match="lies on a disk of this machine"):
        index_job(str(tmp_path), "memory://index")
    for table in ("files", "words", "terms"):
        (tmp_path / f"{table}.parquet").write_bytes(b"none")
    with pytest.raises(IndexFileError, match="the tables cannot be used"):
        search_words("dog", database=tmp_path)

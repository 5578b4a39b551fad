"""The tables of an index as OpenSearch (or Elasticsearch) loads them: a mapping, and files for its bulk interface.

Words are analysed as nearly as OpenSearch's own parts allow: capitals, accents and English endings (Porter) do not
count, bm25 with k1 1.2 and b 0.75. Vectors of each space have a field of their own, so that two never meet.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from semcodec.files import write_atomic
from semcodec.ids import VECTOR_SPACES, Origin
from semcodec.layers.vector import NUM_LEVELS
from semcodec.nets.embedder import numbers_of
from semcodec.search.sqlite_index import levels_of
from semcodec.search.table_index import open_tables
from semcodec.search.tables import FILES, WORDS, open_duckdb, quoted

MAPPING = "mapping.json"
_DOCUMENTS = 10_000  # of a bulk file: some 10 MB, of the 100 MB that OpenSearch takes at once
_COLUMNS = "path, sha256, num_bytes, text, language, origin, phrases, phrases_origin, regions, space, vector"


def mapping() -> dict[str, Any]:
    """What an index of OpenSearch is created with."""
    text = {"type": "text", "analyzer": "words"}
    keyword, whole = {"type": "keyword"}, {"type": "integer"}
    vector = {
        "type": "knn_vector",
        "dimension": NUM_LEVELS,
        "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"},
    }
    return {
        "settings": {
            "index": {"knn": True, "similarity": {"default": {"type": "BM25", "k1": 1.2, "b": 0.75}}},
            "analysis": {
                "analyzer": {"words": {"tokenizer": "standard", "filter": ["lowercase", "asciifolding", "porter_stem"]}}
            },
        },
        "mappings": {
            "dynamic": "strict",
            "properties": {
                "path": keyword,
                "sha256": keyword,
                "num_bytes": {"type": "long"},
                "text": text,
                "language": keyword,
                "origin": keyword,
                "phrases": text,
                "phrases_origin": keyword,
                "regions": {
                    "type": "nested",
                    "properties": {**dict.fromkeys("xywh", whole), "phrase": text},
                },
                **{field_of(space): vector for space in VECTOR_SPACES},
            },
        },
    }


def field_of(space: int) -> str:
    """The field of the vectors of a space."""
    return f"vector_{space}"


def write_bulk(tables: Path, folder: Path, *, name: str) -> int:
    """Writes the mapping and bulk files (`bulk-00000.ndjson`, ...) for an index called `name`; returns how many
    documents they have. A document's number is a hash of its path, so that it can be loaded again.

    Raises: IndexFileError, MissingExtraError, OSError.
    """
    with open_tables(tables):  # (which says what is missing)
        pass
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / MAPPING, json.dumps(mapping(), indent=1).encode())
    count = 0
    with open_duckdb() as connection:
        found = connection.execute(
            f"SELECT {_COLUMNS} FROM {quoted(tables / FILES)} AS files LEFT JOIN {quoted(tables / WORDS)} AS words "
            "ON files.words = words.id ORDER BY files.id"
        )
        for number, rows in enumerate(_batches(found)):
            lines = [line for row in rows for line in _lines(row, name)]
            write_atomic(folder / f"bulk-{number:05}.ndjson", "".join(f"{line}\n" for line in lines).encode())
            count += len(rows)
    return count


def _batches(found: Any) -> Iterator[list[tuple[Any, ...]]]:
    while rows := found.fetchmany(_DOCUMENTS):
        yield rows


def _lines(row: tuple[Any, ...], name: str) -> tuple[str, str]:
    path, sha256, num_bytes, text, language, origin, phrases, phrases_origin, regions, space, vector = row
    document = {
        "path": path,
        "sha256": sha256,
        "num_bytes": num_bytes,
        "text": text,
        "language": language,
        "origin": _name_of(origin),
        "phrases": phrases or None,
        "phrases_origin": _name_of(phrases_origin),
        "regions": regions,
    }
    if space in VECTOR_SPACES:
        document[field_of(space)] = numbers_of(levels_of(vector, 1)).reshape(-1).astype(np.float64).tolist()
    ident = hashlib.sha256(path.encode(errors="surrogatepass")).hexdigest()[:32]
    said = {key: value for key, value in document.items() if value is not None}
    return json.dumps({"index": {"_index": name, "_id": ident}}), json.dumps(said, ensure_ascii=False)


def _name_of(origin: int | None) -> str | None:
    return None if origin is None else Origin(origin).name.lower()

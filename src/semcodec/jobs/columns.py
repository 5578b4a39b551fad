"""The columns of results: for Parquet, for pandas, for Spark. One table for each kind of work, told once.

Every kind has the columns of `SOURCE` first and those of `END` last; whatever an input has become, it has one row.
"""

from __future__ import annotations

from typing import Any

from semcodec.extras import require

# Names of Spark's types, which are told of; arrow's are made of them. A region is in 64ths of the picture's sides.
_REGION = "struct<x:int,y:int,w:int,h:int,phrase:string>"
_SURE_REGION = "struct<x:int,y:int,w:int,h:int,phrase:string,confidence:double>"
SOURCE = {"name": "string", "sha256": "string", "source_bytes": "bigint", "width": "int", "height": "int"}
END = {
    "notes": "array<string>",
    "damage": "array<string>",
    "seconds": "double",
    "error": "string",
    "error_kind": "string",
}
_VECTOR = {"vector": "binary", "vector_space": "int"}

COLUMNS = {
    "encode": {
        **SOURCE, "semc": "binary", "semc_bytes": "int", "bpp": "double", "words": "string", "language": "string",
        "origin": "string", "regions": f"array<{_REGION}>", **_VECTOR, **END,
    },
    "describe": {
        **SOURCE, "caption": "string", "caption_confidence": "double", "caption_is_sure": "boolean",
        "keywords": "string", "keywords_confidence": "double", "keywords_is_sure": "boolean",
        "regions": f"array<{_SURE_REGION}>", **_VECTOR, **END,
    },
    "decode": {
        **SOURCE, "image": "binary", "format": "string", "words": "string", "language": "string", "origin": "string",
        "sent": "double", "restored": "double", "invented": "double", "missing": "double", **END,
    },
    # (numbers of origins are those of `ids.Origin`; `words_key`: files that say the same share it)
    "index": {
        "name": "string", "sha256": "string", "source_bytes": "bigint", "words_key": "string", "words": "string",
        "language": "string", "origin": "int", "phrases": "array<string>", "phrases_origin": "int",
        "regions": f"array<{_REGION}>", **_VECTOR, **END,
    },
}  # fmt: skip
# The column that holds what was made, and the suffix that it has as a file.
CONTENT = {"encode": ("semc", "semc"), "decode": ("image", "")}


def arrow_schema(kind: str) -> Any:
    """The columns of a kind as a `pyarrow.Schema`."""
    arrow = require("pyarrow", extra="jobs")
    return arrow.schema([arrow.field(name, _arrow_type(told, arrow)) for name, told in COLUMNS[kind].items()])


def spark_schema(kind: str) -> str:
    """The columns of a kind as `mapInPandas` takes them."""
    return ", ".join(f"{name} {told}" for name, told in COLUMNS[kind].items())


def empty_row(kind: str) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS[kind])


def _arrow_type(told: str, arrow: Any) -> Any:
    plain = {
        "string": arrow.string(), "binary": arrow.binary(), "int": arrow.int32(), "bigint": arrow.int64(),
        "double": arrow.float64(), "boolean": arrow.bool_(),
    }  # fmt: skip
    if told.startswith("array<"):
        return arrow.list_(_arrow_type(told[len("array<") : -1], arrow))
    if told.startswith("struct<"):
        fields = (field.split(":") for field in told[len("struct<") : -1].split(","))
        return arrow.struct([arrow.field(name, plain[kind]) for name, kind in fields])
    return plain[told]

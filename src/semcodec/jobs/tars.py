"""WebDataset shards: tar archives whose members belong together by their names up to the first dot behind the folder.

A sample's picture is its first member with the suffix of one; another member may hold its words. Shards that are
written here have of each row what was made (`KEY.semc`) and all other columns (`KEY.json`).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from semcodec.jobs.columns import COLUMNS, CONTENT
from semcodec.jobs.items import Item, Row
from semcodec.jobs.places import Place

if TYPE_CHECKING:
    from semcodec.jobs.tasks import Reading


def samples_of(place: Place, name: str, reading: Reading, first: int, step: int) -> Iterator[Item]:
    """The inputs of a shard, from number `first` on each `step`th. Where the shard breaks off one more input says so:
    what came before is good.
    """
    at = -1
    try:
        # (a whole shard is read as a stream, which object stores like; a part of one by its members' heads)
        with place.open() as file, tarfile.open(fileobj=file, mode="r|*" if step == 1 else "r:*") as shard:
            members = (member for member in shard if member.isfile())
            for _, sample in groupby(members, lambda member: _key(member.name)):
                found, caption, data = "", None, b""
                for member in sample:
                    suffix = _suffix(member.name)
                    if not found and f".{suffix}" in reading.suffixes:
                        found, at = member.name, at + 1
                        data = _content(shard, member) if at % step == first else b""
                    elif suffix == reading.caption_column:
                        caption = _content(shard, member).decode(errors="replace").strip()
                if found and at % step == first:
                    yield Item(f"{name}/{found}", data, caption=caption)
    except (tarfile.TarError, OSError, EOFError) as exc:
        if first == 0:
            yield Item(name, problem=f"the shard cannot be read to its end ({exc}); {at + 1} pictures of it were")


def _content(shard: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = shard.extractfile(member)
    assert file is not None, "a file has content"
    data = file.read()
    if len(data) < member.size:
        raise EOFError(f"{member.name}: ends early")
    return data


def _key(name: str) -> str:
    folder, slash, base = name.rpartition("/")
    return f"{folder}{slash}{base.partition('.')[0]}"


def _suffix(name: str) -> str:
    """As WebDataset has it: all behind the first dot, in small letters."""
    return name.rpartition("/")[2].partition(".")[2].lower()


def shard_bytes(rows: list[Row], kind: str) -> bytes:
    """Rows as a shard. The same rows give the same bytes."""
    out = io.BytesIO()
    content, suffix = CONTENT.get(kind, ("", ""))
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as shard:
        for row in rows:
            key = key_of(row["name"])
            if content and row[content] is not None:
                _add(shard, f"{key}.{suffix or row['format']}", row[content])
            facts = {name: _as_json(value) for name, value in row.items() if name != content}
            _add(shard, f"{key}.json", json.dumps(facts, ensure_ascii=False).encode())
    return out.getvalue()


def shard_rows(place: Place, kind: str) -> list[Row]:
    """The rows of a shard that `shard_bytes` made."""
    rows: dict[str, Row] = {}
    content, _ = CONTENT.get(kind, ("", ""))
    with place.open() as file, tarfile.open(fileobj=file, mode="r|") as shard:
        for member in shard:
            row = rows.setdefault(_key(member.name), dict.fromkeys(COLUMNS[kind]))
            if _suffix(member.name) == "json":
                row |= {name: _from_json(name, value) for name, value in json.loads(_content(shard, member)).items()}
            else:
                row[content] = _content(shard, member)
    return list(rows.values())


def key_of(name: str) -> str:
    """A sample's key: what can be read of the name, and some of its hash, since names may differ in what is left out.
    A key has no dot, for WebDataset ends it there.
    """
    stem = re.sub(r"[^\w-]+", "_", name.rpartition(".")[0] or name, flags=re.ASCII).strip("_")[-60:]
    return f"{stem}_{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:12]}"


def _add(shard: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    shard.addfile(member, io.BytesIO(data))


def _as_json(value: object) -> object:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _from_json(name: str, value: object) -> object:
    return base64.b64decode(value) if name == "vector" and isinstance(value, str) else value

"""The folder of a listener. What arrived is on the disk before anything is made of it, so it goes on after a restart.

```text
 3fa2/                   a picture, by the number of its file (and who sent it: 3fa2-a1b2c3d4)
   envelope.bin          as it came
   packets/000.semp      as they came; `semcodec join` reads them, too
   picture.semc          what they say so far, as a file
   picture.png           what that shows
   report.json           what is there, what is missing, what was painted without having been sent
 undecoded/              datagrams that could not be decoded, each with the reason beside it
```
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from semcodec.files import write_atomic
from semcodec.radio.picture import Incoming, Place

_ENVELOPE, _WHOLE, _PACKETS = "envelope.bin", "whole.semc", "packets"
_SEMC, _PNG, _REPORT = "picture.semc", "picture.png", "report.json"
_UNDECODED = "undecoded"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture's folder, as it is found. `shown_bytes`: of what was written beside the datagrams."""

    folder: str
    sender: str
    was_whole: bool
    datagrams: list[bytes]
    shown_bytes: int


class Store:
    """Every write is atomic. All raise OSError."""

    def __init__(self, folder: Path, *, max_undecoded: int) -> None:
        self.folder = folder
        self._max_undecoded = max_undecoded
        (folder / _UNDECODED).mkdir(parents=True, exist_ok=True)
        self._undecoded = [path.stem for path in sorted((folder / _UNDECODED).glob("*.bin"))]
        self._next = 1 + max((int(name) for name in self._undecoded if name.isdecimal()), default=0)

    def new_folder(self, sender: str, file_id: int) -> str:
        """A name that no picture has yet. Of a sender's name only ASCII letters and digits are used."""
        said = _NOT_IN_NAMES.sub("-", sender).strip("-")[:32]
        stem = f"{file_id:04x}-{said}" if said else f"{file_id:04x}"
        name, count = stem, 1
        while (self.folder / name).exists():
            count += 1
            name = f"{stem}.{count}"
        return name

    def keep_envelope(self, picture: Incoming, data: bytes) -> None:
        self._write(picture, _ENVELOPE, data)

    def keep_packet(self, picture: Incoming, place: Place, data: bytes) -> None:
        is_repair, number = place
        self._write(picture, f"{_PACKETS}/{number:03d}{'.repair' if is_repair else ''}.semp", data)

    def keep_whole(self, picture: Incoming, data: bytes) -> None:
        self._write(picture, _WHOLE, data)

    def keep_shown(self, picture: Incoming, semc: bytes | None, png: bytes | None, report: dict[str, object]) -> int:
        """How many bytes were written."""
        said = (json.dumps(report, indent=2) + "\n").encode()
        for name, data in ((_SEMC, semc), (_PNG, png), (_REPORT, said)):
            if data is not None:
                self._write(picture, name, data)
        return len(semc or b"") + len(png or b"") + len(said)

    def keep_undecoded(self, data: bytes, why: dict[str, object]) -> None:
        """With the reason. The oldest go where there are too many."""
        name = f"{self._next:06d}"
        self._next += 1
        write_atomic(self.folder / _UNDECODED / f"{name}.bin", data)
        write_atomic(self.folder / _UNDECODED / f"{name}.json", (json.dumps(why, indent=2) + "\n").encode())
        self._undecoded.append(name)
        while len(self._undecoded) > self._max_undecoded:
            oldest = self._undecoded.pop(0)
            for suffix in (".bin", ".json"):
                (self.folder / _UNDECODED / f"{oldest}{suffix}").unlink(missing_ok=True)

    def forget(self, picture: Incoming) -> None:
        shutil.rmtree(self.folder / picture.folder, ignore_errors=True)

    def kept(self) -> Iterator[Kept]:
        """Every picture that is here from before, the one last that changed last."""
        found = [path for path in self.folder.iterdir() if path.name != _UNDECODED and (path / _REPORT).is_file()]
        for path in sorted(found, key=lambda path: (path / _REPORT).stat().st_mtime_ns):
            try:
                report = json.loads((path / _REPORT).read_text("utf-8"))
                sender, was_whole = str(report["sender"]), report["state"] == "whole"
            except (ValueError, KeyError, TypeError):
                continue  # (not ours)
            files = [path / _ENVELOPE, *sorted((path / _PACKETS).glob("*.semp")), path / _WHOLE]
            datagrams = [file.read_bytes() for file in files if file.is_file()]
            shown = [path / _SEMC, path / _PNG, path / _REPORT]
            yield Kept(
                path.name, sender, was_whole, datagrams, sum(file.stat().st_size for file in shown if file.is_file())
            )

    def _write(self, picture: Incoming, name: str, data: bytes) -> None:
        path = self.folder / picture.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)

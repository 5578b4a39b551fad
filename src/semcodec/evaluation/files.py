"""The coded files that the report shows, kept so that a later run need not code them again.

While a run works they lie loose under `scratch/files`; at its end all that are still named by a result go into
`files.zip`, stored in name order with a fixed date, so the same results give the same archive.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from semcodec.evaluation.results import replace_file

_DATE = (2026, 1, 1, 0, 0, 0)


class FileStore:
    def __init__(self, folder: Path) -> None:
        self._archive, self._loose = folder / "files.zip", folder / "scratch" / "files"

    def put(self, name: str, data: bytes) -> None:
        replace_file(self._loose / name, data)

    def get(self, name: str) -> bytes | None:
        loose = self._loose / name
        if loose.exists():
            return loose.read_bytes()
        if self._archive.exists():
            with zipfile.ZipFile(self._archive) as archive:
                if name in archive.namelist():
                    return archive.read(name)
        return None

    def pack(self, names: Iterable[str]) -> None:
        """Writes the archive anew with the named files, then clears the loose ones."""
        blobs = {name: data for name in sorted(set(names)) if (data := self.get(name)) is not None}
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for name, data in blobs.items():
                archive.writestr(zipfile.ZipInfo(name, _DATE), data)
        replace_file(self._archive, out.getvalue())
        for name in blobs:
            (self._loose / name).unlink(missing_ok=True)

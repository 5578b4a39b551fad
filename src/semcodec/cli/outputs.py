"""What may be written over. One rule for all commands; docs/outputs.md tells it.

1. An input is never an output.
2. A file that is not ours is replaced only where the user wrote its name and --overwrite.
3. Ours may be replaced. A run over many files does so only where the input has changed since, or with --overwrite.
4. Devices, pipes and empty files are nobody's.

Ours: a file that the command could have made from this very input. Every format that is written here has a sign, and
what has been made of another picture shows in its size.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semcodec.cli.streams import STANDARD, cannot_be_written, read_input
from semcodec.errors import SemcodecError
from semcodec.files import FileInTheWayError, mode_of, refuse_same_file
from semcodec.ids import MAGIC

if TYPE_CHECKING:
    from semcodec.cli.plan import Job
    from semcodec.types import Size


@dataclass(frozen=True, slots=True)
class Outputs:
    """How a command knows its own.

    `is_ours` is asked about the bytes of a file. `size_of_source` and `size_of_output` tell of which size the picture
    is that is in an input (by its path) and in an output (its bytes), None where that cannot be told; without them no
    sizes are compared.
    """

    is_ours: Callable[[bytes], bool]
    size_of_source: Callable[[str], Size | None] | None = None
    size_of_output: Callable[[bytes], Size | None] | None = None


def there(path: str) -> bytes | None:
    """What would be lost if `path` were written; None for nothing, a device or a pipe.

    Raises `OutputError` where it cannot be told.
    """
    try:
        mode = mode_of(path)
        if mode is None or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return None
        return read_input(path) or None
    except OSError as exc:
        raise cannot_be_written(path, exc) from exc


def is_device(path: str) -> bool:
    """Whether it leads to something that is no file: a device, a pipe, a socket."""
    with contextlib.suppress(OSError):
        mode = mode_of(path)
        return mode is not None and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)
    return False


def refuse_foreign(target: str, is_ours: Callable[[bytes], bool], *, overwrite: bool) -> None:
    """For an output whose name the user wrote. Raises `FileInTheWayError`, `OutputError`."""
    if target == STANDARD or overwrite:
        return
    data = there(target)
    if data is not None and not is_ours(data):
        raise FileInTheWayError(
            f"{target}: exists and was not written by semcodec; name another output, or --overwrite replaces it"
        )


def refuse_existing(source: str, target: str, *, overwrite: bool) -> None:
    """For a command whose inputs look like its outputs: what is there may be the next input, and the only copy."""
    if target == STANDARD:
        return
    if source != STANDARD:
        refuse_same_file(source, target)
    if not overwrite and there(target) is not None:
        raise FileInTheWayError(f"{target}: exists; name another output, or --overwrite replaces it")


def is_to_be_made(job: Job, outputs: Outputs, *, overwrite: bool) -> bool:
    """False where the output is there already, and is what would come out.

    Raises `FileInTheWayError`, `OutputError`.
    """
    if job.target == STANDARD:
        return True
    if job.source != STANDARD:
        refuse_same_file(job.source, job.target)
    if job.named and overwrite:
        return True
    data = there(job.target)
    if data is None:
        return True
    if not outputs.is_ours(data):
        way = ", or --overwrite replaces it" if job.named else ""
        raise FileInTheWayError(
            f"{job.source}: {job.target} exists and was not written by semcodec; name another output{way}"
        )
    if overwrite:
        return True
    sizes = _sizes(job, data, outputs)
    if job.named:
        if sizes is not None and sizes[0] != sizes[1] and None not in sizes:
            raise FileInTheWayError(
                f"{job.source}: {job.target} exists and holds another picture, of {sizes[1]}; name another output, "
                "or --overwrite replaces it"
            )
        return True
    return _is_newer(job) or (sizes is not None and sizes[0] is not None and sizes[0] != sizes[1])


def keep_up(job: Job) -> None:
    """An output is never older than its input: a camera's clock that is ahead would have it made again and again."""
    if STANDARD in (job.source, job.target):
        return
    with contextlib.suppress(OSError):
        source, target = os.stat(job.source), os.stat(job.target)
        if stat.S_ISREG(target.st_mode) and source.st_mtime_ns > target.st_mtime_ns:
            os.utime(job.target, ns=(source.st_mtime_ns, source.st_mtime_ns))


def _is_newer(job: Job) -> bool:
    with contextlib.suppress(OSError):
        return os.stat(job.source).st_mtime_ns > os.stat(job.target).st_mtime_ns
    return False


def _sizes(job: Job, data: bytes, outputs: Outputs) -> tuple[Size | None, Size | None] | None:
    """Of the pictures in input and output; None where they are not to be compared."""
    if outputs.size_of_source is None or outputs.size_of_output is None or not os.path.isfile(job.source):
        return None  # (a pipe can be read only once)
    return outputs.size_of_source(job.source), outputs.size_of_output(data)


def is_semc(data: bytes) -> bool:
    return data.startswith(MAGIC)


def size_of_semc(data: bytes) -> Size | None:
    """Of the picture as it is shown; None where not even the header can be read."""
    import semcodec

    try:
        return semcodec.info(data).size
    except SemcodecError:
        return None

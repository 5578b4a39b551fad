"""ONNX Runtime sessions, opened one way everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import onnxruntime

from semcodec.errors import WeightsError
from semcodec.nets.unforked import UnforkedSession


def default_threads() -> int:
    """One for each core where the process is kept to some of them (taskset, a container); 0 where it is not: then the
    runtime counts physical cores. It would count them all in either case, and threads without a core wait in turns."""
    if not hasattr(os, "sched_getaffinity"):
        return 0
    num_cores = len(os.sched_getaffinity(0))
    return num_cores if num_cores < (os.cpu_count() or 1) else 0


def open_session(model: bytes | Path, *, threads: int | None = None) -> UnforkedSession:
    """A CPU session. `threads`: None takes every core that this process may run on."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # warnings about folded constants are of no use to anybody
    options.enable_cpu_mem_arena = False  # pictures come in all sizes: the arena would keep the largest one's memory
    options.intra_op_num_threads = threads or default_threads()
    # Waiting threads sleep: spinning ones took half of the other process's core in a batch of two.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    content = model if isinstance(model, bytes) else os.fspath(model)
    try:
        return UnforkedSession(
            lambda: onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        )
    except Exception as error:  # the runtime's own exception classes have no common base
        named = "a network" if isinstance(model, bytes) else model
        raise WeightsError(f"{named} cannot be opened by onnxruntime {onnxruntime.__version__}: {error}") from error

"""ONNX Runtime sessions, opened one way everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import onnxruntime

from semcodec.errors import WeightsError


def open_session(model: bytes | Path, *, threads: int | None = None) -> onnxruntime.InferenceSession:
    """A CPU session. `threads`: None lets the runtime take every core."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # warnings about folded constants are of no use to anybody
    options.enable_cpu_mem_arena = False  # pictures come in all sizes: the arena would keep the largest one's memory
    options.intra_op_num_threads = threads or 0
    # Waiting threads sleep: spinning ones took half of the other process's core in a batch of two.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    content = model if isinstance(model, bytes) else os.fspath(model)
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own exception classes have no common base
        named = "a network" if isinstance(model, bytes) else model
        raise WeightsError(f"{named} cannot be opened by onnxruntime {onnxruntime.__version__}: {error}") from error

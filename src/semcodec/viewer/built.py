"""What was built of `viewer/` and is shipped in this package."""

from __future__ import annotations

from importlib import resources

from semcodec.errors import SemcodecError

RUNTIME = "ort-wasm-simd-threaded.wasm"
"""The WebAssembly of ONNX Runtime; `built/` has it compressed, with `.gz` behind its name."""


class NoViewerError(SemcodecError):
    """This installation has no viewer."""


def built(name: str) -> bytes:
    """A file of `built/`. Raises `NoViewerError` where the viewer is not installed, `KeyError` for no file of it."""
    folder = resources.files("semcodec.viewer") / "built"
    if not (folder / "index.html").is_file():
        raise NoViewerError(
            "this semcodec is installed without its viewer, as semcodec-receive is: pip install semcodec (after "
            "pip uninstall semcodec-receive), or in a clone: cd viewer && npm ci && npm run package"
        )
    found = folder / name
    if "/" in name or "\\" in name or not found.is_file():
        raise KeyError(name)
    return found.read_bytes()

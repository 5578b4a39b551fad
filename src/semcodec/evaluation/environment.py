"""What the numbers were made with: versions of everything that codes or measures, and the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from PIL import features

from semcodec.errors import MissingExtraError
from semcodec.evaluation.peers.ffmpeg import ffmpeg_path

_PACKAGES = ("semcodec", "numpy", "pillow", "onnxruntime", "imagecodecs", "pillow-heif", "imageio-ffmpeg")


def describe_environment() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    found |= {"processor": _processor(), "cores": str(os.cpu_count())}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "absent"
    for module in ("webp", "avif"):
        found[f"pillow's {module}"] = features.version_module(module) or "absent"
    found["pillow's jpeg"] = features.version_codec("jpg") or "absent"
    found["ffmpeg"] = _ffmpeg_version()
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _ffmpeg_version() -> str:
    try:
        done = subprocess.run([ffmpeg_path(), "-version"], capture_output=True, text=True, check=False)
    except MissingExtraError:
        return "absent"
    return done.stdout.split(" Copyright", 1)[0].removeprefix("ffmpeg version ")

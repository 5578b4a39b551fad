"""How long semcodec takes and how much memory: apart from the quality results, because times belong to a machine.

Times are taken in this process, after one run to warm up, and are medians. The peak of memory is that of a fresh
process that reads one picture, encodes and decodes it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import semcodec
from semcodec.evaluation import ours
from semcodec.evaluation.environment import describe_environment
from semcodec.evaluation.results import replace_file
from semcodec.evaluation.sets import Picture

_PEAK = """
import resource, sys
from pathlib import Path
import semcodec
from semcodec.pictures import load_picture
image = load_picture(Path(sys.argv[1])).image_HWC
data = semcodec.encode(image, bytes=int(sys.argv[2])).data
if sys.argv[3] == "both":
    semcodec.decode(data)
status = Path("/proc/self/status")
if status.exists():  # ru_maxrss would carry the parent's peak over
    print(next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM")))
else:
    # in kilobytes, but on macOS in bytes
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def measure_times(pictures: Sequence[Picture], budgets: Sequence[int], *, num_runs: int = 3) -> dict[str, object]:
    """Milliseconds and bytes by budget, over all pictures, with the environment."""
    images = [picture.load() for picture in pictures]
    by_budget = {}
    for budget in budgets:
        encode_ms, decode_ms = [], []
        for image_HWC in images:
            data = semcodec.encode(image_HWC, bytes=budget).data
            semcodec.decode(data)
            encode_ms.append(_median_ms(lambda image=image_HWC, n=budget: semcodec.encode(image, bytes=n), num_runs))  # type: ignore[misc]
            decode_ms.append(_median_ms(lambda data=data: semcodec.decode(data), num_runs))  # type: ignore[misc]
        by_budget[str(budget)] = {
            "encode_ms": round(statistics.median(encode_ms), 1),
            "decode_ms": round(statistics.median(decode_ms), 1),
            "peak_encode_bytes": _peak_bytes(pictures[0].path, budget, "encode"),
            "peak_encode_and_decode_bytes": _peak_bytes(pictures[0].path, budget, "both"),
        }
    return {
        "codec": ours.EMBEDDED.settings(),
        "num_pictures": len(images),
        "num_pixels": images[0].shape[0] * images[0].shape[1],
        "by_budget": by_budget,
        "environment": describe_environment(),
    }


def write_times(path: Path, times: dict[str, object]) -> None:
    replace_file(path, (json.dumps(times, indent=1) + "\n").encode())


def _median_ms(run: Callable[[], object], num_runs: int) -> float:
    taken = []
    for _ in range(num_runs):
        started = time.perf_counter()
        run()
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


def _peak_bytes(path: Path, budget: int, what: str) -> int:
    """Of a fresh process that encodes, and decodes too if `what` is "both"."""
    command = [sys.executable, "-c", _PEAK, str(path), str(budget), what]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

"""What a receiver must install, and what receiving costs on one core: MB, packages, seconds, memory.

    python benchmarks/receiver.py [--picture PICTURE] [--runs N]

Installs each of INSTALLATIONS into a fresh environment (pip fetches what it needs), has it receive two files in
processes of their own, on one core, the networks with one thread, and writes `results/receiver.json` and the table
between the `receiver` marks of README.md. Seconds are the processor's, the least of some runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcodec.evaluation.marks import write_between_marks

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "receiver.json"
BEGIN, END = "<!-- receiver: made by benchmarks/receiver.py -->\n", "<!-- /receiver -->\n"


@dataclass(frozen=True)
class Installation:
    """`wheel`: of which of the two. `arguments`: what pip is told beside it. `does`: which of TASKS it can do."""

    name: str
    gives: str
    wheel: str
    arguments: tuple[str, ...]
    does: tuple[str, ...]


PIPS_OWN = {"pip", "setuptools", "pkg_resources", "_distutils_hack"}
RECEIVE, WHOLE = "semcodec-receive", "semcodec"
INSTALLATIONS = (
    Installation("semcodec-receive, --no-deps", "words and facts: `semcodec info`", RECEIVE, ("--no-deps",), ("info",)),
    Installation(
        "the same, numpy, pillow", "also base pictures, not restored", RECEIVE, ("--no-deps", "numpy", "pillow"),
        ("info", "base, not restored"),
    ),
    Installation(
        "semcodec-receive", "all that is sent, restored, from Python", RECEIVE, (),
        ("info", "base, not restored", "base", "tokens"),
    ),
    Installation("semcodec-receive[cli]", "the same with all commands", RECEIVE, ("[cli]",), ("info",)),
    Installation(
        "semcodec", "it also sends, describes, invents", WHOLE, (), ("info", "base, not restored", "base", "tokens"),
    ),
)  # fmt: skip
# What each process runs: a first time, which loads what it needs, and warm; then it tells seconds and memory.
TASKS = {
    "info": "semcodec.read_words(base)",
    "base, not restored": "semcodec.decode(base, restore=False)",
    "base": "semcodec.decode(base)",
    "tokens": "semcodec.decode(tokens)",
}
PROCESS = """
import os, sys, time
os.sched_setaffinity(0, {{max(os.sched_getaffinity(0))}})
import semcodec
base, tokens = (open(path, "rb").read() for path in sys.argv[1:3])
{task}
first = time.process_time()
warm = []
for _ in range(5):
    began = time.process_time()
    {task}
    warm.append(time.process_time() - began)
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(first, min(warm), peak)
"""


def installed(folder: Path) -> tuple[float, list[str]]:
    """MB of files, and the names of the packages, in an environment's folder of packages, without those of pip."""
    names = {re.split(r"-\d", path.name)[0].replace("_", "-") for path in folder.glob("*.dist-info")}
    sizes = [
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
        if path.relative_to(folder).parts[0].split("-")[0] not in PIPS_OWN
    ]
    return round(sum(sizes) / 1e6, 1), sorted(names - PIPS_OWN)


def run_task(python: Path, task: str, files: list[Path], num_runs: int) -> dict[str, float]:
    """Seconds of a process from start to its first result, and warm; MB at its largest."""
    firsts, warms, peaks_kB = [], [], []
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for _ in range(num_runs):
        command = [python, "-c", PROCESS.format(task=TASKS[task]), *files]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        first, warm, peak_kB = map(float, done.stdout.split())
        firsts.append(first)
        warms.append(warm)
        peaks_kB.append(peak_kB)
    return {
        "first_s": round(min(firsts), 3),
        "warm_s": round(min(warms), 4),
        "peak_MB": round(max(peaks_kB) * 1024 / 1e6),
    }


def measure(picture: Path, num_runs: int, folder: Path) -> dict[str, Any]:
    from PIL import Image

    import semcodec

    sys.path.insert(0, str(ROOT / "scripts"))
    from receive_wheel import build

    wheels = {RECEIVE: build(folder / "wheels")}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "wheels"], check=True, cwd=ROOT,
        capture_output=True,
    )  # fmt: skip
    wheels[WHOLE] = next((folder / "wheels").glob("semcodec-*.whl"))
    files = []
    with Image.open(picture) as image:
        size = f"{image.width}x{image.height}"
        for kind in ("base", "tokens"):
            files.append(folder / f"{kind}.semc")
            sent = semcodec.encode(image, bytes=1000, picture=kind, caption="two macaws", language="en")
            files[-1].write_bytes(sent.data)
    rows = []
    for at, installation in enumerate(INSTALLATIONS):
        place = folder / f"environment-{at}"
        venv.create(place, with_pip=True)
        python = place / "bin" / "python"
        extras = "".join(argument for argument in installation.arguments if argument.startswith("["))
        others = [argument for argument in installation.arguments if not argument.startswith("[")]
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"{wheels[installation.wheel]}{extras}", *others], check=True)
        num_MB, packages = installed(next((place / "lib").glob("python*/site-packages")))
        tasks = {task: run_task(python, task, files, num_runs) for task in installation.does}
        rows.append(
            {"name": installation.name, "gives": installation.gives, "MB": num_MB, "packages": packages}
            | {"tasks": tasks}
        )
    return {
        "machine": {"processor": platform.machine(), "python": platform.python_version()},
        "picture": {"size": size, "bytes": 1000},
        "wheel_MB": {name: round(wheel.stat().st_size / 1e6, 1) for name, wheel in wheels.items()},
        "installations": rows,
    }


def readme_table(results: Mapping[str, Any]) -> str:
    """Of each installation what it is for, what it needs, and what its last task costs."""
    lines = [
        f"| pip install | gives | packages | MB | one core, {results['picture']['size']} at "
        f"{results['picture']['bytes']:,} bytes: first / warm | peak |\n",
        "|---|---|---|---|---|---|\n",
    ]
    for row in results["installations"]:
        told = [
            f"{task} {costs['first_s']:.2f} / {costs['warm_s']:.2f} s"
            for task, costs in row["tasks"].items()
            if task != "info"
        ]
        peak = max(costs["peak_MB"] for costs in row["tasks"].values())
        lines.append(
            f"| {row['name']} | {row['gives']} | {len(row['packages'])} | {row['MB']:.0f} | {'; '.join(told) or '–'} | "
            f"{peak} MB |\n"
        )
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--picture", type=Path, default=ROOT / "examples" / "kodim23.png")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = measure(args.picture, args.runs, Path(folder))
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    write_between_marks(ROOT / "README.md", BEGIN, END, readme_table(results))
    print(readme_table(results))


if __name__ == "__main__":
    main()

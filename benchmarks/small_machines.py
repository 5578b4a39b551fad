"""What one core needs: time, memory and weights of encode, decode, info and cut; and an estimate for a Raspberry Pi 5.

    python benchmarks/small_machines.py [--picture PICTURE] [--bytes N] [--seven-zip MIPS]

Writes `results/small_machines.json`, and from it the tables between the `small-machines` marks of README.md and
docs/small-machines.md. Everything runs on one core, the networks with one thread, and seconds are the processor's: what
a clock shows where nothing else wants the core. Needs the extra `bench` and, for the estimate, 7-zip (7zz or 7z) or its
single-threaded rating of this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from semcodec.evaluation.marks import write_between_marks

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "small_machines.json"
BEGIN, END = "<!-- small-machines: made by benchmarks/small_machines.py -->\n", "<!-- /small-machines -->\n"

# Published for a Raspberry Pi 5; docs/small-machines.md says where. Pictures a second that detectors take in float32
# under ONNX Runtime on its four cores, and what each costs in GFLOP.
PI_DETECTORS = {"YOLOX-S": (2.5, 26.8), "YOLOX-M": (1.1, 73.8), "YOLOX-L": (0.5, 155.6)}
PI_CORES = 4
PI_SEVEN_ZIP_MIPS = 3305  # single-threaded

# Runs a command line as `semcodec` does, then says how much memory the process had at its largest.
COMMAND = """
import sys
from semcodec.cli import main
code = main()
sys.stderr.write(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(code)
"""


# ---- measuring


def whole_command(arguments: Sequence[str], num_runs: int) -> dict[str, float]:
    """A command in processes of its own: seconds from start to exit, of the run that was disturbed least, and the most
    memory."""
    seconds, peaks_kB = [], []
    for _ in range(num_runs):
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, "-c", COMMAND, *arguments], check=True, capture_output=True, text=True)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime)
        peaks_kB.append(int(re.findall(r"VmHWM:\s+(\d+) kB", done.stderr)[0]))
    return {"command_s": round(min(seconds), 3), "peak_MB": round(max(peaks_kB) * 1024 / 1e6)}


def in_process(action: str, picture: str, file: str, num_bytes: int, num_runs: int) -> dict[str, Any]:
    """The work of a process that does nothing else: the action, warm (the least of its runs), and which networks ran in
    it, on what.

    `networks`: each with its inputs' shapes, for one action. `weights_read`: bytes of every weight file that was read.
    """
    weights_read: dict[str, int] = {}

    def note_reading(event: str, details: tuple[Any, ...]) -> None:
        if event == "open" and str(details[0]).endswith(".onnx"):
            weights_read[Path(details[0]).stem] = Path(details[0]).stat().st_size

    sys.addaudithook(note_reading)
    import onnxruntime
    from PIL import Image

    import semcodec

    runs: list[tuple[str, dict[str, tuple[int, ...]], float]] = []

    class Watched(onnxruntime.InferenceSession):  # type: ignore[misc]
        def __init__(self, path: str, *arguments: Any, **options: Any) -> None:
            self.name = Path(path).stem
            weights_read[self.name] = Path(path).stat().st_size
            super().__init__(path, *arguments, **options)

        def run(self, names: Any, inputs: Mapping[str, Any], *arguments: Any) -> Any:
            began = time.process_time()
            outputs = super().run(names, inputs, *arguments)
            shapes = {name: tuple(array.shape) for name, array in inputs.items()}
            runs.append((self.name, shapes, time.process_time() - began))
            return outputs

    onnxruntime.InferenceSession = Watched
    image, data = Image.open(picture).convert("RGB"), Path(file).read_bytes()
    seconds, seconds_in_networks = [], []
    for _ in range(num_runs + 1):
        runs.clear()
        began = time.process_time()
        if action == "encode":
            semcodec.encode(image, bytes=num_bytes)
        else:
            semcodec.decode(data)
        seconds.append(time.process_time() - began)
        seconds_in_networks.append(sum(spent for _, _, spent in runs))
    threads = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("Threads"))
    least = min(range(1, num_runs + 1), key=seconds.__getitem__)
    return {
        "warm_s": round(seconds[least], 3),
        "warm_in_networks_s": round(seconds_in_networks[least], 3),
        "networks": [(name, shapes) for name, shapes, _ in runs],
        "weights_read": weights_read,
        "threads": int(threads.split()[1]),
    }


def flop_of(graph: Path, shapes: Mapping[str, Sequence[int]]) -> int:
    """Floating-point operations of a network's convolutions and products for inputs of these shapes; an addition and a
    multiplication are two."""
    import math

    import onnx

    model = onnx.load(graph)
    for value in model.graph.input:
        for axis, length in zip(value.type.tensor_type.shape.dim, shapes[value.name], strict=True):
            axis.dim_value = length
    for value in model.graph.output:  # the names they have for unknown lengths contradict the known ones
        value.type.tensor_type.ClearField("shape")
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True, strict_mode=True).graph
    dims = {tensor.name: tuple(tensor.dims) for tensor in inferred.initializer}
    for value in (*inferred.value_info, *inferred.input, *inferred.output):
        dims[value.name] = tuple(axis.dim_value for axis in value.type.tensor_type.shape.dim)
    total = 0
    for node in inferred.node:
        if node.op_type == "Conv":
            each = (dims[node.output[0]], dims[node.input[1]][1:])
        elif node.op_type == "ConvTranspose":
            each = (dims[node.input[0]], dims[node.input[1]][1:])
        elif node.op_type in {"MatMul", "Gemm"}:
            each = (dims[node.output[0]], dims[node.input[0]][-1:])
        elif re.search("Conv|MatMul|Gemm|Einsum", node.op_type):
            raise SystemExit(f"{graph.name}: count the work of {node.op_type} first, in flop_of")
        else:
            continue
        if not all(length for lengths in each for length in lengths):
            raise SystemExit(f"{graph.name}: the shapes at {node.name} are not known: {each}")
        total += 2 * math.prod(each[0]) * math.prod(each[1])
    return total


def seven_zip_mips(given: float | None) -> float | None:
    """The single-threaded rating of this machine. (The one 'for a whole core', should others be at work beside us.)"""
    program = next(filter(None, map(shutil.which, ("7zz", "7z", "7za"))), None)
    if given is not None or program is None:
        return given
    said = subprocess.run([program, "b", "1", "-mmt1"], check=True, capture_output=True, text=True).stdout
    return float(re.findall(r"Tot:\s+\d+\s+(\d+)\s+\d+", said)[0])


# ---- the estimate


def pi_gflops() -> float:
    """GFLOP a second of one core of a Raspberry Pi 5 in such networks: a quarter of the median over the detectors."""
    return round(statistics.median(fps * gflop for fps, gflop in PI_DETECTORS.values()) / PI_CORES, 1)


def estimate_for_pi(measured: Mapping[str, Any], mips: float) -> dict[str, float]:
    """Networks by their work, everything else by the ratio of 7-zip's ratings."""
    slower = mips / PI_SEVEN_ZIP_MIPS
    in_networks = measured["network_GFLOP"] / pi_gflops()
    warm = in_networks + (measured["warm_s"] - measured["warm_in_networks_s"]) * slower
    command = warm + (measured["command_s"] - measured["warm_s"]) * slower
    return {"warm_s": round(warm, 2), "command_s": round(command, 2)}


# ---- telling


def readme_table(results: Mapping[str, Any]) -> str:
    pi, actions = results["raspberry_pi_5_estimate"], results["actions"]
    encode, decode, info = actions["encode"], actions["decode"], actions["info"]

    def megabytes(action: Mapping[str, Any]) -> str:
        return f"{sum(action['weights_read'].values()) / 1e6:.1f} MB"

    rows = [
        (
            f"one core, {results['picture']['size']} at {results['picture']['bytes']:,} bytes",
            ("encode", "decode", "info"),
        ),
        ("---", ("---", "---", "---")),
        ("warm, in process", (f"{encode['warm_s']:.2f} s", f"{decode['warm_s']:.2f} s", "–")),
        ("whole command", tuple(f"{action['command_s']:.2f} s" for action in (encode, decode, info))),
        ("peak memory", tuple(f"{action['peak_MB']} MB" for action in (encode, decode, info))),
        ("weights read", (megabytes(encode), megabytes(decode), "none")),
    ]
    if pi is not None:
        rows.append(
            (
                "Raspberry Pi 5, one core, **estimated, not measured**: warm / whole command",
                (*(f"{pi[name]['warm_s']:.1f} / {pi[name]['command_s']:.1f} s" for name in ("encode", "decode")), "–"),
            )
        )
    return "".join(f"| {label} | {' | '.join(cells)} |\n" for label, cells in rows)


def arithmetic(results: Mapping[str, Any]) -> str:
    """The estimate, step by step."""
    pi, mips = results["raspberry_pi_5_estimate"], results["machine"]["seven_zip_MIPS"]
    if pi is None:
        return "No estimate: 7-zip was not there when the figures were taken.\n"
    lines = [
        "| | networks | + the rest, warm | + start and loading | = whole command |\n|---|---|---|---|---|\n",
    ]
    for name in ("encode", "decode"):
        measured, slower = results["actions"][name], mips / PI_SEVEN_ZIP_MIPS
        rest = measured["warm_s"] - measured["warm_in_networks_s"]
        start = measured["command_s"] - measured["warm_s"]
        lines.append(
            f"| {name} | {measured['network_GFLOP']:.1f} GFLOP / {pi['GFLOPS_of_one_core']} GFLOPS | "
            f"{rest:.3f} s x {slower:.2f} | {start:.3f} s x {slower:.2f} | {pi[name]['command_s']:.2f} s "
            f"(warm {pi[name]['warm_s']:.2f} s) |\n"
        )
    return "".join(lines)


def write_pages(results: Mapping[str, Any]) -> None:
    write_between_marks(ROOT / "README.md", BEGIN, END, readme_table(results))
    write_between_marks(ROOT / "docs" / "small-machines.md", BEGIN, END, arithmetic(results))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--picture", type=Path, default=ROOT / "examples" / "kodim23.png")
    parser.add_argument("--bytes", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seven-zip", type=float, metavar="MIPS", help="single-threaded rating of this machine")
    parser.add_argument("--worker", nargs=2, metavar=("ACTION", "FILE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        action, file = args.worker
        print(json.dumps(in_process(action, str(args.picture), file, args.bytes, args.runs)))
        return
    # Kept to one core, children too: the networks take a thread for each core that they are left.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    results = measure(args.picture, args.bytes, args.runs, seven_zip_mips(args.seven_zip))
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    write_pages(results)
    print(readme_table(results) + "\n" + arithmetic(results))


def measure(picture: Path, num_bytes: int, num_runs: int, mips: float | None) -> dict[str, Any]:
    from PIL import Image

    from semcodec.models import DEFAULT_FAMILY
    from semcodec.zoo.catalog import shipped

    purposes = ("encoder", "predictor", "decoder", "restorer")
    packages = [shipped().find(purpose, family=DEFAULT_FAMILY) for purpose in purposes]
    graphs = {Path(name).stem: path for package in packages for name, path in package.files.items()}
    with tempfile.TemporaryDirectory() as folder:
        file, painted, shorter = (str(Path(folder) / name) for name in ("a.semc", "a.ppm", "b.semc"))
        commands = {
            "encode": ["encode", str(picture), file, "--bytes", str(num_bytes), "--no-caption"],
            "decode": ["decode", file, painted],
            "info": ["info", file],
            "cut": ["cut", file, shorter, "--bytes", str(num_bytes // 2)],
        }
        actions: dict[str, dict[str, Any]] = {
            name: whole_command(command, num_runs) for name, command in commands.items()
        }
        for name in ("encode", "decode"):
            command = [sys.executable, __file__, "--picture", str(picture), "--bytes", str(num_bytes)]
            command += ["--runs", str(num_runs), "--worker", name, file]
            watched = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            flop = sum(flop_of(graphs[graph], shapes) for graph, shapes in watched.pop("networks"))
            actions[name] |= watched | {"network_GFLOP": round(flop / 1e9, 2)}
    with Image.open(picture) as image:
        size = f"{image.width}x{image.height}"
    estimate = None
    if mips is not None:
        estimate = {name: estimate_for_pi(actions[name], mips) for name in ("encode", "decode")}
        estimate |= {"GFLOPS_of_one_core": pi_gflops(), "seven_zip_MIPS": PI_SEVEN_ZIP_MIPS}
    return {
        "machine": {
            "processor": platform.machine(),
            "python": platform.python_version(),
            "onnxruntime": __import__("onnxruntime").__version__,
            "seven_zip_MIPS": mips,
        },
        "picture": {"size": size, "bytes": num_bytes},
        "actions": actions,
        "raspberry_pi_5_estimate": estimate,
    }


if __name__ == "__main__":
    main()

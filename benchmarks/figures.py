"""The codec's own figures: framing, coded against order-0 entropy, budgets, times, memory, start-up, describing.

    python benchmarks/figures.py --kodak DIR [--out benchmarks/results/figures.json]

Timings and memory depend on the machine, which is recorded with them. Large photographs are Kodak pictures, stitched
and enlarged.

Shapes: H, W = pixels; D = digits.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import semcodec
from semcodec.container.encode import num_framing_bytes
from semcodec.container.header import working_size
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.entropy.tables import TOTAL_BITS
from semcodec.errors import DamagedInputWarning, FormatError
from semcodec.layers.tokens import encode as token_encoder
from semcodec.layers.tokens.encode import block_order, encode_tokens
from semcodec.layers.tokens.family import Family, find_family
from semcodec.layers.tokens.grid import Step, grids
from semcodec.models import DEFAULT_FAMILY, default_models
from semcodec.nets.encoder import EncoderNets
from semcodec.painters.stub import StubPainter
from semcodec.pictures import resized
from semcodec.rate.budget import step_for_budget
from semcodec.rate.cost import block_bits
from semcodec.rate.fill import fill
from semcodec.rate.importance import activity
from semcodec.types import FileHeader

BUDGETS = (100, 340, 1000, 2000, 4000)
RUN_AND_PRINT_PEAK = """
import sys
from semcodec.cli.app import run
code = run(sys.argv[1:])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
sys.exit(code)
"""
CAPTION = "Two macaws sit in front of green leaves."


def large_photo(paths: list[Path], width_px: int, height_px: int) -> Image.Image:
    """Four Kodak pictures side by side and above each other, enlarged."""
    sheet = Image.new("RGB", (1536, 1024))
    for n, path in enumerate(paths[:4]):
        sheet.paste(Image.open(path).convert("RGB").resize((768, 512)), (768 * (n % 2), 512 * (n // 2)))
    return sheet.resize((width_px, height_px), Image.Resampling.BICUBIC)


def budgets(pictures: dict[str, Image.Image]) -> dict[str, object]:
    """Share of every budget that is used, the least and the mean."""
    result: dict[str, object] = {}
    for name, picture in pictures.items():
        for budget in BUDGETS:
            data = semcodec.encode(picture, bytes=budget).data
            shape = semcodec.decode(data).shape
            if len(data) > budget or shape[:2] != (picture.height, picture.width):
                raise SystemExit(f"{name} at {budget} bytes: {len(data)} bytes, decoded as {shape}")
            result.setdefault(str(budget), {})[name] = round(len(data) / budget, 4)  # type: ignore[index]
    return {
        budget: {"least": min(shares.values()), "mean": round(statistics.mean(shares.values()), 4)}
        for budget, shares in result.items()  # type: ignore[attr-defined]
    } | {"pictures": len(pictures)}


def sweep(paths: list[Path], nets: EncoderNets, family: Family) -> dict[str, object]:
    """Share of the ceiling that is used, over many ceilings; each network runs once a picture and working size."""
    shares = []
    for path in paths:
        image_HWC = np.asarray(Image.open(path).convert("RGB"))
        size = semcodec.Size(image_HWC.shape[1], image_HWC.shape[0])
        framing = num_framing_bytes(FileHeader(size), [0])
        made: dict[int, tuple[Any, ...]] = {}
        for budget in (*range(100, 420, 3), *range(420, 4001, 97)):
            step = step_for_budget(size, budget - framing, coarsest_stride=family.strides[0])
            working = working_size(FileHeader(size, step))
            if step not in made:
                small_HWC = resized(image_HWC, working)
                digits = nets.encode(small_HWC)
                made[step] = digits, activity(digits, working, family).__getitem__
            payload = fill(*made[step], family, working, budget - framing).payload
            shares.append((len(payload) + framing) / budget)
    return {"pictures": len(paths), "files": len(shares), "least": round(min(shares), 4), "most": round(max(shares), 4)}


def installed_megabytes(environment: Path) -> int:
    """Size of a virtual environment with semcodec and what it needs, pip included."""
    return round(sum(path.lstat().st_size for path in environment.rglob("*") if path.is_file()) / 1e6)


def token_coding(paths: list[Path], family: Family, nets: EncoderNets) -> dict[str, object]:
    """All tokens of the pictures: bytes against order-0 entropy and against the ideal length under the tables."""
    counts = [[np.zeros(n) for n in levels] for levels in family.levels]
    coded_bytes, ideal_bits, all_bits = 0, 0.0, 0.0
    for path in paths:
        image_HWC = np.asarray(Image.open(path).convert("RGB"))
        size = semcodec.Size(image_HWC.shape[1], image_HWC.shape[0])
        digits = nets.encode(image_HWC)
        all_grids = grids(size, family.strides, family.blocks)
        steps: list[Step] = [(scale, list(range(grid.num_blocks))) for scale, grid in enumerate(all_grids)]
        with counted_bits() as spent:
            coded_bytes += len(encode_tokens(digits, steps, family, all_grids).payload)
        all_bits += spent[0]
        orders = block_order(steps, all_grids)
        for scale, grid in enumerate(all_grids):
            ideal_bits += float(block_bits(digits, orders, scale, family, grid).sum())
            for digit, count in enumerate(counts[scale]):
                count += np.bincount(digits[scale][:, :, digit].ravel(), minlength=len(count))
    entropy = [[digit_entropy_bits(c) for c in scale] for scale in counts]
    order0_bytes = sum(
        e * c.sum() / 8 for es, cs in zip(entropy, counts, strict=True) for e, c in zip(es, cs, strict=True)
    )
    shares = [
        [round(float(e / np.log2(len(c))), 3) for e, c in zip(es, cs, strict=True)]
        for es, cs in zip(entropy, counts, strict=True)
    ]
    return {
        "coded_bytes_per_picture": round(coded_bytes / len(paths), 1),
        "order0_bytes_per_picture": round(float(order0_bytes) / len(paths), 1),
        "coded_over_order0": round(float(coded_bytes / order0_bytes), 4),
        "coder_bytes_over_ideal_of_all_symbols_per_picture": round((coded_bytes - all_bits / 8) / len(paths), 2),
        "checks_flags_heads_and_coder_over_digits": round(coded_bytes / (ideal_bits / 8) - 1, 4),
        "digit_capacity_used": shares,
        "digits_in_use": [sum(share > 0.01 for share in row) for row in shares],
    }


@contextmanager
def counted_bits() -> Iterator[list[float]]:
    """Adds up the ideal length of every symbol that the token encoder codes meanwhile: digits, flags, heads, checks."""
    spent = [0.0]

    class CountingEncoder(RangeEncoder):
        def put(self, symbol: int, starts: Sequence[int]) -> None:
            spent[0] += TOTAL_BITS - float(np.log2(starts[symbol + 1] - starts[symbol]))
            super().put(symbol, starts)

    token_encoder.RangeEncoder = CountingEncoder
    try:
        yield spent
    finally:
        token_encoder.RangeEncoder = RangeEncoder


def digit_entropy_bits(counts: np.ndarray) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log2(share)).sum())


def prefixes(paths: list[Path]) -> dict[str, int]:
    """Every prefix of a captioned file of 340 bytes for each picture: a picture (of the stub painter), or a reason."""
    pictures, reasons = 0, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DamagedInputWarning)
        for path in paths:
            picture = Image.open(path).convert("RGB")
            encoded = semcodec.encode(picture, bytes=340, picture="tokens", caption=CAPTION, language="en")
            data = encoded.data
            for length in range(len(data) + 1):
                try:
                    shape = semcodec.decode(data[:length], painter=StubPainter()).shape
                    pictures += shape == (picture.height, picture.width, 3)
                except FormatError:
                    reasons += 1
    return {"files": len(paths), "pictures": pictures, "errors_that_say_why": reasons}


def times(paths: list[Path]) -> dict[str, float]:
    """Median milliseconds of encode and decode, in process, warm, at 1,000 and 4,000 bytes, as files are sent by
    default and as tokens; of tokens with invention, too: of a base nothing is invented.
    """
    decoding: dict[str, dict[str, dict[str, bool]]] = {
        "auto": {"decode": {}},
        "tokens": {"decode": {}, "invent": {"invent": True}, "invent_fast": {"invent": True, "fast": True}},
    }
    result = {}
    for (kind, ways), budget in product(decoding.items(), (1000, 4000)):
        spent: dict[str, list[float]] = {"encode": [], **{name: [] for name in ways}}
        for path in [paths[0], *paths]:
            picture = Image.open(path).convert("RGB")
            began = time.perf_counter()
            data = semcodec.encode(picture, bytes=budget, picture=kind).data
            spent["encode"].append(time.perf_counter() - began)
            for name, manner in ways.items():
                began = time.perf_counter()
                semcodec.decode(data, **manner)
                spent[name].append(time.perf_counter() - began)
        for name, seconds in spent.items():
            result[f"{kind}_{name}_{budget}_bytes_ms"] = round(1000 * statistics.median(seconds[1:]), 1)
    return result


def start_up(data: bytes) -> dict[str, float]:
    """`semcodec info` as a whole process against a bare interpreter, medians of 15, in turn."""
    with tempfile.NamedTemporaryFile(suffix=".semc") as file:
        file.write(data)
        file.flush()
        commands = {
            "bare": [sys.executable, "-c", "pass"],
            "info": [str(Path(sys.executable).with_name("semcodec")), "info", file.name],
        }
        spent: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(16):
            for name, command in commands.items():
                began = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True)
                spent[name].append(time.perf_counter() - began)
    bare, info = (statistics.median(spent[name][1:]) for name in ("bare", "info"))
    return {"bare_ms": round(1000 * bare, 1), "info_ms": round(1000 * info, 1), "info_over_bare": round(info / bare, 2)}


def describing(paths: list[Path]) -> dict[str, float]:
    """Milliseconds of the embedded describer in process, warm: a caption, and all that it can say."""
    result = {}
    for name, tasks in (("caption", ("caption",)), ("caption_keywords_regions", ("caption", "keywords", "regions"))):
        spent = []
        for path in [paths[0], *paths]:
            picture = Image.open(path).convert("RGB")
            began = time.perf_counter()
            semcodec.describe(picture, tasks=tasks)
            spent.append(1000 * (time.perf_counter() - began))
        result[f"{name}_ms"] = round(statistics.median(spent[1:]), 1)
        result[f"{name}_slowest_ms"] = round(max(spent[1:]), 1)
    return result


def in_fresh_process(picture: Image.Image, budget: int, *options: str) -> dict[str, float]:
    """Peak memory and seconds of encode (with these options) and decode, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "picture.png"
        picture.save(source, compress_level=1)
        result = {}
        target = source.with_suffix(".semc")
        for name, arguments in (
            ("encode", ["encode", str(source), str(target), "--bytes", str(budget), *options]),
            ("decode", ["decode", str(target), str(source.with_suffix(".ppm"))]),
        ):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            command = [sys.executable, "-c", RUN_AND_PRINT_PEAK, *arguments]
            out = subprocess.run(command, check=True, capture_output=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            result[f"{name}_s"] = round(time.perf_counter() - began, 2)
            result[f"{name}_cpu_s"] = round(after.ru_utime - before.ru_utime, 2)
            result[f"{name}_peak_MB"] = round(int(out.stdout.split()[-1]) / 1024)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kodak", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "figures.json")
    parser.add_argument("--environment", type=Path, help="a fresh virtual environment (.venv of scripts/demo.sh)")
    args = parser.parse_args()
    paths = sorted(args.kodak.glob("kodim*.png"))
    family = find_family(DEFAULT_FAMILY)
    nets = default_models().encoder().nets
    pictures = {path.stem: Image.open(path).convert("RGB") for path in paths}
    large = {"12_megapixels": large_photo(paths, 4242, 2828), "24_megapixels": large_photo(paths, 6000, 4000)}
    captioned = semcodec.encode(pictures["kodim23"], bytes=1000, caption=CAPTION, language="en")
    framing = len(captioned.data) - sum(captioned.bytes_by_layer.values())
    whole = {name: large[name].width * large[name].height * 4 // 300 for name in large}
    results = {
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "onnxruntime": __import__("onnxruntime").__version__,
        },
        "framing": {"header_bytes": 7, "header_and_framing_of_caption_and_tokens_bytes": framing},
        "tokens": token_coding(paths, family, nets),
        "budgets": budgets({**pictures, **large}),
        "budget_sweep": sweep(paths[::4], nets, family),
        "prefixes": prefixes(paths[:10]),
        "times": times(paths),
        "describing": describing(paths),
        "start_up": start_up(captioned.data),
        "memory": {
            "kodak_4000_bytes_with_caption": in_fresh_process(pictures["kodim23"], 4000),
            "kodak_4000_bytes": in_fresh_process(pictures["kodim23"], 4000, "--no-caption"),
            "12_megapixels_4000_bytes": in_fresh_process(large["12_megapixels"], 4000, "--no-caption"),
            "24_megapixels_4000_bytes": in_fresh_process(large["24_megapixels"], 4000, "--no-caption"),
            "12_megapixels_full_working_size": in_fresh_process(
                large["12_megapixels"], whole["12_megapixels"], "--no-caption"
            ),
            "24_megapixels_full_working_size": in_fresh_process(
                large["24_megapixels"], whole["24_megapixels"], "--no-caption"
            ),
        },
    }
    if args.environment:
        results["installed_MB"] = installed_megabytes(args.environment)
    args.out.write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()

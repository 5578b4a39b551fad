"""A small machine pays for what it does: encoding tokens loads the tokenizer, decoding them half of it and the
restorer, encoding a base or looking at a file none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest

import semcodec

# Runs a command line, then names the networks that were opened for it, by the files that they came from.
WATCHED_COMMAND = """
import sys
from pathlib import Path
import onnxruntime

opened = []

class Watched(onnxruntime.InferenceSession):
    def __init__(self, model, *arguments, **options):
        opened.append(Path(model).stem)
        super().__init__(model, *arguments, **options)

onnxruntime.InferenceSession = Watched
from semcodec.cli.app import run
code = run(sys.argv[1:])
print("OPENED", *sorted(opened))
sys.exit(code)
"""
UNWATCHED_COMMAND = """
import sys
from semcodec.cli.app import run
code = run(sys.argv[1:])
print("LOADED", *sorted({"onnxruntime", "numpy"} & set(sys.modules)))
sys.exit(code)
"""
RESTORER = {"head", "body", "tail"}
TOKENS, BASE = ("--picture", "tokens"), ("--picture", "base")


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory, photo_path: Path) -> Path:
    from PIL import Image

    path = tmp_path_factory.mktemp("small") / "small.png"
    Image.open(photo_path).resize((192, 128)).save(path)
    return path


@pytest.fixture(scope="module")
def file(picture: Path) -> Path:
    from PIL import Image

    path = picture.with_suffix(".semc")
    path.write_bytes(semcodec.encode(Image.open(picture), bytes=200, caption="two macaws", picture="tokens").data)
    return path


def last_words(code: str, *arguments: str | Path) -> set[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("effort", ["1", "5", "7"])
def test_encoding_with_given_words_opens_no_describer(picture: Path, tmp_path: Path, effort: str) -> None:
    arguments = ("encode", picture, tmp_path / "a.semc", "--bytes", "200", "--effort", effort, "--caption", "macaws")
    opened = last_words(WATCHED_COMMAND, *arguments, *TOKENS)
    assert {name.split("-")[0] for name in opened} == {"encoder", "decoder"}


def test_the_watch_can_fail_since_a_picture_without_words_is_described(picture: Path, tmp_path: Path) -> None:
    opened = last_words(WATCHED_COMMAND, "encode", picture, tmp_path / "a.semc", "--bytes", "200", *TOKENS)
    assert {"image", "memory", "next"} < opened


def test_a_base_opens_no_network_until_it_is_restored(picture: Path, tmp_path: Path) -> None:
    file, shown = tmp_path / "a.semc", tmp_path / "a.png"
    encoding = ("encode", picture, file, "--bytes", "400", "--caption", "macaws", *BASE)
    assert last_words(UNWATCHED_COMMAND, *encoding) == {"numpy"}
    assert last_words(UNWATCHED_COMMAND, "decode", file, shown, "--no-restore") == {"numpy"}
    assert last_words(WATCHED_COMMAND, "decode", file, shown) == RESTORER
    assert last_words(WATCHED_COMMAND, *encoding, "--effort", "7") == RESTORER  # it looks at sizes as they are shown


def test_decoding_opens_only_the_decoder_and_the_restorer(file: Path, tmp_path: Path) -> None:
    opened = last_words(WATCHED_COMMAND, "decode", file, tmp_path / "a.png")
    assert {name.split("-")[0] for name in opened} == {"decoder", *RESTORER}


def test_decoding_without_restoring_opens_the_decoder_alone(file: Path, tmp_path: Path) -> None:
    opened = last_words(WATCHED_COMMAND, "decode", file, tmp_path / "a.png", "--no-restore")
    assert opened and all(name.startswith("decoder") for name in opened)


def test_info_and_cut_open_no_network(file: Path, tmp_path: Path) -> None:
    assert last_words(UNWATCHED_COMMAND, "info", file) == set()
    assert last_words(UNWATCHED_COMMAND, "cut", file, tmp_path / "cut.semc", "--bytes", "150") == {"numpy"}
    assert len((tmp_path / "cut.semc").read_bytes()) <= 150


def test_a_process_that_is_kept_to_one_core_starts_no_threads_for_networks(file: Path) -> None:
    code = """
import os, sys
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
import onnxruntime, semcodec
threads = lambda: len(os.listdir("/proc/self/task"))
before = threads()
semcodec.decode(open(sys.argv[1], "rb").read())
print("MORE", threads() - before)
"""
    assert last_words(code, file) == {"0"}


def test_a_machine_that_only_decodes_may_do_without_the_other_networks(
    picture: Path, file: Path, tmp_path: Path
) -> None:
    package = Path(semcodec.__file__).parent
    leave_out = shutil.ignore_patterns(
        "encoder-*.onnx",
        "outliner.onnx",
        "structure-*.onnx",
        "image.onnx",
        "memory.onnx",
        "next.onnx",
        "words.onnx",
        "scale-*.onnx",
        "pair.onnx",
        "at.onnx",
        "__pycache__",
    )
    shutil.copytree(package, tmp_path / "semcodec", ignore=leave_out, copy_function=os.link)
    left = {path.stem for path in tmp_path.rglob("*.onnx")}
    assert {name.split("-")[0] for name in left} == {"decoder", *RESTORER}

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "semcodec", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=120)

    decoding = run("decode", file, tmp_path / "a.png")
    assert decoding.returncode == 0, decoding.stderr
    encoding = run("encode", picture, tmp_path / "a.semc", "--bytes", "200", *TOKENS)
    assert encoding.returncode == 1 and encoding.stderr.count("\n") == 1
    assert "no encoder is installed" in encoding.stderr and "pip install semcodec (" in encoding.stderr
    assert "no describer is installed" in run("describe", picture).stderr
    assert run("encode", picture, tmp_path / "b.semc", "--bytes", "400", *BASE).returncode == 0  # (needs no network)
    listed = set(run("models").stdout.split())
    assert {"decoder-nano-1", "restorer-2"} < listed and not {"encoder-nano-1", "interpolator-1"} & listed


def without(package: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command line where a package is not installed."""
    code = f"import sys; sys.modules[{package!r}] = None; from semcodec.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_what_needs_no_network_does_without_the_runtime_and_the_rest_says_what_to_install(
    picture: Path, tmp_path: Path
) -> None:
    file, shown = tmp_path / "a.semc", tmp_path / "a.png"
    encoding = ("encode", picture, file, "--bytes", "400", "--no-caption", *BASE)
    assert without("onnxruntime", *encoding).returncode == 0
    assert without("onnxruntime", "decode", file, shown, "--no-restore").returncode == 0
    ended = without("onnxruntime", "decode", file, shown)
    assert ended.returncode == 1 and ended.stderr.count("\n") == 1 and "pip install onnxruntime" in ended.stderr
    assert without("typer", "info", file).returncode == 0
    ended = without("typer", "decode", file, shown)
    assert ended.returncode == 1 and ended.stderr.count("\n") == 1 and "pip install typer" in ended.stderr


# ---- the figures


@pytest.fixture(scope="module")
def bench(root: Path):
    spec = util.spec_from_file_location("small_machines", root / "benchmarks" / "small_machines.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_in_the_pages_are_those_of_the_committed_results(bench, root: Path) -> None:
    results = json.loads(bench.RESULTS.read_text())
    for page, table in (("README.md", bench.readme_table), ("docs/small-machines.md", bench.arithmetic)):
        assert f"{bench.BEGIN}{table(results)}{bench.END}" in (root / page).read_text("utf-8"), (
            f"{page}: run benchmarks/small_machines.py"
        )


def test_the_estimate_is_the_arithmetic_that_is_shown(bench) -> None:
    measured = {"network_GFLOP": 19.4, "warm_s": 0.5, "warm_in_networks_s": 0.4, "command_s": 1.0}
    # 1 s of networks at 19.4 GFLOPS, 0.1 s of the rest and 0.5 s of starting on a machine that is half as fast
    assert bench.pi_gflops() == 19.4
    estimate = bench.estimate_for_pi(measured, 2 * bench.PI_SEVEN_ZIP_MIPS)
    assert estimate == pytest.approx({"warm_s": 1.2, "command_s": 2.2})


def test_work_is_counted_as_two_operations_for_each_product(bench, tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    weights = helper.make_tensor("w", TensorProto.FLOAT, [8, 3, 3, 3], [0.0] * 216)
    node = helper.make_node("Conv", ["image", "w"], ["out"], pads=[1, 1, 1, 1], strides=[2, 2])
    picture = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "rows", "cols"])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 8, "less_rows", "less_cols"])
    graph = helper.make_graph([node], "one convolution", [picture], [out], [weights])
    onnx.save(helper.make_model(graph), tmp_path / "one.onnx")
    assert bench.flop_of(tmp_path / "one.onnx", {"image": (1, 3, 32, 64)}) == 2 * (16 * 32 * 8) * (3 * 3 * 3)

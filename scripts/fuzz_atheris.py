#!/usr/bin/env python3
"""Fuzzing that follows coverage: `pip install atheris`, `python scripts/fuzz_atheris.py [FOLDER] -max_total_time=600`.

Options are those of libFuzzer. Half of the mutations are libFuzzer's own, half know the format (`fuzz/mutate.py`).
Without a folder of its own it starts from the good files of `fuzz/seeds.py` each time. A file that breaks something is
left as `crash-...`; make a test of it in `tests/fuzz/test_regressions.py`.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

with atheris.instrument_imports(include=["semcodec"]):
    from fuzz import doors
    from semcodec.limits import Limits

from fuzz.mutate import MAX_BYTES, mutated
from fuzz.seeds import good_files
from fuzz.shape import faults_of

LIMITS = Limits()


def one_input(data: bytes) -> None:
    with doors.strict():
        for _, error in doors.parse(data, LIMITS, cut_to=len(data) // 2):
            assert not faults_of(error, len(data)), f"'{error}' {faults_of(error, len(data))}"


def mutator(data: bytes, max_size: int, seed: int) -> bytes:
    if seed & 1:
        return bytes(atheris.Mutate(data, max_size))
    return mutated(data, good_files(), random.Random(seed))[:max_size]


def main() -> None:
    with TemporaryDirectory() as folder:
        for number, data in enumerate(good_files()):
            Path(folder, f"seed-{number}").write_bytes(data)
        arguments = [*sys.argv, f"-max_len={MAX_BYTES}", "-timeout=10"]
        given = any(not argument.startswith("-") for argument in sys.argv[1:])
        atheris.Setup(arguments if given else [*arguments, folder], one_input, custom_mutator=mutator)
        atheris.Fuzz()


if __name__ == "__main__":
    main()

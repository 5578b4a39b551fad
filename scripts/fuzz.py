#!/usr/bin/env python3
"""The long run of the fuzzer: `python scripts/fuzz.py parse --num 1000000`, `python scripts/fuzz.py paint --num 20000`.

Every file is made from its number alone, so a defect is repeated with `--first NUMBER --num 1`. A defect is anything
but the library's own errors, an error that does not say what, where and what to do, or a file that takes more than
`--max-seconds` of processor time. Prints a line of JSON at the end; the exit code is 1 if there was a defect.

It needs nothing but the library; `scripts/fuzz_atheris.py` is the one that follows coverage.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import resource
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from PIL import Image

from fuzz import doors
from fuzz.numbered import numbered_file
from fuzz.packets import numbered_packets
from fuzz.seeds import good_files
from fuzz.shape import faults_of
from semcodec.limits import Limits


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("parse", "paint", "join", "pillow"))
    parser.add_argument("--num", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--max-pixels", type=int, help="default: that of Limits for parse, 1000000 for paint")
    parser.add_argument("--max-seconds", type=float, default=1.0)
    asked = parser.parse_args()
    small = asked.what in {"paint", "pillow"}
    max_pixels = asked.max_pixels or (1_000_000 if small else Limits().max_pixels)
    limits = Limits(max_pixels=max_pixels)
    Image.MAX_IMAGE_PIXELS = max_pixels // 2  # Pillow allows twice that

    slowest, defects, kinds, sentences = (0.0, -1), 0, collections.Counter(), {}
    good_files()
    for number in range(asked.first, asked.first + asked.num):
        data, cut_to = numbered_file(number, asked.seed)
        packets = numbered_packets(number, asked.seed) if asked.what == "join" else []
        began, heard, wrong = time.process_time(), [], []
        try:
            with doors.strict():
                if asked.what == "parse":
                    heard = doors.parse(data, limits, cut_to=cut_to)
                elif asked.what == "join":
                    heard = doors.join(packets, limits)
                else:
                    heard = getattr(doors, asked.what)(data, limits)
        except Exception:
            wrong.append(traceback.format_exc())
        seconds = time.process_time() - began
        slowest = max(slowest, (seconds, number))
        if seconds > asked.max_seconds:
            wrong.append(f"took {seconds:.2f} s")
        for door, error in heard:
            sentence = (door, type(error).__name__, re.sub(r"\d+|'[^']*'", "N", str(error)))
            kinds[type(error).__name__] += 1
            if sentence not in sentences:
                sentences[sentence] = str(error)
                wrong += [
                    f"{door}: '{error}' {fault}" for fault in faults_of(error, sum(map(len, packets)) or len(data))
                ]
        kinds["no error"] += not heard
        if wrong:
            defects += 1
            shown = " ".join(packet.hex() for packet in packets) or data[:2000].hex()
            sys.stderr.write(f"--- {asked.what} {number}: {shown}\n" + "\n".join(wrong) + "\n")
        if (number + 1) % 20_000 == 0:
            sys.stderr.write(f"{number + 1} files, {defects} defects, slowest {slowest[0]:.3f} s (file {slowest[1]})\n")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        json.dumps(
            {
                "what": asked.what,
                "files": asked.num,
                "seed": asked.seed,
                "max_pixels": max_pixels,
                "defects": defects,
                "slowest_s": round(slowest[0], 3),
                "slowest_file": slowest[1],
                "peak_mb": peak_mb,
                "processor_s": round(time.process_time(), 1),
                "heard": dict(kinds.most_common()),
                "sentences": len(sentences),
            }
        )
    )
    return int(defects > 0)


if __name__ == "__main__":
    sys.exit(main())

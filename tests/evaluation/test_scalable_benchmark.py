"""`benchmarks/scalable.py`: its page shows the committed results, and under a tenth at 1,000 bytes is what they say."""

from __future__ import annotations

import json
import sys
from importlib import util
from pathlib import Path


def test_the_page_shows_the_committed_results(root: Path) -> None:
    spec = util.spec_from_file_location("scalable_benchmark", root / "benchmarks" / "scalable.py")
    assert spec is not None and spec.loader is not None
    bench = sys.modules[spec.name] = util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    results = json.loads(bench.RESULTS_PATH.read_text("utf-8"))
    assert f"{bench.BEGINS}{bench.table(results)}{bench.ENDS}" in bench.PAGE.read_text("utf-8")
    assert results["rows"]["1000"]["most_overhead"] < 0.1

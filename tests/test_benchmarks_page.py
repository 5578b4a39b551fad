"""The page of the benchmarks names each script and what it cannot do without."""

from __future__ import annotations

import re
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
REQUIRED = re.compile(r'add_argument\(\s*"(--[a-z0-9-]+)"[^)]*required=True')


def unsaid(page: str, name: str, source: str) -> list[str]:
    """What of a script the page does not say: its name, or flags that it needs, in the lines that name it."""
    lines = "\n".join(line for line in page.splitlines() if name in line)
    return [what for what in (name, *REQUIRED.findall(source)) if not re.search(rf"{what}\b", lines)]


def test_the_page_names_each_script_and_the_flags_that_it_needs() -> None:
    page = (BENCHMARKS / "README.md").read_text("utf-8")
    scripts = {path.name: path.read_text("utf-8") for path in BENCHMARKS.glob("*.py")}
    commands = {name: source for name, source in scripts.items() if "ArgumentParser" in source}
    assert len(commands) > 15
    assert {name: unsaid(page, name, source) for name, source in commands.items()} == {name: [] for name in commands}


def test_a_flag_that_is_not_named_is_found() -> None:
    source = 'parser.add_argument(\n    "--photos", type=Path, required=True)\nparser.add_argument("--out")'
    assert unsaid("`a.py` needs `--kodak`", "a.py", source) == ["--photos"]
    assert unsaid("`a.py` needs `--photos`", "a.py", source) == []
    assert unsaid("", "a.py", source) == ["a.py", "--photos"]

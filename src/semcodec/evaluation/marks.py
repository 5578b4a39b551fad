"""Text that a script writes into a page by hand: what stands between two marks of it is the script's."""

from __future__ import annotations

from pathlib import Path


def between_marks(page: str, begins: str, ends: str, text: str) -> str:
    """The page with `text` between the marks, in place of what was there. Raises `SystemExit` where it lacks them."""
    before, mark, rest = page.partition(begins)
    _, end_mark, after = rest.partition(ends)
    if not mark or not end_mark:
        raise SystemExit(f"the page has no {begins.strip()} ... {ends.strip()}")
    return f"{before}{begins}{text}{ends}{after}"


def write_between_marks(page: Path, begins: str, ends: str, text: str) -> None:
    """As `between_marks`, of a file."""
    page.write_text(between_marks(page.read_text("utf-8"), begins, ends, text), "utf-8")

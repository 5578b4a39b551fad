"""What a script writes into a page stands between its marks alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcodec.evaluation.marks import between_marks, write_between_marks

BEGINS, ENDS = "<!-- here -->\n", "<!-- /here -->"


def test_what_is_written_stands_between_the_marks_alone(tmp_path: Path) -> None:
    page = f"before\n{BEGINS}old\n{ENDS}\nafter\n"
    assert between_marks(page, BEGINS, ENDS, "new\n") == f"before\n{BEGINS}new\n{ENDS}\nafter\n"
    path = tmp_path / "page.md"
    path.write_text(page)
    write_between_marks(path, BEGINS, ENDS, "")
    assert path.read_text() == f"before\n{BEGINS}{ENDS}\nafter\n"


@pytest.mark.parametrize("page", ["no marks", BEGINS, ENDS, f"{ENDS}{BEGINS}"])
def test_a_page_that_lacks_a_mark_is_not_written(page: str) -> None:
    with pytest.raises(SystemExit, match=r"has no <!-- here --> \.\.\. <!-- /here -->"):
        between_marks(page, BEGINS, ENDS, "new")

"""`python -m semcodec`: the command line."""

from __future__ import annotations

from semcodec.cli import program

if __name__ == "__main__":
    program()

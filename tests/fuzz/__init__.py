"""Hostile files: how they are made (`seeds`, `mutate`), where they go in (`doors`), what errors must say (`shape`).

The tests here are a short run. `scripts/fuzz.py` is the long one, `scripts/fuzz_atheris.py` follows coverage.
"""

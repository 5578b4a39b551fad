#!/usr/bin/env bash
# Installs everything that development needs into .venv-dev (and viewer/node_modules) and runs every check; the last lines are pytest's summary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/python.sh

make_venv .venv-dev
bin=.venv-dev/bin
# torch by itself and first: with it there, nothing below pulls another build of it.
"$bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0
"$bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev,train,bench,hub,formats,radio,serve,video,data,jobs]'

"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/mypy"
[ "$#" -gt 0 ] || bash scripts/viewer.sh # (arguments are of pytest, for some of its tests)
exec "$bin/python" -m pytest -q "$@"

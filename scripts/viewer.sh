#!/usr/bin/env bash
# Installs what the viewer needs and runs its tests. Where there is no Node 20 or no Chromium, a line says what was left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/node.sh

if ! has_node; then
    echo "viewer: its tests were left out: they need Node 20 and npm"
    exit
fi
cd viewer
npm ci --silent --no-audit --no-fund
npm test --silent
# (the page that `semcodec view` writes is among what is tested: its Python is the environment of the other tests)
: "${PYTHON:=$([ -x ../.venv-dev/bin/python ] && echo "$PWD/../.venv-dev/bin/python" || echo python3)}"
if command -v "${CHROMIUM:=chromium}" >/dev/null; then
    CHROMIUM="$CHROMIUM" PYTHON="$PYTHON" npm run --silent test:page
else
    echo "viewer: the tests of its page were left out: they need Chromium (or CHROMIUM=/path/to/another)"
fi

#!/usr/bin/env bash
# Installs semcodec into .venv and sends one photograph in 100, 340, 1000 and 4000 bytes; leaves demo/sheet.png.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/python.sh

make_venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check .

photo=examples/kodim23.png
caption="two macaws, one red and one blue and yellow, in front of green leaves"
mkdir -p demo
for bytes in 100 340 1000 4000; do
    .venv/bin/semcodec encode "$photo" "demo/kodim23-$bytes.semc" --bytes "$bytes" --caption "$caption" --language en
    .venv/bin/semcodec decode "demo/kodim23-$bytes.semc" "demo/kodim23-$bytes.png"
done
.venv/bin/semcodec info demo/kodim23-1000.semc
.venv/bin/python scripts/sheet.py demo/sheet.png "$photo" demo/kodim23-{100,340,1000,4000}.semc
echo
echo "Look at demo/sheet.png: the original, then what arrives in 100, 340, 1000 and 4000 bytes."

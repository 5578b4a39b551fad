#!/usr/bin/env bash
# The tables of words and of regions, counted again from the data and compared with the shipped ones.
#
#   runs/count_tables.sh DATA OUT
#
# DATA holds captions/train.jsonl.gz and photos/index.jsonl. On one CPU core: some five minutes. With other versions of
# torch or numpy a fitted number may differ: such tables are as good, but not the shipped ones.
set -euo pipefail
data=${1:?"which folder holds captions/ and photos/?"}
out=${2:?"where do the tables go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
layers=src/semcodec/layers
mkdir -p "$out"

"$python" -m semcodec_train.tables.text --captions "$data/captions/train.jsonl.gz" --out "$out/text-2-whole.bin"
"$python" -m semcodec_train.tables.shared --table "$out/text-2-whole.bin" --base "$layers/text/tables/1.bin" \
    --out "$out/text-2.bin"
"$python" -m semcodec_train.tables.regions --photos "$data/photos/index.jsonl" \
    --captions "$data/captions/train.jsonl.gz" --out "$out/regions-1.bin"
cmp "$out/text-2.bin" "$layers/text/tables/2.bin"
cmp "$out/regions-1.bin" "$layers/regions/tables/1.bin"
echo "both are the shipped ones"

#!/usr/bin/env bash
# The embedder, which makes vectors of pictures and of words, from a trained describer to package.
#
#   runs/train_embedder.sh DATA DESCRIBER OUT
#
# DATA holds photos and captions, DESCRIBER is the folder `words` that runs/train_describer.sh left. OUT takes weights,
# tables and run.json. A minute on one CPU core. DEBUG=1: a tiny one, of a tiny describer, and no release. HELD_OUT:
# other manifests of pictures that nothing may see.
set -euo pipefail
data=${1:?"which folder holds photos/ and captions/?"}
trained=${2:?"where is what describer.train left?"}
out=${3:?"where do weights go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
read -ra held_out <<<"${HELD_OUT:-benchmarks/manifests/describer-test.json benchmarks/manifests/describer-objects.json}"
embedder=embedder_nano
describer=describer_lite2
release=(--serves words-nano-2 --name vector-nano-1 --facts runs/vector-nano-1.facts.json)
if [ -n "${DEBUG:-}" ]; then
    embedder=embedder_debug
    describer=describer_debug
    release=()
fi

"$python" -m semcodec_train.embedder.train "$embedder" --describer "$describer" --data "$data" \
    --held-out "${held_out[@]}" --trained "$trained" --out "$out" "${release[@]}"

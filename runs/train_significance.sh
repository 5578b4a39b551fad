#!/usr/bin/env bash
# The significance head from photographs to its ONNX graph: what blocks are worth, then the network.
#
#   runs/train_significance.sh DATA OUT
#
# DATA holds photos/train, photos/val, perceptual/mobilenet_v2.safetensors. OUT takes the targets and logs; a run that was
# stopped goes on where it was. The targets are those of the token family that is shipped. No head is: benchmarks/anchors.py
# --significance OUT/significance.onnx measures one, and `--name NAME --facts FILE` in place of `--out` ships it.
set -euo pipefail
data=${1:?"which folder holds photos/ and perceptual/?"}
out=${2:?"where do targets go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
mkdir -p "$out"
targets=("$python" -m semcodec_train.significance_targets significance_nano --mobilenet "$data/perceptual/mobilenet_v2.safetensors")

"${targets[@]}" --photos "$data/photos/train" --out "$out/train" | tee -a "$out/targets.log"
"${targets[@]}" --photos "$data/photos/val" --pictures 150 --out "$out/held-out" | tee -a "$out/targets.log"
"$python" -m semcodec_train.significance significance_nano --targets "$out/train" --held-out "$out/held-out" \
    --out "$out" | tee -a "$out/significance.log"

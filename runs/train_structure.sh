#!/usr/bin/env bash
# Outlines from photographs to package: what people and a teacher drew, the outliner, its drawings, structure tokens, tables.
#
#   runs/train_structure.sh DATA OUT           # on a CPU, into OUT/package
#   GPU=1 runs/train_structure.sh DATA OUT     # on a GPU: wider, more pictures a step
#   RELEASE=1 ...                              # into semcodec itself
#
# DATA holds photos/ (index.jsonl, whose rows name a `file` below train/ and, where people have drawn them, its `edges`), the
# picture network perceptual/efficientnet_lite2.safetensors, and the teacher, hed.safetensors. OUT takes pairs, drawings,
# checkpoints, logs and run.json; a run that was stopped goes on where it was. MINUTES: how long each stage may be instead.
# DEBUG=1: tiny ones, seconds, into OUT/package.
set -euo pipefail
data=${1:?"which folder holds photos/, perceptual/ and hed.safetensors?"}
out=${2:?"where do pairs and checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
backbone=$data/perceptual/efficientnet_lite2.safetensors
outliner=outliner_nano structure=structure_nano limit=700
package=(--out "$out/package")
[ -z "${GPU:-}" ] || outliner=outliner_nano_gpu structure=structure_nano_gpu
[ -z "${RELEASE:-}" ] || package=(--release outlines-nano-1 --facts runs/outlines-nano-1.facts.json)
[ -z "${DEBUG:-}" ] || outliner=outliner_debug structure=structure_debug limit=2 package=(--out "$out/package")

"$python" -m semcodec_train.outliner.data --photos "$data/photos" --hed "$data/hed.safetensors" --out "$out/pairs" \
    --limit "$limit"
"$python" -m semcodec_train.outliner.train "$outliner" --pairs "$out/pairs" --backbone "$backbone" \
    --out "$out/$outliner" ${MINUTES:+--minutes "$MINUTES"}
[ -e "$out/maps" ] || "$python" -m semcodec_train.outliner.draw --weights "$out/$outliner/outliner.safetensors" \
    --backbone "$backbone" --photos "$data/photos/train" --out "$out/maps"
"$python" -m semcodec_train.structure.train "$structure" --maps "$out/maps" --out "$out/$structure" \
    ${MINUTES:+--minutes "$MINUTES"}
"$python" -m semcodec_train.structure.export --outliner "$out/$outliner/outliner.safetensors" --backbone "$backbone" \
    --codec "$out/$structure/structure.pt" --photos "$data/photos/train" "${package[@]}"

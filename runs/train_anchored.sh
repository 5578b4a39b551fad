#!/usr/bin/env bash
# The embedded generator from data to package: token grids, the describer's words, training, figures, ONNX graphs.
#
#   runs/train_anchored.sh DATA OUT
#
# DATA holds photos (train, val, index.jsonl) and captions/train.jsonl.gz. OUT takes grids, checkpoints and logs; a run
# that was stopped goes on where it was. The shipped tokenizer and describer must be in place: it learns their tokens
# and their words. After a change of the tokenizer, run it with another OUT and INIT=old/generator/generator.pt.
set -euo pipefail
data=${1:?"which folder holds photos/ and captions/?"}
out=${2:?"where do grids and checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
mkdir -p "$out"
words=(--photos "$data/photos" --described "$out/words.json")

"$python" -m semcodec_train.anchored_data tokenise --photos "$data/photos/train" --seeds 0 --out "$out/grids"
"$python" -m semcodec_train.anchored_data tokenise --photos "$data/photos/val" --seeds 0 --out "$out/grids-val"
"$python" -m semcodec_train.anchored_data describe --photos "$data/photos/train" "$data/photos/val" --out "$out/words.json"
"$python" -m semcodec_train.train_anchored anchored_nano --grids "$out/grids" --held-out-grids "$out/grids-val" \
    "${words[@]}" --sentences "$data/captions/train.jsonl.gz" --out "$out/generator" ${INIT:+--init "$INIT"} |
    tee -a "$out/generator.log"
"$python" -m semcodec_train.anchored_bits --weights "$out/generator/generator.pt" --grids "$out/grids-val" "${words[@]}" \
    --out benchmarks/results/anchored_bits.json
"$python" -m semcodec_train.anchored_export --weights "$out/generator/generator.pt" \
    --choices runs/anchored-nano-1.choices.json --facts runs/anchored-nano-1.facts.json --name anchored-nano-1

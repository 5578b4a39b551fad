#!/usr/bin/env bash
# The embedded generator from data to package: token grids, the describer's words, training, figures, ONNX graphs.
#
#   runs/train_generator.sh DATA OUT
#
# DATA holds photos (train, val, index.jsonl) and captions/train.jsonl.gz. OUT takes grids, checkpoints, logs and
# run.json; a run that was stopped goes on where it was. The shipped tokenizer, describer and outliner must be in place:
# it learns their tokens, words and outlines. It goes on from INIT: anchored-nano-1's package, or a generator.pt; INIT=
# begins anew (with RECIPE=anchored_nano). MINUTES: how long the training may be instead. DEBUG=1: a tiny one, seconds,
# and figures and the package into OUT.
set -euo pipefail
data=${1:?"which folder holds photos/ and captions/?"}
out=${2:?"where do grids and checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
mkdir -p "$out"
recipe=${RECIPE:-anchored_nano_outlined}
figures=benchmarks/results/anchored_bits.json
package=(--name anchored-nano-2 --facts runs/anchored-nano-2.facts.json)
: "${INIT=src/semcodec/zoo/weights/anchored-nano-1}"
if [ -n "${DEBUG:-}" ]; then
    recipe=anchored_debug
    figures=$out/bits.json
    package=(--out "$out/package")
    INIT=
fi
words=(--photos "$data/photos" --described "$out/words.json")

"$python" -m semcodec_train.generator.data tokenise --photos "$data/photos/train" --seeds 0 --out "$out/grids"
"$python" -m semcodec_train.generator.data tokenise --photos "$data/photos/val" --seeds 0 --out "$out/grids-val"
"$python" -m semcodec_train.generator.data describe --photos "$data/photos/train" "$data/photos/val" --out "$out/words.json"
"$python" -m semcodec_train.generator.train "$recipe" --grids "$out/grids" --held-out-grids "$out/grids-val" \
    "${words[@]}" --sentences "$data/captions/train.jsonl.gz" --out "$out/generator" \
    ${INIT:+--init "$INIT"} ${MINUTES:+--minutes "$MINUTES"}
"$python" -m semcodec_train.generator.bits --weights "$out/generator/generator.pt" --grids "$out/grids-val" \
    "${words[@]}" --out "$figures"
"$python" -m semcodec_train.generator.export --weights "$out/generator/generator.pt" \
    --choices runs/anchored-nano-2.choices.json "${package[@]}"

#!/usr/bin/env bash
# The embedded describer from data to package: seeing, words, words worth their bits, figures, ONNX graphs.
#
#   runs/train_describer.sh DATA OUT
#
# DATA holds photos, captions, video/train, tiny-imagenet/train.tar, perceptual/mobilenet_v2.safetensors. OUT takes
# checkpoints and logs; a run that was stopped goes on where it was.
set -euo pipefail
data=${1:?"which folder holds photos/, captions/, video/, tiny-imagenet/ and perceptual/?"}
out=${2:?"where do checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
mkdir -p "$out"
held_out=benchmarks/manifests/describer-test.json
same=(--data "$data" --encoder "$out/encoder/encoder.pt" --trained "$out/words")
words=(--describer describer_nano --held-out "$held_out" "${same[@]}")

"$python" -m semcodec_train.distil describer_encoder --data "$data" --held-out "$held_out" --out "$out/encoder" |
    tee -a "$out/encoder.log"
"$python" -m semcodec_train.train_describer describer_nano --data "$data" --held-out "$held_out" \
    --encoder "$out/encoder/encoder.pt" --out "$out/words" | tee -a "$out/words.log"
"$python" -m semcodec_train.self_critical self_critical_4 self_critical_all self_critical_1 "${words[@]}" --seeds 1 2 3 \
    --out "$out/writers" | tee -a "$out/writers.log"
"$python" benchmarks/describer.py --describer describer_nano "${same[@]}" --writers "$out/writers"
"$python" -m semcodec_train.describer_package "${words[@]}" --writer "$out/writers/self_critical_4-seed-1.pt" \
    --rate 0 --beam 3 --name words-nano-1 --facts runs/words-nano-1.facts.json

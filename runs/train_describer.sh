#!/usr/bin/env bash
# The embedded describer from data to package: seeing, words, words worth their bits, figures, ONNX graphs.
#
#   runs/train_describer.sh DATA OUT
#
# DATA holds photos, captions, video/train, tiny-imagenet/train.tar, perceptual/mobilenet_v2.safetensors. OUT takes
# checkpoints, logs and run.json; a run that was stopped goes on where it was. MINUTES: how long each of the two first
# trainings may be instead. DEBUG=1: tiny ones, seconds, without figures, and the package into OUT. HELD_OUT: another
# manifest of pictures that nothing may see.
set -euo pipefail
data=${1:?"which folder holds photos/, captions/, video/, tiny-imagenet/ and perceptual/?"}
out=${2:?"where do checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
held_out=${HELD_OUT:-benchmarks/manifests/describer-test.json}
encoder=describer_encoder
describer=describer_nano
writers=(self_critical_4 self_critical_all self_critical_1)
package=(--beam 3 --name words-nano-1 --facts runs/words-nano-1.facts.json)
if [ -n "${DEBUG:-}" ]; then
    encoder=describer_encoder_debug
    describer=describer_debug
    writers=(self_critical_debug)
    package=(--out "$out/package")
fi
same=(--data "$data" --encoder "$out/encoder/encoder.pt" --trained "$out/words")
words=(--describer "$describer" --held-out "$held_out" "${same[@]}")

"$python" -m semcodec_train.describer.distil "$encoder" --data "$data" --held-out "$held_out" --out "$out/encoder" \
    ${MINUTES:+--minutes "$MINUTES"}
"$python" -m semcodec_train.describer.train "$describer" --data "$data" --held-out "$held_out" \
    --encoder "$out/encoder/encoder.pt" --out "$out/words" ${MINUTES:+--minutes "$MINUTES"}
"$python" -m semcodec_train.describer.self_critical "${writers[@]}" "${words[@]}" --seeds 1 2 3 --out "$out/writers"
[ -n "${DEBUG:-}" ] ||
    "$python" benchmarks/describer.py --describer "$describer" "${same[@]}" --writers "$out/writers"
"$python" -m semcodec_train.describer.package "${words[@]}" --writer "$out/writers/${writers[0]}-seed-1.pt" --rate 0 \
    "${package[@]}"

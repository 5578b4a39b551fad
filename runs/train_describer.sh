#!/usr/bin/env bash
# The embedded describer from data to package: words, words worth their bits, figures, ONNX graphs. What is packaged is
# the writer of four words to an advantage whose captions were best on the pictures for choosing, with the detector and
# the kinds that words-nano-2 has: vectors and plain sentences stay what they are.
#
#   runs/train_describer.sh DATA OUT
#
# DATA holds photos, captions, perceptual/efficientnet_lite2.safetensors and imagenet_labels.txt. OUT takes checkpoints,
# logs and run.json; a run that was stopped goes on where it was. MINUTES: how long the training of the words may be
# instead. DEBUG=1: tiny ones, seconds, without figures, and the package into OUT. HELD_OUT: other manifests of pictures
# that nothing may see.
set -euo pipefail
data=${1:?"which folder holds photos/, captions/ and perceptual/?"}
out=${2:?"where do checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
read -ra held_out <<<"${HELD_OUT:-benchmarks/manifests/describer-test.json benchmarks/manifests/describer-objects.json}"
describer=describer_lite2
writers=(self_critical_4 self_critical_all self_critical_1)
package=(--writer "$out/writers/self_critical_4-seed-3.pt" --sees words-nano-2 --rate 1 --beam 3)
package+=(--name words-nano-2 --facts runs/words-nano-2.facts.json)
if [ -n "${DEBUG:-}" ]; then
    describer=describer_debug
    writers=(self_critical_debug)
    package=(--writer "$out/writers/self_critical_debug-seed-1.pt" --rate 1 --out "$out/package")
fi
words=(--describer "$describer" --held-out "${held_out[@]}" --data "$data" --trained "$out/words")

"$python" -m semcodec_train.describer.train "$describer" --data "$data" --held-out "${held_out[@]}" --out "$out/words" \
    ${MINUTES:+--minutes "$MINUTES"}
"$python" -m semcodec_train.describer.self_critical "${writers[@]}" "${words[@]}" --seeds 1 2 3 --out "$out/writers"
[ -n "${DEBUG:-}" ] ||
    "$python" benchmarks/describer.py --describer "$describer" --data "$data" --trained "$out/words" --writers "$out/writers"
"$python" -m semcodec_train.describer.package "${words[@]}" "${package[@]}"

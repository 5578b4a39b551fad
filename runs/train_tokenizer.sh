#!/usr/bin/env bash
# The embedded tokenizer from data to package: training, integer tables, ONNX graphs, Kodak.
#
#   runs/train_tokenizer.sh DATA OUT
#
# DATA holds photos/train (pictures; or photos/train.tar), video/train (MP4 clips), kodak,
# perceptual/mobilenet_v2.safetensors. OUT takes checkpoints, logs and run.json; a run that was stopped goes on where it
# was. On two CPU cores: about five hours and a half. MINUTES: how long each training may be instead. DEBUG=1: a tiny
# one, seconds, without clips and Kodak, and the package into OUT.
set -euo pipefail
data=${1:?"which folder holds photos/, video/, kodak/ and perceptual/?"}
out=${2:?"where do checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
judge=$data/perceptual/mobilenet_v2.safetensors
photos=$data/photos/train
[ -e "$photos" ] || photos=$photos.tar
clips=(--clips "$data/video/train")
stages=(tokenizer_nano tokenizer_few_digits tokenizer_many_digits tokenizer_fidelity tokenizer_residues)
package=(--name nano-1 --facts runs/nano-1.facts.json)
if [ -n "${DEBUG:-}" ]; then
    clips=()
    stages=(tokenizer_debug)
    package=(--out "$out/package")
fi

begun=() # from the weights of the one before; the first one saw photographs alone
for recipe in "${stages[@]}"; do
    "$python" -m semcodec_train.tokenizer.train "$recipe" --photos "$photos" --judge "$judge" --out "$out/$recipe" \
        "${begun[@]}" ${MINUTES:+--minutes "$MINUTES"}
    begun=("${clips[@]}" --init "$out/$recipe/model.pt")
done
weights=$out/${stages[-1]}/model.pt
"$python" -m semcodec_train.tables.tokens --weights "$weights" --photos "$photos" --limit 1200 --name nano-1 \
    --out "$out/1.bin"
"$python" -m semcodec_train.tokenizer.package --weights "$weights" --family "$out/1.bin" --wire-id 1 \
    --photos "$photos" "${package[@]}"
[ -n "${DEBUG:-}" ] ||
    "$python" -m semcodec bench "$data/kodak" --manifest benchmarks/manifests/kodak.json \
        --out benchmarks/results/kodak --mobilenet "$judge" --judge2 benchmarks/judges/judge2.safetensors

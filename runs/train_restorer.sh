#!/usr/bin/env bash
# The embedded restorer from photographs to package: pairs, training in stages, ONNX graphs.
#
#   runs/train_restorer.sh DATA OUT
#
# DATA holds photos/train (pictures; or photos/train.tar), video/train (MP4 clips) and perceptual/ (mobilenet_v2,
# efficientnet_lite2, lpips_alex .safetensors). OUT takes pairs, checkpoints, logs and run.json; a run that was stopped
# goes on where it was, and begins where another ended with INIT=restorer.safetensors. The shipped tokenizer must be in
# place: it learns its pictures. On two CPU cores: hours for the pairs, under two for the training, which takes a GPU where
# there is one. MINUTES: how long each stage may be instead. DEBUG=1: a tiny one, seconds, without clips, and the
# package into OUT.
set -euo pipefail
data=${1:?"which folder holds photos/, video/ and perceptual/?"}
out=${2:?"where do pairs and checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
photos=$data/photos/train
[ -e "$photos" ] || photos=$photos.tar
clips=(--clips "$data/video/train")
parts=(0 1 2 3 4 5)
stages=(restorer_nano restorer_nano_sharp)
package=(--name restorer-1 --facts runs/restorer-1.facts.json)
if [ -n "${DEBUG:-}" ]; then
    clips=()
    parts=(0)
    stages=(restorer_debug)
    package=(--out "$out/package")
fi
mkdir -p "$out/pairs"

pairs() { # base or tokens, I/N
    local folder=$out/pairs/$1-${2%/*}
    [ -e "$folder" ] && return
    "$python" -m semcodec_train.restorer.data "$1" --photos "$photos" "${clips[@]}" --part "$2" --out "$folder.part"
    mv "$folder.part" "$folder"
}

for part in "${parts[@]}"; do
    pairs base "$part/6"
    pairs tokens "$part/14"
done
begun=(${INIT:+--init "$INIT"})
for recipe in "${stages[@]}"; do
    "$python" -m semcodec_train.restorer.train "$recipe" --pairs "$out/pairs/*[0-9]" --networks "$data/perceptual" \
        --out "$out/$recipe" "${begun[@]}" ${MINUTES:+--minutes "$MINUTES"}
    begun=(--init "$out/$recipe/restorer.safetensors")
done
"$python" -m semcodec_train.restorer.export --weights "$out/${stages[-1]}/restorer.safetensors" \
    --pairs "$out"/pairs/{base,tokens}-0 "${package[@]}"

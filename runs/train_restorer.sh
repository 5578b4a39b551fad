#!/usr/bin/env bash
# The embedded restorer from photographs to package: pairs, training in stages, ONNX graphs.
#
#   runs/train_restorer.sh DATA OUT           # on a CPU: three stages, a restorer as large as restorer-1, into OUT/package
#   GPU=1 runs/train_restorer.sh DATA OUT     # then on a GPU: two stages of the wider one, into semcodec itself
#
# DATA holds photos/train (pictures; or photos/train.tar), video/train (MP4 clips) and perceptual/ (mobilenet_v2,
# efficientnet_lite2, lpips_alex .safetensors). OUT takes pairs, checkpoints, logs and run.json; a run that was stopped
# goes on where it was. The stages of a GPU begin from what those of a CPU left in OUT; either begins where another ended
# with INIT=restorer.safetensors. The shipped tokenizer must be in place: the restorer learns its pictures. Pairs of
# ordinary codecs take the extra `formats`. On two CPU cores: hours for the pairs, over three for the training; on a GPU
# 20 minutes, with pairs as large as their originals in its memory. MINUTES: how long each stage may be instead. DEBUG=1:
# tiny ones, seconds, without clips, and the package into OUT.
set -euo pipefail
data=${1:?"which folder holds photos/, video/ and perceptual/?"}
out=${2:?"where do pairs and checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
photos=$data/photos/train
[ -e "$photos" ] || photos=$photos.tar
clips=(--clips "$data/video/train")
parts=(0 1 2 3 4 5)
if [ -n "${GPU:-}" ]; then
    pairs=$out/enlarged
    enlarged=(--enlarged)
    resident=(--resident)
    before=restorer_nano_ordinary
    stages=(restorer_wide restorer_wide_meaning)
    package=(--name restorer-2 --facts runs/restorer-2.facts.json)
else
    pairs=$out/pairs
    enlarged=()
    resident=()
    before=
    stages=(restorer_nano restorer_nano_sharp restorer_nano_ordinary)
    package=(--out "$out/package")
fi
if [ -n "${DEBUG:-}" ]; then
    clips=()
    parts=(0)
    stages=(restorer_debug)
    [ -z "${GPU:-}" ] || before=restorer_debug stages=(restorer_wide_debug)
    package=(--out "$out/package")
fi
mkdir -p "$pairs"

make_pairs() { # base, tokens or ordinary, I/N
    local folder=$pairs/$1-${2%/*}
    [ -e "$folder" ] && return
    "$python" -m semcodec_train.restorer.data "$1" --photos "$photos" "${clips[@]}" --part "$2" --out "$folder" "${enlarged[@]}"
}

for part in "${parts[@]}"; do
    make_pairs base "$part/6"
    make_pairs tokens "$part/14"
    make_pairs ordinary "$part/6"
done
init=${INIT:-${before:+$out/$before/restorer.safetensors}}
for recipe in "${stages[@]}"; do
    "$python" -m semcodec_train.restorer.train "$recipe" --pairs "$pairs/*" --networks "$data/perceptual" \
        --out "$out/$recipe" "${resident[@]}" ${init:+--init "$init"} ${MINUTES:+--minutes "$MINUTES"}
    init=$out/$recipe/restorer.safetensors
done
"$python" -m semcodec_train.restorer.export --weights "$init" --pairs "$pairs"/{base,tokens,ordinary}-0 "${package[@]}"

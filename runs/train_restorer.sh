#!/usr/bin/env bash
# The embedded restorer from photographs to package: pairs, training in two stages, ONNX graphs.
#
#   runs/train_restorer.sh DATA OUT
#
# DATA holds photos/train (pictures), video/train (MP4 clips) and perceptual/ (mobilenet_v2, efficientnet_lite2,
# lpips_alex .safetensors). OUT takes pairs, checkpoints and logs; a run that was stopped goes on where it was, and begins
# where another ended with INIT=restorer.safetensors. The shipped tokenizer must be in place: it learns its pictures. On
# two CPU cores: hours for the pairs, under two for the training, which takes a GPU where there is one.
set -euo pipefail
data=${1:?"which folder holds photos/, video/ and perceptual/?"}
out=${2:?"where do pairs and checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
mkdir -p "$out/pairs"

pairs() { # base or tokens, I/N
    local folder=$out/pairs/$1-${2%/*}
    [ -e "$folder" ] && return
    "$python" -m semcodec_train.restorer_data "$1" --photos "$data/photos/train" --clips "$data/video/train" \
        --part "$2" --out "$folder.part"
    mv "$folder.part" "$folder"
}

train() { # recipe, more arguments
    "$python" -m semcodec_train.train_restorer "$1" --pairs "$out/pairs/*[0-9]" --networks "$data/perceptual" \
        --out "$out/$1" "${@:2}" | tee -a "$out/$1.log"
}

for part in 0 1 2 3 4 5; do
    pairs base "$part/6"
    pairs tokens "$part/14"
done
train restorer_nano ${INIT:+--init "$INIT"}
train restorer_nano_sharp --init "$out/restorer_nano/restorer.safetensors"
"$python" -m semcodec_train.restorer_export --weights "$out/restorer_nano_sharp/restorer.safetensors" \
    --pairs "$out"/pairs/{base,tokens}-0 --name restorer-1 --facts runs/restorer-1.facts.json

#!/usr/bin/env bash
# The embedded tokenizer from data to package: training, integer tables, ONNX graphs, Kodak.
#
#   runs/train_tokenizer.sh DATA OUT
#
# DATA holds photos/train (pictures), video/train (MP4 clips), kodak, perceptual/mobilenet_v2.safetensors. OUT takes
# checkpoints and logs; a run that was stopped goes on where it was. On two CPU cores: about five hours and a half.
set -euo pipefail
data=${1:?"which folder holds photos/, video/, kodak/ and perceptual/?"}
out=${2:?"where do checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
judge=$data/perceptual/mobilenet_v2.safetensors
mkdir -p "$out"

train() { # recipe, more arguments
    "$python" -m semcodec_train.train_tokenizer "$1" --photos "$data/photos/train" --judge "$judge" --out "$out/$1" "${@:2}" |
        tee -a "$out/$1.log"
}

train tokenizer_nano
train tokenizer_few_digits --clips "$data/video/train" --init "$out/tokenizer_nano/model.pt"
train tokenizer_many_digits --clips "$data/video/train" --init "$out/tokenizer_few_digits/model.pt"
train tokenizer_fidelity --clips "$data/video/train" --init "$out/tokenizer_many_digits/model.pt"
train tokenizer_residues --clips "$data/video/train" --init "$out/tokenizer_fidelity/model.pt"
"$python" -m semcodec_train.token_tables --weights "$out/tokenizer_residues/model.pt" --photos "$data/photos/train" \
    --limit 1200 --name nano-1 --out "$out/1.bin"
"$python" -m semcodec_train.package --weights "$out/tokenizer_residues/model.pt" --family "$out/1.bin" --name nano-1 \
    --wire-id 1 --facts runs/nano-1.facts.json --photos "$data/photos/train"
"$python" -m semcodec bench "$data/kodak" --manifest benchmarks/manifests/kodak.json --out benchmarks/results/kodak \
    --mobilenet "$judge" --judge2 benchmarks/judges/judge2.safetensors

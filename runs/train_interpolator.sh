#!/usr/bin/env bash
# The embedded interpolator of clips, from clips and photographs to package.
#
#   runs/train_interpolator.sh DATA OUT
#
# DATA holds video/train (clips), photos/train (pictures; or photos/train.tar) and perceptual/lpips_alex.safetensors.
# OUT takes archives, checkpoints, logs and run.json; a run that was stopped goes on where it was. The shipped encoder,
# decoder and restorer must be in place: adapters learn from what they paint. On a GPU (GPU=1) 16 minutes and 3 times
# 90 seconds, and an hour of a CPU core before for painted frames; on a CPU the same takes days. A GPU begins from what
# a CPU left in OUT, where there is something, or from INIT=interpolator.safetensors. MINUTES, TUNE: how long training
# and each tuning may be instead, PAINT: minutes for painted frames. DEBUG=1: a tiny one, and no release.
# interpolator-1: MINUTES=41 on a CPU, then GPU=1 MINUTES=12.5 TUNE=1.2 with half of the photographs.
set -euo pipefail
data=${1:?"which folder holds video/, photos/ and perceptual/?"}
out=${2:?"where do archives and checkpoints go?"}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python}
photos=$data/photos/train
[ -e "$photos" ] || photos=$photos.tar
recipe=interpolator_nano
tuner=tuned_nano
init=(${INIT:+--init "$INIT"})
package=(--out "$out/package")
if [ -n "${GPU:-}" ]; then
    recipe=interpolator_wide
    tuner=tuned_wide
    before=$out/interpolator_nano/interpolator.safetensors
    [ -n "${INIT:-}" ] || [ ! -e "$before" ] || init=(--init "$before")
    package=(--name interpolator-1 --facts runs/interpolator-1.facts.json)
fi
if [ -n "${DEBUG:-}" ]; then
    recipe=interpolator_debug
    tuner=tuned_debug
    init=()
    package=(--out "$out/package")
fi

if [ ! -e "$out/data" ]; then
    "$python" -m semcodec_train.interpolator.data --clips "$data/video/train" --photos "$photos" --limit 3300 \
        --out "$out/packing"
    mv "$out/packing" "$out/data"
fi
[ -e "$out/data/painted-3.tar" ] ||
    "$python" -m semcodec_train.interpolator.painted --data "$out/data" ${PAINT:+--minutes "$PAINT"}
"$python" -m semcodec_train.interpolator.train "$recipe" --data "$out/data" --networks "$data/perceptual" \
    --out "$out/$recipe" ${init[@]+"${init[@]}"} ${MINUTES:+--minutes "$MINUTES"}
for number in 1 2 3; do
    "$python" -m semcodec_train.interpolator.tune "$tuner" --number "$number" --size "$recipe" \
        --weights "$out/$recipe/interpolator.safetensors" --data "$out/data" --networks "$data/perceptual" \
        --out "$out/tuned-$number" ${TUNE:+--minutes "$TUNE"}
done
"$python" -m semcodec_train.interpolator.export --weights "$out/$recipe/interpolator.safetensors" --recipe "$recipe" \
    --adapter "0,0.007,$out/tuned-1/tuned-1.safetensors" --adapter "0.007,0.022,$out/tuned-2/tuned-2.safetensors" \
    --adapter "0.022,0.25,$out/tuned-3/tuned-3.safetensors" --strength 0.5 "${package[@]}"

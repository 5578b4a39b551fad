#!/usr/bin/env bash
# Runs tests as processors of other instruction sets would round: three levels of torch, each with one of oneDNN.
# A level that this processor does not have is taken by both as the best that it has.
#
#   bash scripts/instructions.sh tests/hub tests/nets
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x .venv-dev/bin/python ] && PATH="$PWD/.venv-dev/bin:$PATH"

for levels in default:SSE41 avx2:AVX2 avx512:AVX512_CORE; do
  export ATEN_CPU_CAPABILITY=${levels%:*} ONEDNN_MAX_CPU_ISA=${levels#*:}
  echo "== torch at $ATEN_CPU_CAPABILITY, oneDNN at $ONEDNN_MAX_CPU_ISA"
  python -m pytest -q "$@"
done

#!/usr/bin/env bash
# Installs what the viewer needs and runs its tests. Where there is no Node 20, one line says that they were left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/node.sh

if ! has_node; then
    echo "viewer: its tests were left out: they need Node 20 and npm"
    exit
fi
cd viewer
npm ci --silent --no-audit --no-fund
npm test --silent

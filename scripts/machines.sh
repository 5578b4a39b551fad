#!/usr/bin/env bash
# The same symbols on every machine: reads all conformance files under 1 and 2 threads, with the oldest and the newest
# onnxruntime, and under qemu-user as x86 of 2006 and 2008 and as aarch64. Every line must end with one and the same hash.
# Behind it stands how far the pixels are from those of the first line (scripts/numerics.py).
#
#     bash scripts/machines.sh [WORK_FOLDER]      the folder (150 MB, a temporary one by default) can be used again
#
# Needs pip and a network; the emulated machines also apt-get and the Debian package qemu-user-static. Nothing is installed
# on this machine. Takes some minutes. Exit code 1 if any hash differs, any file is not read as it must be, or any pixel
# is further off than docs/numerics.md says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/python.sh
root="$PWD"
work="${1:-$(mktemp -d)}"
mkdir -p "$work"
work="$(cd "$work" && pwd)"
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$root/src"

# The newest onnxruntime that starts under qemu 7.2 as aarch64: 1.30 and 1.31 crash there when they are imported.
qemu_onnxruntime=1.27.0
arm_packages=(libc6 libgcc-s1 libstdc++6 zlib1g libexpat1 libssl3 libffi8 libbz2-1.0 liblzma5 libsqlite3-0 libuuid1
    python3.11-minimal libpython3.11-minimal libpython3.11-stdlib)

# venv DIR REQUIREMENT...: an environment of these alone; semcodec itself is taken from src/.
venv() {
    make_venv "$1"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check "${@:2}"
}

# requirements ==|>=: the run-time dependencies of pyproject.toml at their lower bounds, or as new as there are.
requirements() {
    "$(find_python)" - "$1" <<'PY'
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
print(*(line.replace(">=", sys.argv[1]) for line in project["dependencies"]))
PY
}

# arm_root: Debian's Python for aarch64 in $work/arm64/root, its packages from PyPI in $work/arm64/site. No root rights.
arm_root() {
    local arm="$work/arm64" python wheel
    python="$work/newest/bin/python"
    [[ -e "$arm/done" ]] && return
    mkdir -p "$arm"/{lists/partial,cache/archives/partial,root,debs,wheels,site}
    cat >"$arm/apt.conf" <<EOF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
Dir::State::lists "$arm/lists";
Dir::Cache "$arm/cache";
EOF
    APT_CONFIG="$arm/apt.conf" apt-get --quiet --quiet update
    (cd "$arm/debs" && APT_CONFIG="$arm/apt.conf" apt-get --quiet --quiet download "${arm_packages[@]}")
    for package in "$arm"/debs/*.deb; do dpkg -x "$package" "$arm/root"; done
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$arm/wheels" \
        --python-version 3.11 --implementation cp --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 \
        --platform manylinux2014_aarch64 numpy pillow "onnxruntime==$qemu_onnxruntime"
    for wheel in "$arm"/wheels/*.whl; do "$python" -m zipfile -e "$wheel" "$arm/site"; done
    touch "$arm/done"
}

emulator() {
    command -v "qemu-$1-static" || command -v "qemu-$1" || {
        echo "qemu-$1 is not here: apt-get install qemu-user-static" >&2
        return 1
    }
}

failed=0
first_hash=""
# machine NAME THREADS COMMAND...: reads and paints with this Python, prints the line of the machine.
machine() {
    local name="$1" threads="$2" read hash versions pixels="$work/pixels-${1// /-}-$2.npz"
    shift 2
    read="$(OMP_NUM_THREADS=$threads "$@" conformance/run.py)" || { echo "$read"; failed=1; }
    hash="${read##*symbols }"
    first_hash="${first_hash:-$hash}"
    [[ "$hash" == "$first_hash" ]] || failed=1
    versions="$("$@" -c 'import numpy, onnxruntime as o, platform as p
print(f"Python {p.python_version()} {p.machine()}, numpy {numpy.__version__}, onnxruntime {o.__version__}")' 2>/dev/null)"
    "$@" scripts/numerics.py paint "$pixels" --threads "$threads" 2>/dev/null
    first_pixels="${first_pixels:-$pixels}"
    printf '%s, %s thread(s): %s\n    %s\n    ' "$name" "$threads" "$versions" "${read##*$'\n'}"
    PYTHONPATH="$root/src" "$work/newest/bin/python" scripts/numerics.py compare "$first_pixels" "$pixels" || failed=1
}

# shellcheck disable=SC2046
venv "$work/newest" $(requirements ">=")
# shellcheck disable=SC2046
venv "$work/oldest" $(requirements "==")
arm_root
x86="$(emulator x86_64)"
arm="$(emulator aarch64)"

machine "this machine, newest" 1 "$work/newest/bin/python"
machine "this machine, newest" 2 "$work/newest/bin/python"
machine "this machine, oldest" 1 "$work/oldest/bin/python"
machine "this machine, oldest" 2 "$work/oldest/bin/python"
# OpenBLAS looks for AVX in a way that qemu cannot answer; the codec calls none of it.
export OPENBLAS_CORETYPE=Nehalem
machine "x86 of 2006 (Core 2)" 1 "$x86" -cpu core2duo "$work/oldest/bin/python"
machine "x86 of 2008 (Nehalem)" 1 "$x86" -cpu Nehalem "$work/newest/bin/python"
unset OPENBLAS_CORETYPE
# (the emulated Python has packages of its own)
export PYTHONPATH="$work/arm64/site:$root/src"
machine "aarch64" 1 "$arm" -L "$work/arm64/root" "$work/arm64/root/usr/bin/python3.11"
export PYTHONPATH="$root/src"

"$work/newest/bin/python" scripts/numerics.py tiles | sed 's/^/tiles of 256 pixels against wholes\n    /'
if ((failed)); then
    echo "not the same on every machine"
else
    echo "the same on every machine: symbols $first_hash"
fi
exit "$failed"

# Sourced by the other scripts: finds Python 3.11 or newer and makes virtual environments with it.

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3 python; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "semcodec needs Python 3.11 or newer with venv; none was found (name one with PYTHON=/path/to/python3)" >&2
    return 1
}

# make_venv DIR: makes DIR unless a working one is there.
make_venv() {
    local python
    if ! "$1/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python="$(find_python)"
        echo "making $1 with $("$python" --version)"
        "$python" -m venv --clear "$1"
    fi
}

# Sourced by the other scripts: finds Node 20 or newer, which the viewer's tests need, and installs it where asked to.

has_node() {
    command -v npm >/dev/null && [ "$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')" -ge 20 ] 2>/dev/null
}

install_packages() {
    local as_root
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    $as_root apt-get update -qq
    $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# install_node DIR: from the system's packages; where these are older, Node 20 from npm into DIR, which comes first in PATH.
install_node() {
    local architecture
    command -v npm >/dev/null || install_packages nodejs npm
    if ! has_node; then
        architecture=$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
        npm install --silent --no-audit --no-fund --prefix "$1" "node-linux-$architecture@20"
        export PATH="$PWD/$1/node_modules/node-linux-$architecture/bin:$PATH"
    fi
    has_node
}

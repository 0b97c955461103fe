#!/bin/sh
# Make .venv with everything from requirements/dev.txt and the project itself: `make install` calls this.
# Needs Python 3.11 or newer. Every download is checked against the hashes in requirements/.
set -eu
cd "$(dirname "$0")/.."
VENV=.venv

say() { echo "fieldtill: $*" >&2; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "Python 3.11 or newer is needed. Install it, or name it: make install PYTHON=/path/to/python3"
    exit 1
}

# Debian and Ubuntu keep the venv module in a package of its own.
install_venv_module() {
    version=$("$1" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')
    tools/apt.sh "python$version-venv" || tools/apt.sh python3-venv
}

make_venv() {
    python=$(find_python)
    rm -rf "$VENV"
    "$python" -m venv "$VENV" >/dev/null 2>&1 && return
    rm -rf "$VENV"
    if command -v uv >/dev/null && uv venv --seed --python "$python" "$VENV"; then return; fi
    rm -rf "$VENV"
    if install_venv_module "$python" && "$python" -m venv "$VENV"; then return; fi
    say "$python cannot make virtual environments. Install its venv module (Debian: apt-get install python3-venv)."
    exit 1
}

# Whoever told only one of the two installers where packages come from meant both.
if [ -n "${PIP_INDEX_URL:-}" ]; then export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"; fi
index=${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-}}
if [ -n "$index" ]; then export PIP_INDEX_URL="${PIP_INDEX_URL:-$index}"; fi
export PIP_DISABLE_PIP_VERSION_CHECK=1

if ! "$VENV/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then make_venv; fi
"$VENV/bin/python" -m pip install --quiet --require-hashes -r requirements/installer.txt

install() {
    "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" "$@" && return
    say "uv could not install; trying pip."
    "$VENV/bin/python" -m pip install --quiet "$@"
}
say "installing the packages of requirements/dev.txt into $VENV (about 1 GB with what the tests need)"
install --require-hashes -r requirements/dev.txt
install --no-deps --no-build-isolation -e .

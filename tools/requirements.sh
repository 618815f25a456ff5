#!/bin/sh
# Checks what has to be there before anything can be built, and names the packages to install where it is not.
# Usage: tools/requirements.sh [PYTHON]; the compiler is $CC, or the one that this Python was built with.
set -u

python=${1:-python3}
debian=""
fedora=""

missing() { # what, Debian's packages, Fedora's packages
    [ -n "$debian$fedora" ] || echo "Missing:" >&2
    echo "  - $1" >&2
    debian="$debian $2"
    fedora="$fedora $3"
}

# Packages of a Python that is not the system's default are called after its version: python3.12-dev.
case ${python##*/} in
    python3.[0-9]*) name=${python##*/} ;;
    *) name=python3 ;;
esac

# Its version, whether it can make environments, whether its headers are there, its compiler. Any Python can run this.
facts=$("$python" -c '
import os, sys, sysconfig
try:
    import ensurepip, venv
except ImportError:
    venv = None
headers = os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
compiler = sysconfig.get_config_var("CC") or "cc"
print("%d.%d %s %s %s %s" % (sys.version_info[:2] + (sys.version_info[:2] >= (3, 11), venv is not None, headers, compiler)))
' 2>/dev/null) || facts=""
# shellcheck disable=SC2086
set -- ${facts:-none False False False cc}
version=$1 new=$2 venv=$3 headers=$4 compiler=${CC:-$5}

if [ "$version" = none ]; then
    missing "Python 3.11 or newer ($python cannot be run)" "$name $name-venv $name-dev" "$name $name-devel"
elif [ "$new" = False ]; then
    missing "Python 3.11 or newer ($python is $version); with the packages below: make PYTHON=python3.12" \
        "python3.12 python3.12-venv python3.12-dev" "python3.12 python3.12-devel"
else
    [ "$venv" = True ] || missing "the modules venv and ensurepip of $python" "$name-venv" "$name-libs"
    [ "$headers" = True ] || missing "the headers of $python (Python.h)" "$name-dev" "$name-devel"
fi

if ! command -v "${compiler%% *}" >/dev/null 2>&1; then
    missing "a C compiler (${compiler%% *})" "gcc libc6-dev" "gcc"
elif ! echo '#include <stdlib.h>' | $compiler -E - >/dev/null 2>&1; then
    missing "the headers of the C library (stdlib.h)" "libc6-dev" "glibc-devel"
fi

[ -n "$debian$fedora" ] || exit 0
echo "To install it on Debian or Ubuntu: apt-get install$debian" >&2
echo "On Fedora and its relatives:       dnf install$fedora" >&2
exit 1

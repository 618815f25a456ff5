#!/bin/sh
# roots.sh FOLDER WHEELS: what make demo prints, by the wheel, on a new Debian. FOLDER gets a root of each of SUITES, which has the
# Pythons of that Debian and no compiler. Each Python installs the wheel of the folder WHEELS that pip takes for it, without the
# network, and has to print the same as the others. As root, with debootstrap. PYTHON fetches what the wheels need.
set -eu
[ "$(id -u)" = 0 ] || { echo "a root is made and entered by root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }
mkdir -p "$1"
into=$(cd "$1" && pwd)
wheels=$(cd "$2" && pwd)
cd "$(dirname "$0")/../../.."

# The dependencies have no compiled parts.
rm -rf "$into/needed"
"${PYTHON:-python3}" -m pip download --quiet --only-binary :all: --no-deps --dest "$into/needed" attrs cvss packaging
rm -f "$into/first"

enter() { env -i PATH=/usr/bin:/bin:/usr/sbin LANG=C.UTF-8 chroot "$root" "$@"; }
for suite in ${SUITES:-bookworm trixie forky}; do
    root=$into/$suite
    pythons=python3,python3-venv
    [ "$suite" != forky ] || pythons=$pythons,python3.15,python3.15-venv
    if [ ! -e "$root/complete" ]; then
        rm -rf "$root"
        # An older debootstrap does not know newer names.
        script=/usr/share/debootstrap/scripts/$suite
        [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
        debootstrap --variant=minbase --include="$pythons" "$suite" "$root" http://deb.debian.org/debian "$script" >"$into/$suite.log" 2>&1 ||
            { tail -5 "$into/$suite.log" >&2; exit 1; }
        touch "$root/complete"
    fi
    rm -rf "$root/vercmp" "$root/wheels"
    mkdir -p "$root/vercmp/tools" "$root/wheels"
    cp -R examples "$root/vercmp/"
    cp tools/try_wheel.py "$root/vercmp/tools/"
    cp "$wheels"/vercmp-*.whl "$into"/needed/*.whl "$root/wheels/"
    for program in "$root"/usr/bin/python3.[0-9]*; do
        python=$(basename "$program")
        case $python in *-*) continue ;; esac
        rm -rf "${root:?}/$python"
        enter "$python" -m venv "/$python"
        enter "/$python/bin/python" -m pip --disable-pip-version-check install --quiet --no-index --find-links /wheels vercmp
        enter "/$python/bin/advisories" match --format table --inventory /vercmp/examples/almalinux-9/host.tsv \
            --feed /vercmp/examples/almalinux-9/advisories.jsonl >"$into/$suite-$python.txt"
        [ -s "$into/$suite-$python.txt" ]
        if [ -e "$into/first" ]; then cmp "$into/first" "$into/$suite-$python.txt"; else cp "$into/$suite-$python.txt" "$into/first"; fi
        echo "$suite: $(enter "/$python/bin/python" /vercmp/tools/try_wheel.py)"
    done
done

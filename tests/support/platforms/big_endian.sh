#!/bin/sh
# big_endian.sh FOLDER: keys, indexes, a store and findings on s390x, which has the other order of bytes, and on this machine. They
# have to be the same. Python and its libraries for s390x are Debian 12's: they come by apt into FOLDER, and qemu runs them.
# PYTHON is a Python 3.11 with Cython, and setuptools, which compile. ORACLE is Debian 12's own Python 3.11, for its SQLite.
set -eu
for program in apt-get dpkg-deb qemu-s390x-static s390x-linux-gnu-gcc; do
    command -v "$program" >/dev/null || { echo "$program is missing: on Debian 12, apt-get install qemu-user-static gcc-s390x-linux-gnu" >&2; exit 1; }
done
python=${PYTHON:-python3}
oracle=${ORACLE:-/usr/bin/python3.11}
mkdir -p "$1"
into=$(cd "$1" && pwd)
cd "$(dirname "$0")/../../.."

root=$into/root
if [ ! -x "$root/usr/bin/python3.11" ]; then
    mkdir -p "$into/apt/lists/partial" "$into/apt/archives/partial" "$into/apt/packages" "$root"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [arch=s390x signed-by=$keys] http://deb.debian.org/debian bookworm main" >"$into/apt/sources"
    : >"$into/apt/status"
    get() {
        apt-get -qq -o APT::Architecture=s390x -o APT::Architectures::=s390x -o APT::Sandbox::User=root \
            -o Dir::Etc::SourceList="$into/apt/sources" -o Dir::Etc::SourceParts=/dev/null \
            -o Dir::State::Lists="$into/apt/lists" -o Dir::State::status="$into/apt/status" -o Dir::Cache="$into/apt" "$@"
    }
    get update
    (cd "$into/apt/packages" && get download python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libpython3.11-dev \
        libc6 libc6-dev linux-libc-dev libgcc-s1 libgcc-12-dev zlib1g libexpat1 libsqlite3-0 libssl3 libffi8 libbz2-1.0 \
        liblzma5 libuuid1 libcrypt1 libcrypt-dev)
    for package in "$into"/apt/packages/*.deb; do dpkg-deb -x "$package" "$root"; done
fi

# The dependencies have no compiled parts.
[ -d "$into/pure" ] || "$python" -m pip install --quiet --no-deps --target "$into/pure" attrs cvss packaging

# With the facts of that Python, setuptools compiles for its machine.
mkdir -p "$into/facts"
cp "$root"/usr/lib/python3.11/_sysconfigdata__s390x-linux-gnu.py "$into/facts/"
PYTHONPATH=$into/facts _PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata__s390x-linux-gnu _PYTHON_HOST_PLATFORM=linux-s390x \
    CC="s390x-linux-gnu-gcc --sysroot=$root" LDSHARED="s390x-linux-gnu-gcc --sysroot=$root -shared" \
    CPPFLAGS="-I$root/usr/include/python3.11 -I$root/usr/include" \
    "$python" setup.py --quiet build --build-base "$into/objects" --build-lib "$into/big"
"$python" setup.py --quiet build --build-base "$into/objects" --build-lib "$into/little"

answers() { # folder of the build, what runs it, where the other one left its pickles
    mkdir -p "$into/answers/$1"
    PYTHONPATH=$into/$1:$into/pure $2 tests/support/platforms/answers.py "$into/answers/$1" ${3:+"$into/answers/$3"} >"$into/answers/$1.txt"
}
answers little "$oracle"
answers big "qemu-s390x-static -L $root $root/usr/bin/python3.11" little
answers little "$oracle" big
diff "$into/answers/little.txt" "$into/answers/big.txt"
cat "$into/answers/big.txt"
echo "The same on s390x and on $(uname -m)."

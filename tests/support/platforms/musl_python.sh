#!/bin/sh
# musl_python.sh FOLDER: Python 3.11 with the C library musl, as FOLDER/bin/python3.11, of Debian 12's sources: of Python
# itself and of the libraries that its modules need, which become part of these modules. There is no OpenSSL, so no `ssl`.
set -eu
mkdir -p "$1/apt/lists/partial" "$1/apt/archives/partial" "$1/sources" "$1/objects"
into=$(cd "$1" && pwd)

echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main" >"$into/apt/sources"
: >"$into/apt/status"
get() {
    apt-get -qq -o APT::Sandbox::User=root -o Dir::Etc::SourceList="$into/apt/sources" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$into/apt/lists" -o Dir::State::status="$into/apt/status" -o Dir::Cache="$into/apt" "$@"
}
get update
(cd "$into/sources" && get source --download-only python3.11 zlib sqlite3 libffi bzip2 xz-utils)

# unpack NAME: into a new folder below objects, and go there.
unpack() {
    rm -rf "$into/objects/$1"
    mkdir "$into/objects/$1"
    tar --extract --file "$(ls "$into/sources/$1"_*.orig.tar.* | grep -v 'asc$')" --directory "$into/objects/$1" --strip-components=1
    cd "$into/objects/$1"
}
# musl has no headers of the kernel, which are the same for any C library.
mkdir -p "$into/include"
ln -sf /usr/include/linux /usr/include/asm-generic /usr/include/x86_64-linux-gnu/asm "$into/include/"
export CC=musl-gcc CPPFLAGS="-I$into/include"
jobs=$(getconf _NPROCESSORS_ONLN)
static="--prefix=$into --libdir=$into/lib --disable-shared --enable-static --with-pic"

unpack zlib
CFLAGS="-O2 -fPIC" ./configure --static --prefix="$into"
make --silent -j "$jobs" install
unpack bzip2
make --silent -j "$jobs" CC=musl-gcc CFLAGS="-O2 -fPIC -D_FILE_OFFSET_BITS=64" libbz2.a
cp libbz2.a "$into/lib/"
cp bzlib.h "$into/include/"
unpack xz-utils
# shellcheck disable=SC2086
./configure --quiet $static --disable-xz --disable-xzdec --disable-lzmadec --disable-lzmainfo --disable-scripts --disable-doc --disable-nls
make --silent -j "$jobs" install
unpack libffi
# shellcheck disable=SC2086
./configure --quiet $static --disable-docs --without-gcc-arch
make --silent -j "$jobs" install
# SQLite with what Debian's has, so that it writes the same.
unpack sqlite3
# shellcheck disable=SC2086
./configure --quiet $static --disable-tcl --disable-readline CFLAGS="-O2 -fPIC -DSQLITE_SECURE_DELETE -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_DBSTAT_VTAB"
make --silent -j "$jobs" libsqlite3.la
cp .libs/libsqlite3.a "$into/lib/"
cp sqlite3.h sqlite3ext.h "$into/include/"

unpack python3.11
# The wrapper says of which machine gcc's own libraries are. configure holds what it finds against that.
printf '#!/bin/sh\ncase $* in *-print-multiarch) exec echo x86_64-linux-musl ;; esac\nexec musl-gcc "$@"\n' >"$into/objects/musl-gcc"
chmod +x "$into/objects/musl-gcc"
CC="$into/objects/musl-gcc" PKG_CONFIG_PATH="$into/lib/pkgconfig" PKG_CONFIG_LIBDIR="$into/lib/pkgconfig" LDFLAGS="-L$into/lib" \
    ./configure --quiet --prefix="$into" --without-ensurepip --with-system-ffi --disable-test-modules
make --silent -j "$jobs" install
rm -r "$into/objects" "$into/sources"

#!/bin/sh
# A private PostgreSQL server in a folder of its own, for tests and for trying the recipes of docs/guide/postgresql.md.
# Usage: interop/postgresql.sh start FOLDER | stop FOLDER
#
# start makes the folder, a new cluster in it, and starts a server that listens on a socket in the folder alone. It prints
# what clients need in their environment. Nobody but the owner of the folder and root reaches the socket. The data does
# not survive a crash of the machine: the server never waits for the disk.
# stop ends the server and removes the folder.
#
# PostgreSQL refuses to run as root. Root's server runs as $POSTGRES_USER (default: postgres, of Debian's package).
# PL/Python imports from $PYTHONPATH, which that user must be able to read.
set -eu

fail() {
    echo "postgresql.sh: $1" >&2
    exit 1
}

[ $# = 2 ] || fail "usage: postgresql.sh start FOLDER | stop FOLDER"
case $2 in
    /*) folder=$2 ;;
    *) folder=$PWD/$2 ;;
esac

# Debian keeps the server's programs apart, a folder for each release. The newest one that is complete is taken.
bin=""
for candidate in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
    if [ -x "$candidate/initdb" ] && [ -x "$candidate/pg_ctl" ]; then bin=$candidate; fi
done
[ -n "$bin" ] || fail "no server is installed (Debian: postgresql)"

run_as=${POSTGRES_USER:-postgres}
as_owner() {
    if [ "$(id -u)" = 0 ]; then runuser -u "$run_as" -- "$@"; else "$@"; fi
}

case $1 in
    start)
        [ ! -e "$folder" ] || fail "$folder is already there"
        # A socket's whole name must fit into 107 bytes.
        [ "${#folder}" -le 80 ] || fail "$folder is too long a name for the folder of a socket"
        mkdir -m 700 "$folder"
        if [ "$(id -u)" = 0 ]; then chown "$run_as" "$folder"; fi
        cd "$folder" || fail "$folder cannot be entered"
        as_owner test -w "$folder" || fail "$run_as cannot reach $folder"
        as_owner "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale C --no-sync >"$folder/initdb.log" 2>&1 \
            || { cat "$folder/initdb.log" >&2; fail "initdb failed"; }
        settings="-k '$folder' -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        as_owner "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -o "$settings" start >/dev/null \
            || { cat "$folder/server.log" >&2; fail "the server did not start"; }
        printf 'PGHOST=%s\nPGUSER=postgres\nPGDATABASE=postgres\n' "$folder"
        ;;
    stop)
        [ -f "$folder/data/PG_VERSION" ] || fail "$folder has no server of this script"
        cd "$folder" || fail "$folder cannot be entered"
        if [ -f "$folder/data/postmaster.pid" ]; then
            as_owner "$bin/pg_ctl" -D "$folder/data" -m fast -w stop >/dev/null || fail "the server did not stop"
        fi
        cd /
        rm -rf "$folder"
        ;;
    *) fail "usage: postgresql.sh start FOLDER | stop FOLDER" ;;
esac

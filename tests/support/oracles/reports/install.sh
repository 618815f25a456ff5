#!/bin/sh
# install.sh FOLDER: the programs and libraries of others that load our reports, and what is here around them. They come from
# npm, Maven Central and the module proxy of Go, in the versions that package.json, pom.xml and go.mod name. Linux alone.
set -eu
for program in npm mvn javac go; do
    command -v "$program" >/dev/null || { echo "$program is missing: Node.js, Maven, a JDK from 17 on and Go are needed" >&2; exit 1; }
done
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
into=$(cd "$1" && pwd)
cp "$here/package.json" "$here/csaf.mjs" "$into/"
npm install --prefix "$into" --silent --no-audit --no-fund
chmod +x "$into/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
mvn --quiet --batch-mode --file "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$into/jars" "-Dmaven.repo.local=$into/m2"
javac -cp "$into/jars/*" -d "$into/classes" "$here/Reports.java"
cd "$here"
GOFLAGS=-mod=readonly go build -o "$into/reports" .

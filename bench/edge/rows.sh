#!/usr/bin/env bash
# What it costs a hit that rows keep it: the whole program with PostgreSQL, gateway and change feed, one answer of 10 KB kept by time beside the same kept by
# four rows of three tables; first with a quiet database, then with a hundred commits a second to other rows of one of those tables.
#
#   bench/edge/rows.sh [--rounds N] [--millis N] [--warm N] [--alone]
#
# With --alone, instead: what asking for changes costs by itself, in processor time (Validation.java); that can be told on a busy machine too.
# Freshet alone on processor 0 with one event loop; client (Generator.java, 64 connections), PostgreSQL, writer and app on processor 1. Each answer is asked for
# in turn, --millis at a time; printed are medians, and the median of the ratios within each round.
# Needs taskset, psql, python3, initdb and pg_ctl (PostgreSQL 13 or newer).
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
rounds=15 millis=800 warm=6 alone=off
while [ $# -gt 0 ]; do case $1 in
  --rounds) rounds=$2; shift ;;
  --millis) millis=$2; shift ;;
  --warm) warm=$2; shift ;;
  --alone) alone=on ;;
  *) sed -n '2,10p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
if [ $alone = on ]; then
  . "$home/app/src/main/sh/jdk.sh"
  "$home/freshet" --version >/dev/null
  exec "$(find_jdk)/bin/java" -XX:+UseCompactObjectHeaders -cp "$home/app/target/freshet/lib/*" "$home/bench/edge/Validation.java"
fi
PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
for tool in taskset psql python3 initdb pg_ctl; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done

work=$(mktemp -d); chmod 755 "$work"
pids=()
as=(); [ "$(id -u)" != 0 ] || { as=(setpriv --reuid=postgres --regid=postgres --clear-groups --reset-env env PATH="$PATH"); mkdir "$work/db"; chown postgres "$work/db"; }
mkdir -p "$work/db"
cleanup() {
  kill "${pids[@]}" 2>/dev/null || true; wait "${pids[@]}" 2>/dev/null || true
  "${as[@]}" pg_ctl -D "$work/db/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"
}
trap cleanup EXIT
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
pg=$(port) app=$(port) freshet=$(port) admin=$(port) gateway=$(port)

"${as[@]}" initdb -D "$work/db/data" -U bench -A trust -E UTF8 --locale=C >/dev/null
taskset -c 1 "${as[@]}" pg_ctl -D "$work/db/data" -w -l "$work/db/log" \
  -o "-p $pg -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/db -c wal_level=logical" start >/dev/null
sql() { psql -q -v ON_ERROR_STOP=1 "postgresql://bench:secret@127.0.0.1:$pg/postgres" "$@"; }
sql >/dev/null <<'SQL'
CREATE TABLE products (id int PRIMARY KEY, price int NOT NULL);
CREATE TABLE categories (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE stock (id int PRIMARY KEY, pieces int NOT NULL);
INSERT INTO products SELECT i, i FROM generate_series(1, 1000) i;
INSERT INTO categories SELECT i, 'c' || i FROM generate_series(1, 100) i;
INSERT INTO stock SELECT i, i FROM generate_series(1, 1000) i;
SQL

# An app of four statements, which carries on the trace that it is given.
cat >"$work/app.py" <<'PY'
import http.server, os, subprocess, sys
port, gateway = sys.argv[1:]
body = os.urandom(10240)
class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path != "/time":
            note = "/*traceparent='%s'*/" % self.headers.get("traceparent", "")
            for what in ("products WHERE id = 1", "products WHERE id = 2", "categories WHERE id = 1", "stock WHERE id = 1"):
                subprocess.run(["psql", "-qAt", "postgresql://bench:secret@127.0.0.1:%s/postgres" % gateway, "-c", "SELECT * FROM %s %s" % (what, note)],
                               check=True, stdout=subprocess.DEVNULL)
        self.send_response(200)
        self.send_header("Cache-Control", "max-age=3600")
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *what): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), App).serve_forever()
PY
taskset -c 1 python3 "$work/app.py" "$app" "$gateway" 2>"$work/app.log" & pids+=($!)
cat >"$work/freshet.yaml" <<CONF
listen: 127.0.0.1:$freshet
admin: 127.0.0.1:$admin
origin: http://127.0.0.1:$app
database: postgresql://bench:secret@127.0.0.1:$pg/postgres
gateway: { listen: 127.0.0.1:$gateway }
loops: 1
routes:
  - { match: /rows, cache: rows, share: public }
  - { match: /user, cache: rows }
CONF
"$home/freshet" --version >/dev/null
(cd "$work" && exec taskset -c 0 "$home/freshet" run --config freshet.yaml) >"$work/freshet.log" 2>&1 & server=$!; pids+=($server)

for i in $(seq 200); do
  ! curl -s "http://127.0.0.1:$admin/status" | grep -q '"state" : "ATTACHED"' || break
  [ "$i" != 200 ] || { echo "bench: the feed does not attach" >&2; tail -n 5 "$work"/*.log >&2; exit 1; }
  sleep 0.1
done
names=(time rows user)
for n in "${names[@]}"; do
  for i in $(seq 100); do
    said=$(curl -s -D - -o /dev/null "http://127.0.0.1:$freshet/$n" | grep -i '^cache-status' || true)
    [[ $said != *hit* ]] || break
    [ "$i" != 100 ] || { echo "bench: /$n is never a hit: $said" >&2; curl -s "http://127.0.0.1:$admin/why?url=http://127.0.0.1:$freshet/$n" >&2; exit 1; }
    sleep 0.1
  done
done
why=$(curl -s "http://127.0.0.1:$admin/why?url=http://127.0.0.1:$freshet/rows"); echo "$why" >&2
! grep -q '"asOf" : null' <<<"$why" || { echo "bench: /rows is not kept by its rows" >&2; exit 1; }

. "$home/app/src/main/sh/jdk.sh"
jdk=$(find_jdk); "$jdk/bin/javac" -d "$work" "$home/bench/edge/Generator.java"
# Asks for each in turn; a line of Generator.java for each window in $work/NAME.KIND.
windows() { # kind rounds millis
  local n told=()
  for n in "${names[@]}"; do told+=("$n,$freshet,$n,$server"); done
  taskset -c 1 "$jdk/bin/java" -XX:+UseSerialGC -Xmx256m -Xmn128m -cp "$work" Generator "$2" "$3" 0 64 "${told[@]}" |
    while read -r name line; do echo "$line" >>"$work/$name.$1"; done
}
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
col() { awk -v c="$2" '{print $c}' "$work/$1" | median; }
misses() { curl -s "http://127.0.0.1:$admin/metrics" | awk '/^freshet_edge_requests_total/ && !/outcome="hit"/ { n += $2 } END { print n + 0 }'; }

within() { # kind column name
  paste -d ' ' <(awk -v c="$2" '{print $c}' "$work/$3.$1") <(awk -v c="$2" '{print $c}' "$work/time.$1") | awk '{ print $1 / $2 }' | median
}
echo "warming up ($((warm * 3)) s) ..." >&2
windows warm 1 $((warm * 500))
for when in quiet writes; do
  if [ $when = writes ]; then
    echo "UPDATE products SET price = price + 1 WHERE id = 10 + (random() * 900)::int \\watch 0.005" | taskset -c 1 psql -q "postgresql://bench@127.0.0.1:$pg/postgres" >/dev/null 2>&1 & pids+=($!)
    from=$(sql -Atc "SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'"); began=$(date +%s%N)
  fi
  before=$(misses)
  windows $when "$rounds" "$millis"
  echo "$when: $(($(misses) - before)) requests were not hits"
  [ $when != writes ] || echo "$when: $(( ($(sql -Atc "SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'") - from) * 1000000000 / ($(date +%s%N) - began) )) commits/s"
  for n in "${names[@]}"; do printf '%-7s kept by %-5s %8.0f requests/s  %6.2f CPU us/hit\n' $when $n "$(col $n.$when 1)" "$(col $n.$when 5)"; done
done
for when in quiet writes; do for n in rows user; do
  awk -v a="$(within $when 1 $n)" -v c="$(within $when 5 $n)" -v n=$n -v w=$when 'BEGIN {
    printf "bar: %s, kept by %s: requests/s %.3f x, CPU %.3f x of a hit kept by time (5 %%): %s\n", w, n, a, c, (a >= 0.95 && c <= 1.05) ? "met" : "missed" }'
done; done
! cat "$work"/{time,rows,user}.{quiet,writes} | awk '$6 > 0' | grep -q . || echo "bench: some requests failed: these figures don't count" >&2

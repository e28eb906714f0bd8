#!/usr/bin/env bash
# The gateway and PgBouncer side by side on this machine: pgbench -S by each protocol, throughput per CPU second, added latency, many clients on few connections.
#
#   bench/gateway/run.sh [--quick] [--rounds N] [--seconds N]
#
# PostgreSQL, pgbench and one pooler at a time share the machine; rounds are interleaved, medians are printed. Both poolers get 20 server connections, pool by
# transaction, on one thread, without TLS. Needs initdb, postgres, pgbench (PostgreSQL 14 or newer) and pgbouncer.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
rounds=3 seconds=8 warm=10
while [ $# -gt 0 ]; do case $1 in
  --quick) rounds=1 seconds=3 warm=4 ;;
  --rounds) rounds=$2; shift ;;
  --seconds) seconds=$2; shift ;;
  *) sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
for tool in initdb pg_ctl pgbench psql pgbouncer; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done

work=$(mktemp -d); chmod 755 "$work"
as=(); [ "$(id -u)" != 0 ] || { as=(setpriv --reuid=postgres --regid=postgres --clear-groups --reset-env env PATH="$PATH"); chown postgres "$work"; }
pids=()
cleanup() { kill "${pids[@]}" 2>/dev/null || true; "${as[@]}" pg_ctl -D "$work/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap cleanup EXIT
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
server=$(port) bouncer=$(port) gateway=$(port) admin=$(port) listen=$(port)
export PGPASSWORD=secret PGUSER=bench PGHOST=127.0.0.1

echo "starting PostgreSQL ..." >&2
echo secret >"$work/pw"; chmod 644 "$work/pw"
"${as[@]}" initdb -D "$work/data" -U bench --pwfile="$work/pw" -A scram-sha-256 >/dev/null
"${as[@]}" pg_ctl -D "$work/data" -w -l "$work/pg.log" -o "-p $server -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work -c fsync=off -c max_connections=120" start >/dev/null
psql -q -p "$server" -d postgres -c 'create database bench' && pgbench -q -i -s 10 -p "$server" bench >/dev/null 2>&1

cat >"$work/bouncer.ini" <<CONF
[databases]
bench = host=127.0.0.1 port=$server dbname=bench
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $bouncer
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $work/users.txt
pool_mode = transaction
default_pool_size = 20
max_client_conn = 3000
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
CONF
echo '"bench" "secret"' >"$work/users.txt"; chmod 644 "$work"/*.ini "$work/users.txt"
(ulimit -n 8192 2>/dev/null || true; exec "${as[@]}" pgbouncer -q "$work/bouncer.ini") >"$work/bouncer.log" 2>&1 & pids+=($!); bouncer_pid=$!
cat >"$work/freshet.yaml" <<CONF
listen: 127.0.0.1:$listen
admin: 127.0.0.1:$admin
origin: http://127.0.0.1:9
loops: 1
database: postgresql://bench:secret@127.0.0.1:$server/bench?sslmode=disable
gateway: { listen: '127.0.0.1:$gateway', pool: { size: 20 } }
CONF
"$home/freshet" --version >/dev/null
(cd "$work" && exec "$home/freshet" run --config freshet.yaml) >"$work/freshet.log" 2>&1 & pids+=($!); freshet_pid=$!
for p in $bouncer $gateway; do
  for _ in $(seq 100); do psql -q -p "$p" -d bench -c 'select 1' >/dev/null 2>&1 && break; sleep 0.1; done
  psql -q -p "$p" -d bench -c 'select 1' >/dev/null || { echo "bench: nobody answers on $p" >&2; tail -n 5 "$work"/*.log >&2; exit 1; }
done

ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
tick=$(getconf CLK_TCK)
port_of() { case $1 in direct) echo "$server" ;; pgbouncer) echo "$bouncer" ;; freshet) echo "$gateway" ;; esac; }
pid_of() { case $1 in pgbouncer) echo "$bouncer_pid" ;; freshet) echo "$freshet_pid" ;; *) echo 1 ;; esac; }
# Appends to NAME.MODE.CLIENTS: tps, mean latency us, pooler CPU us per transaction, failed.
measure() { # name mode clients seconds
  local before after out
  before=$(ticks "$(pid_of "$1")")
  out=$(pgbench -n -S -M "$2" -c "$3" -j 1 -T "$4" -p "$(port_of "$1")" bench 2>&1) || { echo "$out" | tail -n 3 >&2; }
  after=$(ticks "$(pid_of "$1")")
  echo "$out" | awk -v cpu=$((after - before)) -v hz="$tick" '
    /transactions actually processed/ { split($NF, a, "/"); n = a[1] } /^tps/ { tps = $3 } /latency average/ { l = $4 } /failed transactions/ { f = $5 }
    END { printf "%.0f %.0f %.2f %d\n", tps, l * 1e3, cpu / hz * 1e6 / (n ? n : 1), f }' >>"$work/$1.$2.$3"
}
modes() { [ "$1" = pgbouncer ] && echo simple extended || echo simple extended prepared; }

echo "warming up ..." >&2
for m in simple extended prepared; do pgbench -n -S -M $m -c 64 -j 1 -T "$warm" -p "$gateway" bench >/dev/null 2>&1; done
for r in $(seq "$rounds"); do
  for name in direct pgbouncer freshet; do for m in $(modes $name); do
    echo "round $r of $rounds: $name, $m" >&2
    [ $name = direct ] && c=20 || c=64
    measure $name "$m" $c "$seconds"
    measure $name "$m" 1 $((seconds / 2 + 1))
  done; done
done
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
col() { [ -f "$work/$1" ] && awk -v c="$2" '{print $c}' "$work/$1" | median || echo 0; }
printf '\n%-9s %-10s %9s %14s %16s\n' protocol through tps "CPU us/tx" "us at 1 client"
for m in simple extended prepared; do for name in direct pgbouncer freshet; do
  c=64; [ $name = direct ] && c=20
  [ -f "$work/$name.$m.$c" ] || continue
  printf '%-9s %-10s %9.0f %14s %16.0f\n' $m $name "$(col $name.$m.$c 1)" "$([ $name = direct ] && echo - || col $name.$m.$c 3)" "$(col $name.$m.1 2)"
done; done
echo
for m in simple extended; do
  awk -v m=$m -v f="$(col freshet.$m.64 3)" -v b="$(col pgbouncer.$m.64 3)" -v ft="$(col freshet.$m.64 1)" -v bt="$(col pgbouncer.$m.64 1)" \
    -v fl="$(col freshet.$m.1 2)" -v bl="$(col pgbouncer.$m.1 2)" -v d="$(col direct.$m.1 2)" 'BEGIN {
      printf "%s: %.2f x PgBouncer tps; tx per CPU second %.2f x (bar >= 1: %s); added latency at 1 client %+.0f us (bar <= 60: %s), PgBouncer %+.0f us\n",
        m, ft / bt, b / f, (b >= f ? "met" : "missed"), fl - d, (fl - d <= 60 ? "met" : "missed"), bl - d }'
done
awk -v fl="$(col freshet.prepared.1 2)" -v d="$(col direct.prepared.1 2)" 'BEGIN { printf "prepared: added latency at 1 client %+.0f us (bar <= 60: %s)\n", fl - d, (fl - d <= 60 ? "met" : "missed") }'

echo "2,000 clients on 20 connections ..." >&2
ulimit -n 16384 2>/dev/null || true
measure direct prepared 20 "$seconds"
measure freshet prepared 2000 $((seconds + 10))
printf '2,000 clients on 20 connections: %s tps (%s with 20 clients direct), %s failed\n' "$(col freshet.prepared.2000 1)" "$(col direct.prepared.20 1)" "$(col freshet.prepared.2000 4)"

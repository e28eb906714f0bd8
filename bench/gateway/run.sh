#!/usr/bin/env bash
# The gateway and PgBouncer side by side on this machine: pgbench -S by each protocol, throughput per CPU second, added latency, many clients on few connections.
#
#   bench/gateway/run.sh [--quick] [--rounds N] [--seconds N] [--only pairs|many|idle]
#
# PostgreSQL, pgbench and one pooler at a time share the machine; rounds are interleaved, medians are printed. Both poolers get 20 server connections, pool by
# transaction, on one thread, without TLS. Needs initdb, postgres, pgbench (PostgreSQL 14 or newer) and pgbouncer; PGBOUNCER names another build of it.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
rounds=3 seconds=8 warm=10 only=all
bouncer_program=${PGBOUNCER:-pgbouncer}
while [ $# -gt 0 ]; do case $1 in
  --quick) rounds=1 seconds=3 warm=4 ;;
  --rounds) rounds=$2; shift ;;
  --seconds) seconds=$2; shift ;;
  --only) only=$2; shift ;;
  *) sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
for tool in initdb pg_ctl pgbench psql "$bouncer_program"; do
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

version=$("$bouncer_program" --version | awk 'NR == 1 {print $2}')
prepares= ; dpkg --compare-versions "$version" ge 1.21 2>/dev/null && prepares='max_prepared_statements = 200'
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
max_client_conn = 12000
$prepares
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
CONF
echo '"bench" "secret"' >"$work/users.txt"; chmod 644 "$work"/*.ini "$work/users.txt"
(ulimit -n 30000 2>/dev/null || true; exec "${as[@]}" "$bouncer_program" -q "$work/bouncer.ini") >"$work/bouncer.log" 2>&1 & pids+=($!); bouncer_pid=$!
cat >"$work/freshet.yaml" <<CONF
listen: 127.0.0.1:$listen
admin: 127.0.0.1:$admin
origin: http://127.0.0.1:9
loops: 1
database: postgresql://bench:secret@127.0.0.1:$server/bench?sslmode=disable
gateway: { listen: '127.0.0.1:$gateway', pool: { size: 20 } }
CONF
"$home/freshet" --version >/dev/null
(ulimit -n 30000 2>/dev/null || true; cd "$work" && exec "$home/freshet" run --config freshet.yaml) >"$work/freshet.log" 2>&1 & pids+=($!); freshet_pid=$!
for p in $bouncer $gateway; do
  for _ in $(seq 100); do psql -q -p "$p" -d bench -c 'select 1' >/dev/null 2>&1 && break; sleep 0.1; done
  psql -q -p "$p" -d bench -c 'select 1' >/dev/null || { echo "bench: nobody answers on $p" >&2; tail -n 5 "$work"/*.log >&2; exit 1; }
done

ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
tick=$(getconf CLK_TCK)
port_of() { case $1 in direct) echo "$server" ;; pgbouncer) echo "$bouncer" ;; freshet) echo "$gateway" ;; esac; }
pid_of() { case $1 in pgbouncer) echo "$bouncer_pid" ;; freshet) echo "$freshet_pid" ;; *) echo 1 ;; esac; }
# Appends to NAME.MODE.CLIENTS: tps, p50 and p99 latency us, pooler CPU us per transaction, failed, and how many times as much the luckiest client got as the least lucky.
measure() { # name mode clients seconds
  local before after out log
  log=$work/log; rm -f "$log".*
  before=$(ticks "$(pid_of "$1")")
  out=$(cd "$work" && pgbench -n -S -l --log-prefix=log -M "$2" -c "$3" -j 1 -T "$4" -p "$(port_of "$1")" bench 2>&1) || { echo "$out" | tail -n 3 >&2; }
  after=$(ticks "$(pid_of "$1")")
  local spread fair
  spread=$(awk '{print $3}' "$log".* | sort -n | awk '{v[NR] = $1} END {printf "%d %d", v[int(NR / 2) + 1], v[int(NR * 0.99) + 1]}')
  fair=$(awk '{n[$1]++} END {for (c in n) {if (n[c] > max) max = n[c]; if (!min || n[c] < min) min = n[c]} printf "%.2f", max / min}' "$log".*)
  echo "$out" | awk -v cpu=$((after - before)) -v hz="$tick" -v spread="$spread" -v fair="$fair" '
    /transactions actually processed/ { split($NF, a, "/"); n = a[1] } /^tps/ { tps = $3 } /failed transactions/ { f = $5 }
    END { printf "%.0f %s %.2f %d %s\n", tps, spread, cpu / hz * 1e6 / (n ? n : 1), f, fair }' >>"$work/$1.$2.$3"
}
modes() { [ "$1" = pgbouncer ] && [ -z "$prepares" ] && echo simple extended || echo simple extended prepared; }
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
col() { [ -f "$work/$1" ] && awk -v c="$2" '{print $c}' "$work/$1" | median || echo 0; }

echo "warming up ..." >&2
for m in simple extended prepared; do pgbench -n -S -M $m -c 64 -j 1 -T "$warm" -p "$gateway" bench >/dev/null 2>&1; done
if [ $only = all ] || [ $only = pairs ]; then
for r in $(seq "$rounds"); do
  for name in direct pgbouncer freshet; do for m in $(modes $name); do
    echo "round $r of $rounds: $name, $m" >&2
    [ $name = direct ] && c=20 || c=64
    measure $name "$m" $c "$seconds"
    measure $name "$m" 1 $((seconds / 2 + 1))
  done; done
done
printf '\nPgBouncer %s; PostgreSQL %s\n\n' "$version" "$(psql -At -p "$server" -d bench -c 'show server_version')"
printf '%-9s %-10s %9s %14s %11s %20s %20s\n' protocol through tps "CPU us/tx" "p99 us" "p50 us at 1 client" "p99 us at 1 client"
for m in simple extended prepared; do for name in direct pgbouncer freshet; do
  c=64; [ $name = direct ] && c=20
  [ -f "$work/$name.$m.$c" ] || continue
  printf '%-9s %-10s %9.0f %14s %11.0f %20.0f %20.0f\n' $m $name "$(col $name.$m.$c 1)" "$([ $name = direct ] && echo - || col $name.$m.$c 4)" "$(col $name.$m.$c 3)" "$(col $name.$m.1 2)" "$(col $name.$m.1 3)"
done; done
echo
for m in simple extended prepared; do
  fl=$(col freshet.$m.1 2) d=$(col direct.$m.1 2)
  if [ -f "$work/pgbouncer.$m.64" ]; then
    awk -v m=$m -v f="$(col freshet.$m.64 4)" -v b="$(col pgbouncer.$m.64 4)" -v ft="$(col freshet.$m.64 1)" -v bt="$(col pgbouncer.$m.64 1)" \
      -v fp="$(col freshet.$m.64 3)" -v bp="$(col pgbouncer.$m.64 3)" -v fl="$fl" -v bl="$(col pgbouncer.$m.1 2)" -v d="$d" 'BEGIN {
        printf "%s: %.2f x PgBouncer tps; tx per CPU second %.3f x (bar >= 1: %s); p99 with 64 clients %.0f against %.0f us (bar no more: %s); added p50 at 1 client %+.0f us (bar <= 60: %s), PgBouncer %+.0f us\n",
          m, ft / bt, b / f, (b >= f ? "met" : "missed"), fp, bp, (fp <= bp ? "met" : "missed"), fl - d, (fl - d <= 60 ? "met" : "missed"), bl - d }'
  else
    awk -v m=$m -v fl="$fl" -v d="$d" 'BEGIN { printf "%s: added p50 at 1 client %+.0f us (bar <= 60: %s); this PgBouncer does not do it\n", m, fl - d, (fl - d <= 60 ? "met" : "missed") }'
  fi
done
fi

ulimit -n 30000 2>/dev/null || true
if [ $only = all ] || [ $only = many ]; then
  echo "2,000 clients on 20 connections ..." >&2
  for name in direct pgbouncer freshet; do
    m=prepared c=2000
    [ $name = direct ] && c=20
    [ $name = pgbouncer ] && [ -z "$prepares" ] && m=extended
    measure $name $m $c $((seconds + 12))
    printf '%s clients through %s (%s): %s tps, %s failed, max/min per client %s\n' $c $name $m "$(col $name.$m.$c 1)" "$(col $name.$m.$c 5)" "$(col $name.$m.$c 6)"
  done
fi

if [ $only = all ] || [ $only = idle ]; then
  echo "10,000 idle clients ..." >&2
  jcmd=$(ls "$(dirname "$(readlink -f "/proc/$freshet_pid/exe")")/jcmd")
  resident() { [ "$1" != freshet ] || "$jcmd" "$freshet_pid" GC.run >/dev/null; awk '/^VmRSS/ {print $2}' "/proc/$(pid_of "$1")/status"; }
  echo '\sleep 600 s' >"$work/idle.sql"
  for name in pgbouncer freshet; do
    before=$(resident $name)
    (cd "$work" && exec pgbench -n -f idle.sql -c 9900 -j 1 -t 1 -p "$(port_of $name)" bench) >"$work/idle.log" 2>&1 & idle=$!
    until [ "$(ss -Htn state established "( sport = :$(port_of $name) )" | wc -l)" -ge 9900 ] || ! kill -0 $idle 2>/dev/null; do sleep 1; done
    sleep 2
    after=$(resident $name)
    n=$(ss -Htn state established "( sport = :$(port_of $name) )" | wc -l)
    kill $idle 2>/dev/null || true; wait $idle 2>/dev/null || true
    awk -v name=$name -v n="$n" -v a="$after" -v b="$before" 'BEGIN { printf "%d idle clients of %s: %.0f MB more resident (%.1f kB each), %.0f MB in all\n", n, name, (a - b) / 1024, (a - b) / (n ? n : 1), a / 1024 }'
  done
fi

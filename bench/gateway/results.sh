#!/usr/bin/env bash
# Results from the gateway's memory: how fast hits are beside PostgreSQL itself, and what a statement costs that is looked for in vain.
#
#   bench/gateway/results.sh [--quick] [--seconds N] [--rounds N] [--only hits|points|misses] [--patience N]
#
# Points: pgbench reads 1,000 rows one at a time with 1, 8 and 64 clients, of PostgreSQL, of the gateway's memory and, where there is a C compiler, of floor.c, which says the same row to everybody: more than
# from that no client gets on this machine, as everything shares it, the client too. Told are answers a second and the processor time that whoever answers takes for one.
# Hits: the same 32 in one go, and an aggregate of 50 ms. Misses: pgbench -S over 1,000,000 rows through the gateway with results by rows on and off, and through PgBouncer; both gateways are warmed up
# until their compilers take less than 1 % of a processor each, or for --patience seconds; what those threads take afterwards is told apart. Needs initdb, pg_ctl, pgbench, psql, pgbouncer, a JDK 25 and Maven.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
seconds=6 rounds=3 only=all patience=90
while [ $# -gt 0 ]; do case $1 in
  --quick) seconds=3 rounds=1 ;;
  --seconds) seconds=$2; shift ;;
  --rounds) rounds=$2; shift ;;
  --only) only=$2; shift ;;
  --patience) patience=$2; shift ;;
  *) sed -n '2,10p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
for tool in initdb pg_ctl pgbench psql pgbouncer; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done
. "$home/app/src/main/sh/jdk.sh"
JAVA_HOME=$(find_jdk); export JAVA_HOME
work=$(mktemp -d); chmod 755 "$work"
as=(); [ "$(id -u)" != 0 ] || { as=(setpriv --reuid=postgres --regid=postgres --clear-groups --reset-env env PATH="$PATH"); chown postgres "$work"; }
pids=()
cleanup() { kill "${pids[@]}" 2>/dev/null || true; "${as[@]}" pg_ctl -D "$work/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap cleanup EXIT
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
server=$(port) bouncer=$(port)
# The same user as in the gateway's tests, whose client is used.
export PGPASSWORD='an app secret' PGUSER=app PGHOST=127.0.0.1

echo "$PGPASSWORD" >"$work/pw"; chmod 644 "$work/pw"
"${as[@]}" initdb -D "$work/data" -U app -E UTF8 --locale=C --pwfile="$work/pw" -A scram-sha-256 >/dev/null
"${as[@]}" pg_ctl -D "$work/data" -w -l "$work/pg.log" -o "-p $server -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work -c fsync=off -c wal_level=logical -c max_connections=150" start >/dev/null
psql -q -p "$server" -d postgres -c 'create database shop' && pgbench -q -i -s 10 -p "$server" shop >/dev/null 2>&1
# As many rows as take about 50 ms.
aggregate='select count(*), sum(sqrt(abalance + aid)) from pgbench_accounts where aid <= 350000'
psql -q -p "$server" -d shop -c 'set max_parallel_workers_per_gather = 0' -c '\timing on' -c "$aggregate" -c "$aggregate" | awk '/^Time/ {t = $2} END {printf "the aggregate takes %.0f ms\n", t}'
psql -q -p "$server" -d shop -c 'alter role app set max_parallel_workers_per_gather = 0'

printf '[databases]\nshop = host=127.0.0.1 port=%s dbname=shop\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %s\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = %s/users.txt\npool_mode = transaction\ndefault_pool_size = 20\nignore_startup_parameters = extra_float_digits\nlog_connections = 0\nlog_disconnections = 0\n' "$server" "$bouncer" "$work" >"$work/bouncer.ini"
echo '"app" "an app secret"' >"$work/users.txt"; chmod 644 "$work"/*.ini "$work/users.txt"
"${as[@]}" pgbouncer -q "$work/bouncer.ini" >"$work/bouncer.log" 2>&1 & pids+=($!); bouncer_pid=$!

"$home/freshet" --version >/dev/null
freshet() { # name, cache
  local gateway; gateway=$(port)
  printf "listen: 127.0.0.1:%s\nadmin: 127.0.0.1:%s\norigin: http://127.0.0.1:9\nloops: 1\ndatabase: 'postgresql://app:an%%20app%%20secret@127.0.0.1:%s/shop?sslmode=disable'\ngateway: { listen: '127.0.0.1:%s', pool: { size: 20 }, cache: { rows: %s } }\n" "$(port)" "$(port)" "$server" "$gateway" "$2" >"$work/$1.yaml"
  "$home/freshet" run --config "$work/$1.yaml" >"$work/$1.log" 2>&1 & pids+=($!)
  eval "$1_pid=$! $1_port=$gateway"
  for _ in $(seq 150); do psql -q -p "$gateway" -d shop -c 'select 1' >/dev/null 2>&1 && return; sleep 0.1; done
  echo "bench: nobody answers on $gateway" >&2; tail -n 5 "$work/$1.log" >&2; exit 1
}
freshet on on
freshet off off
ticks() { awk '{sub(/.*\) /, ""); print $12 + $13}' "/proc/$1/stat"; }
tick=$(getconf CLK_TCK)

if [ "$only" = all ] || [ "$only" = points ]; then
  names='direct on'
  if cc -O2 -o "$work/floor" "$home/bench/gateway/floor.c" 2>/dev/null; then
    floor_port=$(port); "$work/floor" "$floor_port" & pids+=($!); floor_pid=$!; names="$names floor"
  fi
  direct_port=$server postmaster=$(head -n 1 "$work/data/postmaster.pid")
  printf '\\set aid random(1, 1000)\nselect abalance from pgbench_accounts where aid = :aid;\n' >"$work/hot.sql"; chmod 644 "$work/hot.sql"
  # Of the server those processes count that have ended: each client's has when pgbench is done.
  spent() { case $1 in direct) awk '{sub(/.*\) /, ""); print $14 + $15}' "/proc/$postmaster/stat" ;; on) ticks "$on_pid" ;; floor) ticks "$floor_pid" ;; esac; }
  points() { pgbench -n -f "$work/hot.sql" -M "$1" -c "$2" -j 1 -T "$3" -p "$4" shop 2>&1; }
  for m in simple extended prepared; do points $m 8 5 "$on_port" >/dev/null; points $m 64 5 "$on_port" >/dev/null; done
  printf '%-10s %7s  %s\n' protocol clients 'answers/s and us of processor time for each: PostgreSQL, from memory, floor'
  for m in simple extended prepared; do for c in 1 8 64; do
    printf '%-10s %7d' $m $c
    for name in $names; do
      eval "at=\$${name}_port"
      before=$(spent $name)
      told=$(points $m $c "$seconds" "$at"); sleep 0.2
      echo "$told" | awk -v cpu=$(($(spent $name) - before)) -v hz="$tick" '/actually processed/ { split($NF, a, "/"); n = a[1] } /^tps/ { t = $3 } END { printf "  %9.0f %6.2f", t, cpu / hz * 1e6 / (n ? n : 1) }'
    done; echo
  done; done
fi
if [ "$only" = all ] || [ "$only" = hits ]; then
  (cd "$home" && mvn -B -ntp -q -Dquick -pl gateway -am test-compile dependency:build-classpath -Dmdep.outputFile="$work/classpath" -Dmdep.includeScope=test >&2) || exit 2
  "$JAVA_HOME/bin/java" -Xmx256m -XX:+UseSerialGC -cp "$home/gateway/target/classes:$home/gateway/target/test-classes:$(cat "$work/classpath")" dev.freshet.gateway.ResultSpeed "$server" "$on_port" "$seconds" "$aggregate"
  psql -x -p "$on_port" -d freshet -c 'show results' | sed 's/^/  /'
fi
if [ "$only" = all ] || [ "$only" = misses ]; then
  # Nanoseconds that a process has run, its compiler's threads, and those alone that carry messages: /proc counts ticks of 10 ms too, of which a short round has too few.
  parts() { # pid
    local task name ns
    for task in /proc/"$1"/task/*; do
      { read -r name <"$task/comm" && read -r ns _ <"$task/schedstat" && echo "$ns $name"; } 2>/dev/null
    done | awk '{ all += $1 } /CompilerThre/ { c += $1 } $2 ~ /^freshet-gateway/ { l += $1 } END { printf "%.0f %.0f %.0f\n", all, c, l }'
  }
  # Another statement than the one measured: none of these answers is found then.
  printf '\\set aid random(1, 20000)\nselect bid, abalance from pgbench_accounts where aid = :aid;\n' >"$work/again.sql"; chmod 644 "$work/again.sql"
  both() { # seconds, then what pgbench is to do through both gateways at once
    local seconds=$1; shift
    for name in on off; do eval "pgbench -n $* -c 32 -j 1 -T $seconds -p \$${name}_port shop" >/dev/null 2>&1 & told="${told:-} $!"; done
    wait $told; told=
  }
  # First what comes again, so that keeping answers is known to the compiler too, then what hardly does, until the compiler has next to nothing to do.
  began=$(date +%s)
  for m in simple prepared; do both 10 -f "$work/again.sql" -M $m; both 8 -S -M $m; done
  while :; do
    read -r _ c_on _ < <(parts "$on_pid"); read -r _ c_off _ < <(parts "$off_pid")
    both 3 -S -M simple; both 3 -S -M prepared
    read -r _ d_on _ < <(parts "$on_pid"); read -r _ d_off _ < <(parts "$off_pid")
    warm=$(($(date +%s) - began))
    printf 'warm-up, %d s: the compiler took %.1f and %.1f %% of the last seconds\n' $warm "$(echo "($d_on - $c_on) / 60000000" | bc -l)" "$(echo "($d_off - $c_off) / 60000000" | bc -l)"
    [ $((d_on - c_on + d_off - c_off)) -gt 120000000 ] && [ "$warm" -lt "$patience" ] || break
  done
  measure() { # name mode
    local before out at pid
    [ "$1" = pgbouncer ] && at=$bouncer pid=$bouncer_pid || eval "at=\$$1_port pid=\$$1_pid"
    before=$(parts "$pid")
    out=$(cd "$work" && pgbench -n -S -M "$2" -c 64 -j 1 -T "$seconds" -p "$at" shop 2>&1) || { echo "$out" | tail -n 3 >&2; }
    echo "$out" | awk -v before="$before" -v after="$(parts "$pid")" '/transactions actually processed/ { split($NF, a, "/"); n = a[1] } /^tps/ { t = $3 }
      END { split(before, b, " "); split(after, c, " "); for (i = 1; i <= 3; i++) us[i] = (c[i] - b[i]) / 1000 / (n ? n : 1); printf "%.0f %.2f %.2f %.2f %.2f\n", t, us[1], us[1] - us[2], us[2], us[3] }' | tee -a "$work/$1.$2.out" | sed "s/^/  $1 $2: /"
  }
  median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
  col() { awk -v c="$2" '{print $c}' "$work/$1.out" | median; }
  echo '  tps; us of processor time a transaction: all, without the compiler, the compiler, the thread that carries messages'
  for round in $(seq "$rounds"); do
    # In turn, and the first of them the second the next time.
    names='on off'; [ $((round % 2)) = 1 ] || names='off on'
    for m in simple prepared; do for name in $names; do measure $name $m; done; done
    measure pgbouncer simple
  done
  # What is compared are rounds, each with itself: the machine is slower for minutes at a time, and that is no part of it.
  for m in simple prepared; do
    ratio=$(paste -d ' ' "$work/on.$m.out" "$work/off.$m.out" | awk '{print $3 / $8}' | median)
    tps=$(paste -d ' ' "$work/on.$m.out" "$work/off.$m.out" | awk '{print $1 / $6}' | median)
    awk -v m=$m -v n="$rounds" -v r="$ratio" -v t="$tps" -v ca="$(col on.$m 2)" -v fa="$(col off.$m 2)" -v ct="$(col on.$m 3)" -v ft="$(col off.$m 3)" -v con="$(col on.$m 1)" -v toff="$(col off.$m 1)" 'BEGIN { printf "miss, %s: %.2f us of CPU with results by rows, %.2f without (%+.1f %%, median of %d rounds; bar 5), with the compiler %.2f and %.2f; %.0f against %.0f tps (%+.1f %%)\n", m, ct, ft, (r - 1) * 100, n, ca, fa, con, toff, (t - 1) * 100 }'
  done
  printf 'PgBouncer %s, simple: %s us of CPU, %s tps\n' "$(pgbouncer --version | awk 'NR == 1 {print $2}')" "$(col pgbouncer.simple 2)" "$(col pgbouncer.simple 1)"
  psql -x -p "$on_port" -d freshet -c 'show results' | sed 's/^/  /'
fi

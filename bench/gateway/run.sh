#!/usr/bin/env bash
# The gateway and PgBouncer side by side on this machine: pgbench -S by each protocol, throughput per CPU second, added latency, many clients on few connections.
#
#   bench/gateway/run.sh [--quick] [--rounds N] [--seconds N] [--patience N] [--protocol simple|extended|prepared] [--only pairs|many|commits|waits|crowd|idle|statistics]
#
# PostgreSQL, pgbench and one pooler at a time share the machine; rounds are interleaved, medians are printed. Both poolers get 20 server connections, pool by
# transaction, on one thread, without TLS. For pairs Freshet is warmed up until its compiler takes less than 1 % of a processor, or for --patience seconds. `many` is of 2,000 clients that read; `commits` is the same of transactions that write, each flushed to the disk;
# `waits` is of statements and transactions that take the database 5 ms in which it does nothing, as it waits for a disk, a lock or another machine.
# `crowd` is the same asked by crowd.c, which costs a tenth of what pgbench does with that many clients; it needs a C compiler and libpq's header.
# Needs initdb, postgres, pgbench (PostgreSQL 14 or newer) and pgbouncer; PGBOUNCER names another build of it.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
rounds=3 seconds=8 warm=10 only=all measured=4 patience=60 protocols='simple extended prepared'
bouncer_program=${PGBOUNCER:-pgbouncer}
while [ $# -gt 0 ]; do case $1 in
  --quick) rounds=1 seconds=3 warm=4 patience=0 ;;
  --rounds) rounds=$2; shift ;;
  --seconds) seconds=$2; shift ;;
  --patience) patience=$2; shift ;;
  --protocol) protocols=$2; shift ;;
  --only) only=$2; shift ;;
  *) sed -n '2,10p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
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
export PGPASSWORD=secret PGHOST=127.0.0.1

ulimit -n "$(ulimit -Hn)"
echo "starting PostgreSQL ..." >&2
echo secret >"$work/pw"; chmod 644 "$work/pw"
"${as[@]}" initdb -D "$work/data" -U bench --pwfile="$work/pw" -A scram-sha-256 >/dev/null
"${as[@]}" pg_ctl -D "$work/data" -w -l "$work/pg.log" -o "-p $server -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work -c max_connections=120" start >/dev/null
# Clients log in with a verifier of one iteration, everywhere: deriving keys costs pgbench milliseconds a client, and would be most of what thousands of them do.
verifier=$(python3 -c '
import base64, hashlib, hmac
salt, b = b"sixteen octets..", lambda octets: base64.b64encode(octets).decode()
salted = hashlib.pbkdf2_hmac("sha256", b"secret", salt, 1)
key = lambda name: hmac.new(salted, name, hashlib.sha256).digest()
print("SCRAM-SHA-256$1:" + b(salt) + "$" + b(hashlib.sha256(key(b"Client Key")).digest()) + ":" + b(key(b"Server Key")))')
psql -q -U bench -p "$server" -d postgres -c 'alter system set fsync = off' -c 'select pg_reload_conf()' -c 'create database bench' -c "create role client login password '$verifier' in role pg_read_all_data, pg_write_all_data" >/dev/null
# As many branches as let 20 transactions write beside each other, where there are any that write.
[ $only = commits ] || [ $only = waits ] || [ $only = crowd ] || [ $only = all ] && scale=50 || scale=10
pgbench -q -U bench -i -s $scale -p "$server" bench >/dev/null 2>&1
export PGUSER=client

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
echo "\"client\" \"$verifier\"" >"$work/users.txt"; chmod 644 "$work"/*.ini "$work/users.txt"
(exec "${as[@]}" "$bouncer_program" -q "$work/bouncer.ini") >"$work/bouncer.log" 2>&1 & pids+=($!); bouncer_pid=$!
cat >"$work/freshet.yaml" <<CONF
listen: 127.0.0.1:$listen
admin: 127.0.0.1:$admin
origin: http://127.0.0.1:9
loops: 1
database: postgresql://bench:secret@127.0.0.1:$server/bench?sslmode=disable
gateway: { listen: '127.0.0.1:$gateway', users: users.txt, pool: { size: 20 } }
CONF
"$home/freshet" --version >/dev/null
answers() { # port
  for _ in $(seq 100); do psql -q -p "$1" -d bench -c 'select 1' >/dev/null 2>&1 && break; sleep 0.1; done
  psql -q -p "$1" -d bench -c 'select 1' >/dev/null || { echo "bench: nobody answers on $1" >&2; tail -n 5 "$work"/*.log >&2; exit 1; }
}
start_freshet() {
  (cd "$work" && exec "$home/freshet" run --config freshet.yaml) >"$work/freshet.log" 2>&1 & pids+=($!); freshet_pid=$!
  answers "$gateway"
}
start_freshet
answers "$bouncer"

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
modes() { local m; for m in $protocols; do [ "$1 $m$prepares" = "pgbouncer prepared" ] || echo "$m"; done; }
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
col() { [ -f "$work/$1" ] && awk -v c="$2" '{print $c}' "$work/$1" | median || echo 0; }

restart_freshet() { # gateway options
  kill "$freshet_pid"; wait "$freshet_pid" 2>/dev/null || true
  sed -i "s/pool: { size: 20 }.*/pool: { size: 20 } $1 }/" "$work/freshet.yaml"
  start_freshet
}
warm_up() { echo "warming up ..." >&2; for m in $protocols; do pgbench -n -S -M "$m" -c 64 -j 1 -T "$warm" -p "$gateway" bench >/dev/null 2>&1; done; }
# Of one client's answers the slowest in a hundred are those that wait for a processor while something is compiled: that is over after a minute, and a pooler runs for days.
compiler() { awk '{ name = $0; sub(/^[0-9]+ \(/, "", name); sub(/\) .*/, "", name); sub(/.*\) /, ""); if (name ~ /CompilerThre/) c += $12 + $13 } END { print c + 0 }' "/proc/$freshet_pid/task/"*/stat 2>/dev/null; }
settle() {
  local began before from took
  began=$(date +%s)
  while [ $(($(date +%s) - began)) -lt "$patience" ]; do
    before=$(compiler) from=$(date +%s%N)
    for m in $protocols; do for c in 64 1; do pgbench -n -S -M "$m" -c $c -j 1 -T 2 -p "$gateway" bench >/dev/null 2>&1; done; done
    took=$((($(date +%s%N) - from) / 1000000))
    awk -v c=$(($(compiler) - before)) -v hz="$tick" -v ms=$took 'BEGIN { printf "the compiler took %.1f %% of a processor\n", c / hz * 1e5 / ms }' >&2
    [ $((($(compiler) - before) * 100000)) -gt $((took * tick)) ] || break
  done
}
case $only in all | pairs | many | commits | waits) warm_up ;; esac
if [ $only = all ] || [ $only = pairs ]; then
settle
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
for m in $protocols; do for name in direct pgbouncer freshet; do
  c=64; [ $name = direct ] && c=20
  [ -f "$work/$name.$m.$c" ] || continue
  printf '%-9s %-10s %9.0f %14s %11.0f %20.0f %20.0f\n' $m $name "$(col $name.$m.$c 1)" "$([ $name = direct ] && echo - || col $name.$m.$c 4)" "$(col $name.$m.$c 3)" "$(col $name.$m.1 2)" "$(col $name.$m.1 3)"
done; done
echo
for m in $protocols; do
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

# Many clients: while they log in pgbench and the poolers mostly compute SCRAM, so CPU and throughput are taken from the seconds after that.
postmaster=$(head -n 1 "$work/data/postmaster.pid")
spent() { # pooler, pgbench and PostgreSQL, in ticks
  local server_ticks=0 p
  for p in $(ps -o pid= --ppid "$postmaster"); do server_ticks=$((server_ticks + $(ticks "$p" 2>/dev/null || echo 0))); done
  echo "$(ticks "$1") $(ticks "$2") $server_ticks"
}
of() { if [ -f "$work/$1" ]; then echo "-f $1"; else echo "-b $1"; fi; }
many() { # name mode clients script, pgbench's own or a file
  local pooler bench before after from to
  pooler=$(pid_of "$1")
  rm -f "$work"/log.*
  (cd "$work" && exec pgbench -n $(of "$4") -P 1 -l --log-prefix=log -M "$2" -c "$3" -j 1 -T "$manyseconds" -p "$(port_of "$1")" bench) >"$work/many" 2>&1 & bench=$!
  until grep -q '^progress' "$work/many" || ! kill -0 $bench 2>/dev/null; do sleep 0.1; done
  from=$(grep -c '^progress' "$work/many") before=($(spent "$pooler" $bench))
  sleep "$measured"
  after=($(spent "$pooler" $bench)) to=$(grep -c '^progress' "$work/many")
  wait $bench || true
  [ -n "$from" ] && [ "$to" -gt "$from" ] || { echo "$3 clients through $1 ($2): it did not run long enough, see below" >&2; tail -n 3 "$work/many" >&2; return; }
  grep '^progress' "$work/many" | sed -n "$((from + 1)),${to}p" | awk '{s += $4} END {printf "%.0f ", s / NR}' >"$work/tps"
  awk '{n[$1]++} END {for (c in n) {if (n[c] > max) max = n[c]; if (!min || n[c] < min) min = n[c]} printf "%.2f ", max / min}' "$work"/log.* >>"$work/tps"
  awk '/failed transactions/ {print $5}' "$work/many" >>"$work/tps"
  awk -v name="$1" -v mode="$2" -v c="$3" -v script="$4" -v hz="$tick" -v a="$((after[0] - before[0]))" -v b="$((after[1] - before[1]))" -v s="$((after[2] - before[2]))" -v t="$measured" '
    { k = 1e6 / hz / (t * $1); if (name == "direct") a = 0
      printf "%-10s %-13s %-9s %7d %8.0f %8d %8.2f %12.1f %10.1f %12.1f %8.2f\n", name, script, mode, c, $1, $3, $2, a * k, b * k, s * k, (a + b + s) / hz / t }' "$work/tps"
}
heads() { printf '\n%-10s %-13s %-9s %7s %8s %8s %8s %12s %10s %12s %8s\n' through script protocol clients tps failed max/min "pooler us/tx" "pgbench" "PostgreSQL" cores; }
if [ $only = all ] || [ $only = many ]; then
  heads
  manyseconds=7
  for m in extended prepared; do many direct $m 20 select-only; done
  manyseconds=$((seconds + 16))
  for m in $(modes pgbouncer | tr ' ' '\n' | grep -v simple); do many pgbouncer $m 2000 select-only; done
  for m in extended prepared; do many freshet $m 2000 select-only; done
fi
if [ $only = all ] || [ $only = commits ]; then
  psql -q -U bench -p "$server" -d bench -c 'alter system set fsync = on' -c 'select pg_reload_conf()' >/dev/null
  heads
  for script in simple-update tpcb-like; do
    manyseconds=8 measured=6
    many direct extended 20 $script
    manyseconds=$((seconds + 16))
    many pgbouncer extended 2000 $script
    many freshet extended 2000 $script
  done
  psql -q -U bench -p "$server" -d bench -c 'alter system set fsync = off' -c 'select pg_reload_conf()' >/dev/null
fi

row='\\set aid random(1, 5000000)'
printf '%b\n' "$row" 'select abalance, pg_sleep(0.005) from pgbench_accounts where aid = :aid;' >"$work/read"
printf '%b\n' "$row" 'begin;' 'update pgbench_accounts set abalance = abalance + 1 where aid = :aid;' 'select pg_sleep(0.005);' 'end;' >"$work/write"
if [ $only = all ] || [ $only = waits ]; then
  heads
  for script in read write; do
    manyseconds=8 measured=6
    many direct extended 20 $script
    manyseconds=$((seconds + 16))
    many pgbouncer extended 2000 $script
    many freshet extended 2000 $script
  done
fi

if [ $only = all ] || [ $only = crowd ]; then
  pkg=$(command -v pg_config >/dev/null && pg_config --includedir || echo /usr/include/postgresql)
  # What cleans up behind the clients would count with the server or not, as it happens.
  psql -q -U bench -p "$server" -d bench -c 'alter system set autovacuum = off' -c 'select pg_reload_conf()' >/dev/null
  cc -O2 -I"$pkg" -o "$work/crowd" "$home/bench/gateway/crowd.c" -lpq || { echo "bench: crowd.c needs a C compiler and libpq-fe.h" >&2; exit 2; }
  crowd() { # name clients script seconds
    local bench before after
    : >"$work/crowd.out"
    "$work/crowd" "$(port_of "$1")" bench "$2" "$4" "$work/$3" >>"$work/crowd.out" & bench=$!
    until grep -q counting "$work/crowd.out" || ! kill -0 $bench 2>/dev/null; do sleep 0.1; done
    before=($(spent "$(pid_of "$1")" $bench))
    sleep "$(awk -v t="$4" 'BEGIN {print t - 0.5}')"
    after=($(spent "$(pid_of "$1")" $bench))
    wait $bench || return 1
    tail -n 1 "$work/crowd.out" | awk -v name="$1" -v c="$2" -v script="$3" -v hz="$tick" -v a="$((after[0] - before[0]))" -v b="$((after[1] - before[1]))" -v s="$((after[2] - before[2]))" -v t="$4" '
      { k = 1e6 / hz / ((t - 0.5) * $1); if (name == "direct") a = 0
        printf "%-10s %-7s %7d %8.0f %6d %8.2f %8.1f %8.1f %12.1f %8.1f %12.1f %6.2f\n", name, script, c, $1, $2, $3, $5, $6, a * k, $4, s * k, (a + b + s) / hz / (t - 0.5) }'
  }
  for script in write read; do "$work/crowd" "$gateway" bench 200 "$warm" "$work/$script" >/dev/null; done
  printf '\n%-10s %-7s %7s %8s %6s %8s %8s %8s %12s %8s %12s %6s\n' through script clients tps errors max/min "p50 ms" "p99 ms" "pooler us/tx" crowd PostgreSQL cores
  for script in read write; do
    crowd direct 20 $script "$seconds"
    crowd pgbouncer 2000 $script "$seconds"
    crowd freshet 2000 $script "$seconds"
  done
fi

if [ $only = all ] || [ $only = idle ]; then
  echo "10,000 idle clients ..." >&2
  echo '\sleep 600 s' >"$work/idle.sql"
  resident() { awk '/^VmRSS/ {print $2}' "/proc/$(pid_of "$1")/status"; }
  # From its start, as what a busy hour leaves is not what idle clients need; and again when it has been left alone for as long as it takes to give memory back.
  restart_freshet ""
  for name in pgbouncer freshet; do
    before=$(resident $name)
    (cd "$work" && exec pgbench -n -f idle.sql -c 10000 -j 1 -t 1 -p "$(port_of $name)" bench) >"$work/idle.log" 2>&1 & idle=$!
    until [ "$(ss -Htn state established "( sport = :$(port_of $name) )" | wc -l)" -ge 10000 ] || ! kill -0 $idle 2>/dev/null; do sleep 1; done
    sleep 2
    first=$(resident $name)
    [ $name != freshet ] || sleep 65
    after=$(resident $name)
    n=$(ss -Htn state established "( sport = :$(port_of $name) )" | wc -l)
    kill $idle 2>/dev/null || true; wait $idle 2>/dev/null || true
    awk -v name=$name -v n="$n" -v a="$after" -v f="$first" -v b="$before" 'BEGIN {
      printf "%d idle clients of %s: %.0f MB resident before them, %.0f MB when they have logged in", n, name, b / 1024, f / 1024
      if (name == "freshet") printf ", %.0f MB when left alone (bar < 200: %s)", a / 1024, (n >= 10000 && a < 200 * 1024 ? "met" : "missed")
      print "" }'
  done
fi

if [ $only = all ] || [ $only = statistics ]; then
  # The same program with and without figures by statement, one after the other and again.
  for r in $(seq "$rounds"); do
    for told in "" ", statistics: 0"; do
      echo "round $r of $rounds: statistics${told:+ off}" >&2
      restart_freshet "$told"; warm_up
      for m in simple prepared; do
        measure freshet $m 64 "$seconds"
        tail -n 1 "$work/freshet.$m.64" >>"$work/statistics.$m.${told:+off}"
      done
    done
  done
  for m in simple prepared; do
    awk -v m=$m -v on="$(col "statistics.$m." 4)" -v off="$(col "statistics.$m.off" 4)" 'BEGIN { printf "%s: %.2f us of the gateway a transaction with figures by statement, %.2f without\n", m, on, off }'
  done
fi

#!/usr/bin/env bash
# Freshet, nginx proxy_cache and Varnish side by side on this machine: hits of 1, 10 and 100 KB, the cost of a streamed miss, idle connections.
#
#   bench/edge/run.sh [--quick] [--rounds N] [--seconds N] [--warm N] [--first misses|hits] [--sizes "1 10 100"] [--rate N] [--no-steady] [--no-miss]
#                     [--no-varnish] [--no-idle]
#
# Each server runs alone on processor 0 with one worker (one event loop), the client on processor 1, with 64 connections: wrk with one thread, which asks
# as fast as it is answered, and Steady.java, which asks every server for 10 KB at one and the same rate (--rate, or three fifths of what nginx manages).
# Rounds are interleaved, medians are printed, ratios are of medians. --first says what Freshet is warmed up with first, for --warm seconds in all.
# What else ran on processor 0 is printed too: above some percent, the figures are of little use.
# Needs wrk, nginx and, for its rows, varnishd; python3 for idle connections.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
rounds=3 seconds=8 warm=60 first=misses sizes="1 10 100" varnish=on idle=10000 rate= steady=on miss=on
while [ $# -gt 0 ]; do case $1 in
  --quick) rounds=1 seconds=3 warm=20 ;;
  --rounds) rounds=$2; shift ;;
  --seconds) seconds=$2; shift ;;
  --warm) warm=$2; shift ;;
  --first) first=$2; shift ;;
  --sizes) sizes=$2; shift ;;
  --rate) rate=$2; shift ;;
  --no-steady) steady=off ;;
  --no-miss) miss=off ;;
  --no-varnish) varnish=off ;;
  --no-idle) idle=0 ;;
  *) sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
for tool in wrk nginx taskset; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done

work=$(mktemp -d); ram=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
pids=()
cleanup() { kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work" "$ram"; }
trap cleanup EXIT
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
origin=$(port) nginx=$(port) third=$(port) freshet=$(port) admin=$(port)
mkdir -p "$work/www/nc"; chmod -R a+rX "$work" "$ram"
for k in 1 10 100; do head -c $((k * 1024)) /dev/urandom >"$work/www/f$k.bin"; cp "$work/www/f$k.bin" "$work/www/nc/"; done
temps() { for t in client_body proxy fastcgi uwsgi scgi; do echo "${t}_temp_path $work/$1-$t;"; done; }
head_of() { echo "daemon off; master_process off; worker_processes 1; pid $work/$1.pid; error_log $work/$1.err; events { worker_connections 20000; }"; }

cat >"$work/origin.conf" <<CONF
$(head_of origin)
http { access_log off; keepalive_requests 100000000; default_type application/octet-stream; $(temps origin)
  server { listen 127.0.0.1:$origin; root $work/www;
    location / { add_header Cache-Control "max-age=3600"; }
    location /nc/ { add_header Cache-Control "no-store"; } } }
CONF
cat >"$work/proxy.conf" <<CONF
$(head_of proxy)
http { access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000; open_file_cache max=1000 inactive=300s; $(temps proxy)
  proxy_cache_path $ram keys_zone=c:10m use_temp_path=off;
  upstream app { server 127.0.0.1:$origin; keepalive 64; }
  proxy_cache c; proxy_http_version 1.1; proxy_set_header Connection "";
  server { listen 127.0.0.1:$nginx;
    location / { proxy_pass http://app; }
    # tcp_nopush makes small answers faster and costs 40 ms a piece on this one: nginx gets its better setting for each size.
    location = /f100.bin { proxy_pass http://app; tcp_nopush off; } } }
CONF
cat >"$work/freshet.yaml" <<CONF
listen: 127.0.0.1:$freshet
admin: 127.0.0.1:$admin
origin: http://127.0.0.1:$origin
loops: 1
CONF

await() { for _ in $(seq 100); do curl -fs -o /dev/null "$1" && return; sleep 0.1; done; echo "bench: nobody answers at $1" >&2; exit 1; }
nginx -c "$work/origin.conf" & pids+=($!)
await "http://127.0.0.1:$origin/f1.bin"
taskset -c 0 nginx -c "$work/proxy.conf" & nginx_pid=$!; pids+=($nginx_pid)
"$home/freshet" --version >/dev/null
# From the command to the first served byte, both processors at hand.
start_millis() {
  local from pid
  from=$(date +%s%N)
  "$home/freshet" run --listen "127.0.0.1:$third" --admin "127.0.0.1:$admin" --origin "http://127.0.0.1:$origin" >/dev/null 2>&1 & pid=$!
  until curl -fs -o /dev/null "http://127.0.0.1:$third/f1.bin"; do kill -0 $pid; done
  echo $((($(date +%s%N) - from) / 1000000))
  kill $pid; wait $pid 2>/dev/null || true
}
for i in 1 2 3; do start_millis >>"$work/start"; done
(cd "$work" && exec taskset -c 0 "$home/freshet" run --config freshet.yaml) >"$work/freshet.log" 2>&1 & freshet_pid=$!; pids+=($freshet_pid)
names=(freshet nginx); ports=($freshet $nginx); servers=($freshet_pid $nginx_pid)
if [ $varnish = on ] && command -v varnishd >/dev/null; then
  cat >"$work/v.vcl" <<CONF
vcl 4.1; backend default { .host = "127.0.0.1"; .port = "$origin"; }
CONF
  taskset -c 0 varnishd -F -n "$work/varnish" -a "127.0.0.1:$third" -f "$work/v.vcl" -s malloc,256m >"$work/varnish.log" 2>&1 & pids+=($!)
  await "http://127.0.0.1:$third/f1.bin"
  names+=(varnish); ports+=($third); servers+=("$(pgrep -P $! | head -n 1)")
fi
for p in "${ports[@]}"; do for k in 1 10 100; do await "http://127.0.0.1:$p/f$k.bin"; done; done

ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
busy() { awk '$1 == "cpu0" { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat; }
tick=$(getconf CLK_TCK)
# Prints: requests/s, p50 us, p99 us, CPU us per request, failed or not, percent of processor 0 that others had.
measure() { # port pid path seconds connections
  local before after out all
  before=$(ticks "$2"); all=$(busy)
  out=$(taskset -c 1 wrk -t1 -c"$5" -d"$4" --latency "http://127.0.0.1:$1/$3")
  after=$(ticks "$2"); all=$(($(busy) - all))
  echo "$out" | awk -v cpu=$((after - before)) -v all="$all" -v s="$4" -v hz="$tick" '
    function us(t) { if (t ~ /us$/) return t + 0; if (t ~ /ms$/) return (t + 0) * 1e3; return (t + 0) * 1e6 }
    $1 == "50%" { p50 = us($2) } $1 == "99%" { p99 = us($2) }
    / requests in / { n = $1 } /^Requests\/sec/ { rps = $2 }
    /Socket errors|Non-2xx/ { bad = 1 }
    END { printf "%.0f %.0f %.0f %.3f %d %.1f\n", rps, p50, p99, cpu / hz * 1e6 / (n ? n : 1), bad, (all - cpu) / hz / s * 100 }'
}
# Prints: p50 us, p99 us, p99.9 us, CPU us per request, failed or not, longest pause of the client's own, us.
measure_steady() { # port pid path seconds
  local before out after
  before=$(ticks "$2")
  out=$(taskset -c 1 "$jdk/bin/java" -XX:+UseSerialGC -Xmx128m -cp "$work" Steady "$1" "$3" "$rate" "$4" 64 || echo "1 0 0 0 1 0")
  after=$(ticks "$2")
  echo "$out" | awk -v cpu=$((after - before)) -v hz="$tick" '{ printf "%d %d %d %.3f %d %d\n", $2, $3, $4, cpu / hz * 1e6 / $1, ($5 > 0), $6 }'
}
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

warm_misses() { [ $miss = off ] || taskset -c 1 wrk -t1 -c4 -d$((warm / 2)) "http://127.0.0.1:$freshet/nc/f10.bin" >/dev/null; }
warm_hits() {
  local n; n=$(wc -w <<<"$sizes"); [ $miss = off ] || n=$((n * 2))
  for k in $sizes; do taskset -c 1 wrk -t1 -c64 -d$((warm / n)) "http://127.0.0.1:$freshet/f$k.bin" >/dev/null; done
}
echo "warming up ($warm s, $first first) ..." >&2
if [ "$first" = hits ]; then warm_hits; warm_misses; else warm_misses; warm_hits; fi
if [ $steady = on ]; then
  . "$home/app/src/main/sh/jdk.sh"
  jdk=$(find_jdk); "$jdk/bin/javac" -d "$work" "$home/bench/edge/Steady.java"
  [ -n "$rate" ] || rate=$(measure "$nginx" "$nginx_pid" f10.bin 2 64 | awk '{ print int($1 * 0.6 / 1000) * 1000 }')
fi
for r in $(seq "$rounds"); do
  for k in $sizes; do for i in "${!names[@]}"; do
    echo "round $r of $rounds: ${names[$i]} ${k} KB" >&2
    measure "${ports[$i]}" "${servers[$i]}" "f$k.bin" "$seconds" 64 >>"$work/${names[$i]}.$k"
  done; done
  [ $steady = off ] || for i in "${!names[@]}"; do
    echo "round $r of $rounds: ${names[$i]} 10 KB, $rate requests/s" >&2
    measure_steady "${ports[$i]}" "${servers[$i]}" f10.bin $((seconds + 2)) >>"$work/${names[$i]}.steady"
  done
  [ $miss = on ] || continue
  measure "$origin" "${pids[0]}" nc/f10.bin "$seconds" 4 >>"$work/direct.nc"
  for i in "${!names[@]}"; do measure "${ports[$i]}" "${servers[$i]}" nc/f10.bin "$seconds" 4 >>"$work/${names[$i]}.nc"; done
done

col() { awk -v c="$2" '{print $c}' "$work/$1" | median; }
printf '\n%-8s %-9s %12s %9s %9s %12s %9s\n' size server requests/s "p50 us" "p99 us" "CPU us/hit" "others %"
for k in $sizes; do for n in "${names[@]}"; do
  printf '%-8s %-9s %12.0f %9.0f %9.0f %12.2f %9.1f\n' "$k KB" "$n" "$(col $n.$k 1)" "$(col $n.$k 2)" "$(col $n.$k 3)" "$(col $n.$k 4)" "$(col $n.$k 6)"
done; done
verdict() { awk -v a="$1" -v op="$2" -v b="$3" 'BEGIN { print ((op == ">=" ? a >= b : a <= b) ? "met" : "missed") }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
echo
for peer in "${names[@]:1}"; do for k in $sizes; do
  printf '%s KB hits: %s x %s requests/s, p99 %s x, CPU per hit %s x\n' $k "$(ratio "$(col freshet.$k 1)" "$(col $peer.$k 1)")" $peer \
    "$(ratio "$(col freshet.$k 3)" "$(col $peer.$k 3)")" "$(ratio "$(col freshet.$k 4)" "$(col $peer.$k 4)")"
done; done
for k in $sizes nc; do
  ! cat "$work"/{freshet,nginx,direct}."$k" 2>/dev/null | grep -q ' 1 [^ ]*$' || echo "bench: some requests failed: these figures don't count" >&2
done
[[ " $sizes " != *" 10 "* ]] || {
echo "each round, 10 KB hits (requests/s, p50 us, p99 us, CPU us/hit):"
for n in freshet nginx; do awk -v n=$n '{printf "  %-8s %d: %6d %5d %5d %6.2f\n", n, NR, $1, $2, $3, $4}' "$work/$n.10"; done
r=$(ratio "$(col freshet.10 1)" "$(col nginx.10 1)"); l=$(ratio "$(col freshet.10 3)" "$(col nginx.10 3)"); c=$(ratio "$(col freshet.10 4)" "$(col nginx.10 4)")
echo
echo "bar: 10 KB requests/s >= 1.3 x nginx      $r  $(verdict $r '>=' 1.3)"
echo "bar: 10 KB p99 <= nginx                   $l  $(verdict $l '<=' 1)"
echo "bar: 10 KB CPU per hit <= 0.75 x nginx    $c  $(verdict $c '<=' 0.75)"
}
if [ $steady = on ]; then
  printf '\n%-26s %9s %9s %9s %9s %14s\n' "10 KB, $rate requests/s" "p50 us" "p99 us" "p99.9 us" "CPU us" "client's pause"
  for n in "${names[@]}"; do
    printf '%-26s %9.0f %9.0f %9.0f %9.2f %14.0f\n' "$n" "$(col $n.steady 1)" "$(col $n.steady 2)" "$(col $n.steady 3)" "$(col $n.steady 4)" "$(col $n.steady 6)"
  done
  l=$(ratio "$(col freshet.steady 2)" "$(col nginx.steady 2)"); c=$(ratio "$(col freshet.steady 4)" "$(col nginx.steady 4)")
  echo "at one rate: 10 KB p99 <= nginx                 $l  $(verdict $l '<=' 1)"
  echo "at one rate: 10 KB CPU per hit <= 0.75 x nginx  $c  $(verdict $c '<=' 0.75)"
  echo "each round (p50 us, p99 us, p99.9 us, CPU us/hit, failed, client's pause us):"
  for n in freshet nginx; do awk -v n=$n '{printf "  %-8s %d: %s\n", n, NR, $0}' "$work/$n.steady"; done
  ! awk '{ print $5 }' "$work"/*.steady | grep -q 1 || echo "bench: some requests failed: these figures don't count" >&2
fi
[ $miss = off ] || for n in "${names[@]}"; do
  printf 'miss of 10 KB through %-8s p50 +%.0f us, p99 +%.0f us over direct (%.0f, %.0f us)\n' "$n" \
    "$(awk -v a="$(col $n.nc 2)" -v b="$(col direct.nc 2)" 'BEGIN {print a - b}')" "$(awk -v a="$(col $n.nc 3)" -v b="$(col direct.nc 3)" 'BEGIN {print a - b}')" "$(col direct.nc 2)" "$(col direct.nc 3)"
done
[ $miss = off ] || {
m=$(awk -v a="$(col freshet.nc 2)" -v b="$(col direct.nc 2)" 'BEGIN {print a - b}'); q=$(awk -v a="$(col freshet.nc 3)" -v b="$(col direct.nc 3)" 'BEGIN {print a - b}')
echo "bar: miss p50 <= +300 us                  $m  $(verdict $m '<=' 300)"
echo "bar: miss p99 <= +2000 us                 $q  $(verdict $q '<=' 2000)"
}

s=$(median <"$work/start")
echo "bar: start to first served byte < 1000 ms $s  $(verdict "$s" '<=' 999)"

if [ "$idle" -gt 0 ] && command -v python3 >/dev/null; then
  ulimit -n 65536 2>/dev/null || true
  python3 - "$freshet" "$idle" "$freshet_pid" <<'PY'
import socket, sys, time
port, want, pid = map(int, sys.argv[1:])
held = []
for i in range(want):
    s = socket.create_connection(("127.0.0.1", port), timeout=10)
    s.sendall(b"GET /f1.bin HTTP/1.1\r\nHost: bench\r\n\r\n")
    got = b""
    while b"\r\n\r\n" not in got or len(got.split(b"\r\n\r\n", 1)[1]) < 1024:
        got += s.recv(65536)
    held.append(s)
time.sleep(1)
rss = [int(l.split()[1]) for l in open(f"/proc/{pid}/status") if l.startswith("VmRSS")][0] / 1024
print(f"bar: {len(held)} idle connections, RSS < 400 MB  {rss:.0f} MB  {'met' if rss < 400 else 'missed'}")
PY
fi

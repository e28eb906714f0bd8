#!/usr/bin/env bash
# Freshet, nginx proxy_cache and Varnish side by side on this machine: hits of 1, 10 and 100 KB, the cost of a streamed miss, idle connections.
#
#   bench/edge/run.sh [--quick] [--rounds N] [--millis N] [--warm N] [--first misses|hits] [--sizes "1 10 100"] [--rate N] [--wrk N] [--no-steady] [--no-miss]
#                     [--no-varnish] [--no-idle] [--figures DIR]
#
# Each server runs alone on processor 0 with one worker (one event loop), the client on processor 1, with 64 connections: Generator.java, which asks each
# server in turn for --millis, --rounds times over, as fast as it is answered and then for 10 KB at one and the same rate (--rate, or three fifths of what
# nginx manages); and wrk with one thread, --wrk windows of 2 s each. Medians are printed; ratios are the median of the ratios within each round.
# --first says what Freshet is warmed up with first, for --warm seconds in all. Misses are asked for by wrk with four connections, 1 s at a time.
# Beside each figure of wrk stands what else ran on processor 0: above some percent, it is of little use.
# Every window's line goes to DIR too, if told. Needs wrk, nginx and, for its rows, varnishd; python3 for idle connections.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
rounds=20 millis=800 warm=20 wrk=5 first=misses sizes="1 10 100" varnish=on idle=10000 rate= figures= steady=on miss=on
while [ $# -gt 0 ]; do case $1 in
  --quick) rounds=5 wrk=2 ;;
  --rounds) rounds=$2; shift ;;
  --millis) millis=$2; shift ;;
  --wrk) wrk=$2; shift ;;
  --warm) warm=$2; shift ;;
  --first) first=$2; shift ;;
  --sizes) sizes=$2; shift ;;
  --rate) rate=$2; shift ;;
  --figures) figures=$2; shift ;;
  --no-steady) steady=off ;;
  --no-miss) miss=off ;;
  --no-varnish) varnish=off ;;
  --no-idle) idle=0 ;;
  *) sed -n '2,13p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
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
# Asks all servers for a path in turn; a line of Generator.java for each window in $work/NAME.KIND.
windows() { # kind path rate rounds
  local i told=()
  for i in "${!names[@]}"; do told+=("${names[$i]},${ports[$i]},$2,${servers[$i]}"); done
  taskset -c 1 "$jdk/bin/java" -XX:+UseSerialGC -Xmx256m -Xmn128m -cp "$work" Generator "$4" "$millis" "$3" 64 "${told[@]}" |
    while read -r name line; do echo "$line" >>"$work/$name.$1"; done
}
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

warm_misses() { [ $miss = off ] || taskset -c 1 wrk -t1 -c4 -d$((warm / 2)) "http://127.0.0.1:$freshet/nc/f10.bin" >/dev/null; }
warm_hits() {
  local n; n=$(wc -w <<<"$sizes"); [ $miss = off ] || n=$((n * 2))
  for k in $sizes; do taskset -c 1 wrk -t1 -c64 -d$((warm / n)) "http://127.0.0.1:$freshet/f$k.bin" >/dev/null; done
}
echo "warming up ($warm s, $first first) ..." >&2
if [ "$first" = hits ]; then warm_hits; warm_misses; else warm_misses; warm_hits; fi
. "$home/app/src/main/sh/jdk.sh"
jdk=$(find_jdk); "$jdk/bin/javac" -d "$work" "$home/bench/edge/Generator.java"
for k in $sizes; do echo "$k KB ..." >&2; windows "$k" "f$k.bin" 0 "$rounds"; done
if [ $steady = on ]; then
  [ -n "$rate" ] || rate=$(measure "$nginx" "$nginx_pid" f10.bin 2 64 | awk '{ print int($1 * 0.6 / 1000) * 1000 }')
  echo "10 KB at $rate requests/s ..." >&2; windows steady f10.bin "$rate" "$rounds"
fi
for r in $(seq "$wrk"); do
  echo "wrk, round $r of $wrk ..." >&2
  for i in "${!names[@]}"; do measure "${ports[$i]}" "${servers[$i]}" f10.bin 2 64 >>"$work/${names[$i]}.wrk"; done
done
[ $miss = off ] || for r in $(seq "$rounds"); do
  measure "$origin" "${pids[0]}" nc/f10.bin 1 4 >>"$work/direct.nc"
  for i in "${!names[@]}"; do measure "${ports[$i]}" "${servers[$i]}" nc/f10.bin 1 4 >>"$work/${names[$i]}.nc"; done
done

col() { awk -v c="$2" '{print $c}' "$work/$1" | median; }
verdict() { awk -v a="$1" -v op="$2" -v b="$3" 'BEGIN { print ((op == ">=" ? a >= b : a <= b) ? "met" : "missed") }'; }
# The median of what two servers' figures are to each other within each round, as a ratio or a difference.
within() { # kind column server peer ratio|difference
  paste -d ' ' <(awk -v c="$2" '{print $c}' "$work/$3.$1") <(awk -v c="$2" '{print $c}' "$work/$4.$1") |
    awk -v how="$5" '{ print how == "ratio" ? $1 / $2 : $1 - $2 }' | median | awk '{ printf "%.3f", $1 }'
}
table() { # kind title
  local n
  printf '\n%-28s %12s %9s %9s %9s %12s %14s %9s\n' "$2" requests/s "p50 us" "p99 us" "p99.9 us" "CPU us/hit" "client's pause" "spare %"
  for n in "${names[@]}"; do
    printf '%-28s %12.0f %9.0f %9.0f %9.0f %12.2f %14.0f %9.0f\n' "$n" $(for c in 1 2 3 4 5 7 8; do col "$n.$1" $c; done)
  done
  ! awk '$6 > 0' "$work"/*."$1" | grep -q . || echo "bench: some requests failed: these figures don't count" >&2
}
against() { # kind p99-column CPU-column
  local peer
  for peer in "${names[@]:1}"; do
    printf '%s: requests/s %s x %s, p99 %s x, CPU per hit %s x\n' "$1" "$(within "$1" 1 freshet "$peer" ratio)" "$peer" \
      "$(within "$1" "$2" freshet "$peer" ratio)" "$(within "$1" "$3" freshet "$peer" ratio)"
  done
}
bars() { # kind p99-column CPU-column who
  local r l c
  r=$(within "$1" 1 freshet nginx ratio); l=$(within "$1" "$2" freshet nginx ratio); c=$(within "$1" "$3" freshet nginx ratio)
  [ "$1" = steady ] || echo "bar, $4: 10 KB requests/s >= 1.3 x nginx      $r  $(verdict $r '>=' 1.3)"
  echo "bar, $4: 10 KB p99 <= nginx                   $l  $(verdict $l '<=' 1)"
  echo "bar, $4: 10 KB CPU per hit <= 0.75 x nginx    $c  $(verdict $c '<=' 0.75)"
}
for k in $sizes; do table "$k" "$k KB hits"; against "$k" 3 5; done
[[ " $sizes " != *" 10 "* ]] || bars 10 3 5 generator
if [ $steady = on ]; then table steady "10 KB, $rate requests/s"; bars steady 3 5 "one rate"; fi
if [ "$wrk" -gt 0 ]; then
  printf '\n%-28s %12s %9s %9s %12s %9s\n' "wrk, 10 KB hits" requests/s "p50 us" "p99 us" "CPU us/hit" "others %"
  for n in "${names[@]}"; do printf '%-28s %12.0f %9.0f %9.0f %12.2f %9.1f\n' "$n" $(for c in 1 2 3 4 6; do col "$n.wrk" $c; done); done
  bars wrk 3 4 wrk
fi
echo
! cat "$work"/*.{wrk,nc} 2>/dev/null | awk '$5 > 0' | grep -q . || echo "bench: some requests of wrk's failed: its figures don't count" >&2
[ -z "$figures" ] || { mkdir -p "$figures"; cp "$work"/*.{1,10,100,steady,wrk,nc} "$figures" 2>/dev/null || true; }
[ $miss = off ] || {
for n in "${names[@]}"; do
  printf 'miss of 10 KB through %-8s p50 +%.0f us, p99 +%.0f us over direct (%.0f, %.0f us)\n' "$n" \
    "$(within nc 2 "$n" direct difference)" "$(within nc 3 "$n" direct difference)" "$(col direct.nc 2)" "$(col direct.nc 3)"
done
m=$(within nc 2 freshet direct difference); q=$(within nc 3 freshet direct difference)
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

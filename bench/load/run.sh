#!/usr/bin/env bash
# `freshet load` beside wrk on the same targets: whether it is strong enough, and whether it tells the truth.
#
#   bench/load/run.sh [power] [agree] [agree2] [stall] [users] [browsers] [sockets] [echo] all of them by default; [--seconds N] for power, agree, agree2 and echo
#
#   power   answers a second from nginx (20 octets, one worker, processor 0) with 50 connections and one event loop on processor 1: at least 0.7 x wrk's
#   agree   p50 and p99 of a stub that answers after 20 to 60 ms, 20 connections: within 10 % of wrk's
#   agree2  the same over HTTP/2 (h2c, nginx in front of the stub), 2 connections of 10 streams: within 10 % of h2load's
#   stall   a server stopped for 1 s in a run of 4 s at 500/s: p95 within 5 % of 800 ms, p99 of 960 ms
#   users   10,000 users who think for 1 s: at most 350 MB, no errors, lateness p99 below 5 ms
#   browsers 1,000 users with browsers, six connections each, on a page with 20 files, thinking for 1 s: at most 500 MB, no errors
#   sockets 10,000 users who hold an idle WebSocket each: at most 350 MB, no errors
#   echo    round trips and carried delays of 20 WebSockets to a server that answers after 20 to 60 ms: p50 and p99 within 10 % of 40 and 59.6 ms
#
# Needs wrk, h2load (nghttp2-client), nginx, taskset, curl, python3 and room for 25,000 open files (`ulimit -n`).
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
seconds=5 parts=
while [ $# -gt 0 ]; do case $1 in
  --seconds) seconds=$2; shift ;;
  power | agree | agree2 | stall | users | browsers | sockets | echo) parts="$parts $1" ;;
  *) sed -n '2,15p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
parts=${parts:-power agree agree2 stall users browsers sockets echo}
for tool in wrk h2load nginx taskset python3 curl; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done
"$home/freshet" --version >/dev/null

work=$(mktemp -d); chmod a+rx "$work"; pids=()
cleanup() { kill -CONT "${pids[@]}" 2>/dev/null || true; kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
free() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
load() { FRESHET_OPTS="${FRESHET_OPTS:-} ${heap:-}" exec taskset -c "$cpus" "$home/freshet" load "$@"; }
figure() { python3 -c 'import json,sys; d=json.load(open(sys.argv[1]))["phases"][0]; t=d["total"]; print(eval(sys.argv[2]))' "$1" "$2"; }
verdict() { python3 -c 'import sys; print("met" if eval(sys.argv[1]) else "MISSED")' "$1"; }
# $2: http2 where nothing else is spoken.
awaited() { for _ in $(seq 100); do curl -so /dev/null ${2:+--http2-prior-knowledge} "http://127.0.0.1:$1/" && return; sleep 0.1; done; echo "bench: nothing on $1" >&2; exit 2; }
# Milliseconds of a percentile in wrk's words.
of_wrk() { awk -v p="$2%" '$1 == p { v = $2; f = v ~ /us$/ ? 0.001 : v ~ /ms$/ ? 1 : 1000; print v * f }' "$1"; }

# nginx on processor 0. $1: behind `listen`; $2: what its location says; $3: beside the server.
nginx_up() {
  local answer='return 200 "{\"hello\": \"a world\"}"'
  web=$(free)
  cat >"$work/web.conf" <<CONF
daemon off; master_process off; worker_processes 1; pid $work/web.pid; error_log $work/web.err; events { worker_connections 20000; }
http { access_log off; keepalive_requests 100000000; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u;
  scgi_temp_path $work/s; ${3:-}
  server { listen 127.0.0.1:$web ${1:-} backlog=8192; default_type application/json; location / { ${2:-$answer;} } } }
CONF
  taskset -c 0 nginx -e "$work/web.err" -c "$work/web.conf" & pids+=($!)
  awaited "$web" "${1:-}"
}
stub_up() { stub=$(free); taskset -c 0 python3 "$home/bench/load/stub.py" "$stub" "$1" "$2" & pids+=($!); stub_pid=$!; awaited "$stub"; }
scenario() {
  cat >"$work/$1.yaml" <<YAML
visits: [{ steps: [{ name: hello, get: /, ${2:-} }] }]
YAML
}

cpus=1
power() {
  nginx_up; scenario plain
  (load "$work/plain.yaml" "http://127.0.0.1:$web" --users 50 --warm-up 6s --for "${seconds}s" --json >"$work/power.json" 2>/dev/null) || true
  taskset -c 1 wrk -t1 -c50 -d"${seconds}s" "http://127.0.0.1:$web/" >"$work/power.wrk"
  ours=$(figure "$work/power.json" 'd["perSecond"]'); theirs=$(awk '/Requests\/sec/ { print $2 }' "$work/power.wrk")
  python3 -c "print('power   %.0f/s, wrk %.0f/s: %.3f (bar 0.7)' % ($ours, $theirs, $ours / $theirs), end=' ')"; verdict "$ours >= 0.7 * $theirs"
}
agree() {
  stub_up 20 60; scenario plain
  (load "$work/plain.yaml" "http://127.0.0.1:$stub" --users 20 --warm-up 3s --for "${seconds}s" --json >"$work/agree.json" 2>/dev/null) || true
  taskset -c 1 wrk -t1 -c20 -d"${seconds}s" --latency "http://127.0.0.1:$stub/" >"$work/agree.wrk"
  for p in 50 99; do
    ours=$(figure "$work/agree.json" "t['felt']['p$p']"); theirs=$(of_wrk "$work/agree.wrk" $p)
    python3 -c "print('agree   p$p %.2f ms, wrk %.2f ms: %.3f (bar 0.9 to 1.1)' % ($ours, $theirs, $ours / $theirs), end=' ')"
    verdict "0.9 <= $ours / $theirs <= 1.1"
  done
}
agree2() {
  stub_up 20 60; scenario plain
  nginx_up http2 'proxy_pass http://delayed; proxy_http_version 1.1; proxy_set_header Connection "";' "upstream delayed { server 127.0.0.1:$stub; keepalive 64; keepalive_requests 100000000; }"
  (load "$work/plain.yaml" "http://127.0.0.1:$web" --http2 --users 20 --share --connections 2 --streams 10 --warm-up 3s --for "${seconds}s" --json >"$work/agree2.json" 2>/dev/null) || true
  taskset -c 1 h2load -t1 -c2 -m10 -D "$seconds" --log-file="$work/h2load.log" "http://127.0.0.1:$web/" >/dev/null
  for p in 50 99; do
    ours=$(figure "$work/agree2.json" "t['felt']['p$p']")
    theirs=$(cut -f3 "$work/h2load.log" | sort -n | awk -v p=$p '{ t[NR] = $1 } END { i = int(NR * p / 100 + 0.5); print t[i] / 1e3 }')
    python3 -c "print('agree2  p$p %.2f ms, h2load %.2f ms: %.3f (bar 0.9 to 1.1)' % ($ours, $theirs, $ours / $theirs), end=' ')"
    verdict "0.9 <= $ours / $theirs <= 1.1"
  done
  echo "        $(figure "$work/agree2.json" 't["requests"], t["failures"], d["validity"]')"
}
stall() {
  stub_up 0 0; scenario plain
  (load "$work/plain.yaml" "http://127.0.0.1:$stub" --rate 500 --warm-up 4s --for 4s --json >"$work/stall.json" 2>"$work/stall.err") & run=$!
  # Measuring has begun when the fifth line of a second is there.
  until [ "$(grep -c '/s  p50' "$work/stall.err" || true)" -ge 5 ]; do sleep 0.05; done
  kill -STOP "$stub_pid"; sleep 1; kill -CONT "$stub_pid"; wait "$run" || true
  for p in 95:800 99:960; do
    ours=$(figure "$work/stall.json" "t['felt']['p${p%:*}']"); sent=$(figure "$work/stall.json" "t['onceSent']['p${p%:*}']")
    echo "stall   p${p%:*} $ours ms as felt, $sent ms once sent (bar ${p#*:} within 5 %) $(verdict "abs($ours / ${p#*:} - 1) <= 0.05")"
  done
  echo "        $(figure "$work/stall.json" 'd["validity"], d["latenessP99Millis"]')"
}
users() {
  nginx_up; scenario think "think: 1s"; cpus=0,1
  (load "$work/think.yaml" "http://127.0.0.1:$web" --users 10000 --warm-up 8s --for 10s --json >"$work/users.json" 2>/dev/null) & run=$!
  pids+=("$run"); most=0
  while kill -0 "$run" 2>/dev/null; do
    now=$(awk '/VmHWM/ { print $2 }' "/proc/$run/status" 2>/dev/null || true); most=$((${now:-0} > most ? now : most)); sleep 0.5
  done
  wait "$run" || true
  failed=$(figure "$work/users.json" 't["failures"]'); late=$(figure "$work/users.json" 'd["latenessP99Millis"]')
  echo "users   $((most / 1024)) MB (bar 350) $(verdict "$most <= 350 * 1024"), $failed errors $(verdict "$failed == 0"), lateness p99 $late ms (bar 5) $(verdict "$late < 5")"
  echo "        $(figure "$work/users.json" '"%.0f/s, p50 %.2f, p99 %.2f ms; %s" % (d["perSecond"], t["felt"]["p50"], t["felt"]["p99"], d["validity"])')"
  cpus=1
}
browsers() {
  local page='default_type text/html; return 200 "<!doctype html>' i
  for i in $(seq 20); do page="$page<img src=/f/$i>"; done
  nginx_up '' "$page\"; location /f/ { add_header Cache-Control max-age=3600; return 200 \"a file\"; }"; scenario think "think: 1s"; cpus=0,1
  (load "$work/think.yaml" "http://127.0.0.1:$web" --browser --users 1000 --warm-up 5s --for 10s --json >"$work/browsers.json" 2>/dev/null) & run=$!
  pids+=("$run"); most=0
  while kill -0 "$run" 2>/dev/null; do
    now=$(awk '/VmHWM/ { print $2 }' "/proc/$run/status" 2>/dev/null || true); most=$((${now:-0} > most ? now : most)); sleep 0.5
  done
  wait "$run" || true
  failed=$(figure "$work/browsers.json" 't["failures"]')
  echo "browsers $((most / 1024)) MB (bar 500) $(verdict "$most <= 500 * 1024"), $failed errors $(verdict "$failed == 0"); $(figure "$work/browsers.json" 'd["validity"]')"
  for kind in first repeat; do
    echo "        $kind view: $(figure "$work/browsers.json" "'%d, p50 %.1f, p95 %.1f ms, %.1f requests, %.1f kB each' % ((lambda v: (v['views'], v['time']['p50'], v['time']['p95'], v['requests'] / v['views'], v['octets'] / v['views'] / 1e3))(t['pages']['$kind view']))")"
  done
  cpus=1
}
sockets_up() { sockets=$(free); taskset -c 0 python3 "$home/bench/load/sockets.py" "$sockets" "$1" "$2" & pids+=($!); awaited "$sockets"; }
sockets() {
  sockets_up 0 0; cpus=0,1
  echo 'visits: [{ steps: [{ name: idle, websocket: /, talk: [{ for: 10m }] }] }]' >"$work/idle.yaml"
  (load "$work/idle.yaml" "http://127.0.0.1:$sockets" --users 10000 --warm-up 12s --for 8s --timeout 60s --json >"$work/idle.json" 2>"$work/idle.err") & run=$!
  pids+=("$run"); most=0
  while kill -0 "$run" 2>/dev/null; do
    now=$(awk '/VmHWM/ { print $2 }' "/proc/$run/status" 2>/dev/null || true); most=$((${now:-0} > most ? now : most)); sleep 0.5
  done
  wait "$run" || true
  failed=$(figure "$work/idle.json" 't["failures"]'); held=$(figure "$work/idle.json" 't["channels"]["openBefore"]')
  echo "sockets $((most / 1024)) MB (bar 350) $(verdict "$most <= 350 * 1024"), $failed errors $(verdict "$failed == 0"), $held held $(verdict "$held == 10000"); $(figure "$work/idle.json" 'd["validity"]')"
  cpus=1
}
echo_back() {
  sockets_up 20 60
  cat >"$work/echo.yaml" <<'YAML'
visits:
  - steps:
      - name: echo
        websocket: /
        talk: [{ send: '{"at": ${now}}' }, { expect: 1 }, { send: '{"at": ${now}}' }, { expect: 1 }, { send: '{"at": ${now}}' }, { expect: 1 }]
        delay: { json: /at, in: millis }
YAML
  (load "$work/echo.yaml" "http://127.0.0.1:$sockets" --users 20 --warm-up 3s --for "${seconds}s" --json >"$work/echo.json" 2>/dev/null) || true
  for p in 50:40 99:59.6; do
    for time in roundTrip delay; do
      ours=$(figure "$work/echo.json" "t['channels']['$time']['p${p%:*}']")
      echo "echo    $time p${p%:*} $ours ms (bar ${p#*:} within 10 %) $(verdict "abs($ours / ${p#*:} - 1) <= 0.1")"
    done
  done
  echo "        $(figure "$work/echo.json" 't["channels"]["received"], t["failures"], d["validity"]')"
}
for part in $parts; do [ "$part" = echo ] && part=echo_back; $part; done

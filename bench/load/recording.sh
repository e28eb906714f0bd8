#!/usr/bin/env bash
# What recording costs an edge: answers from memory with `freshet record` on and off, in turns (off, on, on, off, ...). Freshet with its recorder has processor 0 to itself.
#
#   bench/load/recording.sh [--rounds N] [--seconds N] [--rate N]
#
#   wrk     as many answers of 10 KB as there can be, by wrk with 64 connections: answers a second, and processor time for each
#   rate    --rate (5000) visits a second by `freshet load`: processor time for each answer, and p99. What was not recorded is told.
#
# A thousand visitors: by their cookies with wrk, by their browsers with `freshet load`. One alone who loses something is recorded no more, which costs nothing.
#
# No bar: it says what it costs. Medians of --rounds (4) each way, --seconds (4) each. Needs wrk, nginx, taskset, curl and python3. A minute and a half.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
rounds=4 seconds=4 rate=5000
while [ $# -gt 0 ]; do case $1 in
  --rounds) rounds=$2; shift ;;
  --seconds) seconds=$2; shift ;;
  --rate) rate=$2; shift ;;
  *) sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
for tool in wrk nginx taskset python3 curl; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done
"$home/freshet" --version >/dev/null
work=$(mktemp -d); chmod a+rx "$work"; pids=()
cleanup() { kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
free() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
awaited() { for _ in $(seq 200); do curl -so /dev/null "http://127.0.0.1:$1/f" && return; sleep 0.1; done; echo "bench: nothing on $1" >&2; exit 2; }
app=$(free); at=$(free); admin=$(free)
head -c 10000 /dev/urandom >"$work/f"
cat >"$work/app.conf" <<CONF
daemon off; master_process off; worker_processes 1; pid $work/app.pid; error_log $work/app.err; events { worker_connections 1000; }
http { access_log off; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/g; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server { listen 127.0.0.1:$app; location / { root $work; add_header Cache-Control "max-age=3600"; } } }
CONF
nginx -e "$work/app.err" -c "$work/app.conf" & pids+=($!)
awaited "$app"
(exec taskset -c 0 "$home/freshet" run --config /dev/null --listen "127.0.0.1:$at" --admin "127.0.0.1:$admin" --origin "http://127.0.0.1:$app") >"$work/freshet.log" 2>&1 & server=$!; pids+=("$server")
awaited "$at"

order() { curl -sf -H 'Content-Type: application/json' -d "$1" "http://127.0.0.1:$admin/recording"; }
ticks() { awk '{ print $14 + $15 }' "/proc/$server/stat"; }
hz=$(getconf CLK_TCK) number=0
on() { number=$((number + 1)); order "{\"file\": \"$work/$number.frec\", \"for\": \"1h\", \"max-file\": \"2GB\", \"max-text\": \"16GB\"}" >/dev/null; }
off() { order '{"stop": true}' | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["requests"], d["leftOut"])' >>"$work/$1.recorded"; rm -f "$work"/*.frec; }
# $1: wrk or rate, $2: on or off. What is left in the recorder's queue is its work, too: it counts until the recording has ended.
cat >"$work/visitors.lua" <<'LUA'
local all, n = {}, 0
init = function() for i = 0, 999 do wrk.headers["Cookie"] = "session=" .. i; all[i] = wrk.format("GET", "/f") end end
request = function() n = (n + 1) % 1000; return all[n] end
LUA
wrk_load() { taskset -c 1 wrk -s "$work/visitors.lua" -t1 -c64 -d"${seconds}s" --latency "http://127.0.0.1:$at/f" | awk '/requests in/ { n = $1 } /Requests\/sec/ { r = $2 } $1 == "99%" { p = $2; p = p ~ /us$/ ? p / 1000 : p ~ /ms$/ ? p + 0 : p * 1000 } END { print n, r, p }'; }
rate_load() {
  taskset -c 1 "$home/freshet" load "$work/s.yaml" "http://127.0.0.1:$at" --rate "$rate" --warm-up 1s --for "${seconds}s" --json 2>/dev/null >"$work/load.json" || true
  python3 -c 'import json,sys; d=json.load(open(sys.argv[1]))["phases"][0]; t=d["total"]; print(t["requests"] * (1 + 1 / float(sys.argv[2])), d["perSecond"], t["felt"]["p99"])' "$work/load.json" "$seconds"
}
{ echo agent; seq -f 'browser %.0f' 1000; } >"$work/agents.csv"
cat >"$work/s.yaml" <<YAML
data: [{ file: $work/agents.csv, order: inTurn }]
visits: [{ steps: [{ name: f, get: /f, headers: { User-Agent: "\${agent}" } }] }]
YAML
measure() {
  [ "$2" = off ] || on
  local before after n; before=$(ticks)
  read -r n r p < <("$1_load")
  [ "$2" = off ] || off "$1"
  after=$(ticks)
  python3 -c "print($r, ($after - $before) / $hz * 1e6 / $n, $p)" >>"$work/$1.$2"
}
taskset -c 1 wrk -s "$work/visitors.lua" -t1 -c64 -d8s "http://127.0.0.1:$at/f" >/dev/null
on; taskset -c 1 wrk -s "$work/visitors.lua" -t1 -c64 -d3s "http://127.0.0.1:$at/f" >/dev/null; off warm
for kind in wrk rate; do
  for i in $(seq $((rounds / 2))); do for side in off on on off; do measure $kind $side; done; done
done
python3 - "$work" <<'PY'
import statistics, sys
for kind in ("wrk", "rate"):
    of = {s: list(zip(*[map(float, l.split()) for l in open("%s/%s.%s" % (sys.argv[1], kind, s))])) for s in ("off", "on")}
    off, on = ([statistics.median(c) for c in of[s]] for s in ("off", "on"))
    print("%-5s off %.0f/s, %.2f us of processor time, p99 %.3f ms; on %.0f/s, %.2f us, p99 %.3f ms: rate x %.3f, time x %.3f" % (
        kind, off[0], off[1], off[2], on[0], on[1], on[2], on[0] / off[0], on[1] / off[1]))
    told = [l.split() for l in open("%s/%s.recorded" % (sys.argv[1], kind))]
    print("      recorded %s requests, left out %s" % (", ".join(t[0] for t in told), ", ".join(t[1] for t in told)))
PY

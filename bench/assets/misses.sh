#!/usr/bin/env bash
# How long a picture that nobody has asked for takes through Freshet while it makes others smaller (Misses.java); the bar is the origin's own p99
# and 5 ms more.
#
#   bench/assets/misses.sh
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
. "$home/app/src/main/sh/jdk.sh"
work=$(mktemp -d) freshet= client=
trap 'kill $freshet $client 2>/dev/null || true; wait; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
until_there() {
  until [ -s "$1" ] && { [ $# -lt 2 ] || grep -q "$2" "$1"; }; do
    kill -0 "$3" 2>/dev/null || { echo "bench: something ended early" >&2; cat "$work"/*.log >&2; exit 2; }
    sleep 0.2
  done
}
"$(find_jdk)/bin/java" "$home/bench/assets/Misses.java" "$work/origin" "$work/freshet" & client=$!
until_there "$work/origin" http "$client"
"$home/freshet" run --listen 127.0.0.1:0 --admin 127.0.0.1:0 --origin "$(cat "$work/origin")" >"$work/freshet.log" 2>&1 & freshet=$!
until_there "$work/freshet.log" '^  admin' "$freshet"
awk '/^  serving/ {print $2}' "$work/freshet.log" >"$work/said"
mv "$work/said" "$work/freshet"
wait "$client"
admin=$(awk '/^  admin/ {print $2}' "$work/freshet.log")
curl -fs "$admin/status" | tr -d '\n ' | sed -n 's/.*"forms":{\([^{]*\),"refused.*/made meanwhile: \1/p'

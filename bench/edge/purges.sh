#!/usr/bin/env bash
# What purges cost with a million keys in memory and in Redis, and what stores and hits cost beside them (Purges.java).
#
#   bench/edge/purges.sh [KEYS]
#
# FRESHET_CLASSES=class path: another build than this folder's.
# Needs redis-server for its second part; without one it is left out, with a line.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
keys=${1:-1000000}
. "$home/app/src/main/sh/jdk.sh"
[ -n "${FRESHET_CLASSES:-}" ] || "$home/freshet" --version >/dev/null
lib=${FRESHET_CLASSES:-$home/app/target/freshet/lib/*}
purges() { "$(find_jdk)/bin/java" -XX:+UseCompactObjectHeaders -Xmx6g -cp "$lib" "$home/bench/edge/Purges.java" "$@"; }
work=$(mktemp -d) redis=
cleanup() { [ -z "$redis" ] || { kill "$redis" 2>/dev/null || true; wait "$redis" 2>/dev/null || true; }; rm -rf "$work"; }
trap cleanup EXIT
purges "$keys"
command -v redis-server >/dev/null || { echo "bench: no redis-server on PATH, Redis is left out" >&2; exit 0; }
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
redis-server --port "$port" --bind 127.0.0.1 --save '' --dir "$work" --enable-debug-command local >/dev/null &
redis=$!
until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.1; done
redis-cli -p "$port" debug populate "$keys" freshet:v:https://shop.example/c/ 200 >/dev/null
purges "redis://127.0.0.1:$port"

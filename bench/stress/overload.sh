#!/usr/bin/env bash
# What becomes of an app that is asked for twice what it can do: bare, behind nginx, and through Freshet. The app (App.java) has 16 workers of 20 ms, 800 answers a
# second at its best, and an endless queue, as most have. `freshet stress` finds each one's breaking point, asks for twice that, and waits until it is well again.
#
#   bench/stress/overload.sh [--only bare|nginx|freshet] [--within TIME]
#
# Bar: through Freshet at least 80 % of the most good answers there were, well again within 5 s, and no more memory than before (VmRSS, 20 MB for noise).
# Everything on one machine. Needs python3 and curl, and nginx for its row. A minute each, two for Freshet.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
only="bare nginx freshet" within=65s
while [ $# -gt 0 ]; do case $1 in
  --only) only=$2; shift ;;
  --within) within=$2; shift ;;
  *) sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
. "$home/app/src/main/sh/jdk.sh"
jdk=$(find_jdk)
"$home/freshet" --version >/dev/null
work=$(mktemp -d)
pids=()
cleanup() { kill "${pids[@]}" 2>/dev/null || true; wait "${pids[@]}" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
await() { for _ in $(seq 200); do ! curl -s -o /dev/null "http://127.0.0.1:$1/" || return 0; sleep 0.1; done; echo "bench: nobody answers on $1" >&2; tail -n 5 "$work"/*.log >&2; exit 1; }

bare() { at=$(port); "$jdk/bin/java" "$home/bench/stress/App.java" "$at" 16 >"$work/app.log" 2>&1 & pids+=($!); await "$at"; server=; }
nginx() {
  bare; local app=$at; at=$(port)
  cat >"$work/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 8192; }
http {
  access_log off; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  upstream app { server 127.0.0.1:$app; keepalive 256; }
  server { listen 127.0.0.1:$at; location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}
CONF
  command nginx -c "$work/nginx.conf" & pids+=($!); await "$at"; server=
}
freshet() {
  bare; local app=$at; at=$(port); admin=$(port)
  "$home/freshet" run --config /dev/null --listen "127.0.0.1:$at" --admin "127.0.0.1:$admin" --origin "http://127.0.0.1:$app" >"$work/freshet.log" 2>&1 & server=$!; pids+=($server)
  await "$at"
}
rss() { awk '/^VmRSS/ { print $2 / 1024 }' "/proc/$1/status"; }

failed=0
for name in $only; do
  $name
  meters=(); [ -z "$server" ] || meters=(--admin "127.0.0.1:$admin")
  if [ -n "$server" ]; then
    # Warm, with an overload in it: what is compiled and cached once is no growth.
    "$home/freshet" stress "http://127.0.0.1:$at/" --step 3s --within "$within" --from 100 "${meters[@]}" >/dev/null 2>&1 || true
    before=$(rss "$server")
  fi
  "$home/freshet" stress "http://127.0.0.1:$at/" --step 3s --within "$within" --from 100 "${meters[@]}" --json >"$work/$name.json" 2>"$work/$name.txt" || true
  cat "$work/$name.txt" >&2
  grown=0; [ -z "$server" ] || grown=$(awk -v a="$before" -v b="$(rss "$server")" 'BEGIN { print b - a }')
  python3 - "$work/$name.json" "$name" "$grown" <<'PY' || failed=1
import json, sys
told, name, grown = json.load(open(sys.argv[1])), sys.argv[2], float(sys.argv[3])
good, bad, kept, recovery = (told.get(k) for k in ("good", "bad", "keptBeyond", "recoverySeconds"))
show = lambda v, f: "not seen" if v is None else f % v
print("%-8s keeps the target at %s, breaks at %s; beyond %s of the peak; well again %s" % (
    name, show(good and good["rate"], "%.0f/s"), show(bad and bad["rate"], "%.0f/s"), show(kept and kept * 100, "%.0f %%"), show(recovery, "after %.1f s")))
if name == "freshet":
    met = kept is not None and kept >= 0.8 and recovery is not None and recovery < 5 and grown < 20
    print("%-8s memory %+.0f MB; the bar (80 %%, 5 s, 20 MB) is %s" % (name, grown, "met" if met else "MISSED"))
    sys.exit(0 if met else 1)
PY
done
exit $failed

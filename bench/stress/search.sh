#!/usr/bin/env bash
# Is the breaking point found unattended, in time, and the same three times? Searches one target after the other, three times each, and prints what each found.
#
#   bench/stress/search.sh [--within TIME] [--step TIME] NAME=URL[,--FLAG,...] ...
#   bench/stress/search.sh app                      App.java with 16 workers of 20 ms: 800 a second at its best
#
# Bar: within 10 % in three runs, each within 3 minutes and confirmed. Further flags of `freshet stress` go behind the URL, with commas between.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
within=170s step=5s targets=()
while [ $# -gt 0 ]; do case $1 in
  --within) within=$2; shift ;;
  --step) step=$2; shift ;;
  app | *=http*) targets+=("$1") ;;
  *) sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
[ ${#targets[@]} -gt 0 ] || targets=(app)
. "$home/app/src/main/sh/jdk.sh"
jdk=$(find_jdk)
"$home/freshet" --version >/dev/null
work=$(mktemp -d)
pids=()
cleanup() { kill "${pids[@]}" 2>/dev/null || true; wait "${pids[@]}" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

failed=0
for target in "${targets[@]}"; do
  if [ "$target" = app ]; then
    at=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
    "$jdk/bin/java" "$home/bench/stress/App.java" "$at" 16 >"$work/app.log" 2>&1 & pids+=($!)
    for _ in $(seq 200); do ! curl -s -o /dev/null "http://127.0.0.1:$at/" || break; sleep 0.1; done
    target="app=http://127.0.0.1:$at/"
  fi
  name=${target%%=http*}
  IFS=, read -ra arguments <<<"${target#*=}"
  for run in 1 2 3; do
    "$home/freshet" stress "${arguments[@]}" --within "$within" --step "$step" --json >"$work/$name.$run.json" 2>"$work/$name.$run.txt" || true
    [ -s "$work/$name.$run.json" ] || { cat "$work/$name.$run.txt" >&2; exit 1; }
    [ -z "${SHOW:-}" ] || cat "$work/$name.$run.txt" >&2
  done
  python3 - "$name" "$work/$name".[123].json <<'PY' || failed=1
import json, sys
name, runs = sys.argv[1], [json.load(open(f)) for f in sys.argv[2:]]
rates, met = [], True
for n, told in enumerate(runs, 1):
    good, bad, warm = told["good"], told["bad"], told.get("warmUp") or {}
    hits = warm.get("hitRatio")
    sure = "%s to %s for sure" % ("%.0f" % told["surelyKeeps"] if told["surelyKeeps"] else "?", "%.0f" % told["surelyBreaks"] if told["surelyBreaks"] else "?")
    print("%-12s run %d: keeps %s/s, breaks at %s/s (%s), %s, in %.0f s; warm-up %.0f s%s%s; at its limit: %s" % (
        name, n, good and "%.0f" % good["rate"], bad and "%.0f" % bad["rate"], sure, "confirmed" if told["confirmed"] else "NOT confirmed", told["seconds"],
        warm.get("seconds", 0), "" if warm.get("steady") else " (not steady)", "" if hits is None else ", %.0f %% hits" % (100 * hits),
        ", ".join(one["part"] for one in told["atItsLimit"])))
    met = met and told["confirmed"] and told["seconds"] <= 180
    rates.append(good["rate"] if good else 0)
spread = max(rates) / min(rates) if min(rates) else float("inf")
met = met and spread <= 1.1
print("%-12s most/least %.3f: the bar (1.1, confirmed, 3 minutes) is %s" % (name, spread, "met" if met else "MISSED"))
sys.exit(0 if met else 1)
PY
done
exit $failed

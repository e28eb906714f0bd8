#!/usr/bin/env bash
# The demo shop's pages in a real Chromium, bare and through Freshet, and what a deploy costs those who come again.
#
#   bench/assets/views.sh [--scale X] [--data DIR] [lighthouse|desk|loads|steady|deploy|shots]...
#
# lighthouse  Lighthouse 12.8.2, mobile profile: octets -70 %, LCP -50 %, CLS not worse, no new error in the console (account and cart as a customer)
# desk        the same with its desktop form, not slowed down
# loads       not slowed down: the first view and the second, medians of five; what the second asks the network for
# steady      CLS of the first eight views on a phone at 10 Mbit/s, on a Freshet that nobody has used
# deploy      scripts and a style sheet change on disk and are purged: what returning visitors load; the HTML of a template's second page
# shots       screenshots of both, full page, phone and desk, and how far they differ (into ./shots)
#
# Before what counts each page is visited six times on a phone and six times on a desk (but for steady): pictures are made in the pixels that a
# page shows once three visitors have told of them. Without a word: lighthouse, loads, deploy. Needs Node 20, npm and a Chromium.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
scale=0.05 data= words=()
while [ $# -gt 0 ]; do case $1 in
  --scale) scale=$2; shift ;;
  --data) data=$2; shift ;;
  lighthouse|desk|loads|steady|deploy|shots) words+=("$1") ;;
  *) sed -n '2,15p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
[ ${#words[@]} -gt 0 ] || words=(lighthouse loads deploy)
for tool in node npm curl; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done
work=$(mktemp -d) demo=
end() { [ -z "$demo" ] || { kill "$demo" 2>/dev/null; wait "$demo" 2>/dev/null; demo=; }; }
trap 'end || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
[ -n "$data" ] || data=$work/data
[ -e "$home/bench/assets/node_modules" ] || (cd "$home/bench/assets" && npm ci --silent --no-audit --no-fund --ignore-scripts >&2)

begin() {
  "$home/freshet" demo --scale "$scale" --users 1 --seconds 1 --warm 0 --no-browser --data "$data" --port 0 >"$work/demo.log" 2>&1 & demo=$!
  until grep -q 'Ctrl-C stops' "$work/demo.log" 2>/dev/null; do
    kill -0 $demo 2>/dev/null || { cat "$work/demo.log" >&2; exit 2; }
    sleep 0.3
  done
  bare=$(awk '/^  shop bare/ {print $3}' "$work/demo.log")
  through=$(awk '/^  shop through/ {print $4}' "$work/demo.log")
  admin=$(awk '/^  Freshet.s console/ {print $3}' "$work/demo.log")
  curl -fs "$bare/api/categories" >"$work/categories"
  category=$(sed -n '1s/.*"slug" *: *"\([^"]*\)".*/\1/p' "$work/categories")
}
# Both shops stand on one database, so one session serves for both.
customer() {
  curl -fs -o /dev/null -c "$work/jar" -d 'email=customer2@mail.example&password=letmein' "$bare/login"
  for product in 14 15 16; do curl -fs -o /dev/null -b "$work/jar" -c "$work/jar" -d "product=$product&quantity=1" "$bare/cart"; done
  awk '$6 ~ /SESSION/ {print $6 "=" $7}' "$work/jar"
}
views() { node "$home/bench/assets/views.js" "$1" "$bare" "$through" --admin "$admin" "${@:2}"; }

for word in "${words[@]}"; do
  begin
  common=(--path / --path "/category/$category" --path /product/14 --path '/search?q=lantern')
  personal=(--path /cart --path /account)
  cookie=$(customer)
  case $word in
    lighthouse) views lighthouse "${common[@]}"; views lighthouse --cookie "$cookie" "${personal[@]}" ;;
    desk) views lighthouse --mode none "${common[@]}"; views lighthouse --mode none --cookie "$cookie" "${personal[@]}" ;;
    loads)
      views loads "${common[@]}"; views loads --cookie "$cookie" "${personal[@]}"
      for api in /api/categories /api/products '/api/search?q=lantern' /api/products/14 /api/products/14/reviews; do
        for site in "$bare" "$through"; do
          curl -fs -o /dev/null -w "%{size_download} octets  $site$api\n" -H 'Accept-Encoding: br' "$site$api"
        done
      done ;;
    steady) views steady --slow "${common[@]}"; views steady --slow --cookie "$cookie" "${personal[@]}" ;;
    deploy) views deploy --path /product/14 --path /product/15 --files "$(ls -d "$data"/files/assets-*)" ;;
    shots) views shots "${common[@]}" --out shots; views shots --cookie "$cookie" "${personal[@]}" --out shots ;;
  esac
  end
done

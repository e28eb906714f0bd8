#!/usr/bin/env bash
# The demo shop's pages in a real Chromium, bare and through Freshet, and what a deploy costs those who come again.
#
#   bench/assets/views.sh [--scale X] [--data DIR] [--pages common|personal | --page PATH...] [lighthouse|desk|loads|steady|deploy|shots]...
#   bench/assets/views.sh --site DIR --page PATH... [lighthouse|desk|loads|steady|shots]...
#
# lighthouse  Lighthouse 12.8.2, mobile profile: octets -70 %, LCP -50 %, CLS not worse, no new error in the console (account and cart as a customer)
# desk        the same with its desktop form, not slowed down
# loads       not slowed down: the first view, the second, and one in another tab, medians of five; what the second asks the network for
# steady      CLS of the first eight views on a phone at 10 Mbit/s, on a Freshet that nobody has used
# deploy      scripts and a style sheet change on disk and are purged: what returning visitors load; the HTML of a template's second page
# shots       screenshots of both, full page, phone and desk, and how far they differ (into ./shots)
#
# With --site it is the files in DIR, sent by the JDK's jwebserver, in place of the shop.
#
# Before what counts each page is visited six times on a phone and six times on a desk (but for steady): pictures are made in the pixels that a
# page shows once three visitors have told of them. Without a word: lighthouse, loads, deploy. Needs Node 20, npm and a Chromium.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
scale=0.05 data= which=all site= words=() given=()
while [ $# -gt 0 ]; do case $1 in
  --scale) scale=$2; shift ;;
  --data) data=$2; shift ;;
  --pages) which=$2; shift ;;
  --site) site=$(cd "$2" && pwd); shift ;;
  --page) given+=(--path "$2"); shift ;;
  lighthouse|desk|loads|steady|deploy|shots) words+=("$1") ;;
  *) sed -n '2,18p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac; shift; done
[ ${#words[@]} -gt 0 ] || { words=(lighthouse loads); [ -n "$site" ] || words+=(deploy); }
for tool in node npm curl; do
  command -v $tool >/dev/null || { echo "bench: $tool is needed and was not found on PATH" >&2; exit 2; }
done
work=$(mktemp -d) started=()
end() { for one in "${started[@]}"; do kill "$one" 2>/dev/null || true; wait "$one" 2>/dev/null || true; done; started=(); }
trap 'end || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
[ -n "$data" ] || data=$work/data
[ -e "$home/bench/assets/node_modules" ] || (cd "$home/bench/assets" && npm ci --silent --no-audit --no-fund --ignore-scripts >&2)

# Starts a program and waits until its log says that.
start() {
  local log=$work/$1.log said=$2
  shift 2
  "$@" >"$log" 2>&1 & started+=($!)
  until grep -q "$said" "$log" 2>/dev/null; do
    kill -0 "${started[-1]}" 2>/dev/null || { cat "$log" >&2; exit 2; }
    sleep 0.3
  done
}
begin() {
  [ -z "$site" ] || { begin_site; return; }
  start demo 'Ctrl-C stops' "$home/freshet" demo --scale "$scale" --users 1 --seconds 1 --warm 0 --no-browser --data "$data" --port 0
  bare=$(awk '/^  shop bare/ {print $3}' "$work/demo.log")
  through=$(awk '/^  shop through/ {print $4}' "$work/demo.log")
  admin=$(awk '/^  Freshet.s console/ {print $3}' "$work/demo.log")
  curl -fs "$bare/api/categories" >"$work/categories"
  category=$(sed -n '1s/.*"slug" *: *"\([^"]*\)".*/\1/p' "$work/categories")
}
begin_site() {
  . "$home/app/src/main/sh/jdk.sh"
  start files 'URL http' "$(find_jdk)/bin/jwebserver" -b 127.0.0.1 -p 0 -d "$site"
  bare=$(awk '/^URL/ {sub("/$", "", $2); print $2}' "$work/files.log")
  start freshet '  admin ' "$home/freshet" run --listen 127.0.0.1:0 --admin 127.0.0.1:0 --origin "$bare"
  through=$(awk '/^  serving/ {print $2}' "$work/freshet.log")
  admin=$(awk '/^  admin/ {print $2}' "$work/freshet.log")
}
# Both shops stand on one database, so one session serves for both.
customer() {
  curl -fs -o /dev/null -c "$work/jar" -d 'email=customer2@mail.example&password=letmein' "$bare/login"
  for product in 14 15 16; do curl -fs -o /dev/null -b "$work/jar" -c "$work/jar" -d "product=$product&quantity=1" "$bare/cart"; done
  awk '$6 ~ /SESSION/ {print $6 "=" $7}' "$work/jar"
}
views() { node "$home/bench/assets/views.js" "$1" "$bare" "$through" --admin "$admin" "${@:2}"; }

# The same by both: of those that everybody has, and as a customer.
both() {
  [ "$which" = personal ] || views "$@" "${common[@]}"
  [ "$which" = common ] || views "$@" --cookie "$cookie" "${personal[@]}"
}

for word in "${words[@]}"; do
  begin
  if [ -n "$site" ]; then
    which=common common=("${given[@]}")
  else
    common=(--path / --path "/category/$category" --path /product/14 --path '/search?q=lantern')
    personal=(--path /cart --path /account)
    cookie=$(customer)
    [ ${#given[@]} -eq 0 ] || { which=common common=("${given[@]}"); }
  fi
  case $word in
    lighthouse) both lighthouse ;;
    desk) both lighthouse --mode none ;;
    loads)
      both loads
      [ -n "$site" ] || for api in /api/categories /api/products '/api/search?q=lantern' /api/products/14 /api/products/14/reviews; do
        for side in "$bare" "$through"; do
          curl -fs -o /dev/null -w "%{size_download} octets  $side$api\n" -H 'Accept-Encoding: br' "$side$api"
        done
      done ;;
    steady) both steady --slow ;;
    deploy) views deploy --path /product/14 --path /product/15 --files "$(ls -d "$data"/files/assets-*)" ;;
    shots) both shots --out shots ;;
  esac
  end
done

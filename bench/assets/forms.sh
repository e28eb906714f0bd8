#!/usr/bin/env bash
# What style sheets, scripts and pictures become in the background, and after how long (Forms.java); beside it cwebp at its usual quality, where it is on PATH.
#
#   bench/assets/forms.sh FILE.css FILE.js FILE.jpg FILE.png...
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
. "$home/app/src/main/sh/jdk.sh"
[ $# -gt 0 ] || { sed -n 2,4p "$0" >&2; exit 2; }
"$home/freshet" --version >/dev/null
"$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED -cp "$home/app/target/freshet/lib/*" "$home/bench/assets/Forms.java" "$@"
command -v cwebp >/dev/null || { echo "skipped: cwebp (not on PATH)"; exit 0; }
for file in "$@"; do
  case $file in
    *.jpg | *.png)
      begun=$(date +%s%N)
      octets=$(cwebp -quiet -q 80 "$file" -o - | wc -c)
      echo "cwebp -q 80 $(basename "$file"): $octets after $((($(date +%s%N) - begun) / 1000000)) ms, at whatever quality that is"
      ;;
  esac
done

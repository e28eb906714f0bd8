#!/usr/bin/env bash
# What rewriting a page of HTML takes, beside jsoup (Pages.java); the bar is 0.6 ms per 100 kB.
#
#   bench/assets/run.sh [FILE.html...]
#
# One thread, medians of 400 after as many to warm up. Maven fetches jsoup for the tests of `assets`.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
. "$home/app/src/main/sh/jdk.sh"
"$home/freshet" --version >/dev/null
jsoup=$(ls "${MAVEN_REPOSITORY:-$HOME/.m2/repository}"/org/jsoup/jsoup/*/jsoup-*.jar 2>/dev/null | sort -V | tail -n 1)
[ -n "$jsoup" ] || { echo "bench: jsoup is not there yet: run the tests of assets once" >&2; exit 2; }
exec "$(find_jdk)/bin/java" -cp "$home/app/target/freshet/lib/*:$jsoup" "$home/bench/assets/Pages.java" "$@"

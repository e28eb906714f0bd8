# Runs every test, as `./freshet test` does. Installs the servers and runtimes that some tests need where that is possible without asking.
set -uo pipefail
home=$1
shift
. "$home/app/src/main/sh/jdk.sh"
mvn=$(find_maven) || exit 2

missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need redis-server redis-server
need chromium chromium
need node nodejs
need npm npm
php -m 2>/dev/null | grep -q pdo_pgsql || missing="$missing php-cli php-pgsql"
python_modules="psycopg2 psycopg sqlalchemy flask django starlette uvicorn gunicorn"
for module in $python_modules; do
  /usr/bin/python3 -c "import $module" 2>/dev/null && continue
  [ "$module" = gunicorn ] && missing="$missing gunicorn" || missing="$missing python3-$module"
done
need psql postgresql-client
ls /usr/lib/postgresql/*/bin/pgbench >/dev/null 2>&1 || need pgbench postgresql-contrib
has_libvips() {
  [ -z "${LIBVIPS:-}" ] || return 0
  local library
  for library in /usr/lib/*/libvips.so.42 /usr/lib/libvips.so.42 /usr/lib64/libvips.so.42 /usr/local/lib/libvips.* /opt/homebrew/lib/libvips.*; do
    [ -e "$library" ] && return 0
  done
  return 1
}
has_libvips || missing="$missing libvips42"
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing for the tests:$missing"
  # Policy: what is installed must not start by itself.
  [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && made_policy=1; }
  apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 || echo "some could not be installed"
  [ -z "${made_policy:-}" ] || rm -f /usr/sbin/policy-rc.d
fi
for program in redis-server chromium node npm php psql; do
  command -v "$program" >/dev/null 2>&1 || echo "skipped: tests that need $program (not found on PATH)"
done
for module in $python_modules; do
  /usr/bin/python3 -c "import $module" 2>/dev/null || echo "skipped: tests that need Python's $module"
done
has_libvips || echo "skipped: tests that need libvips (not found)"
command -v pgbench >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/pgbench >/dev/null 2>&1 || echo "skipped: tests that need pgbench (not found)"

started=$(date +%s)
cd "$home" || exit 2
export MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
"$mvn" -B -ntp -T2 verify -Dstyle.color=never "$@" 2>&1 | grep -avE '^\[INFO\] *$|^WARNING: '
status=${PIPESTATUS[0]}

[ "$status" = 0 ] || echo "the build ended with an error: not every test has run, see above"
awk -v took=$(($(date +%s) - started)) '
  /<testsuite / {
    match($0, / tests="[0-9]+"/); tests += substr($0, RSTART + 8, RLENGTH - 9)
    match($0, / errors="[0-9]+"/); bad += substr($0, RSTART + 9, RLENGTH - 10)
    match($0, / failures="[0-9]+"/); bad += substr($0, RSTART + 11, RLENGTH - 12)
    match($0, / skipped="[0-9]+"/); skipped += substr($0, RSTART + 10, RLENGTH - 11)
  }
  END { printf "%d seconds\n%d passed, %d failed, %d skipped\n", took, tests - bad - skipped, bad, skipped }
' $(find . -path '*/surefire-reports/TEST-*.xml') </dev/null
exit "$status"
